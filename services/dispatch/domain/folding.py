"""What a dossier is after an event."""

from typing import Any

from services.dispatch.domain.dossier import (
    Breach,
    Decided,
    Dossier,
    Following,
    Raised,
)
from shared.contracts.base import EventData
from shared.contracts.case_v1 import CaseEvent
from shared.contracts.cases_v1 import (
    KINDS,
    ActionRefused,
    CaseAccepted,
    CaseCopied,
    CaseDispatched,
    CaseFiled,
    CaseHandled,
    CaseMadeSafe,
    CasePrioritised,
    CaseRegridded,
    CaseUrged,
    FirstTaken,
    HandledOnSite,
    LeadDone,
    MemberChanged,
)
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import (
    LIFTED,
    Clock,
    ClockBreached,
    ClocksChanged,
    ClockState,
    MarkEvent,
    MarkWithdrawn,
    SupervisionOrdered,
)
from shared.contracts.incidents_v1 import IncidentReported
from shared.contracts.outcomes_v1 import (
    IncidentLinked,
    IncidentLooked,
    IncidentRejected,
    IncidentSeparated,
    LookOrdered,
    Outcome,
)
from shared.contracts.reminders_v1 import NoticeRaised
from shared.contracts.requests_v1 import ReturnGranted
from shared.contracts.rule_v1 import Rule
from shared.contracts.steps_v1 import CasePassedOn, CaseStepped, FlowEvent
from shared.contracts.supervising_v1 import (
    CaseAcknowledged,
    CaseRearmed,
    CaseReleased,
    CaseSupervised,
    IncidentAcknowledged,
)
from shared.contracts.tasks_v1 import TaskAccepted, TaskDone, TaskEvent


def evolve(state: Dossier | None, event: Event[Any]) -> Dossier:
    """The dossier after the event; one that says nothing new leaves it as it was."""
    before = state or Dossier()
    data = event.data
    if isinstance(data, IncidentReported):
        return before if before.report else _reported(before, event)
    if isinstance(data, KINDS):
        return before.model_copy(update={"decided": _decided(before.decided, event)})
    if isinstance(data, SupervisionOrdered):
        ordered = {
            "supervision": str(data.level),
            "supervised_by": data.issuer_area,
            "order": event.sequence,
            "issuers": _with(before.issuers, data.actor.subject if data.actor else None),
        }
        return before.model_copy(update=ordered)
    if isinstance(data, LIFTED):
        return before.model_copy(update={"supervision": None, "supervised_by": None, "order": 0})
    if isinstance(data, MarkEvent):
        return _marked(before, data, event.sequence)
    return _charged(before, data) if isinstance(data, ClocksChanged) else before


def charged(data: ClocksChanged) -> list[Clock]:
    """The clocks that a unit is charged with: it may appeal against them, marked or not."""
    return [one for one in data.clocks if one.state is ClockState.MISSED and one.unit is not None]


def _charged(before: Dossier, data: ClocksChanged) -> Dossier:
    """With the breaches that no mark has told of."""
    known = {(one.task, one.clock, one.run) for one in before.breaches}
    new = [
        Breach(
            task=one.task, clock=one.clock, run=one.run, unit=one.unit, due_at=one.due_at,
            told_at=data.at,
        )
        for one in charged(data)
        if (one.task, one.clock, one.run) not in known
    ]  # fmt: skip
    return before.model_copy(update={"breaches": (*before.breaches, *new)}) if new else before


WHOLE = 100


def _marked(before: Dossier, data: MarkEvent, n: int) -> Dossier:
    mark = data.mark
    raised = Raised(n=n, task=mark.task, clock=mark.clock, run=mark.run, percent=mark.percent)
    if isinstance(data, NoticeRaised):
        return before.model_copy(update={"notices": (*before.notices, raised)})
    after = before
    if isinstance(data, MarkWithdrawn):
        left = tuple(one for one in before.notices if one.model_copy(update={"n": n}) != raised)
        after = before.model_copy(update={"notices": left})
    if isinstance(data, ClockBreached | MarkWithdrawn) and mark.percent == WHOLE:
        return after.model_copy(update={"breaches": _breaches(before.breaches, data)})
    return after


def _breaches(
    before: tuple[Breach, ...], data: ClockBreached | MarkWithdrawn
) -> tuple[Breach, ...]:
    """With the breach, or without the one that was withdrawn."""
    mark = data.mark
    name = mark.task, mark.clock, mark.run
    others = tuple(one for one in before if (one.task, one.clock, one.run) != name)
    if isinstance(data, MarkWithdrawn):
        return others
    breach = Breach(
        task=mark.task,
        clock=mark.clock,
        run=mark.run,
        unit=data.clock.unit,
        due_at=mark.due_at,
        told_at=data.at,
    )
    return (*others, breach)


