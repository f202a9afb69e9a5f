"""The two loops that are compared: the whole ledger, and consume one, publish two."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from aiokafka import ConsumerRecord

from services.dispatch import handlers
from services.dispatch.store import CASES as CASES_COLLECTION
from shared.contracts.topics import CASES, INCIDENTS
from shared.ledger.kafka import KafkaConsumer, KafkaPublisher
from shared.ledger.steps import Step
from shared.platform.broker import Broker, build_broker, subscribe
from shared.platform.clock import system_clock
from shared.platform.lifespan import Parts
from shared.platform.mongo import connect, database
from shared.registry.snapshot import Snapshot

PATIENCE_S = 300
VALUES = (b'{"case":"%s"}' % (b"x" * 900), b'{"case":"%s"}' % (b"y" * 1100))
"""As large as a filing and a dispatch."""


@dataclass
class Run:
    """One run; ``steps`` are microseconds a decision of the ledger's steps."""

    kind: str
    batch: int
    decisions: int
    seconds: float
    cpu: float
    """Microseconds of this process's processor time a decision."""
    steps: dict[str, float] = field(default_factory=dict)
    dispatched: int = 0
    """Of the decisions, those by which a unit got the case."""

    @property
    def per_second(self) -> float:
        """Decisions a second."""
        return self.decisions / self.seconds


@dataclass
class Watch:
    """Adds up the time between one step and the next."""

    begun: float = 0.0
    last: float = 0.0
    cpu_begun: float = 0.0
    cpu_last: float = 0.0
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


async def ledger_loop(  # noqa: PLR0913, PLR0917 - servers, rules, size and a name for the run
    kafka: str, mongo: str, registry: Snapshot, reports: int, batch: int, tag: str
) -> Run:
    """All reports that wait through the ledger of dispatch, as the service composes it."""
    client = connect(mongo, "bench")
    own = database(client, f"bench-{tag}")
    before = await own[CASES_COLLECTION].count_documents({})
    given_before = await own[CASES_COLLECTION].count_documents({"unit": {"$type": "string"}})
    broker = build_broker(kafka, f"ledger-{tag}")
    parts = Parts(own, broker, KafkaPublisher(broker), FixedRegistry(registry))
    cases, watch = handlers.cases(parts, system_clock, f"ledger-{tag}", batch), Watch()
    for prepare in cases.prepare:
        await prepare()
    cases.subscription.processor.settler.step = watch.step
    await broker.start()
    cases.subscription.start()
    await _until(lambda: _done(cases.subscription.consumer, watch), "the ledger")
    await cases.subscription.stop()
    await broker.stop()
    decided = await own[CASES_COLLECTION].count_documents({"sequence": {"$gt": 0}, "outbox": []})
    given = await own[CASES_COLLECTION].count_documents({"unit": {"$type": "string"}})
    client.close()
    if decided - before != reports:
        raise RuntimeError(f"{decided - before} of {reports} reports were decided")
    steps = {step: seconds / reports * 1e6 for step, seconds in watch.spent.items()}
    cpu = (watch.cpu_last - watch.cpu_begun) / reports * 1e6
    return Run("ledger", batch, reports, watch.last - watch.begun, cpu, steps, given - given_before)


async def _done(consumer: KafkaConsumer, watch: Watch) -> bool:
    # Idle for a second with nothing left to fetch: on a busy machine a look-up may take as long.
    idle = watch.last > 0 and time.perf_counter() - watch.last > 1
    return idle and bool(owned := consumer.owned()) and owned <= await consumer.at_end()


async def bare_loop(kafka: str, reports: int, batch: int, tag: str) -> Run:
    """Consume one, publish two, commit; no database, no contracts, no promises."""
    broker = build_broker(kafka, f"bare-{tag}")
    times = Watch()
    seen = 0

    async def handle(records: "Sequence[ConsumerRecord[bytes, bytes]]") -> None:
        nonlocal seen
        times.beat()
        for value in VALUES:
            await asyncio.gather(*[await _publish(broker, record, value) for record in records])
        offsets = {(record.topic, record.partition): record.offset + 1 for record in records}
        await consumer.commit(offsets)
        seen += len(records)
        times.last = times.beat()

    subscriber = subscribe(broker, (INCIDENTS,), f"bare-{tag}", handle, batch)
    consumer = KafkaConsumer(lambda: subscriber.consumer)
    await broker.start()

    async def consumed() -> bool:
        return seen == reports

    await _until(consumed, "the bare loop")
    await broker.stop()
    cpu = (times.cpu_last - times.cpu_begun) / reports * 1e6
    return Run("bare", batch, reports, times.last - times.begun, cpu)


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


async def _until(condition: Callable[[], Awaitable[bool]], what: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await condition():  # noqa: ASYNC110 - the broker is asked, nobody tells
            await asyncio.sleep(0.05)
        return
    raise TimeoutError(what)
