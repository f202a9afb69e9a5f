"""The loops that are compared: the whole ledger, its six steps, and consume one, publish two.

Each runs in processes of its own, which begin together.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from itertools import chain
from typing import Any

from aiokafka import ConsumerRecord
from motor.motor_asyncio import AsyncIOMotorCollection

from benchmarks.child import Child, Parent, processor_times
from benchmarks.decided import Decided
from benchmarks.reports import city, large_city
from services.dispatch import handlers
from services.dispatch.domain.dossier import Dossier
from services.dispatch.domain.walking import WALKS
from services.dispatch.store import CASES as CASES_COLLECTION
from services.dispatch.store import CaseReader
from shared.contracts.topics import CASES, INCIDENTS
from shared.ledger.folding import Folder
from shared.ledger.kafka import KafkaConsumer, KafkaPublisher
from shared.ledger.mongo_store import MongoStore
from shared.ledger.settling import Settler
from shared.ledger.steps import Step
from shared.ledger.subscription import Subscription
from shared.platform.broker import Broker, build_broker, subscribe
from shared.platform.clock import system_clock
from shared.platform.lifespan import Parts
from shared.platform.mongo import connect, database
from shared.platform.partitioning import partition_of
from shared.registry.snapshot import Snapshot

PATIENCE_S = 300
Composed = tuple[Subscription[Dossier], Sequence[Callable[[], Awaitable[None]]]]
IDLE_S = 1.0
"""Who has done nothing for so long, and has nothing left to fetch, is done."""


class Kind(StrEnum):
    """Which loop."""

    LEDGER = "ledger"
    STEPS = "steps"
    """The ledger without anything to decide."""
    BARE = "bare"


@dataclass(frozen=True)
class Work:
    """What the processes of a run are to do."""

    kind: Kind
    kafka: str
    mongo: str
    batch: int
    tag: str
    """Names the group, and the database."""
    large: bool
    """Whether the city is the large one."""
    values: tuple[bytes, ...]
    """What the bare loop publishes of each record."""

    @property
    def name(self) -> str:
        """Of the group."""
        return f"{self.kind}-{self.tag}"

    @property
    def database(self) -> str:
        """Where the ledger's documents are."""
        return f"bench-{self.kind}-{self.tag}"


@dataclass
class Run:
    """One run; ``steps`` are microseconds a decision of the ledger's steps, all processes added."""

    kind: str
    batch: int
    processes: int
    decisions: int
    seconds: float
    cpu: float
    """Microseconds of the processes' processor time a decision."""
    steps: dict[str, float] = field(default_factory=dict)
    dispatched: int = 0
    """Of the decisions, those by which a unit got the case."""
    servers: dict[str, float] = field(default_factory=dict)
    """Microseconds of the servers' processor time a decision, by name."""

    @property
    def per_second(self) -> float:
        """Decisions a second."""
        return self.decisions / self.seconds


@dataclass
class Watch:
    """Adds up the time between one step and the next; instants are of the machine's one clock."""

    begun: float = 0.0
    last: float = 0.0
    cpu_begun: float = 0.0
    cpu_last: float = 0.0
    records: int = 0
    """What the bare loop has consumed, and has published of."""
    spent: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def beat(self) -> float:
        """Note the time; it."""
        now = time.perf_counter()
        self.begun = self.begun or now
        self.cpu_last = time.process_time()
        self.cpu_begun = self.cpu_begun or self.cpu_last
        return now

    def step(self, step: Step) -> None:
        """Called by the ledger when a step is done."""
        now = self.beat()
        # What lies between a commit and the next batch's first step is consuming and decoding.
        self.spent[step] += now - (self.last or now)
        self.last = now


