"""An event as a step of a timeline: what is shown of it, without people's names or ids."""

from functools import singledispatch
from typing import Any

from services.analytics.domain.chosen import candidates, member
from services.analytics.domain.timeline import Stored
from services.analytics.domain.working_time import runs
from shared.casetime.standing import standing
from shared.contracts.base import Actor, EventData
from shared.contracts.case_refs_v1 import UnitRef
from shared.contracts.case_v1 import CaseEvent
from shared.contracts.cases_v1 import (
    ActionRefused,
    CaseCopied,
    CaseDispatched,
    CaseFiled,
    CaseHandedDown,
    CaseHandedUp,
    CaseHandled,
    CaseMadeSafe,
    CasePrioritised,
    CaseRegridded,
    HandledOnSite,
    MemberChanged,
    SpotCheckOrdered,
)
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import (
    ClockRef,
    ClocksChanged,
    Mark,
    MarkEvent,
    SupervisionEvent,
    SupervisionOrdered,
    SupervisionReleased,
)
from shared.contracts.incidents_v1 import ActionRequested
from shared.contracts.outcomes_v1 import (
    IncidentLinked,
    IncidentLooked,
    IncidentSeparated,
    IncidentTransferred,
    LookOrdered,
    Outcome,
)
from shared.contracts.reminders_v1 import (
    NoticeConveyed,
    NoticeRaised,
    NoticeReminded,
    NoticesAcknowledged,
    SupervisionAcknowledged,
    SupervisionConveyed,
    SupervisionReminded,
)
from shared.contracts.requests_v1 import (
    AppealEvent,
    CaseExtended,
    CaseResumed,
    CaseSuspended,
    RequestLapsed,
    ReturnGranted,
)
from shared.contracts.steps_v1 import FlowEvent
from shared.contracts.supervising_v1 import CaseRearmed, CaseSupervised, IncidentAcknowledged
from shared.contracts.tasks_v1 import TaskEvent

BY_REGISTRY = (CaseFiled, CaseDispatched, CaseRegridded, Outcome)
"""What was decided by the registry as it was: the step names its version."""


def step(event: Event[Any]) -> Stored:
    """The step of an event."""
    said = {name: value for name, value in _said(event.data).items() if value is not None}
    if isinstance(event.data, BY_REGISTRY) and event.registry_version >= 0:
        said["registry"] = event.registry_version
    return {"sequence": event.sequence, "type": event.type, "at": event.time, **said}


@singledispatch
def _said(_data: EventData) -> dict[str, Any]:
    return {}


@_said.register
def _(data: CaseEvent) -> dict[str, Any]:
    return _of_case(data)


def _of_case(data: CaseEvent) -> dict[str, Any]:
    unit = data.case.unit
    return {
        "reason": data.reason or None,
        "unit": unit and unit.code,
        "waits": _waits(data),
        **whoever(data.actor),
    }


def _unit_names(unit: UnitRef | None) -> dict[str, Any] | None:
    return None if unit is None else unit.names.model_dump()


def _waits(data: CaseEvent) -> list[str | int | None]:
    """What the case waits for from then on, as `Standing` has it; nothing where it has ended."""
    found = standing(data.case)
    if found is None:
        return []
    stage, *more = found
    while more and not more[-1]:
        more.pop()
    return [stage.value, *more]


@_said.register
def _(data: CaseFiled) -> dict[str, Any]:
    matter, component, done = data.case.matter, data.case.component, data.put_right
    photos = [one.model_dump(mode="json") for one in (done.before, done.after)] if done else None
    return {
        **_of_case(data),
        "reason": data.reason or (done and done.said) or None,
        "photos": photos,
        "matter_n": matter.n,
        "condition": matter.condition,
        "place": data.place and data.place.model_dump(),
        "component": component and component.code,
        "unrouted": data.unrouted and data.unrouted.value,
        "candidates": candidates(data.candidates),
        "passed_over": list(data.passed_over) or None,
    }


