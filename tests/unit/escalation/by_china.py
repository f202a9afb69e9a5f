"""Limits in working time, and registries that have China's calendar."""

from services.intake.domain.entry_rules import examine
from shared.contracts.base import Limit, LimitUnit
from shared.contracts.calendars import Calendar, CalendarRef
from shared.contracts.golden import story
from shared.registry.snapshot import Snapshot
from tests.registry.entries import alone, version


def working_hours(amount: float) -> Limit:
    """A limit in working hours."""
    return Limit(amount=amount, unit=LimitUnit.WORKING_HOUR)


def working_days(amount: float) -> Limit:
    """A limit in working days."""
    return Limit(amount=amount, unit=LimitUnit.WORKING_DAY)


def china(*later: Calendar) -> Snapshot:
    """A registry with China's calendar for the whole city, and later versions of it."""
    first = Calendar(code=story.CITY, country="CN")
    kept = (examine(one, None).entry for one in (first, *later))
    versions = [version(one, alone(f"c{n}"), n) for n, one in enumerate(kept, 1)]
    return Snapshot().with_changes(versions, len(versions) - 1)


CHINA = china()
BY_CHINA = CalendarRef(code=story.CITY, n=1)
