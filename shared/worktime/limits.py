"""The four units of time, one front: when a limit is used up, and how much of it is used. Pure.

Urgent hours 紧急工作时 and natural days 自然日 need the calendar's zone only (`natural`); working
hours 工作时 and working days 工作日 its days and periods too (`working`).

``end(s, elapsed(s, e)) <= e``, and ``elapsed(s, end(s, l)) == l`` but where a limit in natural days
ends in what a change of daylight saving has cut off its last day: then all of that day is used.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from shared.contracts.base import Limit, LimitUnit, to_instant
from shared.contracts.calendars import Counting
from shared.worktime import natural
from shared.worktime.calendar import Calendar
from shared.worktime.natural import MILLISECOND, NOTHING, UnsupportedLimitError
from shared.worktime.wall import MICROSECOND, to_datetime, to_us
from shared.worktime.working import days_elapsed, days_end, hours_elapsed, hours_end

WORKING = frozenset({LimitUnit.WORKING_HOUR, LimitUnit.WORKING_DAY})
"""The units that need a work calendar."""
HOUR = timedelta(hours=1)


def length(limit: Limit, calendar: Calendar) -> timedelta:
    """How long a limit is, in limit time; whole milliseconds.

    A natural day is 24 h of it, a working day what the calendar's periods are long. Raises
    UnsupportedLimitError for working time by a calendar that has none.
    """
    return _length(limit.amount, unit_length(limit.unit, calendar))


@lru_cache(maxsize=4096)
def _length(amount: float, one: timedelta) -> timedelta:
    """A city has a few limits only."""
    whole = amount * one
    return whole - whole % MILLISECOND


def unit_length(unit: LimitUnit, calendar: Calendar) -> timedelta:
    """How long one of a unit is, in limit time. Raises UnsupportedLimitError."""
    if unit not in WORKING:
        return natural.UNITS[unit]
    _must_work(unit, calendar)
    return HOUR if unit is LimitUnit.WORKING_HOUR else calendar.day_length


def begin(start: datetime, unit: LimitUnit, calendar: Calendar) -> datetime:
    """From when a limit that starts then counts: at once, or from the next day on.

    Raises BeyondCalendarError.
    """
    if unit is not LimitUnit.WORKING_DAY or calendar.counting is Counting.FROM_START:
        return start
    today = start.astimezone(ZoneInfo(calendar.zone)).date()
    # Where clocks go back over a midnight, a day begins twice, the first time before the start.
    return max(first_of(today + natural.DAY, calendar), start)


def first_of(day: date, calendar: Calendar) -> datetime:
    """From when a day counts: from its midnight, or as the shift of the day before is over; UTC.

    Raises BeyondCalendarError.
    """
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(calendar.zone))
    at = to_us(midnight)
    return to_datetime(calendar.index(at, at).over(at))


def due(start: datetime, limit: Limit, calendar: Calendar) -> datetime:
    """The earliest instant at which the limit is used up; UTC.

    Raises UnsupportedLimitError, and BeyondCalendarError far from our time.
    """
    begun = begin(start, limit.unit, calendar)
    return end(begun, length(limit, calendar), limit.unit, calendar)


def end(start: datetime, used: timedelta, unit: LimitUnit, calendar: Calendar) -> datetime:
    """The earliest instant at which so much limit time, not negative, is used; UTC.

    It counts at once. Raises UnsupportedLimitError and BeyondCalendarError.
    """
    if unit not in WORKING:
        return natural.end(start, used, unit, calendar.zone)
    _must_work(unit, calendar)
    if used <= NOTHING:
        return to_instant(start)
    count = hours_end if unit is LimitUnit.WORKING_HOUR else days_end
    return to_datetime(count(to_us(start), used // MICROSECOND, calendar))


def elapsed(start: datetime, until: datetime, unit: LimitUnit, calendar: Calendar) -> timedelta:
    """How much limit time lies between two instants, the second not before the first.

    The inverse of `end`: it counts at once. Raises UnsupportedLimitError and BeyondCalendarError.
    """
    if unit not in WORKING:
        return natural.elapsed(start, until, unit, calendar.zone)
    _must_work(unit, calendar)
    count = hours_elapsed if unit is LimitUnit.WORKING_HOUR else days_elapsed
    return timedelta(microseconds=count(to_us(start), to_us(until), calendar))


def whole(instant: datetime) -> datetime:
    """The first whole millisecond not before an instant: what events and documents can hold."""
    cut = to_instant(instant)
    return cut if cut == instant else cut + MILLISECOND


def is_provisional(start: datetime, until: datetime, unit: LimitUnit, calendar: Calendar) -> bool:
    """Whether a day between two instants may turn out to be another kind of day.

    So it is in years whose holidays are not published yet; natural time is always sure.
    """
    if unit not in WORKING:
        return False
    there, public = ZoneInfo(calendar.zone), calendar.public
    days = (start.astimezone(there).date(), until.astimezone(there).date())
    return any(map(public.provisional, days))


def _must_work(unit: LimitUnit, calendar: Calendar) -> None:
    if calendar.day_us == 0:
        raise UnsupportedLimitError(f"a limit in {unit} needs a work calendar, and there is none")