@_said.register
def _(data: CaseDispatched) -> dict[str, Any]:
    case = data.case
    return {
        **_of_case(data),
        "unit_names": _unit_names(case.unit),
        "rule": data.rule.value,
        "centre": data.centre,
        "level": data.level,
        "candidates": candidates(data.candidates),
        "chosen_by": data.chosen_by.model_dump() if data.chosen_by else None,
        "passed_over": list(data.passed_over) or None,
        "inputs": data.inputs.model_dump(exclude_none=True) if data.inputs else None,
        "unit_load": data.unit_load,
        "member": member(data.member) if data.member else None,
        "returns": case.returns or None,
        "co_units": [one.code for one in case.co_units] or None,
        "cc": [one.code for one in case.cc] or None,
    }


@_said.register
def _(data: CasePrioritised) -> dict[str, Any]:
    return {**_of_case(data), "priority": data.case.priority}


@_said.register
def _(data: CaseSupervised) -> dict[str, Any]:
    return {**_of_case(data), "level": data.level.value, "centre": data.issuer_area}


@_said.register
def _(data: CaseRearmed) -> dict[str, Any]:
    refs = {"policy_n": data.policy, "policy_n_before": data.policy_before}
    return {**_of_case(data), **{name: one and one.n for name, one in refs.items()}}


@_said.register
def _(data: AppealEvent) -> dict[str, Any]:
    appeal = data.appeal
    return {**_of_case(data), "clock": f"{appeal.task}/{appeal.clock.value}/{appeal.run}"}


@_said.register
def _(data: TaskEvent) -> dict[str, Any]:
    return {**_of_case(data), "task": data.task.code, "to": data.task.unit.code}


@_said.register
def _(data: FlowEvent) -> dict[str, Any]:
    papers = [one.model_dump(mode="json") for one in data.papers]
    flow = data.case.flow
    after = flow and (flow.end or flow.state)
    return {
        **_of_case(data),
        "turn": data.turn.model_dump(),
        "state_before": data.state_before.model_dump(),
        "state_after": after and after.model_dump(),
        "papers": papers or None,
        "found": [one.model_dump(mode="json") for one in data.found] or None,
    }


@_said.register
def _(data: HandledOnSite | CaseMadeSafe | CaseHandled) -> dict[str, Any]:
    photos = [one.model_dump(mode="json") for one in data.photos]
    whose = data.case.unit if isinstance(data, HandledOnSite) else None
    drawn = data.was_drawn if isinstance(data, SpotCheckOrdered) else None
    more = {"unit_names": _unit_names(whose), "drawn": drawn}
    return {**_of_case(data), "photos": photos or None, **more}


@_said.register
def _(data: CaseSuspended) -> dict[str, Any]:
    stands = data.case.suspension
    return {**_of_case(data), "suspension": stands and stands.model_dump()}


@_said.register
def _(data: ReturnGranted) -> dict[str, Any]:
    return {**_of_case(data), "returns": data.case.returns}


@_said.register
def _(data: CaseExtended) -> dict[str, Any]:
    return {**_of_case(data), "extended_by": data.extended_by.model_dump(mode="json")}


@_said.register
def _(data: CaseResumed) -> dict[str, Any]:
    return {**_of_case(data), "rule": data.rule and data.rule.value}


@_said.register
def _(data: RequestLapsed) -> dict[str, Any]:
    return {**_of_case(data), "kind": data.kind.value}


@_said.register
def _(data: CaseCopied) -> dict[str, Any]:
    return {**_of_case(data), "to": data.to.code}


@_said.register
def _(data: CaseHandedUp | CaseHandedDown) -> dict[str, Any]:
    return {**_of_case(data), "centre": data.case.centre, "centre_before": data.centre_before}


@_said.register
def _(data: MemberChanged) -> dict[str, Any]:
    return {**_of_case(data), "member": member(data.member) if data.member else None}


@_said.register
def _(data: CaseRegridded) -> dict[str, Any]:
    places = {"grid": data.case.grid, "grid_before": data.grid_before}
    adrift = data.adrift and data.adrift.value
    return {**_of_case(data), **places, "policy": data.policy, "adrift": adrift}


@_said.register
def _(data: Outcome) -> dict[str, Any]:
    return _of_outcome(data)


def _of_outcome(data: Outcome) -> dict[str, Any]:
    explanation = data.explanation.model_dump()
    return {
        "rule": data.rule.value,
        "ending": data.ENDING,
        "explanation": explanation,
        "also": [one.model_dump(mode="json") for one in data.also] or None,
        "reason": data.reason or None,
        **whoever(data.actor),
    }


