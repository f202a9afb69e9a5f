"""A ledger document: state, the ids seen and the events not yet published, in one place."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

import bson
from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument

S = TypeVar("S")

MAX_EVENTS = 1000
"""A document takes and emits this many events at most; further ones are refused by name."""

NOT_BSON = (BSONError, OverflowError, TypeError, ValueError)
"""What is raised when something cannot be encoded; nothing of that may pass."""

Raw = Mapping[str, Any]
"""A document as the store has it (the shape of BSON)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An outbox entry: an event with its final bytes, to be published as it stands."""

    id: str
    topic: str
    key: str
    partition: int
    headers: dict[str, str]
    value: bytes
    at: datetime

    def to_raw(self) -> dict[str, Any]:
        """The entry as it is pushed into the document."""
        return {
            "id": self.id,
            "topic": self.topic,
            "key": self.key,
            "partition": self.partition,
            "headers": self.headers,
            "value": self.value,
            "at": self.at,
        }

    @classmethod
    def from_raw(cls, raw: Raw) -> "Entry":
        """The entry as it was read."""
        return cls(
            id=raw["id"],
            topic=raw["topic"],
            key=raw["key"],
            partition=raw["partition"],
            headers=raw["headers"],
            value=bytes(raw["value"]),
            at=raw["at"],
        )


@dataclass(slots=True)
class Document(Generic[S]):
    """One document while a batch works on it.

    ``version`` is what was read (0: not there yet); ``new_seen`` and ``new_entries`` are what this
    batch adds; ``outbox`` is what was read and is still unpublished: where nothing is, what the
    store has there may be replaced. ``stored`` is the state as the store has it, None where that is
    not known to be of this version's shape, and ``columns`` what is set beside it, none of it where
    that is not known. ``parked`` says that its timer failed; the next write lets it run again.
    """

    id: str
    partition: int
    state: S | None = None
    stored: S | None = None
    columns: Raw = field(default_factory=dict)
    version: int = 0
    sequence: int = 0
    parked: bool = False
    seen: set[str] = field(default_factory=set)
    outbox: list[Entry] = field(default_factory=list)
    new_seen: list[str] = field(default_factory=list)
    new_entries: list[Entry] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.new_seen)

    @property
    def unpublished(self) -> list[Entry]:
        """All that waits to be published, oldest first."""
        return [*self.outbox, *self.new_entries]

    def settled(self) -> "Document[S]":
        """The document as the store has it when this is written and all of it published.

        It may be parked there meanwhile, which changes no version: the next write lets it run
        again, whether it is or not.
        """
        return Document(
            self.id,
            self.partition,
            self.state,
            self.state if self.changed else self.stored,
            self.columns,
            version=self.version + self.changed,
            sequence=self.sequence,
            parked=True,
            seen=self.seen,
        )


@dataclass(frozen=True, slots=True)
class Change:
    """One document's write: set fields, push seen ids and outbox entries, guarded by a version.

    Those of the fields that are ``unchanged`` the store has as they are: they need not be set. The
    entries are all of its outbox where it ``replaces`` what stands there.
    """

    id: str
    version: int
    fields: dict[str, Any]
    seen: list[str]
    entries: list[dict[str, Any]]
    replaces: bool = False
    unchanged: Collection[str] = ()


def packed(state: dict[str, Any]) -> Mapping[str, Any]:
    """A state as the bytes of its BSON, as soon as it is made.

    All states of a part would be encoded in a row, when the first have long left the processor's
    cache; and what a thousand of them are made of would be kept until they are written. What
    cannot be encoded stays as it is: the store will refuse it by name.
    """
    try:
        return RawBSONDocument(bson.encode(state))
    except NOT_BSON:
        return state
