"""What dispatch looks up in other documents before it decides; whatever decides is frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.dispatch.domain.nearness import Twin


@dataclass(frozen=True, slots=True)
class Lookups:
    """What was found for a batch, by incident id; what is not there was not found."""

    first: Mapping[str, Twin] = field(default_factory=dict)
    """The open case that a report is a duplicate of."""
    sent: Mapping[str, int] = field(default_factory=dict)
    """How many reports the same source had sent in the same window before it; only where the
    area's policy sets a limit."""


NOTHING = Lookups()


def lookups(found: object) -> Lookups:
    """What the ledger brings; nothing where nobody looked."""
    return found if isinstance(found, Lookups) else NOTHING
