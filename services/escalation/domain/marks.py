"""Marks of a clock: approaching at 80 %, breached at 100 %, and the steps of the ladder.

A mark is due when that part of the limit is used; each is answered once. A mark that was answered
although its clock had been stopped before (the stop arrived later) is withdrawn.
"""

from collections.abc import Iterator
from datetime import datetime

from services.escalation.domain.clocks import span, used_before
from services.escalation.domain.supervision import RANK, rank
from services.escalation.domain.watch import AnsweredMark, Watch
from shared.contracts.escalations_v1 import Clock, ClockState, Mark
from shared.contracts.registry_v1 import LadderStep

APPROACHING = 80
BREACHED = 100


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
        if step.clock is mark.clock and step.percent == mark.percent
    ]
    return max(steps, key=lambda step: RANK[step.level], default=None)


def belated(watch: Watch, stopped: Clock) -> list[AnsweredMark]:
    """Answered marks of a clock that, it now turns out, had been stopped by then."""
    stop = stopped.stopped_at
    if stop is None:
        return []
    return [
        mark
        for mark in watch.answered
        if (mark.task, mark.clock, mark.run) == (stopped.task, stopped.clock, stopped.run)
        and mark.due_at >= stop
    ]


def _open_marks(watch: Watch, clock: Clock) -> Iterator[Mark]:
    known = {
        mark.percent
        for mark in watch.answered
        if (mark.task, mark.clock, mark.run) == (clock.task, clock.clock, clock.run)
    }
    ladder = {
        step.percent
        for step in watch.facts.ladder
        if step.clock is clock.clock and rank(step.level) > rank(watch.supervision)
    }
    whole, used = span(clock), used_before(clock)
    for percent in {APPROACHING, BREACHED, *ladder} - known:
        part = whole * percent / 100
        # What an earlier run had used already was answered in that run.
        if clock.run == 1 or part > used or (percent in ladder and percent > BREACHED):
            yield Mark(
                task=clock.task,
                clock=clock.clock,
                run=clock.run,
                percent=percent,
                due_at=clock.started_at + (part - used),
            )
