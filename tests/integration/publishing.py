"""Publishes events into the topics to which they belong, as the services that own them do."""

import asyncio
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaProducer

from shared.contracts.catalog import TOPIC_OF
from shared.contracts.envelope import Event, encode
from shared.platform.partitioning import partition_of

Place = tuple[int, int]
"""A partition and an offset of the topic to which an event belongs."""


async def publish(
    kafka: str, events: Iterable[Event[Any]], *, at_their_time: bool = False
) -> list[Place]:
    """Publish events in their order; where each stands.

    At their time the records have the events' own instants instead of the moment of sending.
    """
    sending = []
    async with AIOKafkaProducer(bootstrap_servers=kafka, acks="all") as producer:
        for event in events:
            topic = TOPIC_OF[type(event.data)]
            headers, value = encode(event)
            future = await producer.send(
                topic.name,
                value,
                key=event.subject.encode(),
                partition=partition_of(event.subject, topic.partitions),
                timestamp_ms=int(event.time.timestamp() * 1000) if at_their_time else None,
                headers=[(name, text.encode()) for name, text in headers.items()],
            )
            sending.append(future)
        sent = await asyncio.gather(*sending)
    return [(one.partition, one.offset) for one in sent]