class FixedRegistry:
    """A snapshot that does not change."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def current(self) -> Snapshot:
        """The snapshot."""
        return self._snapshot

    async def at_least(self, _version: int) -> int:
        """It is what it is."""
        return self._snapshot.version


async def run(work: Work, reports: int, processes: int, pids: dict[str, int | None]) -> Run:
    """All reports that wait through so many processes that share the partitions.

    ``pids`` are the servers'.
    """
    client = connect(work.mongo, "bench")
    cases = database(client, work.database)[CASES_COLLECTION]
    before, used = await _counted(cases), processor_times(pids)
    watches = await _worked(work, processes)
    servers = {
        name: (now - used[name]) / reports * 1e6 for name, now in processor_times(pids).items()
    }
    decided, dispatched = (
        now - then for now, then in zip(await _counted(cases), before, strict=True)
    )
    client.close()
    if work.kind is Kind.BARE:
        # What a rebalance delivers again is consumed again.
        decided = min(reports, sum(one.records for one in watches))
    if decided != reports:
        raise RuntimeError(f"{decided} of {reports} reports were decided")
    steps: defaultdict[str, float] = defaultdict(float)
    for step, seconds in chain.from_iterable(one.spent.items() for one in watches):
        steps[step] += seconds / reports * 1e6
    return Run(
        work.kind,
        work.batch,
        processes,
        reports,
        max(one.last for one in watches) - min(one.begun for one in watches),
        sum(one.cpu_last - one.cpu_begun for one in watches) / reports * 1e6,
        dict(steps),
        dispatched,
        servers,
    )


async def _counted(cases: "AsyncIOMotorCollection[dict[str, Any]]") -> tuple[int, int]:
    """Reports that are decided, with all that followed published, and those that a unit has."""
    decided = await cases.count_documents({"sequence": {"$gt": 0}, "outbox": []})
    return decided, await cases.count_documents({"unit": {"$type": "string"}})


async def _worked(work: Work, processes: int) -> list[Watch]:
    """What each process that had anything to do took."""
    loop = _bare if work.kind is Kind.BARE else _ledger
    workers = [Child(partial(loop, work)) for _ in range(processes)]
    try:
        async with asyncio.timeout(PATIENCE_S):
            for expected in ("ready", "done"):
                for one in workers:
                    await one.hear(expected)
                for one in workers:
                    one.tell("go on")
            watches = [await one.end() for one in workers]
    finally:
        for one in workers:
            one.process.kill()
    return [one for one in watches if one.last]


async def _ledger(work: Work, parent: Parent) -> Watch:
    """The ledger of dispatch, as the service composes it, or with nothing left to decide."""
    registry = large_city() if work.large else city()
    client = connect(work.mongo, "bench")
    broker = build_broker(work.kafka, work.name)
    own = database(client, work.database)
    parts = Parts(own, broker, KafkaPublisher(broker), FixedRegistry(registry))
    (subscription, prepares), watch = _composed(work, parts), Watch()
    for prepare in prepares:
        await prepare()
    subscription.processor.settler.step = watch.step
    await parent.told("ready")
    await broker.start()
    subscription.start()
    await _until_done(subscription.consumer, watch)
    await parent.told("done")
    await subscription.stop()
    await broker.stop()
    client.close()
    return watch


def _composed(work: Work, parts: Parts) -> Composed:
    """The subscription, and what is to be prepared before it; same documents, same indexes."""
    if work.kind is Kind.LEDGER:
        cases = handlers.cases(parts, system_clock, work.name, work.batch)
        return cases.subscription, cases.prepare
    rules, store = Decided(), MongoStore(parts.database[CASES_COLLECTION])
    folder: Folder[Dossier] = Folder(work.name, rules, partition_of, INCIDENTS)
    subscription = Subscription(
        parts.broker,
        (INCIDENTS,),
        Settler(folder, store, parts.publisher, system_clock, parts.registry),
        timer=rules,
        max_records=work.batch,
        gather_ms=handlers.GATHER_MS,
    )
    prepare = partial(store.prepare, timers=True, walks=[walk.columns for walk in WALKS])
    return subscription, (prepare, CaseReader(parts.database).prepare)


async def _bare(work: Work, parent: Parent) -> Watch:
    """Consume one, publish two, commit; no database, no contracts, no promises."""
    broker, watch = build_broker(work.kafka, work.name), Watch()

    async def handle(records: "Sequence[ConsumerRecord[bytes, bytes]]") -> None:
        watch.beat()
        for value in work.values:
            await asyncio.gather(*[await _publish(broker, record, value) for record in records])
        offsets = {(record.topic, record.partition): record.offset + 1 for record in records}
        await consumer.commit(offsets)
        watch.records += len(records)
        watch.last = watch.beat()

    subscriber = subscribe(broker, (INCIDENTS,), work.name, handle, work.batch)
    consumer = KafkaConsumer(lambda: subscriber.consumer)
    await parent.told("ready")
    await broker.start()
    await _until_done(consumer, watch)
    await parent.told("done")
    await broker.stop()
    return watch


async def _publish(
    broker: Broker, record: "ConsumerRecord[bytes, bytes]", value: bytes
) -> Awaitable[object]:
    headers = {name: raw.decode() for name, raw in record.headers}
    return await broker.publish(
        value,
        CASES.name,
        key=record.key,
        partition=record.partition,
        headers=headers,
        no_confirm=True,
    )


async def _until_done(consumer: KafkaConsumer, watch: Watch) -> None:
    started = time.perf_counter()

    async def done() -> bool:
        idle = time.perf_counter() - max(watch.last, started) > IDLE_S
        return idle and bool(owned := consumer.owned()) and owned <= await consumer.at_end()

    await _until(done)


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await condition():  # noqa: ASYNC110 - the broker is asked, nobody tells
            await asyncio.sleep(0.05)
