"""Following topics as they grow: from now on, all partitions, without a group."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from deploy.local.errors import StackError
from shared.contracts.envelope import Event, Origin, UndecodableError, UnknownTypeError, decode
from shared.contracts.reading import WHOLE, Readers
from shared.contracts.topics import Topic
from shared.platform.broker import GATHERED_BYTES
from shared.platform.faulty import stop_wholly

POLL_MS = 200
IDLE_WAIT_MS = 100
MAX_RECORDS = 1_000


class Follower:
    """Reads what comes after it was opened; ``skipped`` counts what is no event known here.

    ``readers`` say which types are known, and what of their data is looked at.
    """

    def __init__(self, consumer: "AIOKafkaConsumer[Any, Any]", readers: Readers = WHOLE) -> None:
        self._consumer = consumer
        self._readers = readers
        self.skipped = 0

    async def batch(self) -> list[Event[Any]]:
        """The events that came meanwhile, those of one partition in order; none after a while."""
        found = await self._consumer.getmany(timeout_ms=POLL_MS, max_records=MAX_RECORDS)
        events: list[Event[Any]] = []
        for at, records in found.items():
            for record in records:
                origin = Origin(at.topic, at.partition, record.offset)
                try:
                    events.append(decode(record.headers, record.value, origin, self._readers))
                except (UnknownTypeError, UndecodableError):
                    self.skipped += 1
        return events


@asynccontextmanager
async def following(
    bootstrap: str,
    topics: Sequence[Topic],
    back_s: float = 0,
    *,
    readers: Readers = WHOLE,
    gather_ms: int = 0,
) -> AsyncIterator[Follower]:
    """A follower that has found the ends of the topics; what is written from now on is seen.

    And what was written in the last ``back_s`` seconds. With ``gather_ms`` the broker answers a
    fetch when it has much, or after so long.

    Raises StackError when Kafka does not answer.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap.split(","),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="latest",
        isolation_level="read_committed",
        fetch_max_wait_ms=gather_ms or IDLE_WAIT_MS,
        fetch_min_bytes=GATHERED_BYTES if gather_ms else 1,
        client_id="wangge-traffic",
    )
    try:
        await _start(consumer, bootstrap)
        partitions = [TopicPartition(t.name, n) for t in topics for n in range(t.partitions)]
        consumer.assign(partitions)
        await consumer.seek_to_end(*partitions)
        for one in partitions:
            await consumer.position(one)
        if back_s:
            since = int((time.time() - back_s) * 1000)
            found = await consumer.offsets_for_times(dict.fromkeys(partitions, since))
            for one, at in found.items():
                if at is not None:
                    consumer.seek(one, at.offset)
        yield Follower(consumer, readers)
    finally:
        await stop_wholly(consumer)


async def _start(consumer: "AIOKafkaConsumer[Any, Any]", bootstrap: str) -> None:
    try:
        await consumer.start()
    except KafkaError as error:
        raise StackError(
            f"Kafka does not answer on {bootstrap} ({error}); is the stack up? wangge status",
            f"Kafka（{bootstrap}）没有响应，请用 wangge status 查看运行状态",
        ) from error
