"""Which days a limit was counted over, and how much of it each has used. Pure."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from shared.contracts.base import LimitUnit
from shared.worktime.calendar import Calendar, DayKind, days_between
from shared.worktime.limits import begin, elapsed


class Counted(NamedTuple):
    """A day between a start and a due instant."""

    day: date
    kind: DayKind
    used: timedelta
    """How much of the limit was used on it, in limit time."""


def days_counted(
    start: datetime, until: datetime, unit: LimitUnit, calendar: Calendar
) -> Iterator[Counted]:
    """Every local day from one instant to another, whether it counts or not.

    ``start`` is when the limit starts, which may count from the next day only. What is worked after
    midnight stands at the day on which it is worked. Raises UnsupportedLimitError and
    BeyondCalendarError.
    """
    there, begun = ZoneInfo(calendar.zone), begin(start, unit, calendar)
    first, last = (instant.astimezone(there).date() for instant in (start, until))
    before = timedelta()
    for day in days_between(first, last):
        midnight = datetime.combine(day + timedelta(days=1), time(), there)
        after = elapsed(begun, max(begun, min(until, midnight)), unit, calendar)
        yield Counted(day, calendar.day(day), after - before)
        before = after