@_said.register
def _(data: LookOrdered) -> dict[str, Any]:
    unit = data.unit
    return {**_of_outcome(data), "unit": unit and unit.code, "unit_names": _unit_names(unit)}


@_said.register
def _(data: IncidentLooked) -> dict[str, Any]:
    return {**_of_outcome(data), "passed": data.passed}


@_said.register
def _(data: IncidentTransferred) -> dict[str, Any]:
    return {**_of_outcome(data), "to": data.to}


@_said.register
def _(data: IncidentLinked) -> dict[str, Any]:
    return {"rule": data.rule.value, "ending": data.ENDING, **link(data)}


def link(data: IncidentLinked) -> dict[str, Any]:
    """The case that it is linked to, and how near that is."""
    return {
        "case_id": data.case_id,
        "case_no": data.case_no,
        "metres": data.metres,
        "minutes": data.minutes,
    }


@_said.register
def _(data: IncidentSeparated) -> dict[str, Any]:
    return {"case_id": data.case_id, "reason": data.reason or None, **whoever(data.actor)}


@_said.register
def _(data: IncidentAcknowledged) -> dict[str, Any]:
    return {"reason": data.reason or None, **whoever(data.actor)}


@_said.register
def _(data: ActionRefused) -> dict[str, Any]:
    return {"action": data.action, "rule": data.rule.value, **whoever(data.actor)}


@_said.register
def _(data: ActionRequested) -> dict[str, Any]:
    asked = data.request
    return {"action": asked.action.value, "reason": asked.reason or None, **whoever(data.actor)}


@_said.register
def _(data: ClocksChanged) -> dict[str, Any]:
    shown = [f"{_name(one)} {one.state.value}" for one in data.clocks]
    return {"clocks": shown, "runs": runs(data)}


def _name(clock: ClockRef) -> str:
    """The stage; of a request, an emergency or a co-operating task with that."""
    of_case = clock.task in {"case", "lead"}
    return clock.clock.value if of_case else f"{clock.task} {clock.clock.value}"


@_said.register
def _(data: MarkEvent) -> dict[str, Any]:
    return _marked(data.mark)


@_said.register
def _(data: NoticeRaised) -> dict[str, Any]:
    return {"colour": data.colour.value, **_marked(data.mark)}


@_said.register
def _(data: SupervisionReminded | NoticeReminded) -> dict[str, Any]:
    said = {"number": data.number, "of": data.of, **_marked(data.mark)}
    if isinstance(data, SupervisionReminded):
        return {"level": data.level.value, **said}
    return {"colour": data.colour.value, **said}


@_said.register
def _(data: SupervisionConveyed | NoticeConveyed) -> dict[str, Any]:
    said = {"unit": data.unit, **_marked(data.mark)}
    if isinstance(data, SupervisionConveyed):
        return {"level": data.level.value, **said}
    return {"colour": data.colour.value, **said}


@_said.register
def _(data: SupervisionAcknowledged) -> dict[str, Any]:
    return {"level": data.level.value, "reason": data.said or None, **whoever(data.actor)}


@_said.register
def _(data: NoticesAcknowledged) -> dict[str, Any]:
    gravest = max(data.notices, key=lambda one: one.colour.rank, default=None)
    colour = gravest and gravest.colour.value
    return {"colour": colour, "reason": data.said or None, **whoever(data.actor)}


@_said.register
def _(data: SupervisionEvent) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if isinstance(data, SupervisionOrdered | SupervisionReleased):
        said = {"reason": data.said or None, **whoever(data.actor)}
    return {"level": data.level.value, **_marked(data.mark), **said}


def whoever(actor: Actor | None) -> dict[str, Any]:
    """Who acted: roles and unit, no name and no id."""
    if actor is None:
        return {}
    return {"roles": list(actor.roles) or None, "by_unit": actor.unit}


def _marked(mark: Mark | None) -> dict[str, Any]:
    if mark is None:
        return {}
    return {"clock": f"{mark.task}/{mark.clock.value}/{mark.run}", "percent": mark.percent}
