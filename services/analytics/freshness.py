"""How fresh an answer is: per topic the offset and time up to which it counts, and the lag."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from services.analytics.domain.timeline import Timeline
from services.analytics.rollups import Rollups
from shared.contracts.base import instant_text
from shared.contracts.topics import Topic
from shared.ledger.decider import Taken
from shared.platform.clock import Clock

CACHE_S = 0.5
ASK_S = 2.0


@dataclass(slots=True)
class Freshness:
    """Asks the broker, at most twice a second, how far this service's group has come."""

    bootstrap: str
    group: str
    topics: Sequence[Topic]
    clock: Clock
    _latest: dict[str, datetime] = field(default_factory=dict)
    _asked: float = 0.0
    _answer: dict[str, Any] = field(default_factory=dict)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _consumer: AIOKafkaConsumer | None = None

    def note(self, taken: Iterable[Taken[Timeline]]) -> None:
        """Records that have been counted."""
        for one in taken:
            origin = one.event.origin
            if origin is not None:
                before = self._latest.get(origin.topic)
                if before is None or one.event.time > before:
                    self._latest[origin.topic] = one.event.time

    async def start(self) -> None:
        """Connect; no partition is consumed, the group is only asked for its offsets."""
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap.split(","),
            group_id=self.group,
            enable_auto_commit=False,
            client_id=f"{self.group}-freshness",
        )
        await self._consumer.start()
        self._consumer.assign(self._partitions())

    async def stop(self) -> None:
        """Disconnect."""
        if self._consumer is not None:
            await self._consumer.stop()

    async def now(self) -> dict[str, Any]:
        """Per topic: ``offset`` (records counted), ``lag`` (records not yet), ``as_of``.

        ``as_of`` is now where nothing waits, else when the last record counted took effect.
        ``known`` is false where the broker did not answer: the figures are then the last known.
        """
        async with self._lock:
            if time.monotonic() - self._asked > CACHE_S:
                self._answer = await self._ask()
                self._asked = time.monotonic()
        return self._answer

    def _partitions(self) -> list[TopicPartition]:
        return [
            TopicPartition(topic.name, number)
            for topic in self.topics
            for number in range(topic.partitions)
        ]

    async def _ask(self) -> dict[str, Any]:
        now = self.clock()
        partitions = self._partitions()
        if self._consumer is None:
            return {**self._answer, "known": False}
        try:
            async with asyncio.timeout(ASK_S):
                ends = await self._consumer.end_offsets(partitions)
                done = {tp: await self._consumer.committed(tp) or 0 for tp in partitions}
        except (KafkaError, TimeoutError):
            return {**self._answer, "known": False}
        topics = {}
        for topic in self.topics:
            mine = [tp for tp in partitions if tp.topic == topic.name]
            lag = sum(max(0, ends[tp] - done[tp]) for tp in mine)
            as_of = now if lag == 0 else self._latest.get(topic.name)
            topics[topic.name] = {
                "offset": sum(done[tp] for tp in mine),
                "lag": lag,
                "as_of": None if as_of is None else instant_text(as_of),
            }
        return {"known": True, "at": instant_text(now), "topics": topics}


@dataclass(slots=True)
class Counting:
    """The projection: count, then note how far."""

    rollups: Rollups
    freshness: Freshness

    async def write(self, taken: Iterable[Taken[Timeline]]) -> None:
        """Count what these events contribute."""
        events = list(taken)
        await self.rollups.write(events)
        self.freshness.note(events)
