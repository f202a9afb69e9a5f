"""When a limit in natural time is used up, and how much of one is used between two instants.

An urgent hour 紧急工作时 is an hour, by night and on holidays too. A natural day 自然日 ends at the
same wall-clock time of the area's zone, also across a change of daylight saving. A part of a day
is that share of 24 hours, but never ends later than the whole day: one that a change shortens has
only 23.

Lengths are limit time: a natural day is 24 h of it, however long that day is.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.contracts.base import Limit, LimitUnit, to_instant

NOTHING = timedelta()
DAY = timedelta(days=1)
MILLISECOND = timedelta(milliseconds=1)
UNITS: dict[LimitUnit, timedelta] = {
    LimitUnit.URGENT_HOUR: timedelta(hours=1),
    LimitUnit.NATURAL_DAY: DAY,
}


class UnsupportedLimitError(ValueError):
    """The limit is in working time, and there is no work calendar to count it by."""


def length(limit: Limit) -> timedelta:
    """How long a limit is, in limit time; whole milliseconds.

    Raises UnsupportedLimitError for working hours and working days.
    """
    unit = UNITS.get(limit.unit)
    if unit is None:
        message = f"a limit in {limit.unit} needs a work calendar, and there is none yet"
        raise UnsupportedLimitError(message)
    whole = limit.amount * unit
    return whole - whole % MILLISECOND


def due(start: datetime, limit: Limit, zone: str) -> datetime:
    """The instant at which the limit is used up; UTC, milliseconds.

    Raises UnsupportedLimitError for working hours and working days.
    """
    return end(start, length(limit), limit.unit, zone)


def end(start: datetime, used: timedelta, unit: LimitUnit, zone: str) -> datetime:
    """The instant at which so much limit time is used, not negative; UTC, milliseconds."""
    if unit is not LimitUnit.NATURAL_DAY:
        return to_instant(start + used)
    days, rest = divmod(used, DAY)
    there = _days_later(start, days, zone)
    if rest:
        there = min(there + rest, _days_later(start, days + 1, zone))
    return to_instant(there)


def elapsed(start: datetime, until: datetime, unit: LimitUnit, zone: str) -> timedelta:
    """How much limit time lies between two instants, the second not before the first.

    The inverse of `end`. Of a day that a change makes longer, the 25th hour uses nothing: the last
    millisecond of the day is used with its end.
    """
    if unit is not LimitUnit.NATURAL_DAY:
        return until - start
    days = max((until - start) // DAY - 2, 0)  # too few: a change moves a day's end by hours
    there, following = _days_later(start, days, zone), _days_later(start, days + 1, zone)
    while following <= until:
        days, there = days + 1, following
        following = _days_later(start, days + 1, zone)
    return days * DAY + min(until - there, DAY - MILLISECOND)


def _days_later(start: datetime, days: int, zone: str) -> datetime:
    """The same time by the clock on the wall, so many days later."""
    if days == 0:
        return start
    there = ZoneInfo(zone)
    wall = start.astimezone(there).replace(tzinfo=None) + days * DAY
    # A time that a change skips or doubles is read with the offset before it (PEP 495).
    return wall.replace(tzinfo=there, fold=0).astimezone(UTC)
