"""Marks of a clock: approaching at 80 %, breached at 100 %, and the steps of the ladder.

A mark is due when that part of the limit is used; each is answered once. A mark that was answered
although its clock had been stopped before (the stop arrived later) is withdrawn.
"""

from collections.abc import Iterator
from datetime import datetime

from services.escalation.domain.clock_table import is_supervised
from services.escalation.domain.counting import mark_at, percents
from services.escalation.domain.supervision import rank
from services.escalation.domain.watch import AnsweredMark, Watch, clock_key
from shared.contracts.escalations_v1 import Clock, ClockState, Mark
from shared.contracts.policies import LadderStep
from shared.worktime.calendar import of_zone


def due_marks(watch: Watch, until: datetime | None = None) -> list[Mark]:
    """Marks of running clocks not answered yet, earliest first; those due by ``until`` if given."""
    marks = [
        mark
        for clock in watch.clocks.values()
        if clock.state is ClockState.RUNNING
        for mark in _open_marks(watch, clock)
        if until is None or mark.due_at <= until
    ]
    return sorted(marks, key=lambda mark: (mark.due_at, mark.task, mark.clock, mark.percent))


def ladder_step(watch: Watch, mark: Mark) -> LadderStep | None:
    """The highest step of the ladder at a mark, or None."""
    steps = [
        step
        for step in watch.facts.ladder
        if is_supervised(mark.task) and step.clock is mark.clock and step.percent == mark.percent
    ]
    return max(steps, key=lambda step: step.level.rank, default=None)


def belated(watch: Watch, turned: Clock, at: datetime) -> list[AnsweredMark]:
    """Answered marks of a clock that, it now turns out, had been stopped or extended by then."""
    before = watch.clocks.get(clock_key(turned.task, turned.clock))
    same = before is not None and before.run == turned.run
    longer = same and before is not None and before.limit != turned.limit
    since = at if longer else turned.stopped_at
    if since is None:
        return []
    return [
        mark
        for mark in watch.answered
        if (mark.task, mark.clock, mark.run) == (turned.task, turned.clock, turned.run)
        and mark.due_at >= since
    ]


def _open_marks(watch: Watch, clock: Clock) -> Iterator[Mark]:
    began = watch.began.get(clock_key(clock.task, clock.clock), clock.run)
    # A resumed run goes on with the marks, too: what was answered is not answered again.
    known = {
        mark.percent
        for mark in watch.answered
        if (mark.task, mark.clock) == (clock.task, clock.clock) and mark.run >= began
    }
    for percent in _percents(watch, clock) - known:
        if (due_at := _due_at(watch, clock, percent)) is not None:
            yield Mark(
                task=clock.task,
                clock=clock.clock,
                run=clock.run,
                percent=percent,
                due_at=due_at,
            )


def _percents(watch: Watch, clock: Clock) -> set[int]:
    """The marks that are still worth an answer: of the ladder, what is above the order in force."""
    above = [step for step in watch.facts.ladder if rank(step.level) > rank(watch.supervision)]
    return percents(clock, above)


def _due_at(watch: Watch, clock: Clock, percent: int) -> datetime | None:
    """Working time was counted as the clock was turned; natural time needs the zone only."""
    if clock.marks is not None:
        return next((one.due_at for one in clock.marks if one.percent == percent), None)
    return mark_at(clock, percent, of_zone(watch.facts.zone), clock.used_ms)
