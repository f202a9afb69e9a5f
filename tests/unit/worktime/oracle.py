"""Working time as a person counts it: minute by minute, looking at the wall and at a list of days.

It shares nothing with what it judges: the wall is ``zoneinfo``'s, the list its caller's.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
MICROSECONDS = 60 * 10**6
Worked = tuple[datetime, date]
"""A minute that is worked, by its beginning, and the working day that it belongs to."""


@dataclass(frozen=True)
class Oracle:
    """Counts by a zone's wall, periods in minutes after midnight, and a list of working days."""

    zone: str
    periods: tuple[tuple[int, int], ...]
    works: Callable[[date], bool]

    def minutes(self, begin: datetime, end: datetime) -> list[Worked]:
        """Every minute that is worked on the days (in UTC) of two instants and between them."""
        found: list[Worked] = []
        newest = date.min
        day = begin.date()
        while day <= end.date():
            for minute, today in _worked(self, day):
                newest = max(newest, today)  # what a wall shows again counts with the newer day
                found.append((minute, newest))
            day += DAY
        return found

    def day_of(self, wall: datetime) -> date | None:
        """The working day in one of whose periods the wall's time lies."""
        for day in (wall.date(), wall.date() - DAY):
            since = (wall - datetime.combine(day, time())) // MINUTE
            if any(begin <= since < end for begin, end in self.periods) and self.works(day):
                return day
        return None


@lru_cache(maxsize=4096)
def _worked(oracle: Oracle, day: date) -> list[Worked]:
    """The worked minutes of one day in UTC."""
    found: list[Worked] = []
    minute = datetime.combine(day, time(), UTC)
    for _ in range(24 * 60):
        wall = minute.astimezone(ZoneInfo(oracle.zone)).replace(tzinfo=None)
        today = oracle.day_of(wall)
        if today is not None:
            found.append((minute, today))
        minute += MINUTE
    return found


def due_days(minutes: list[Worked], start: datetime, share: Fraction) -> datetime:
    """When so many working days, more than none, are used; rounded up to a microsecond."""
    lengths = Counter(day for _, day in minutes)
    for minute, day in minutes:
        if minute < start:
            continue
        each = Fraction(1, lengths[day])
        if share <= each:
            part = share / each * MICROSECONDS
            return minute + timedelta(microseconds=-(-part.numerator // part.denominator))
        share -= each
    raise AssertionError("the minutes are too few")


def due_hours(minutes: list[Worked], start: datetime, count: int) -> datetime:
    """When so many minutes, one at least, are worked."""
    return [minute for minute, _ in minutes if minute >= start][count - 1] + MINUTE


def from_next_day(minutes: list[Worked], start: datetime, zone: str) -> list[Worked]:
    """What is worked from the day after an instant's on, and belongs to no day before it."""
    tomorrow = start.astimezone(ZoneInfo(zone)).date() + DAY
    midnight = datetime.combine(tomorrow, time(), ZoneInfo(zone)).astimezone(UTC)
    return [(minute, day) for minute, day in minutes if minute >= midnight and day >= tomorrow]


def worked_between(minutes: list[Worked], start: datetime, end: datetime) -> int:
    """How many minutes are worked between two whole minutes."""
    return sum(start <= minute < end for minute, _ in minutes)


def days_between(minutes: list[Worked], start: datetime, end: datetime) -> Fraction:
    """What share of working days is worked between two whole minutes."""
    lengths = Counter(day for _, day in minutes)
    shares = (Fraction(1, lengths[day]) for minute, day in minutes if start <= minute < end)
    return sum(shares, Fraction(0))
