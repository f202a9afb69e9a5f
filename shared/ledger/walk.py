"""What a service whose open documents follow the registry tells the ledger.

Pure, so that domain modules may import it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeVar

from shared.contracts.base import EventData
from shared.registry.snapshot import Snapshot

S_contra = TypeVar("S_contra", contravariant=True)
Group = Mapping[str, Any]
"""What open documents have in common: their values in a walk's columns."""


class Walked(EventData):
    """A change of the registry concerns a document; an input of the rules, never on a topic."""

    TYPE: ClassVar[str] = "cn.wangge.walk"

    walk: str
    """By which walk it was found."""


class Walk(Protocol[S_contra]):
    """Which open documents a change of the registry concerns. Pure."""

    @property
    def name(self) -> str:
        """What it is called in ids and metrics; it never changes."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the decider, beside ``open``, that tell apart what can be so unread."""
        ...

    def concerns(self, group: Group, registry: Snapshot, at: datetime) -> bool:
        """Whether anything may follow for documents with these values."""
        ...

    def cause(self, state: S_contra, registry: Snapshot, at: datetime) -> tuple[object, ...] | None:
        """What names the change and what it comes to for this document; None: nothing follows.

        A document is told once of what has one name.
        """
        ...
