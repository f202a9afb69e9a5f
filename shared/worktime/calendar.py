"""A work calendar: which days are worked, from when to when, in which zone. Immutable, and pure.

What decides on a day, the first that says something: the area's own overrides, the country's
holidays and make-up working days (调休), the rest days of the week.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from shared.contracts.base import Names
from shared.contracts.calendars import Counting
from shared.worktime.index import Grown, Index, Span
from shared.worktime.public_days import NONE, PublicDays, Special
from shared.worktime.wall import MINUTE_US

WEEKEND = frozenset({6, 7})
"""Saturday and Sunday, ISO numbers."""
MINUTES = 24 * 60
NOTHING_PUBLISHED = PublicDays(1, 9999, NONE)
"""Of a calendar that knows no holidays, and is sure of that."""


class CalendarError(ValueError):
    """The periods of a calendar cannot be: they overlap, or there are none."""


class Why(StrEnum):
    """Why a day is worked or not."""

    WORKDAY = "workday"
    REST_DAY = "rest_day"
    """A rest day of the week."""
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"
    """Worked instead of another day (调休上班)."""
    OVERRIDE = "override"
    """The area says so."""


class Period(NamedTuple):
    """A span of each working day ``[begin, end)``, in minutes after midnight.

    One that crosses midnight ends beyond 1440, and belongs to the day on which it begins.
    """

    begin: int
    end: int


class DayKind(NamedTuple):
    """What kind of day it is."""

    working: bool
    why: Why
    names: Names | None
    provisional: bool
    """Whether the year's holidays are not published yet."""


STANDARD = (Period(8 * 60 + 30, 12 * 60), Period(13 * 60 + 30, 17 * 60 + 30))
"""08:30 to 12:00 and 13:30 to 17:30: seven hours and a half."""


def period(begin: str, end: str) -> Period:
    """A period of two wall-clock times ``HH:MM``; it ends on the next day if not after it begins.

    Raises ValueError for what is no such time.
    """
    first, last = _minutes(begin), _minutes(end)
    return Period(first, last if last > first else last + MINUTES)


@dataclass(frozen=True)
class Calendar:
    """A work calendar of one zone, ready to be counted by.

    Without periods it knows the zone only, and no working time can be counted by it. Raises
    CalendarError for periods that overlap.
    """

    zone: str
    periods: tuple[Period, ...] = STANDARD
    rest_days: frozenset[int] = WEEKEND
    public: PublicDays = NOTHING_PUBLISHED
    overrides: Mapping[date, Special] = field(default_factory=dict)
    counting: Counting = Counting.FROM_START
    _index: Grown = field(init=False, repr=False, compare=False)
    day_us: int = field(init=False, repr=False, compare=False)
    """How long a whole working day is by its periods, in microseconds."""
    day_length: timedelta = field(init=False, repr=False, compare=False)
    """The same as a time."""

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.periods))
        following = [*ordered, *(Period(b + MINUTES, e + MINUTES) for b, e in ordered[:1])]
        if any(after.begin < before.end for before, after in pairwise(following)):
            raise CalendarError("two periods of a working day overlap")
        object.__setattr__(self, "periods", ordered)
        minutes = sum(end - begin for begin, end in ordered)
        object.__setattr__(self, "day_us", minutes * MINUTE_US)
        object.__setattr__(self, "day_length", timedelta(minutes=minutes))
        object.__setattr__(self, "_index", Grown(self.zone, self._spans))

    def day(self, day: date) -> DayKind:
        """What kind of day it is, and why."""
        provisional = self.public.provisional(day)
        if (own := self.overrides.get(day)) is not None:
            return DayKind(own.working, Why.OVERRIDE, own.names, provisional=False)
        rests = day.isoweekday() in self.rest_days
        if (special := self.public.days.get(day)) is not None:
            why = Why.MAKE_UP if special.working else Why.HOLIDAY
            return DayKind(special.working, why, special.names, provisional)
        return DayKind(not rests, Why.REST_DAY if rests else Why.WORKDAY, None, provisional)

    def index(self, first: int, last: int) -> Index:
        """The index of working time around these instants. Raises BeyondCalendarError."""
        return self._index.over(first, last)

    def further(self, index: Index, used: int) -> Index:
        """An index that goes on after this one, for about so much working time more.

        Raises BeyondCalendarError.
        """
        return self._index.beyond(index, used // self.day_us)

    def _spans(self, day: date) -> Iterable[Span]:
        if not self.day(day).working:
            return ()
        return ((begin * MINUTE_US, end * MINUTE_US) for begin, end in self.periods)


@lru_cache(maxsize=256)
def of_zone(zone: str) -> Calendar:
    """A calendar that knows the zone only: for urgent hours and natural days."""
    return Calendar(zone, periods=())


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from one to another, both included."""
    while first <= last:
        yield first
        first += timedelta(days=1)


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    found = int(hours) * 60 + int(minutes)
    if len(text) != len("HH:MM") or not (0 <= found < MINUTES and int(minutes) < 60):  # noqa: PLR2004 - minutes
        raise ValueError(f"{text!r:.20} is no time of the day: write for example 08:30")
    return found
