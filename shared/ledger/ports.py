"""The ledger's three doors to the world: a store of documents, a publisher, a consumer.

Each has a real and a fake side, and one suite of tests holds both to the same behaviour.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from shared.ledger.document import Change, Entry, Raw


class TransientError(Exception):
    """What may pass: the broker or the database is away, or the outcome is not known."""


class UnansweredError(TransientError):
    """The broker does not answer this client; it may answer others: then the client is at fault."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it was consumed, nothing decoded; ``timestamp`` is milliseconds of the epoch."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a bulk write: who lost the race, and who was refused with which error."""

    lost: frozenset[str]
    refused: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Overdue:
    """How many documents have long been due, and of the oldest since when and its partition."""

    count: int = 0
    oldest: datetime | None = None
    partition: int | None = None


class Store(Protocol):
    """Documents. Every method raises TransientError when the database is away."""

    async def load(self, ids: Sequence[str]) -> dict[str, Raw]:
        """The documents that exist among ids."""
        ...

    async def versions(self, ids: Sequence[str]) -> Mapping[str, int]:
        """The versions of the documents that exist among ids."""
        ...

    async def write(self, changes: Sequence[Change]) -> Written:
        """Write all changes, each guarded by its version and on its own (w=majority, j=true).

        The entries of a change that ``replaces`` are the whole outbox from then on.

        One that cannot be stored (too large, not to be encoded, a key that another document has)
        is refused and hinders no other.
        """
        ...

    async def pull(self, published: Mapping[str, Sequence[str]]) -> None:
        """Take exactly these entries (document id -> entry ids) out of the outboxes."""
        ...

    async def unsent(
        self, partitions: Iterable[int], before: datetime, limit: int
    ) -> Sequence[Raw]:
        """Documents of these partitions with an outbox entry older than ``before``."""
        ...

    async def due(
        self,
        until: Mapping[int, datetime],
        limit: int,
        since: Mapping[int, datetime] = {},
        without: Collection[str] = (),
    ) -> Sequence[Raw]:
        """Documents whose ``next_due_at`` their partition's time has passed, earliest first.

        ``since`` are the instants before which nothing is to be looked for in a partition; those in
        ``without`` are left out.
        """
        ...

    async def next_due(
        self, partitions: Iterable[int], since: Mapping[int, datetime] = {}
    ) -> datetime | None:
        """The earliest ``next_due_at`` in these partitions, from ``since`` on."""
        ...

    async def open_groups(
        self, partitions: Iterable[int], columns: Sequence[str]
    ) -> Sequence[Mapping[str, Any]]:
        """Which values of these columns there are among open documents, each combination once.

        A document is open while its column ``open`` is true.
        """
        ...

    async def open_in(
        self, partitions: Iterable[int], group: Mapping[str, Any], after: str, limit: int
    ) -> Sequence[Raw]:
        """Open documents with these values in their columns, by id, from ``after`` on."""
        ...

    async def park(self, document_id: str, version: int, error: str) -> None:
        """Take a document out of the timers' way and note why, if it still has this version."""
        ...

    async def unpark(self, partitions: Iterable[int], due: datetime, limit: int) -> int:
        """Make parked documents of these partitions due; how many, ``limit`` at most."""
        ...

    async def overdue(self, until: Mapping[int, datetime], limit: int) -> Overdue:
        """What was due by these instants of its partition; no more than ``limit`` are counted."""
        ...

    async def parked(self, partitions: Iterable[int], limit: int) -> int:
        """How many documents of these partitions are parked; ``limit`` at most."""
        ...


class Publisher(Protocol):
    """Publishes with acks=all, idempotent."""

    async def send(self, entries: Sequence[Entry]) -> list[bool]:
        """Publish entries of different documents at once; True for each that was acknowledged."""
        ...


class Consumer(Protocol):
    """The consumer of this process: one group, all topics of the service."""

    def owned(self) -> frozenset[int]:
        """The partition numbers that are this process's now."""
        ...

    async def commit(self, offsets: Mapping[tuple[str, int], int]) -> bool:
        """Commit the next offset of each (topic, partition); False when they are someone else's."""
        ...

    def seek(self, offsets: Mapping[tuple[str, int], int]) -> None:
        """Hand back: the next poll starts again from these offsets."""
        ...

    async def at_end(self) -> frozenset[int]:
        """The owned partition numbers in which no record waits; asked of the broker."""
        ...
