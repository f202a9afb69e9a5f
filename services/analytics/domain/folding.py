"""What a timeline is after an event."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.analytics.domain import facts
from services.analytics.domain.steps import link, step, whoever
from services.analytics.domain.timeline import Clocked, Decided, Reported, Stored, Timeline
from shared.contracts.base import Names
from shared.contracts.case_refs_v1 import ComponentRef, FlowRef, UnitRef
from shared.contracts.case_v1 import Appeal, Case, CaseEvent, Request, Task
from shared.contracts.cases_v1 import KINDS, CaseDispatched, CaseVoided
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import (
    LIFTED,
    Clock,
    ClocksChanged,
    MarkEvent,
    SupervisionEvent,
    SupervisionOrdered,
)
from shared.contracts.flows import FlowTurn
from shared.contracts.incidents_v1 import ActionRequested, IncidentReported
from shared.contracts.outcomes_v1 import IncidentLinked, LookOrdered, Outcome
from shared.contracts.plans import PlanRef
from shared.contracts.reminders_v1 import (
    AcknowledgedEvent,
    ConveyedEvent,
    ReminderEvent,
    SupervisionAcknowledged,
    SupervisionReminded,
)
from shared.contracts.titles import VOID, VOID_RULE

EscalationEvent = (
    ClocksChanged | MarkEvent | SupervisionEvent | ReminderEvent | ConveyedEvent | AcknowledgedEvent
)

COUNTS = (
    "return_pending", "returns", "refused_returns", "reworks", "reopenings", "suspensions",
    "extensions", "urgings",
)  # fmt: skip
TIMES = (
    "counts_from", "received_at", "filed_at", "dispatched_at", "accepted_at", "made_safe_at",
    "handled_at",     "closed_at",
)  # fmt: skip
KEPT = ("case_no", "grid", "component", "dispatched_by")
"""What stays known, with its matter, of what was filed and is no case any more."""


def evolve(state: Timeline | None, event: Event[Any]) -> Timeline:
    """The timeline after the event; only the part of the event's topic changes."""
    before, data = state or Timeline(), event.data
    incident, case, escalation = before.incident, before.case, before.escalation
    if isinstance(data, IncidentReported | ActionRequested):
        incident = reported(incident, event)
    elif isinstance(data, KINDS):
        case = decided(case, event)
    elif isinstance(data, EscalationEvent):
        escalation = clocked(escalation, event)
    else:
        return before
    return Timeline(incident, case, escalation)


def reported(before: Reported, event: Event[Any]) -> Reported:
    """The part of ``incidents.v1`` after one of its events."""
    steps, data = (*before.steps, step(event)), event.data
    if not isinstance(data, IncidentReported) or before.report is not None:
        return Reported(before.report, before.days, steps)
    return Reported(_report(data), facts.of_report(data), steps)


def decided(before: Decided, event: Event[Any]) -> Decided:
    """The part of ``cases.v1`` after one of its events.

    An event that was put away and comes again later tells of the past only: it is shown, and
    changes nothing.
    """
    steps, data = (*before.steps, step(event)), event.data
    told = isinstance(data, CaseEvent | Outcome) and event.sequence > before.latest
    if told and isinstance(data, CaseEvent):
        case = data.case
        return Decided(
            latest=event.sequence,
            state=case.state.value,
            case={**_case(case), **_in_hand(before, data)},
            outcome=_void(data) if isinstance(data, CaseVoided) else None,
            was=before.was,
            days=facts.of_case(data),
            steps=steps,
        )
    if told and isinstance(data, Outcome):
        return Decided(
            latest=event.sequence,
            state=data.ENDING,
            outcome=_outcome(data),
            was=_was(before, before.case),
            days=facts.of_outcome(data, event.time),
            steps=steps,
        )
    was = before.was
    if isinstance(data, CaseEvent) and before.case is None:
        was = _was(before, _case(data.case))
    return replace(before, was=was, steps=steps)


def _was(before: Decided, case: Stored | None) -> Stored | None:
    """What stays known of a case that is none any more; once not public, it stays so."""
    if case is None:
        return before.was
    public = case["matter"]["public"] and before.public is not False
    matter = {**case["matter"], "public": public}
    return {name: case[name] for name in KEPT if name in case} | {"matter": matter}


