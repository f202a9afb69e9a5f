"""A calendar of the registry, compiled for counting. Pure."""

from collections.abc import Iterable
from datetime import date
from types import MappingProxyType

from shared.contracts import calendars
from shared.contracts.calendars import Counting
from shared.worktime.calendar import Calendar, period
from shared.worktime.public_days import PublicDays, Special

NEVER = 10_000


def compiled(
    entry: calendars.Calendar, zone: str, counting: Counting = Counting.FROM_START
) -> Calendar:
    """The calendar by which limits are counted; ``zone`` is the area's, where it names none.

    Raises CalendarError for periods that overlap.
    """
    known_from = entry.known_from if entry.known_from is not None else NEVER
    known_until = entry.known_until if entry.known_until is not None else 0
    return Calendar(
        entry.zone or zone,
        tuple(period(one.begin, one.end) for one in entry.periods),
        frozenset(entry.rest_days),
        PublicDays(known_from, known_until, MappingProxyType(_by_day(entry.public))),
        _by_day(entry.overrides),
        counting,
    )


def _by_day(groups: Iterable[calendars.SpecialDays]) -> dict[date, Special]:
    return {
        date.fromisoformat(day): Special(group.working, group.names)
        for group in groups
        for day in group.days
    }
