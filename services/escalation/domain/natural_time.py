"""When a limit in natural time is used up.

An urgent hour 紧急工作时 is an hour, by night and on holidays too. A natural day 自然日 ends at the
same wall-clock time of the area's zone, also across a change of daylight saving; a part of a day
is that share of 24 hours.
"""

from datetime import UTC, datetime, timedelta
from math import floor
from zoneinfo import ZoneInfo

from shared.contracts.base import Limit, LimitUnit, to_instant

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class UnsupportedLimitError(ValueError):
    """The limit is in working time; the registry refuses such limits until calendars are there."""


def due(start: datetime, limit: Limit, zone: str) -> datetime:
    """The instant at which the limit is used up; UTC, milliseconds.

    Raises UnsupportedLimitError for working hours and working days.
    """
    if limit.unit is LimitUnit.URGENT_HOUR:
        return to_instant(start + limit.amount * HOUR)
    if limit.unit is LimitUnit.NATURAL_DAY:
        return to_instant(_days_later(start, limit.amount, zone))
    message = f"a limit in {limit.unit} needs a work calendar, and there is none yet"
    raise UnsupportedLimitError(message)


def _days_later(start: datetime, days: float, zone: str) -> datetime:
    whole = floor(days)
    local = start.astimezone(ZoneInfo(zone))
    # Wall-clock arithmetic: the same time of another day. A time that the change skips or doubles
    # is read as PEP 495 reads it, with the offset before the change.
    there = (local.replace(tzinfo=None) + whole * DAY).replace(tzinfo=ZoneInfo(zone), fold=0)
    if whole == 0:
        there = local
    return there.astimezone(UTC) + (days - whole) * DAY