def clocked(before: Clocked, event: Event[Any]) -> Clocked:
    """The part of ``escalations.v1`` after one of its events."""
    steps, data = (*before.steps, step(event)), event.data
    clocks, supervision = before.clocks, before.supervision
    if event.sequence <= before.latest:
        return Clocked(before.latest, clocks, supervision, before.order, steps)
    if isinstance(data, ClocksChanged):
        changed = {f"{one.task}/{one.clock.value}": _clock(one) for one in data.clocks}
        clocks = {**clocks, **changed}
    elif isinstance(data, SupervisionEvent):
        supervision = None if isinstance(data, LIFTED) else data.level.value
    order = _order(before.order, event)
    return Clocked(event.sequence, clocks, supervision, order, steps)


def _order(before: Stored | None, event: Event[Any]) -> Stored | None:
    """The order in force, how often it was told again, and who has acknowledged it."""
    data = event.data
    match data:
        case SupervisionOrdered():
            said = {"level": data.level.value, "at": data.at, "of": len(data.reminders)}
            return {"n": event.sequence, **said}
        case _ if isinstance(data, LIFTED):
            return None
        case SupervisionReminded() if before is not None and before["n"] == data.order:
            return {**before, "reminded": data.number}
        case SupervisionAcknowledged() if before is not None and before["n"] == data.order:
            return {**before, "acknowledged": _present({"at": data.at, **whoever(data.actor)})}
        case _:
            return before


def _report(data: IncidentReported) -> Stored:
    report = data.report
    return _present(
        {
            "receipt_no": data.receipt_no,
            "received_at": data.received_at,
            "counts_from": data.counts_from,
            "source": report.source.value,
            "matter": report.matter,
            "location": list(report.location.coordinates) if report.location else None,
            "address": report.address,
            "description": report.description or None,
            "occurred_at": report.occurred_at,
            "external_id": report.external_id,
            "plan": report.plan and _plan(report.plan),
            "arises_from": report.arises_from,
        }
    )


def _plan(plan: PlanRef) -> Stored:
    """By which plan it is to be inspected, when and where; and what is looked at."""
    return {
        "code": plan.code,
        "names": _names(plan.names),
        "kind": plan.plan_kind.value,
        "day": plan.day,
        "target": plan.target,
        "checklist": [{"code": one.code, "names": _names(one.names)} for one in plan.checklist],
    }


def _case(case: Case) -> Stored:
    matter, times = case.matter, case.times
    shown: dict[str, Any] = {
        "case_no": case.case_no,
        "grid": case.grid,
        "matter": {
            "code": matter.code, "names": _names(matter.names), "public": matter.public
        },
        "location": list(case.location.coordinates),
        "source": case.source.value,
        "times": {name: at for name in TIMES if (at := getattr(times, name)) is not None},
    }  # fmt: skip
    return shown | {name: value for name, value in _perhaps(case).items() if value}


def _in_hand(before: Decided, data: CaseEvent) -> Stored:
    """The area whose centre has it in hand, as dispatch sees it, and which one dispatched it last.

    It is the one to which it was handed, else the one that dispatched it last: what comes back to
    nobody stays with that. What nobody dispatched is with the centre of its unit's area.
    """
    case, by = data.case, before.filed.get("dispatched_by")
    if isinstance(data, CaseDispatched):
        by = data.centre
    area = case.centre or by or (case.unit.area if case.unit else None)
    return _present({"dispatched_by": by, "in_hand": area})


def _perhaps(case: Case) -> dict[str, Any]:
    """What not every case has."""
    return {
        "unit": _unit(case.unit),
        "own_team": case.is_own_teams,
        "cc": [_unit(one) for one in case.cc],
        "component": case.component and _component(case.component),
        "request": case.request and _request(case.request),
        "suspended_until": case.suspension and case.suspension.until,
        "appeals": [_appeal(one) for one in case.appeals],
        "tasks": [_task(one) for one in case.tasks],
        "lead_done_at": case.lead_done_at,
        "flow": case.flow and _flow(case.flow),
        "priority": case.priority,
        "watchers": list(case.watchers),
        "on_site": case.on_site,
        "emergency": case.emergency,
        "first": _unit(case.first),
        "centre": case.centre,
        "time": case.time,
        **{name: getattr(case, name) for name in COUNTS},
    }


