"""Kafka through FastStream: every option that correctness hangs on is written here.

FastStream's and aiokafka's defaults lose data (at most once, latest, acks=1, no idempotence).
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiokafka import ConsumerRecord
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.partitioner import murmur2
from faststream import AckPolicy
from faststream.exceptions import StopConsume
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka.message import FAKE_CONSUMER
from faststream.kafka.subscriber.usecase import BatchSubscriber

from shared.contracts.topics import MAX_MESSAGE_BYTES, Topic

MAX_POLL_INTERVAL_MS = 120_000
SESSION_TIMEOUT_MS = 6_000
HEARTBEAT_INTERVAL_MS = 500
DELIVERY_TIMEOUT_MS = 10_000

Records = tuple["ConsumerRecord[bytes, bytes]", ...]


def partition_of(key: str, partitions: int) -> int:
    """The partition of a key: murmur2 as in Kafka's own clients, so that any tool agrees."""
    return int(murmur2(key.encode()) & 0x7FFFFFFF) % partitions


def build_broker(bootstrap: str, service: str) -> KafkaBroker:
    """A broker whose producer is idempotent and waits for all in-sync replicas."""
    return KafkaBroker(
        bootstrap.split(","),
        client_id=f"wangge-{service}",
        acks="all",
        enable_idempotence=True,
        compression_type="lz4",
        linger_ms=2,
        max_batch_size=262_144,
        max_request_size=MAX_MESSAGE_BYTES,
        request_timeout_ms=DELIVERY_TIMEOUT_MS,
        retry_backoff_ms=100,
        allow_auto_create_topics=False,
        graceful_timeout=15.0,
        logger=None,
    )


async def parse_raw(records: Records) -> KafkaMessage:
    """A batch as it came: FastStream's own parser fails on headers that are not UTF-8."""
    return KafkaMessage(
        raw_message=records,
        body=records,
        message_id=f"{records[0].offset}-{records[-1].offset}",
        correlation_id="batch",
        consumer=FAKE_CONSUMER,
    )


async def decode_raw(message: KafkaMessage) -> Any:  # noqa: ANN401 - FastStream's own signature
    """Nothing to decode: the ledger does it, record by record."""
    return message.body


def subscribe(
    broker: KafkaBroker,
    topics: Sequence[Topic],
    service: str,
    handler: Callable[[Records], Awaitable[None]],
    max_records: int,
) -> BatchSubscriber:
    """One subscription: one group, all topics, the partitions of one number kept together."""
    subscriber = broker.subscriber(
        *(topic.name for topic in topics),
        batch=True,
        max_records=max_records,
        batch_timeout_ms=200,
        group_id=f"wangge-{service}",
        ack_policy=AckPolicy.MANUAL,
        auto_offset_reset="earliest",
        partition_assignment_strategy=[RangePartitionAssignor],
        isolation_level="read_committed",
        max_poll_interval_ms=MAX_POLL_INTERVAL_MS,
        session_timeout_ms=SESSION_TIMEOUT_MS,
        heartbeat_interval_ms=HEARTBEAT_INTERVAL_MS,
        fetch_max_wait_ms=100,
        fetch_max_bytes=16 * 1024 * 1024,
        max_partition_fetch_bytes=MAX_MESSAGE_BYTES,
        parser=parse_raw,
        decoder=decode_raw,
        no_reply=True,
        title=f"{service}",
        description="Batches of raw records; the ledger decodes them.",
    )

    @subscriber
    async def handle(message: KafkaMessage) -> None:
        await handler(message.raw_message)  # type: ignore[arg-type]

    return subscriber


__all__ = ["StopConsume", "build_broker", "partition_of", "subscribe"]
