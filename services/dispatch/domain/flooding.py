"""Floods: so many reports of one source are decided by rules, the rest wait for a person.

Windows do not overlap: they begin at whole multiples of their length since 2000, so that the first
reports of every window are decided by rules however long a flood lasts. Every report counts,
whatever became of it, but followers: the same said a hundred times is one case.
"""

from datetime import UTC, datetime, timedelta

from shared.contracts.base import ANONYMOUS
from shared.contracts.incidents_v1 import IncidentReported
from shared.contracts.policies import Flood, Policy

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""From where MongoDB counts the bins of ``$dateTrunc`` too."""
SQUARE = 100
"""Squares of anonymous reports a degree: each is about a kilometre wide."""


def source_of(reported: IncidentReported) -> str:
    """Who counts as one source: a reporter by its subject.

    All who showed no credentials share one subject. They are counted by place, a square of 0.01
    degrees (together where no place is told), so that one who floods a street silences no other.
    """
    subject = reported.reporter.subject
    if subject != ANONYMOUS:
        return subject
    location = reported.report.location
    if location is None:
        return ANONYMOUS
    longitude, latitude = location.coordinates
    return f"{ANONYMOUS}/{latitude * SQUARE // 1:.0f}/{longitude * SQUARE // 1:.0f}"


def window_of(received_at: datetime, flood: Flood) -> datetime:
    """The first instant of the window in which a report counts."""
    length = timedelta(minutes=flood.minutes)
    return EPOCH + (received_at - EPOCH) // length * length


def floods(sent: int, policy: Policy) -> bool:
    """Whether a report is beyond what the rules decide; ``sent`` came before it in its window."""
    return policy.flood is not None and sent >= policy.flood.reports
