"""What is looked up in other documents before a decision; what of it decides, the event freezes."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Loads:
    """How many open cases each unit and each member has; may be a second old.

    Nothing is looked up where the registry has nobody whose load matters.
    """

    units: Mapping[str, int] = field(default_factory=dict)
    members: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lookups:
    """All that was looked up for a batch."""

    loads: Loads = field(default_factory=Loads)


NOTHING = Lookups()
