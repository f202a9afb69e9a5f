"""How a receipt changes with what the other services say of its incident."""

from datetime import datetime
from typing import Any

from services.intake.domain.receipt import ActionOutcome, Receipt, Standing, share_of
from shared.contracts.base import Names, Stage
from shared.contracts.case_v1 import OPEN_TASKS, Case, CaseEvent
from shared.contracts.cases_v1 import ActionRefused, CaseFiled, CaseVoided
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import (
    Clock,
    ClocksChanged,
    ClockState,
    SupervisionEvent,
    SupervisionOrdered,
)
from shared.contracts.outcomes_v1 import (
    IncidentLinked,
    IncidentSeparated,
    IncidentTransferred,
    Outcome,
)
from shared.contracts.supervising_v1 import IncidentAcknowledged
from shared.contracts.titles import VOID, VOID_RULE


def _newer(before: Standing | None, after: Standing) -> Standing:
    """A record that was put away and is replayed late does not turn the standing back."""
    return after if before is None or after.sequence > before.sequence else before


def outcome(receipt: Receipt, event: Event[Outcome]) -> Receipt:
    """Rejected, answered, transferred, waiting in review, or linked to another case."""
    data, before = event.data, receipt.standing
    standing = Standing.model_construct(
        state=data.ENDING,
        sequence=event.sequence,
        rule=str(data.rule),
        explanation=data.explanation,
        said=data.reason or None,
        to=data.to if isinstance(data, IncidentTransferred) else None,
        decided_at=event.time,
        follows=data.case_id if isinstance(data, IncidentLinked) else None,
        # It had been filed before the second look: whoever was told that number finds it by it,
        # and nobody else what was not for the public.
        case_no=before.case_no if before else None,
        public=before.public if before else True,
    )
    update = {"standing": _newer(before, standing), **_done(receipt, event)}
    return receipt.model_copy(update=update)


def _done(
    receipt: Receipt,
    event: Event[Outcome] | Event[CaseEvent] | Event[IncidentSeparated | IncidentAcknowledged],
) -> dict[str, Any]:
    """Somebody's action is done."""
    if event.data.action_id is None:
        return {}
    done = ActionOutcome.model_construct(state="done", sequence=event.sequence)
    return {"outcomes": {**receipt.outcomes, event.data.action_id: done}}


def case(receipt: Receipt, event: Event[CaseEvent]) -> Receipt:
    """Filed, dispatched, ...: the event carries the case as it now is."""
    found, times = event.data.case, event.data.case.times
    standing = Standing.model_construct(
        state=found.state.value,
        sequence=event.sequence,
        case_no=found.case_no,
        public=found.matter.public,
        matter=found.matter.names,
        component=found.component.names if found.component else None,
        place=_place(receipt.standing, event.data),
        unit=found.unit.names if found.unit else None,
        holders=_holders(found),
        filed_at=times.filed_at,
        dispatched_at=times.dispatched_at,
        accepted_at=times.accepted_at,
        handled_at=times.handled_at,
        closed_at=times.closed_at,
        **(_void(event.data, event.time) if isinstance(event.data, CaseVoided) else {}),
    )
    update = {"standing": _newer(receipt.standing, standing), **_done(receipt, event)}
    return receipt.model_copy(update=update)


def _void(data: CaseVoided, at: datetime) -> dict[str, Any]:
    """Since when, and why, it is no case any more.

    Words of the rules, which may name another case, are not told.
    """
    said = data.reason if data.actor is not None else ""
    return {"rule": VOID_RULE, "explanation": VOID, "said": said or None, "voided_at": at}


def _holders(case: Case) -> tuple[str, ...]:
    found = [f"grid/{case.grid}", f"matter/{case.matter.code}"]
    if case.unit is not None:
        found.append(f"unit/{case.unit.code}")
    if case.member is not None:
        found.append(f"officer/{case.member}")
    open_tasks = (one.unit.code for one in case.tasks if one.state in OPEN_TASKS)
    return (*found, *(share_of(unit) for unit in dict.fromkeys(open_tasks)))


def _place(before: Standing | None, data: CaseEvent) -> Names | None:
    """Only the filing tells it."""
    if isinstance(data, CaseFiled):
        return data.place.names if data.place else None
    return before.place if before else None


def done(receipt: Receipt, event: Event[IncidentSeparated | IncidentAcknowledged]) -> Receipt:
    """Somebody's action is done; what has become of the incident other events say."""
    return receipt.model_copy(update=_done(receipt, event))


def refused(receipt: Receipt, event: Event[ActionRefused]) -> Receipt:
    """An action that changed nothing."""
    said = ActionOutcome.model_construct(
        state="refused",
        sequence=event.sequence,
        rule=str(event.data.rule),
        explanation=event.data.explanation,
    )
    return receipt.model_copy(update={"outcomes": {**receipt.outcomes, event.data.action_id: said}})


def clocks(receipt: Receipt, event: Event[ClocksChanged]) -> Receipt:
    """Until when it is to be handled, where the change is about that and none later has come."""
    clock = told(event.data)
    if clock is None or event.sequence <= receipt.urgency.clock_n:
        return receipt
    due_at = clock.due_at if clock.state is ClockState.RUNNING else None
    said = {"due_at": due_at, "clock_n": event.sequence}
    urgency = receipt.urgency.model_copy(update=said)
    return receipt.model_copy(update={"urgency": urgency})


def told(data: ClocksChanged) -> Clock | None:
    """Only the lead's handling clock is told: it is what the unit has promised.

    A turn of a flow ends one run of it and begins the next: the one that runs is told, of several
    the latest.
    """
    handling = [one for one in data.clocks if (one.task, one.clock) == ("lead", Stage.HANDLE)]
    return max(handling, key=lambda one: (one.state is ClockState.RUNNING, one.run), default=None)


def supervision(
    receipt: Receipt,
    event: Event[SupervisionEvent],
) -> Receipt:
    """A supervision order, or its end, where none later has come."""
    if event.sequence <= receipt.urgency.order_n:
        return receipt
    level = event.data.level.value if isinstance(event.data, SupervisionOrdered) else None
    said = {"supervision": level, "order_n": event.sequence}
    return receipt.model_copy(update={"urgency": receipt.urgency.model_copy(update=said)})
