"""What is told again until somebody acknowledges it: orders in force, and notices.

While a suspension stands the clocks of a case nobody can act on it, and its reminders wait.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from services.escalation.domain.clocks import is_paused
from services.escalation.domain.moment import Moment
from services.escalation.domain.telling import of_reminder, whose
from services.escalation.domain.watch import Notice, Order, Watch, clock_key
from shared.contracts.base import EventData
from shared.contracts.escalations_v1 import ClockState, Mark, SupervisionOrdered
from shared.contracts.ladders import LadderStep, Repeat
from shared.contracts.levels import SupervisionLevel
from shared.contracts.reminders_v1 import NoticeRaised, NoticeReminded, SupervisionReminded
from shared.worktime.calendar import Calendar
from shared.worktime.limits import end, length, whole
from shared.worktime.natural import UnsupportedLimitError


class Reminder(NamedTuple):
    """A reminder that was not sent yet: of what, the how manieth, when it is due."""

    of: Order | Notice
    number: int
    due_at: datetime


def instants(repeat: Repeat | None, at: datetime, calendar: Calendar) -> tuple[datetime, ...]:
    """When something that is told at an instant is told again.

    Nothing in working time by a calendar that has none: the order is worth more than its repeats.
    """
    if repeat is None:
        return ()
    unit = repeat.every.unit
    try:
        one = length(repeat.every, calendar)
        spans = (number * one for number in range(1, repeat.times + 1))
        return tuple(whole(end(at, span, unit, calendar)) for span in spans)
    except UnsupportedLimitError:
        return ()


def repeat_of(ladder: Sequence[LadderStep], level: SupervisionLevel) -> Repeat | None:
    """How an order of a level that was given by hand is told again: as the ladder's first is."""
    return next((one.repeat for one in ladder if one.level is level), None)


def next_reminder(watch: Watch) -> Reminder | None:
    """The first reminder that was not sent, of all that is told again; None for none."""
    found = (
        Reminder(one, one.sent + 1, one.reminders[one.sent])
        for one in _repeated(watch)
        if one.sent < len(one.reminders)
    )
    return min(found, key=lambda one: (one.due_at, one.of.n), default=None)


def reminded(moment: Moment, follows: Iterable[EventData]) -> Sequence[EventData]:
    """The reminders that are due, of each thing the latest only.

    ``follows`` is what this turn tells anyway: it takes the place of what was told before.
    """
    watch, until = moment.watch, moment.at
    anew = {_place(one) for one in follows}
    latest = [
        Reminder(one, number, one.reminders[number - 1])
        for one in _repeated(watch)
        if _standing(one) not in anew and (number := bisect_right(one.reminders, until)) > one.sent
    ]
    latest.sort(key=lambda one: (one.due_at, one.of.n))
    return [_event(moment, one) for one in latest]


def _repeated(watch: Watch) -> Iterator[Order | Notice]:
    stands = any(map(is_paused, watch.clocks.values()))
    return (one for one in _unseen(watch) if not stands or _runs(watch, one.mark))


def _unseen(watch: Watch) -> Iterator[Order | Notice]:
    if watch.order is not None and not watch.order.acknowledged:
        yield watch.order
    yield from watch.notices


def _runs(watch: Watch, mark: Mark | None) -> bool:
    """Whether the clock of a mark runs; in a suspended case that of making it safe does."""
    if mark is None:
        return False
    return watch.clocks[clock_key(mark.task, mark.clock)].state is ClockState.RUNNING


def _place(data: EventData) -> object:
    """What an event tells anew: the order, or the notice of a clock."""
    if isinstance(data, SupervisionOrdered):
        return "order"
    if isinstance(data, NoticeRaised):
        return data.mark.task, data.mark.clock
    return None


def _standing(one: Order | Notice) -> object:
    return "order" if isinstance(one, Order) else (one.mark.task, one.mark.clock)


def _event(moment: Moment, due: Reminder) -> EventData:
    one, watch = due.of, moment.watch
    said = {
        **moment.common,
        "order": one.n,
        "number": due.number,
        "of": len(one.reminders),
        "due_at": due.due_at,
        "mark": one.mark,
        "unit": whose(watch, one),
        "grid": watch.facts.grid,
        "tell": of_reminder(watch, one),
    }
    if isinstance(one, Order):
        return SupervisionReminded.model_validate({**said, "level": one.level})
    return NoticeReminded.model_validate({**said, "colour": one.colour})
