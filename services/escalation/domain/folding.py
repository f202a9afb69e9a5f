"""What a watch is after an event."""

from collections.abc import Sequence
from typing import Any

from services.escalation.domain.orders import lifted, ordered, told, with_answer
from services.escalation.domain.watch import AnsweredMark, Facts, Watch, clock_key
from shared.contracts.base import EventData, Stage
from shared.contracts.case_v1 import Case, CaseEvent, CaseState
from shared.contracts.cases_v1 import CaseFiled
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import (
    LIFTED,
    Clock,
    ClocksChanged,
    ClockState,
    Mark,
    MarkEvent,
    MarkWithdrawn,
    SupervisionOrdered,
)
from shared.contracts.outcomes_v1 import IncidentHeld, Outcome
from shared.contracts.reminders_v1 import (
    AcknowledgedEvent,
    ConveyedEvent,
    NoticeRaised,
    ReminderEvent,
)
from shared.contracts.supervising_v1 import CaseRearmed


def evolve(state: Watch | None, event: Event[Any]) -> Watch:
    """The watch after the event; one that says nothing new leaves it as it was."""
    before, data = state or Watch(), event.data
    if isinstance(data, CaseEvent | Outcome):
        return before.model_copy(update={"facts": _facts(before.facts, data)})
    if isinstance(data, SupervisionOrdered):
        return ordered(before, data, event.sequence)
    if isinstance(data, LIFTED):
        return lifted(before, data)
    if isinstance(data, (NoticeRaised, ReminderEvent, ConveyedEvent, AcknowledgedEvent)):
        return told(before, data, event.sequence)
    return _timed(before, data)


def _timed(before: Watch, data: EventData) -> Watch:
    if isinstance(data, ClocksChanged):
        after = turned(before, data.clocks)
        anew = data.recounted is not None
        return after.model_copy(update={"recounted": data.calendar}) if anew else after
    if isinstance(data, MarkWithdrawn):
        key = AnsweredMark.of(data.mark).key
        left = tuple(one for one in before.answered if one.key != key)
        notices = tuple(one for one in before.notices if AnsweredMark.of(one.mark).key != key)
        return before.model_copy(update={"answered": left, "notices": notices})
    if isinstance(data, MarkEvent):
        return with_answer(before, data.mark)
    return before


def turned(before: Watch, clocks: Sequence[Clock]) -> Watch:
    """The watch after these clocks have changed."""
    changed = {clock_key(clock.task, clock.clock): clock for clock in clocks}
    whole = {
        key: clock.run
        for key, clock in changed.items()
        if clock.state is ClockState.RUNNING and clock.used_ms == 0 and clock.ran is None
    }
    # A notice is told again while its clock runs; what stands, or begins anew, ends that for good.
    over = {(one.task, one.clock, one.run) for one in clocks if one.state is not ClockState.RUNNING}
    notices = tuple(
        one.model_copy(update={"reminders": ()}) if _run(one.mark) in over else one
        for one in before.notices
    )
    return before.model_copy(
        update={
            "clocks": {**before.clocks, **changed},
            "began": {**before.began, **whole},
            "notices": notices,
        }
    )


def _run(mark: Mark) -> tuple[str, Stage, int]:
    return mark.task, mark.clock, mark.run


def _arms(before: Facts, data: CaseEvent) -> Facts | CaseFiled | CaseRearmed | Case:
    """By which ladders a case goes: its filing says so, and what arms it anew.

    An older version says it in every event. A filing arms what nothing has armed: one that was put
    away and is replayed late does not undo what came since.
    """
    if data.case.ladder or data.case.notice_ladder:
        return data.case
    armed = before.ladder or before.notice_ladder
    if isinstance(data, CaseRearmed) or (isinstance(data, CaseFiled) and not armed):
        return data
    return before


def _is_idle(case: Case) -> bool:
    """Whether its unit can do nothing; what it was given and has not accepted is its to accept."""
    waits = case.flow is not None and case.flow.waits_for_others
    done = case.lead_done_at is not None or case.state is CaseState.HANDLED
    return done or (waits and case.state is CaseState.ACCEPTED)


def _facts(before: Facts, data: CaseEvent | Outcome) -> Facts:
    if isinstance(data, CaseEvent):
        case = data.case
        arms = _arms(before, data)
        return Facts(
            case_no=case.case_no,
            grid=case.grid,
            unit=case.unit.code if case.unit else "",
            idle=_is_idle(case),
            zone=case.zone,
            calendar=case.calendar,
            ladder=arms.ladder,
            notice_ladder=arms.notice_ladder,
        )
    after = before.model_copy(
        update={"grid": data.grid, "zone": data.zone, "ladder": (), "notice_ladder": ()}
    )
    if isinstance(data, IncidentHeld):
        held = {"ladder": data.ladder, "notice_ladder": data.notice_ladder}
        return after.model_copy(update={**held, "calendar": data.calendar})
    return after
