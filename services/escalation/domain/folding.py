"""What a watch is after an event."""

from typing import Any

from services.escalation.domain.watch import AnsweredMark, Facts, Watch, clock_key
from shared.contracts.base import EventData
from shared.contracts.cases_v1 import CaseEvent, IncidentHeld, Outcome
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import (
    ClocksChanged,
    Mark,
    MarkEvent,
    MarkWithdrawn,
    SupervisionLifted,
    SupervisionOrdered,
)


def evolve(state: Watch | None, event: Event[Any]) -> Watch:
    """The watch after the event; one that says nothing new leaves it as it was."""
    before, data = state or Watch(), event.data
    if isinstance(data, CaseEvent | Outcome):
        return before.model_copy(update={"facts": _facts(before.facts, data)})
    if isinstance(data, SupervisionOrdered):
        after = before.model_copy(update={"supervision": data.level})
        return after if data.mark is None else _with_answer(after, data.mark)
    if isinstance(data, SupervisionLifted):
        return before.model_copy(update={"supervision": None})
    return _timed(before, data)


def _timed(before: Watch, data: EventData) -> Watch:
    if isinstance(data, ClocksChanged):
        changed = {clock_key(clock.task, clock.clock): clock for clock in data.clocks}
        return before.model_copy(update={"clocks": {**before.clocks, **changed}})
    if isinstance(data, MarkWithdrawn):
        mark = _answered(data.mark)
        left = tuple(one for one in before.answered if one != mark)
        return before.model_copy(update={"answered": left})
    if isinstance(data, MarkEvent):
        return _with_answer(before, data.mark)
    return before


def _facts(before: Facts, data: CaseEvent | Outcome) -> Facts:
    if isinstance(data, CaseEvent):
        case = data.case
        return Facts(case_no=case.case_no, grid=case.grid, ladder=case.ladder)
    ladder = data.ladder if isinstance(data, IncidentHeld) else ()
    return before.model_copy(update={"grid": data.grid, "ladder": ladder})


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
    if answered in watch.answered:
        return watch
    return watch.model_copy(update={"answered": (*watch.answered, answered)})