def _reported(before: Dossier, event: Event[IncidentReported]) -> Dossier:
    record = (event.origin.partition, event.origin.offset) if event.origin else None
    return before.model_copy(update={"report": event.data, "record": record})


def _decided(before: Decided, event: Event[Any]) -> Decided:
    data = event.data
    update: dict[str, Any] = {"sequence": event.sequence}
    if not _changes_nothing(data):
        update["changed"] = event.sequence
    if isinstance(data, Outcome | IncidentSeparated):
        update |= _without_case(data)
    if isinstance(data, CaseEvent):
        update |= _of_case(before, data)
    if isinstance(data, CaseAcknowledged | IncidentAcknowledged):
        update["acknowledged"] = (*before.acknowledged, *data.orders)
    return before.model_copy(update=update)


def _of_case(before: Decided, data: CaseEvent) -> dict[str, Any]:
    update: dict[str, Any] = {"case": data.case, "ending": None, "rule": None, "look": False}
    update["look_by"] = None
    match data:
        case CaseFiled():
            update |= {
                "reopen_within_days": data.reopen_within_days,
                "near": data.near,
                "requests": data.requests,
                "handle_limit": data.case.limits.handle,
                "flow": data.flow,
                "policy": data.policy,
            }
        case CaseRearmed():
            update |= {
                "reopen_within_days": data.reopen_within_days,
                "requests": data.requests,
                "policy": data.policy,
            }
        case CaseStepped() | CasePassedOn():
            update["handle_limit"] = data.case.limits.handle
        case CaseDispatched():
            update["centre"] = data.centre
        case ReturnGranted():
            update["returned_by"] = _with(before.returned_by, data.returned_by)
        case CaseRegridded():
            update["adrift"] = data.adrift
        case _:
            pass
    return update | _part_taken(before, data)


def _part_taken(before: Decided, data: CaseEvent) -> dict[str, Any]:
    """Who has taken part in the handling now: by an event of its own, or by a turn of the flow.

    A checker's turn may lead to the flow's end: it has checked, and handled nothing.
    """
    subject = data.actor.subject if data.actor else None
    ends = isinstance(data, LeadDone | CaseHandled) and data.case.flow is not None
    if isinstance(data, PART_TAKEN) and not ends:
        return {
            "participants": _with(before.participants, subject),
            "handlers": _with(before.handlers, _whose(data)),
        }
    of_flow = ends or isinstance(data, FlowEvent)
    if of_flow and data.actor and data.actor.unit in before.handlers:
        return {"participants": _with(before.participants, subject)}
    return {}


PART_TAKEN = (
    CaseAccepted,
    CaseMadeSafe,
    LeadDone,
    CaseHandled,
    HandledOnSite,
    TaskAccepted,
    TaskDone,
    FirstTaken,
)
"""By these somebody takes part in the handling."""


def _whose(data: CaseEvent) -> str | None:
    """The unit that takes part."""
    if isinstance(data, TaskEvent):
        return data.task.unit.code
    if isinstance(data, CaseMadeSafe):
        return data.unit
    if isinstance(data, FirstTaken):
        return data.case.first.code if data.case.first else None
    return data.case.unit.code if data.case.unit else None


def _changes_nothing(data: EventData) -> bool:
    """Whether whoever acts on the case need not have seen it."""
    if isinstance(data, CaseRegridded):
        return data.case.grid == data.grid_before
    return isinstance(data, UNSEEN)


UNSEEN = (
    ActionRefused,
    MemberChanged,
    CasePrioritised,
    CaseUrged,
    CaseCopied,
    CaseSupervised,
    CaseReleased,
    CaseAcknowledged,
    IncidentAcknowledged,
    CaseRearmed,
)
"""These leave the case as a screen shows it."""


def _without_case(data: Outcome | IncidentSeparated) -> dict[str, Any]:
    if isinstance(data, IncidentSeparated):
        alone = data.actor is not None
        return {"follows": None, "ending": None, "rule": None, "alone": alone}
    ending: dict[str, Any] = {
        "ending": data.ENDING,
        "rule": data.rule,
        "look": isinstance(data, LookOrdered),
        "look_by": data.unit.code if isinstance(data, LookOrdered) and data.unit else None,
    }
    if isinstance(data, LookOrdered) and data.put_right is not None:
        ending["put_right"] = data.put_right
    if isinstance(data, IncidentLooked) and not data.passed:
        ending["put_right"] = None  # that was not there
    if isinstance(data, IncidentRejected) and data.actor is not None:
        ending["rejected_by"] = data.actor.subject
    if data.rule is Rule.APPEALED:
        ending["appealed"] = True
    if not isinstance(data, IncidentLinked):
        return ending
    follows = Following(case_id=data.case_id, case_no=data.case_no, grid=data.grid)
    return {**ending, "follows": follows}


def _with(known: tuple[str, ...], one: str | None) -> tuple[str, ...]:
    return known if one is None or one in known else (*known, one)