def _appeal(appeal: Appeal) -> Stored:
    """Who appealed is not kept."""
    return {
        "clock": f"{appeal.task}/{appeal.clock.value}/{appeal.run}",
        "unit": appeal.unit,
        "state": appeal.state.value,
        "reason": appeal.reason,
        "asked_at": appeal.asked_at,
        "level": appeal.level,
    }


def _flow(flow: FlowRef) -> Stored:
    """In which state it is, what may still be done there, and to which end it came."""
    return _present(
        {
            "code": flow.code,
            "n": flow.n,
            "names": _names(flow.names),
            "state": {"code": flow.state.code, "names": _names(flow.state.names)},
            "since": flow.since,
            "turns": [_turn(one) for one in flow.left] if flow.end is None else None,
            "end": flow.end and {"code": flow.end.code, "names": _names(flow.end.names)},
            "missed": flow.missed or None,
        }
    )


def _turn(turn: FlowTurn) -> Stored:
    papers = [{"code": one.code, "names": _names(one.names)} for one in turn.papers]
    return _present(
        {
            "code": turn.code,
            "names": _names(turn.names),
            "by": turn.by.value,
            "reason": turn.reason or None,
            "papers": papers or None,
        }
    )


def _task(task: Task) -> Stored:
    return _present(
        {
            "code": task.code,
            "unit": _unit(task.unit),
            "state": task.state.value,
            "needed": task.needed,
            "assigned_at": task.assigned_at,
            "accepted_at": task.accepted_at,
            "ended_at": task.ended_at,
        }
    )


def _unit(unit: UnitRef | None) -> Stored | None:
    return None if unit is None else {"code": unit.code, "names": _names(unit.names)}


def _request(request: Request) -> Stored:
    """What waits for a decision; who asked is not kept."""
    extend_by = request.extend_by
    return _present(
        {
            "kind": request.kind.value,
            "asked_at": request.asked_at,
            "unit": request.unit,
            "reason": request.reason or None,
            "level": request.level,
            "lapses_at": request.lapses_at,
            "until": request.until,
            "extend_by": extend_by and extend_by.model_dump(mode="json"),
        }
    )


def _component(component: ComponentRef) -> Stored:
    return _present(
        {
            "code": component.code,
            "names": _names(component.names),
            "metres": component.metres,
            "owner": component.owner,
            "maintainer": component.maintainer,
        }
    )


def _outcome(data: Outcome) -> Stored:
    return _present(
        {
            "rule": data.rule.value,
            "explanation": _names(data.explanation),
            "grid": data.grid,
            "matter": data.matter,
            "location": list(data.location.coordinates) if data.location else None,
            "source": data.source.value,
            "counts_from": data.counts_from,
            "received_at": data.received_at,
            "said": data.reason or None,
            **(link(data) if isinstance(data, IncidentLinked) else {}),
            **({"look": _look(data)} if isinstance(data, LookOrdered) else {}),
        }
    )


def _void(data: CaseVoided) -> Stored:
    """Why it is no case any more; of what the rules made void no words of people."""
    said = data.reason if data.actor is not None else ""
    return _present({"rule": VOID_RULE, "explanation": _names(VOID), "said": said or None})


def _look(data: LookOrdered) -> Stored:
    """Who is to look on site; of no unit: whoever inspects the grid."""
    return {"unit": _unit(data.unit)}


def _clock(clock: Clock) -> Stored:
    return _present(
        {
            "run": clock.run,
            "state": clock.state.value,
            "unit": clock.unit,
            "limit": {"amount": clock.limit.amount, "unit": clock.limit.unit.value},
            "started_at": clock.started_at,
            "due_at": clock.due_at,
            "stopped_at": clock.stopped_at,
            "used_ms": clock.used_ms,
        }
    )


def _names(names: Names) -> Stored:
    return {"zh": names.zh, "en": names.en}


def _present(fields: Mapping[str, Any]) -> Stored:
    return {name: value for name, value in fields.items() if value is not None}
