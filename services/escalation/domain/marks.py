"""Marks of a clock: approaching at 80 %, breached at 100 %, and the steps of the ladders.

A mark is due when that part of the limit is used; each is answered once. A mark that was answered
although its clock had been stopped before (the stop arrived later) is withdrawn.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

from services.escalation.domain.clock_table import is_supervised
from services.escalation.domain.clocks import ALIVE
from services.escalation.domain.counting import BREACHED, mark_at, percents, since
from services.escalation.domain.supervision import rank
from services.escalation.domain.watch import AnsweredMark, Watch, clock_key
from shared.contracts.base import Stage
from shared.contracts.escalations_v1 import Clock, Mark
from shared.contracts.ladders import LadderStep, NoticeStep
from shared.worktime.calendar import of_zone
from shared.worktime.natural import MILLISECOND

Step = TypeVar("Step", LadderStep, NoticeStep)


class OpenMark(NamedTuple):
    """A mark that is not answered; they sort as they are to be answered."""

    due_at: datetime
    task: str
    clock: Stage
    percent: int
    run: int


def due_marks(watch: Watch, until: datetime | None = None) -> list[Mark]:
    """Marks of clocks not answered yet, earliest first; those due by ``until`` if given."""
    return [_mark(one) for one in sorted(one for found in _open(watch, until) for one in found)]


def first_mark(watch: Watch) -> OpenMark | None:
    """The first of `due_marks`, or None; of each clock only its first mark is counted."""
    firsts = (next(found, None) for found in _open(watch))
    return min((one for one in firsts if one is not None), default=None)


def ladder_step(watch: Watch, mark: Mark) -> LadderStep | None:
    """The highest step of the ladder at a mark, or None."""
    return max(_at(mark, watch.facts.ladder), key=lambda step: step.level.rank, default=None)


def notice_step(watch: Watch, mark: Mark) -> NoticeStep | None:
    """The gravest step of the ladder of notices at a mark, or None."""
    steps = _at(mark, watch.facts.notice_ladder)
    return max(steps, key=lambda step: step.colour.rank, default=None)


def _at(mark: Mark, steps: Iterable[Step]) -> list[Step]:
    """The steps at a mark; a request has none."""
    if not is_supervised(mark.task):
        return []
    return [one for one in steps if one.clock is mark.clock and one.percent == mark.percent]


def is_past(watch: Watch, clock: Clock, due_at: datetime) -> bool:
    """Whether a mark was due before an order was lifted for good: nothing is ordered for it.

    What an earlier run has passed is due as the resumed one begins: there the breach knows.
    """
    if watch.lifted_at is not None and due_at <= watch.lifted_at:
        return True
    if due_at > since(clock) or not watch.answered:
        return False
    began = _began(watch, clock)
    return any(
        mark.spent and mark.percent == BREACHED and mark.run >= began
        for mark in watch.answered
        if (mark.task, mark.clock) == (clock.task, clock.clock)
    )


def belated(watch: Watch, turned: Clock, at: datetime) -> list[AnsweredMark]:
    """Answered marks of a clock that are none: it had been stopped by then, as it turns out.

    Or its limit is longer from then on, and they are still to come; those of earlier runs too.
    """
    before = watch.clocks.get(clock_key(turned.task, turned.clock))
    if before is not None and before.run == turned.run and before.limit != turned.limit:
        return to_come(watch, turned, at)
    stopped = turned.stopped_at
    if stopped is None:
        return []
    return [
        mark
        for mark in watch.answered
        if (mark.task, mark.clock, mark.run) == (turned.task, turned.clock, turned.run)
        and mark.due_at >= stopped
    ]


def to_come(watch: Watch, clock: Clock, at: datetime) -> list[AnsweredMark]:
    """Answered marks of a clock, as it is counted now, that are due after then; also earlier runs'.

    Where it stands, those that were not due before it did.
    """
    began, last = _began(watch, clock), at
    if clock.stopped_at is not None:
        last = clock.stopped_at - MILLISECOND
    return [
        mark
        for mark in watch.answered
        if (mark.task, mark.clock) == (clock.task, clock.clock)
        and mark.run >= began
        and (_due_at(watch, clock, mark.percent) or mark.due_at) > last
    ]


def _open(watch: Watch, until: datetime | None = None) -> Iterator[Iterator[OpenMark]]:
    """Of each clock that runs or stands its open marks, as far as they are due by ``until``."""
    steps = _worth(watch)
    for key, clock in watch.clocks.items():
        if clock.state in ALIVE:
            worth = percents(clock, steps)
            if watch.answered:
                worth -= _answered(watch, clock, watch.began.get(key, clock.run))
            yield _open_of(watch, clock, sorted(worth), until)


def _answered(watch: Watch, clock: Clock, began: int) -> set[int]:
    """A resumed run goes on with the marks, too: what was answered is not answered again."""
    return {
        mark.percent
        for mark in watch.answered
        if mark.run >= began and (mark.task, mark.clock) == (clock.task, clock.clock)
    }


def _open_of(
    watch: Watch, clock: Clock, worth: Iterable[int], until: datetime | None
) -> Iterator[OpenMark]:
    """A clock's marks that are not answered, by percent: in the order in which they are due.

    Each is counted only as it is asked for.
    """
    for percent in worth:
        if (due_at := _due_at(watch, clock, percent)) is not None:
            if until is not None and due_at > until:
                return
            if clock.stopped_at is not None and due_at >= clock.stopped_at:
                return  # it stands: nothing more of it is used
            # What would only be ordered is not, once it is past; the rest is told all the same.
            told = watch.facts.notice_ladder
            if is_past(watch, clock, due_at) and percent not in percents(clock, told):
                continue
            yield OpenMark(due_at, clock.task, clock.clock, percent, clock.run)


def _began(watch: Watch, clock: Clock) -> int:
    """The run in which it began with its whole limit."""
    return watch.began.get(clock_key(clock.task, clock.clock), clock.run)


def _mark(one: OpenMark) -> Mark:
    return Mark(task=one.task, clock=one.clock, run=one.run, percent=one.percent, due_at=one.due_at)


def _worth(watch: Watch) -> Sequence[LadderStep | NoticeStep]:
    """Of the ladder only what is above the order in force is still worth an answer."""
    if watch.supervision is None:
        return watch.facts.steps
    in_force = rank(watch.supervision)
    above = [step for step in watch.facts.ladder if step.level.rank > in_force]
    return [*above, *watch.facts.notice_ladder]


def _due_at(watch: Watch, clock: Clock, percent: int) -> datetime | None:
    """Working time was counted as the clock was turned; natural time needs the zone only."""
    if clock.marks is not None:
        return next((one.due_at for one in clock.marks if one.percent == percent), None)
    return mark_at(clock, percent, of_zone(watch.facts.zone))
