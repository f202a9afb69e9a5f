"""What an event contributes to the figures; pure, so that whoever counts again counts the same.

A contribution depends on the event and on the earlier events of its topic and incident only: it
is the difference between what was counted before it and what is after it.
"""

from collections.abc import Iterator
from typing import Any

from services.analytics.domain.buckets import EVERYTHING, buckets_of
from services.analytics.domain.facts import LOCATED
from services.analytics.domain.timeline import Decided, Timeline
from shared.contracts.case_v1 import CaseEvent
from shared.contracts.envelope import Event
from shared.contracts.incidents_v1 import IncidentReported
from shared.contracts.outcomes_v1 import Outcome

Contribution = tuple[str, str, int]
"""Which bucket, which figure of it, how much."""


def contributions(
    before: Timeline | None, after: Timeline, event: Event[Any]
) -> list[Contribution]:
    """The contributions of an event that made ``after`` of the timeline ``before``."""
    before = before or Timeline()
    data = event.data
    if isinstance(data, IncidentReported):
        known, new = before.incident.days, after.incident.days
        return [(EVERYTHING.bucket(day), fact, 1) for fact, day in new.items() if fact not in known]
    if isinstance(data, CaseEvent | Outcome):
        was, now = before.case, after.case
        if (now.days, now.place) == (was.days, was.place):
            return []
        gone, new_cells = set(_cells(was)), set(_cells(now))
        return [
            *((*cell, -1) for cell in sorted(gone - new_cells)),
            *((*cell, 1) for cell in sorted(new_cells - gone)),
        ]
    return []


def _cells(part: Decided) -> Iterator[tuple[str, str]]:
    """Where a part counts: bucket and figure."""
    for fact, day in part.days.items():
        everything, *others = buckets_of(*part.place, day)
        if fact == LOCATED:
            # Everything's own count of reports comes from the reports themselves.
            yield from ((bucket, "reported") for bucket in others)
        else:
            yield from ((bucket, fact) for bucket in (everything, *others))
