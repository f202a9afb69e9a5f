"""What is looked up in other documents before a decision; what of it decides, the event freezes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.dispatch.domain.nearness import Twin
from shared.contracts.registry_v1 import Grid

Grids = Mapping[tuple[float, float], Grid]
"""Grids by the longitude and latitude of reports that touch them."""


@dataclass(frozen=True, slots=True)
class Loads:
    """How many open cases each unit and each member has; may be a second old.

    Nothing is looked up where the registry has nobody whose load matters.
    """

    units: Mapping[str, int] = field(default_factory=dict)
    members: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lookups:
    """What was looked up for a batch; ``first`` and ``sent`` by incident id, where found."""

    loads: Loads = field(default_factory=Loads)
    first: Mapping[str, Twin] = field(default_factory=dict)
    """The open case that a report is a duplicate of."""
    sent: Mapping[str, int] = field(default_factory=dict)
    """How many reports the same source had sent in the same window before it; only where the
    area's policy sets a limit."""
    grids: Grids = field(default_factory=dict)
    """No look into documents: of the reports of a batch they are found together, which takes a
    tenth of the time. Whoever is not among them is looked for alone."""


NOTHING = Lookups()


def lookups(found: object) -> Lookups:
    """What the ledger brings; nothing where nobody looked."""
    return found if isinstance(found, Lookups) else NOTHING
