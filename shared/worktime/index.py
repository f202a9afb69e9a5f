"""Working time as an index: spans of real time in order, with sums, to be found by bisection. Pure.

A span counts where the wall of the zone shows it, whatever a change of daylight saving does to it:
what is skipped is no time, what is shown twice counts twice. All numbers are microseconds.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from shared.worktime.wall import DAY_US, Walls, midnight, real, to_datetime, walls

Span = tuple[int, int]
DayMaker = Callable[[date], Iterable[Span]]
"""The periods of a day as wall time after its midnight; none for a day that is not worked."""
FIRST_YEAR, LAST_YEAR = 1970, 2200
"""Working time is counted within these years."""
WORKED_A_YEAR = 200
"""About so many days of a year are worked: how far to look for many of them."""
MARGIN_US = 3 * DAY_US
"""A day's local time, and a period that goes on into the next day, lie within so much."""


class BeyondCalendarError(ValueError):
    """So far from now no working time is counted."""


@dataclass(frozen=True, slots=True)
class Index:
    """All working time of some years.

    A *working day* here is a day that has working time, by number from 0.
    """

    first_year: int
    last_year: int
    begins: list[int]
    ends: list[int]
    upto: list[int]
    """Working time from the first span to the end of each."""
    day_of: list[int]
    """The working day of each span."""
    day_before: list[int]
    """Working time before each working day."""
    day_length: list[int]
    """Working time of each working day."""

    def position(self, at: int) -> int:
        """Working time before an instant."""
        span = bisect_right(self.begins, at) - 1
        return 0 if span < 0 else self.upto[span] - max(self.ends[span] - at, 0)

    def instant(self, position: int) -> int | None:
        """The earliest instant with so much working time (more than none) before it.

        None: it lies beyond the years of the index.
        """
        span = bisect_left(self.upto, position)
        if span == len(self.upto):
            return None
        return self.ends[span] - (self.upto[span] - position)

    def in_days(self, at: int) -> tuple[int, int, int]:
        """Whole working days before an instant, and of the one that follows: used, length.

        After a day, and before the next, all of the earlier one is used.
        """
        span = bisect_right(self.begins, at) - 1
        if span < 0:
            return 0, 0, 1
        day = self.day_of[span]
        used = self.upto[span] - max(self.ends[span] - at, 0) - self.day_before[day]
        return day, used, self.day_length[day]

    def over(self, at: int) -> int:
        """When the working day that began last before an instant is over; that instant, if it is.

        A shift of the night goes on into the next day.
        """
        span = bisect_left(self.begins, at) - 1
        if span < 0:
            return at
        last = bisect_right(self.day_of, self.day_of[span]) - 1
        return max(at, self.ends[last])


class Grown:
    """The index of one calendar, over the years for which it has been asked so far."""

    def __init__(self, zone: str, spans: DayMaker) -> None:
        self._zone = zone
        self._spans = spans
        self._index: Index | None = None
        self._covers = (0, -1)

    def over(self, first: int, last: int) -> Index:
        """An index that has these instants, and all that begins around them.

        Raises BeyondCalendarError.
        """
        if self._index is not None and self._covers[0] <= first and last <= self._covers[1]:
            return self._index
        try:
            years = to_datetime(first - MARGIN_US).year, to_datetime(last + MARGIN_US).year
        except OverflowError as error:
            raise _beyond(to_datetime(first).year) from error
        return self._grow(*years)

    def beyond(self, index: Index, days: int) -> Index:
        """One that goes on for so many working days, and for twice as many years.

        Raises BeyondCalendarError.
        """
        if index.last_year == LAST_YEAR:
            raise _beyond(LAST_YEAR + 1)
        more = index.last_year - index.first_year + 1 + days // WORKED_A_YEAR
        return self._grow(index.first_year, min(index.last_year + more, LAST_YEAR))

    def _grow(self, first: int, last: int) -> Index:
        for year in (first, last):
            if not FIRST_YEAR <= year <= LAST_YEAR:
                raise _beyond(year)
        if self._index is not None:
            first, last = min(first, self._index.first_year), max(last, self._index.last_year)
        begun, over = midnight(date(first, 1, 1)), midnight(date(last + 1, 1, 1))
        # The index first: who asks meanwhile, on another thread, finds no more than there is.
        self._index = made(self._zone, self._spans, first, last)
        self._covers = begun + MARGIN_US, over - MARGIN_US
        return self._index


def made(zone: str, spans: DayMaker, first_year: int, last_year: int) -> Index:
    """The index of all days of these years."""
    first, last = date(first_year, 1, 1), date(last_year, 12, 31)
    shown = walls(zone, first, last)
    index = Index(first_year, last_year, [], [], [], [], [], [])
    total, today = 0, -1
    for begin, end, number in sorted(_all_spans(spans, shown, first, last)):
        # Where clocks go back over midnight, what is shown again counts with the newer day.
        if number > today:
            today = number
            index.day_before.append(total)
            index.day_length.append(0)
        total += end - begin
        index.begins.append(begin)
        index.ends.append(end)
        index.upto.append(total)
        index.day_of.append(len(index.day_length) - 1)
        index.day_length[-1] += end - begin
    return index


def _all_spans(
    spans: DayMaker, shown: Walls, first: date, last: date
) -> Iterator[tuple[int, int, int]]:
    """Begin and end of every span, and the number of its day."""
    day = first
    while day <= last:
        start = midnight(day)
        for begin, end in spans(day):
            for span in real(start + begin, start + end, shown):
                yield *span, day.toordinal()
        day += timedelta(days=1)


def _beyond(year: int) -> BeyondCalendarError:
    return BeyondCalendarError(
        f"working time is counted from {FIRST_YEAR} to {LAST_YEAR}, not in {year}"
    )
