"""When a clock is due and when its marks are, and what it has used; by the calendar of its case."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from services.escalation.domain.clock_table import is_supervised
from shared.contracts.base import Limit, LimitUnit
from shared.contracts.escalations_v1 import Clock, MarkAt, Ran
from shared.contracts.ladders import LadderStep, NoticeStep
from shared.worktime.calendar import Calendar, of_zone
from shared.worktime.limits import WORKING, elapsed, end, is_provisional, length, whole
from shared.worktime.natural import MILLISECOND, NOTHING

APPROACHING = 80
BREACHED = 100
Ladder = Sequence[LadderStep | NoticeStep]


def in_working_time(clock: Clock) -> bool:
    """Whether its limit needs a work calendar."""
    return clock.limit.unit in WORKING


def percents(clock: Clock, ladder: Ladder) -> set[int]:
    """The marks that a clock has, in percent of its limit: its own, and those of the ladders."""
    own = {APPROACHING, BREACHED}
    if ladder and is_supervised(clock.task):
        own.update([one.percent for one in ladder if one.clock is clock.clock])
    return own


def counted(clock: Clock, calendar: Calendar, ladder: Ladder) -> Clock:
    """The clock with its due instant and, in working time, the instants of its marks.

    Raises UnsupportedLimitError for working time without a work calendar.
    """
    due_at = mark_at(clock, BREACHED, calendar)
    marks = None
    if in_working_time(clock):
        marks = tuple(
            MarkAt(percent=one, due_at=mark_at(clock, one, calendar))
            for one in sorted(percents(clock, ladder))
        )
    provisional = is_provisional(clock.started_at, due_at, clock.limit.unit, calendar)
    return clock.model_copy(update={"due_at": due_at, "provisional": provisional, "marks": marks})


def mark_at(clock: Clock, percent: int, calendar: Calendar) -> datetime:
    """When so much of a clock's limit is used; what was before a suspension is due as it was then.

    Of one that stands: when it would be, had it run on.
    """
    limit, used_ms = clock.limit, clock.used_ms
    if clock.ran is None and clock.stopped_at is None:
        return _part_at(since(clock), limit, percent, used_ms, calendar)
    used_ms -= known_ms(clock, calendar)
    for one in clock.ran or ():
        due_at = _part_at(since(one), limit, percent, used_ms, calendar)
        if due_at < one.stopped_at:
            return due_at
        used_ms += _ran_ms(one, one.stopped_at, limit.unit, calendar)
    return _part_at(since(clock), limit, percent, used_ms, calendar)


def known_ms(clock: Clock, calendar: Calendar) -> int:
    """Of what a clock has used the part of which it knows when that was, in milliseconds.

    The rest was used by runs that were judged, and by the oldest of very many suspensions.
    """
    unit, stopped = clock.limit.unit, clock.stopped_at
    found = sum(_ran_ms(one, one.stopped_at, unit, calendar) for one in clock.ran or ())
    return found if stopped is None else found + _ran_ms(clock, stopped, unit, calendar)


def _part_at(
    begun: datetime, limit: Limit, percent: int, used_ms: int, calendar: Calendar
) -> datetime:
    if limit.unit in WORKING:
        return _at(begun, limit, percent, used_ms, calendar)
    return _natural(begun, limit.amount, limit.unit, percent, used_ms, calendar.zone)


@lru_cache(maxsize=16_384)
def _natural(  # noqa: PLR0913, PLR0917 - all that decides
    begun: datetime, amount: float, unit: LimitUnit, percent: int, used_ms: int, zone: str
) -> datetime:
    """Kept: whoever answers a mark asks three times for the same ones."""
    return _at(begun, Limit(amount=amount, unit=unit), percent, used_ms, of_zone(zone))


def _at(begun: datetime, limit: Limit, percent: int, used_ms: int, calendar: Calendar) -> datetime:
    part = length(limit, calendar) * percent / 100 - used_ms * MILLISECOND
    left = max(part - part % MILLISECOND, NOTHING)
    return whole(end(begun, left, limit.unit, calendar))


def ran_ms(clock: Clock, stop: datetime, calendar: Calendar) -> int:
    """What this run has used of the limit until then, in whole milliseconds."""
    return _ran_ms(clock, stop, clock.limit.unit, calendar)


def _ran_ms(run: Clock | Ran, stop: datetime, unit: LimitUnit, calendar: Calendar) -> int:
    begun = since(run)
    return elapsed(begun, max(stop, begun), unit, calendar) // MILLISECOND


def since(run: Clock | Ran) -> datetime:
    """From when a run counts."""
    return run.counted_from or run.started_at
