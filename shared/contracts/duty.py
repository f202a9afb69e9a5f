"""Duty hours (值班时间) and hours of the day, as data; local time of the area."""

from typing import Annotated

from pydantic import Field, StringConstraints

from shared.contracts.base import Contract

ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""A wall-clock time, ``HH:MM``."""
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)


class DutyPeriod(Contract):
    """A span of the day on some days of the week, ``[begin, end)``.

    One that ends at or before it begins goes on into the next day.
    """

    days: tuple[Annotated[int, Field(ge=1, le=7)], ...] = EVERY_DAY
    """The days on which it begins, ISO numbers: 1 is Monday."""
    begin: ClockTime
    """When it begins."""
    end: ClockTime
    """The first minute that is no more in it."""
