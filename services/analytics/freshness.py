"""How fresh an answer is: per topic the offset and time up to which it counts, and the lag."""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from services.analytics.domain.timeline import Timeline
from services.analytics.rollups import Rollups
from shared.contracts.base import instant_text
from shared.contracts.topics import Topic
from shared.ledger.decider import Taken
from shared.platform.clock import Clock
from shared.platform.faulty import hang_up, revive, stop_wholly

log = structlog.get_logger("freshness")
CACHE_S = 0.5
ASK_S = 2.0
BACK_OFF_S = 5.0
"""While the broker does not answer, answers do not wait for it each time."""
REMEMBERED = 64
"""Batches of a partition that may lie between its last commit and its last record."""


@dataclass(frozen=True, slots=True)
class TopicFreshness:
    """How far one topic is counted.

    ``as_of`` is the instant up to which it is: of asking where nothing waits, else that of the last
    record counted in the partition that is farthest behind; None where another process has it.
    """

    offset: int
    lag: int
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How far all topics are counted, at the instant of asking; the figures may be newer.

    ``known`` is False where the broker did not answer: it is then what was known last.
    """

    at: datetime | None = None
    known: bool = False
    topics: Mapping[str, TopicFreshness] = field(default_factory=dict)

    @property
    def lag_text(self) -> str:
        """Records that wait in all topics, or ``unknown``."""
        return str(sum(one.lag for one in self.topics.values())) if self.known else "unknown"

    def told(self) -> dict[str, Any]:
        """As an answer has it."""
        return {
            "known": self.known,
            "at": _text(self.at),
            "topics": {
                name: {"offset": one.offset, "lag": one.lag, "as_of": _text(one.as_of)}
                for name, one in self.topics.items()
            },
        }


@dataclass(slots=True)
class Freshness:
    """Asks the broker, at most twice a second, how far this service's group has come."""

    bootstrap: str
    group: str
    topics: Sequence[Topic]
    clock: Clock
    _noted: dict[TopicPartition, deque[tuple[int, datetime]]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=REMEMBERED))
    )
    _until: float = 0.0
    _standing: Standing = field(default_factory=Standing)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _consumer: AIOKafkaConsumer | None = None
    _admin: AIOKafkaAdminClient | None = None

    def note(self, taken: Iterable[Taken[Timeline]]) -> None:
        """Records that are about to be counted: they are, once their offsets are committed."""
        latest: dict[TopicPartition, tuple[int, datetime]] = {}
        for one in taken:
            if (origin := one.event.origin) is not None:
                where = TopicPartition(origin.topic, origin.partition)
                latest[where] = origin.offset, one.event.time
        for where, noted in latest.items():
            self._noted[where].append(noted)

    async def start(self) -> None:
        """Connect; nothing is consumed. Raises KafkaError when the broker is not there."""
        servers = self.bootstrap.split(",")
        name = f"{self.group}-freshness"
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=servers, group_id=None, enable_auto_commit=False, client_id=name
        )
        self._admin = AIOKafkaAdminClient(bootstrap_servers=servers, client_id=name)
        try:
            await self._consumer.start()
            await self._admin.start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Disconnect."""
        consumer, self._consumer = self._consumer, None
        admin, self._admin = self._admin, None
        if admin is not None:
            await admin.close()
        if consumer is not None:
            await stop_wholly(consumer)

    async def now(self) -> Standing:
        """How far this service has come; whoever reads figures after it reads at least so far."""
        async with self._lock:
            if time.monotonic() >= self._until:
                try:
                    self._standing = await self._ask()
                    self._until = time.monotonic() + CACHE_S
                # aiokafka's admin itself fails where a partition's answer is an error code.
                except (KafkaError, TimeoutError, OSError, AttributeError) as error:
                    log.warning("freshness_unknown", error=f"{type(error).__name__}: {error}"[:200])
                    self._standing = replace(self._standing, known=False)
                    self._until = time.monotonic() + BACK_OFF_S
        return self._standing

    async def _ask(self) -> Standing:
        if self._consumer is None or self._admin is None:
            return replace(self._standing, known=False)
        places = {
            topic.name: [TopicPartition(topic.name, number) for number in range(topic.partitions)]
            for topic in self.topics
        }
        now = self.clock()
        consumer, admin = self._consumer, self._admin
        revive(consumer)
        revive(admin)
        try:
            async with asyncio.timeout(ASK_S):
                ends = await consumer.end_offsets([tp for tps in places.values() for tp in tps])
                found = await admin.list_consumer_group_offsets(self.group)
        except TimeoutError:
            hang_up(consumer)
            hang_up(admin)
            raise
        done = {tp: max(0, one.offset) for tp, one in found.items()}
        told = {name: self._topic(tps, ends, done, now) for name, tps in places.items()}
        return Standing(now, known=True, topics=told)

    def _topic(
        self,
        places: Sequence[TopicPartition],
        ends: Mapping[TopicPartition, int],
        done: Mapping[TopicPartition, int],
        now: datetime,
    ) -> TopicFreshness:
        lags = {tp: lag for tp in places if (lag := ends[tp] - done.get(tp, 0)) > 0}
        times = [self._counted(tp, done.get(tp, 0)) for tp in lags]
        known = [at for at in times if at is not None]
        as_of = min(known, default=now) if len(known) == len(times) else None
        return TopicFreshness(
            offset=sum(done.get(tp, 0) for tp in places), lag=sum(lags.values()), as_of=as_of
        )

    def _counted(self, where: TopicPartition, done: int) -> datetime | None:
        """When the last record took effect that is counted in a partition."""
        noted = self._noted.get(where, ())
        return next((at for offset, at in reversed(noted) if offset < done), None)


def _text(at: datetime | None) -> str | None:
    return None if at is None else instant_text(at)


@dataclass(slots=True)
class Counting:
    """The projection: count, and note how far."""

    rollups: Rollups
    freshness: Freshness

    async def write(self, taken: Iterable[Taken[Timeline]]) -> None:
        """Count what these events contribute."""
        events = list(taken)
        await self.rollups.write(events)
        self.freshness.note(events)
