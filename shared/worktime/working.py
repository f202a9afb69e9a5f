"""When a limit in working time is used up, and how much of one is used between two instants. Pure.

A working hour 工作时 is an hour of the calendar's periods. A working day 工作日 is the whole of a
day's periods, whatever their length, and a part of one is the share of them. A due instant is the
earliest one at which the limit is used up.

Lengths are limit time: of a working day as much as its periods are long by the calendar (27,000 s
for 08:30 to 12:00 and 13:30 to 17:30), also where a change of daylight saving makes a day shorter
or longer. Whole milliseconds of limit time are told apart, so an instant may need microseconds:
on such a day only. So ``elapsed(s, end(s, l)) == l`` and ``end(s, elapsed(s, e)) <= e``, always.
"""

from shared.worktime.calendar import Calendar
from shared.worktime.index import Index

MILLISECOND_US = 1000


def hours_end(start: int, used: int, calendar: Calendar) -> int:
    """The earliest instant after so much working time, more than none; microseconds.

    Raises BeyondCalendarError.
    """
    index = calendar.index(start, start)
    while (found := index.instant(index.position(start) + used)) is None:
        index = calendar.further(index, used)
    return found


def hours_elapsed(start: int, until: int, calendar: Calendar) -> int:
    """Working time between two instants, whole milliseconds; in microseconds.

    Raises BeyondCalendarError.
    """
    index = calendar.index(start, until)
    passed = index.position(until) - index.position(start)
    return passed - passed % MILLISECOND_US


def days_end(start: int, used: int, calendar: Calendar) -> int:
    """The earliest instant after such a share of working days, more than none.

    ``used`` is limit time: ``calendar.day_us`` is a whole day. Raises BeyondCalendarError.
    """
    index = calendar.index(start, start)
    while (found := _days_end(index, start, used, calendar.day_us)) is None:
        index = calendar.further(index, used)
    return found


def days_elapsed(start: int, until: int, calendar: Calendar) -> int:
    """Limit time in working days between two instants, whole milliseconds; in microseconds.

    Raises BeyondCalendarError.
    """
    index, whole = calendar.index(start, until), calendar.day_us
    day, used, length = index.in_days(start)
    day_after, used_after, length_after = index.in_days(until)
    # Of fractions with different denominators the exact difference.
    shares = used_after * length - used * length_after
    passed = (day_after - day) * whole + shares * whole // (length * length_after)
    return passed - passed % MILLISECOND_US


def _days_end(index: Index, start: int, used: int, whole: int) -> int | None:
    """None: it lies beyond the years of the index."""
    day, begun, length = index.in_days(start)
    parts = length * whole
    days, rest = divmod(begun * whole + used * length, parts)
    day += days
    if day >= len(index.day_length):
        return None
    # Rounded up: then it is used. With no share of a day the one before has just closed.
    share = -(-rest * index.day_length[day] // parts)
    return index.instant(index.day_before[day] + share)
