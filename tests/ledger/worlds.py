"""One world for the ledger without servers, one with real Kafka and MongoDB, alike to a test."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from shared.contracts.base import EventData, Names
from shared.contracts.envelope import Event, encode
from shared.contracts.outcomes_v1 import IncidentRejected
from shared.contracts.topics import Topic
from shared.ledger.dead_letters import DeathWatch
from shared.ledger.document import Entry
from shared.ledger.folding import Folder
from shared.ledger.health import Progress
from shared.ledger.partition_time import PartitionTimes
from shared.ledger.ports import Consumer, Publisher, Record, Store
from shared.ledger.processing import Processor
from shared.ledger.settling import Settler
from shared.platform.partitioning import partition_of
from tests.fakes.clock import MovedClock
from tests.fakes.registry import FakeRegistry
from tests.ledger.scripted import Scripted, Told

PARTITIONS = 4
SERVICE = "scripted"
EMITTED: type[EventData] = IncidentRejected


class Member(Consumer, Protocol):
    """A consumer with a poll."""

    async def poll(self, count: int = 500) -> list[Record]:
        """The next records: so many, or what there is when no more come."""
        ...

    async def leave(self) -> None:
        """Leave the group."""
        ...


class World(Protocol):
    """Servers, or what stands for them, with one input and one output topic of the test's own."""

    @property
    def store(self) -> Store:
        """The ledger's documents."""
        ...

    @property
    def publisher(self) -> Publisher:
        """A publisher of events."""
        ...

    @property
    def inputs(self) -> Topic:
        """What is consumed."""
        ...

    @property
    def outputs(self) -> Topic:
        """What is emitted."""
        ...

    async def documents(self) -> Mapping[str, Mapping[str, Any]]:
        """All documents by id."""
        ...

    async def put(self, raw: Mapping[str, Any]) -> None:
        """Set a document."""
        ...

    async def append(self, record: Record) -> None:
        """Append a record to the topic that it names; its offset is not heeded."""
        ...

    async def read(self, topic: Topic) -> list[Record]:
        """All records of a topic."""
        ...

    async def join(self) -> Member:
        """A member of the group of the inputs' readers, when it owns its partitions."""
        ...

    async def break_write(self, *, applied: bool) -> None:
        """The outcome of the next write is not known: it was applied, or not."""
        ...

    async def take_database_away(self) -> None:
        """From now on the database does not answer."""
        ...

    async def bring_database_back(self) -> None:
        """It answers again."""
        ...


def new_topic(name: str) -> Topic:
    """A topic that no other test uses."""
    return named_topic(f"{name}-{uuid.uuid4().hex[:12]}")


def named_topic(name: str) -> Topic:
    """A topic of this name."""
    return Topic(
        name=name,
        key="subject",
        partitions=PARTITIONS,
        retention_ms=-1,
        owner="tests",
        consumers=(),
        purpose=Names(zh="测试", en="a test"),
    )


@dataclass
class Shell:
    """A processor of the scripted decider in a world, with all that a test wants to move."""

    world: World
    member: Member
    service: str = SERVICE
    clock: MovedClock = field(default_factory=MovedClock)
    registry: FakeRegistry = field(default_factory=FakeRegistry)
    processor: Processor[Told] = field(init=False)

    def __post_init__(self) -> None:
        folder = Folder(self.service, Scripted(), partition_of, self.world.inputs)
        settler = Settler(folder, self.world.store, self.world.publisher, self.clock, self.registry)
        progress = Progress(now=lambda: self.clock().timestamp())
        watch = DeathWatch(service="tests")
        self.processor = Processor(
            settler, self.member, PartitionTimes(), progress, patience_s=5.0, watch=watch
        )

    async def run(self, count: int) -> bool:
        """Poll so many records and handle them in one batch."""
        return await self.processor.handle(await self.member.poll(count))

    async def feed(self, *events: Event[Any]) -> None:
        """Append events to the input topic."""
        for event in events:
            await self.world.append(record(self.world.inputs, event))

    async def document(self, key: str) -> Mapping[str, Any]:
        """One document."""
        return (await self.world.documents())[key]

    async def overtake(self, key: str, **fields: object) -> None:
        """Another process writes a document: its version, too, is another then."""
        found = await self.document(key)
        await self.world.put({**found, "version": found["version"] + 1, **fields})


def record(into: Topic, event: Event[Any]) -> Record:
    """The record of an event, as its producer would write it."""
    headers, value = encode(event)
    return raw_record(into, event.subject, value, [(k, v.encode()) for k, v in headers.items()])


def raw_record(
    into: Topic,
    key: str,
    value: bytes | None,
    headers: Sequence[tuple[str, bytes | None]] = (),
    timestamp: int = 1_700_000_000_000,
) -> Record:
    """A record of any bytes, in the partition of its key."""
    partition = partition_of(key, into.partitions)
    return Record(into.name, partition, -1, timestamp, key.encode(), value, headers)


def entry(into: Topic, key: str, number: int, clock: MovedClock) -> Entry:
    """An outbox entry of no particular event."""
    return Entry(
        id=f"{key}/{number}",
        topic=into.name,
        key=key,
        partition=partition_of(key, into.partitions),
        headers={"ce_id": f"{key}/{number}"},
        value=b"{}",
        at=clock(),
    )


def header(found: Record, name: str) -> str:
    """The text of a header."""
    return next(raw.decode() for key, raw in found.headers if key == name and raw is not None)
