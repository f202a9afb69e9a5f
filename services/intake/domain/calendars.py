"""A work calendar as it is kept: with its country's public days; and what is wrong with one."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from shared.contracts.base import Names
from shared.contracts.calendars import Calendar, SpecialDays
from shared.worktime.calendar import CalendarError
from shared.worktime.compiled import compiled
from shared.worktime.public_days import PublicDays, UnknownCountryError, public_days

FIRST_YEAR, LAST_YEAR = 2018, 2040
"""For these years public days are kept; earlier and later ones are provisional."""
WEEK = 7
Mistake = tuple[str, str]


def with_public_days(entry: Calendar) -> Calendar:
    """The calendar with the public days of its country, whatever its sender wrote there.

    So whoever counts needs nothing but the entry, and a year that is published later comes as a
    version of its own. Raises UnknownCountryError.
    """
    found = public_days(entry.country, entry.subdivision, FIRST_YEAR, LAST_YEAR)
    return entry.model_copy(
        update={
            "public": _by_reason(found),
            "known_from": found.known_from,
            "known_until": found.known_until,
        }
    )


def mistakes(entry: Calendar) -> Iterator[Mistake]:
    """What is wrong with a calendar beyond its shape: a stable code, and what to do."""
    name = f"calendar {entry.code}"
    try:
        compiled(entry, "UTC")
    except CalendarError as error:
        yield "overlapping_periods", f"{name}: {error}"
    if len(set(entry.rest_days)) == WEEK:
        yield "no_working_day", f"{name}: every day of the week is a rest day"
    seen: set[str] = set()
    for day in (day for group in entry.overrides for day in group.days):
        if day in seen:
            yield "duplicate_day", f"{name}: {day} stands twice in overrides"
        seen.add(day)
    try:
        public_days(entry.country, entry.subdivision, FIRST_YEAR, LAST_YEAR)
    except UnknownCountryError as error:
        yield "unknown_country", f"{name}: {error}; write for example CN, or US with NY"


def _by_reason(found: PublicDays) -> tuple[SpecialDays, ...]:
    groups: dict[tuple[bool, Names | None], list[date]] = defaultdict(list)
    for day in sorted(found.days):
        groups[found.days[day].working, found.days[day].names].append(day)
    return tuple(
        SpecialDays(days=tuple(map(str, days)), working=working, names=names)
        for (working, names), days in groups.items()
    )
