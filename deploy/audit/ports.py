"""The audit's doors to the world: the log, and the owners' documents. Reading only."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from deploy.audit.bucket import Bucket, Place
from deploy.audit.owner import Owner
from shared.contracts.topics import Topic
from shared.ledger.ports import Record
from shared.platform.clock import Clock

Offsets = dict[Place, int]


class Log(Protocol):
    """The log; every method raises KafkaError when it is away."""

    async def ends(self, topics: Sequence[Topic], partition: int) -> dict[str, int]:
        """The end offset of one partition of each topic, now."""
        ...

    async def committed(self, group: str) -> Offsets:
        """The next offset of a group, by topic and partition; nothing where it never committed."""
        ...

    def read(self, partition: int, ends: Mapping[str, int]) -> AsyncIterator[list[Record]]:
        """The records of one partition of some topics, each from its beginning to its end."""
        ...


class Documents(Protocol):
    """The owners' documents; every method raises PyMongoError when the database is away."""

    def read(self, owner: Owner, partition: int) -> AsyncIterator[list[bytes]]:
        """The documents of one partition number, as BSON."""
        ...

    def buckets(self) -> AsyncIterator[list[Bucket]]:
        """The rollups' buckets."""
        ...

    async def sequences(self, owner: Owner, ids: Sequence[str]) -> dict[str, int]:
        """The numbers of the last events of these documents, now."""
        ...

    async def unpublished(self, owner: Owner, before: datetime) -> int:
        """How many documents have an outbox entry older than this."""
        ...

    async def overdue(self, owner: Owner, before: datetime) -> int:
        """How many documents were due before this."""
        ...

    async def changes_going_on(self, since: datetime) -> frozenset[str]:
        """The registry changes that intake is at work on, or has published since an instant."""
        ...


@dataclass(frozen=True, slots=True)
class Sources:
    """All that an audit reads."""

    log: Log
    documents: Documents
    clock: Clock
