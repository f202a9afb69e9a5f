"""Work calendars (工作日历) of areas, as data."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.contracts.base import AreaCode, Contract, Day, Names
from shared.contracts.duty import ClockTime

Year = Annotated[int, Field(ge=1, le=9999)]
IsoWeekday = Annotated[int, Field(ge=1, le=7)]


class Counting(StrEnum):
    """From when working days count."""

    FROM_START = "from_start"
    """At once: three from 10:00 end at 10:00 of the third working day after."""
    FROM_NEXT_DAY = "from_next_day_until_close"
    """The day after is the first; so many end as the last of them closes (次日起算)."""


class WorkPeriod(Contract):
    """A span of each working day, ``[begin, end)``, local time.

    One that ends at or before it begins goes on into the next day, and belongs to the first.
    """

    begin: ClockTime
    """When it begins."""
    end: ClockTime
    """The first minute that is no more in it."""


class SpecialDays(Contract):
    """Days that are not what their weekday says, for one reason."""

    days: Annotated[tuple[Day, ...], Field(min_length=1, max_length=1000)]
    """Which days."""
    working: bool
    """Whether they are worked."""
    names: Names | None = None
    """Why: the holiday, or what else."""


class Calendar(Contract):
    """The work calendar of an area and all below it, unless one nearer by says otherwise.

    What decides on a day, the first that names it: overrides, public days, rest days.
    """

    kind: Literal["calendar"] = "calendar"
    code: AreaCode
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    """Whose public holidays: ISO 3166-1, two letters."""
    subdivision: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,10}$")] | None = None
    """Of which part of the country; none: those that hold everywhere."""
    zone: str | None = None
    """IANA zone of the working hours; none: that of the area's policy."""
    periods: Annotated[tuple[WorkPeriod, ...], Field(min_length=1, max_length=10)] = (
        WorkPeriod(begin="08:30", end="12:00"),
        WorkPeriod(begin="13:30", end="17:30"),
    )
    """The periods of every working day."""
    rest_days: tuple[IsoWeekday, ...] = (6, 7)
    """The rest days of the week, ISO numbers: 1 is Monday."""
    overrides: Annotated[tuple[SpecialDays, ...], Field(max_length=1000)] = ()
    """Days that the area itself makes working or resting."""
    public: Annotated[tuple[SpecialDays, ...], Field(max_length=1000)] = ()
    """The country's holidays and make-up working days (调休); intake writes them."""
    known_from: Year | None = None
    """The first year whose public days are known; intake writes it."""
    known_until: Year | None = None
    """The last year that is published; what is due later is provisional. Intake writes it."""


class CalendarRef(Contract):
    """The calendar by which the limits of a case are counted."""

    code: AreaCode
    """The area whose calendar it is."""
    n: int
    """Its version in the registry."""
    counting: Counting = Counting.FROM_START
    """From when working days count, as the policy said."""
