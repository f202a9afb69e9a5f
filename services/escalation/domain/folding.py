"""What a watch is after an event."""

from collections.abc import Iterable
from typing import Any

from services.escalation.domain.watch import AnsweredMark, Facts, HandOrder, Watch, clock_key
from shared.contracts.base import EventData
from shared.contracts.case_v1 import CaseEvent
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import (
    Clock,
    ClocksChanged,
    ClockState,
    Mark,
    MarkEvent,
    MarkWithdrawn,
    SupervisionLifted,
    SupervisionOrdered,
    SupervisionReleased,
)
from shared.contracts.outcomes_v1 import IncidentHeld, Outcome


def evolve(state: Watch | None, event: Event[Any]) -> Watch:
    """The watch after the event; one that says nothing new leaves it as it was."""
    before, data = state or Watch(), event.data
    if isinstance(data, CaseEvent | Outcome):
        return before.model_copy(update={"facts": _facts(before.facts, data)})
    if isinstance(data, SupervisionOrdered):
        return _ordered(before, data)
    if isinstance(data, SupervisionLifted | SupervisionReleased):
        return _lifted(before, data)
    return _timed(before, data)


def _timed(before: Watch, data: EventData) -> Watch:
    if isinstance(data, ClocksChanged):
        after = _turned(before, data.clocks)
        anew = data.recounted is not None
        return after.model_copy(update={"recounted": data.calendar}) if anew else after
    if isinstance(data, MarkWithdrawn):
        mark = _answered(data.mark)
        left = tuple(one for one in before.answered if one.key != mark.key)
        return before.model_copy(update={"answered": left})
    if isinstance(data, MarkEvent):
        return _with_answer(before, data.mark)
    return before


def _turned(before: Watch, clocks: Iterable[Clock]) -> Watch:
    changed = {clock_key(clock.task, clock.clock): clock for clock in clocks}
    whole = {
        key: clock.run
        for key, clock in changed.items()
        if clock.state is ClockState.RUNNING and clock.used_ms == 0
    }
    return before.model_copy(
        update={"clocks": {**before.clocks, **changed}, "began": {**before.began, **whole}}
    )


def _ordered(before: Watch, data: SupervisionOrdered) -> Watch:
    update: dict[str, Any] = {"supervision": data.level}
    if data.mark is not None:
        return _with_answer(before.model_copy(update=update), data.mark)
    hand = HandOrder(level=data.level, issuer=data.issuer, issuer_area=data.issuer_area)
    return before.model_copy(update={**update, "by_hand": hand})


def _lifted(before: Watch, data: SupervisionLifted | SupervisionReleased) -> Watch:
    if isinstance(data, SupervisionLifted) and data.reason == "mark_withdrawn":
        return before.model_copy(update={"supervision": None})
    spent = tuple(mark.model_copy(update={"spent": True}) for mark in before.answered)
    return before.model_copy(update={"supervision": None, "answered": spent, "by_hand": None})


def _facts(before: Facts, data: CaseEvent | Outcome) -> Facts:
    if isinstance(data, CaseEvent):
        case = data.case
        return Facts(
            case_no=case.case_no,
            grid=case.grid,
            zone=case.zone,
            calendar=case.calendar,
            ladder=case.ladder,
        )
    after = before.model_copy(update={"grid": data.grid, "zone": data.zone, "ladder": ()})
    if isinstance(data, IncidentHeld):
        return after.model_copy(update={"ladder": data.ladder, "calendar": data.calendar})
    return after


def _answered(mark: Mark) -> AnsweredMark:
    return AnsweredMark(
        task=mark.task,
        clock=mark.clock,
        run=mark.run,
        percent=mark.percent,
        due_at=mark.due_at,
    )


def _with_answer(watch: Watch, mark: Mark) -> Watch:
    answered = _answered(mark)
    if any(one.key == answered.key for one in watch.answered):
        return watch
    return watch.model_copy(update={"answered": (*watch.answered, answered)})
