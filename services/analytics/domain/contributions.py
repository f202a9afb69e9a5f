"""What an event contributes to the figures; pure, so that whoever counts again counts the same.

A contribution depends on the event and on the earlier events of its topic and incident only: it
is the difference between the facts before and the facts after it.
"""

from collections.abc import Iterator
from typing import Any

from services.analytics.domain.buckets import ALL, Series, series_of
from services.analytics.domain.facts import of_case, of_report, place_of
from services.analytics.domain.folding import evolve
from services.analytics.domain.timeline import Decided, Timeline
from shared.contracts.cases_v1 import CaseEvent, Outcome
from shared.contracts.envelope import Event
from shared.contracts.incidents_v1 import IncidentReported

Contribution = tuple[str, str, int]
"""Which bucket, which figure of it, how much."""


def contributions(state: Timeline | None, event: Event[Any]) -> list[Contribution]:
    """The contributions of an event to an incident whose timeline was ``state``."""
    before = state or Timeline()
    data = event.data
    if isinstance(data, IncidentReported):
        known = of_report(before.incident)
        new = of_report(evolve(before, event).incident)
        return [(Series().bucket(day), fact, 1) for fact, day in new.items() if fact not in known]
    if isinstance(data, CaseEvent | Outcome):
        after = evolve(before, event).case
        return [*_counted(before.case, -1, after), *_counted(after, 1, before.case)]
    return []


def _counted(part: Decided, sign: int, other: Decided) -> Iterator[Contribution]:
    """What a part counts that the other does not count alike."""
    alike = set(_cells(other))
    for cell in _cells(part):
        if cell not in alike:
            yield (*cell, sign)


def _cells(part: Decided) -> Iterator[tuple[str, str]]:
    grid, matter, unit = place_of(part)
    facts = of_case(part)
    for series in series_of(grid, matter, unit):
        for fact, day in facts.items():
            if fact != "located":
                yield series.bucket(day), fact
            elif series != Series(ALL, ALL, ALL):
                # Everything's own count of reports comes from the reports themselves.
                yield series.bucket(day), "reported"
