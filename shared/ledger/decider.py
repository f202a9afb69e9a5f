"""What a service tells the ledger: its pure rules."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from shared.contracts.base import EventData
from shared.contracts.envelope import Event
from shared.registry.snapshot import Snapshot

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Draft:
    """An event that follows: its data and when it took effect; the ledger makes the envelope.

    ``key`` is the record's key where it is not the document's id (the registry's).
    """

    data: EventData
    at: datetime
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What a decision may know beside the document and the event; frozen while a batch lasts.

    ``found`` is what the service looked up in other documents; whatever of it decides is frozen in
    the event.
    """

    now: datetime
    registry: Snapshot
    found: Any = None


class Decider(Protocol[S]):
    """The rules of one kind of document. All methods are pure.

    ``evolve`` takes every event: those read and those emitted; the document is their fold.
    ``columns`` are the fields beside ``state`` that are set with it, for indexes.
    """

    fold_version: int

    def evolve(self, state: S | None, event: Event[Any]) -> S | None:
        """What the document is after the event."""
        ...

    def decide(self, state: S | None, event: Event[Any], context: Context) -> Sequence[Draft]:
        """Which events follow from the event; ``state`` is the document after it."""
        ...

    def dump(self, state: S) -> dict[str, Any]:
        """The state as stored (the shape of BSON)."""
        ...

    def load(self, raw: Mapping[str, Any]) -> S:
        """The state as read."""
        ...

    def columns(self, state: S) -> dict[str, Any]:
        """Indexed fields beside the state."""
        ...


@dataclass(frozen=True, slots=True)
class Taken(Generic[S]):
    """An event that a document took for the first time, with the state before it and after it."""

    event: Event[Any]
    before: S | None
    after: S | None


class Projection(Protocol[S]):
    """Counters beside the documents; written before them, each record counted once."""

    async def write(self, taken: Iterable[Taken[S]]) -> None:
        """Count what these events contribute; records counted before are passed over."""
        ...
