"""The consumer is asked where a topic ends while its fetch waits for records."""

import asyncio

from aiokafka import TopicPartition

from shared.platform.consumer import CarefulConsumer
from tests.ledger.real_world import create_topics
from tests.ledger.worlds import new_topic

FETCH_WAITS_MS = 30_000
SOON_S = 10.0


async def test_the_end_is_told_while_a_fetch_waits(kafka: str) -> None:
    empty = new_topic("empty")
    await create_topics(kafka, empty)
    place = TopicPartition(empty.name, 0)
    consumer = CarefulConsumer(
        bootstrap_servers=kafka,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=FETCH_WAITS_MS,
    )
    await consumer.start()
    consumer.assign([place])
    polling = asyncio.create_task(consumer.getmany(timeout_ms=FETCH_WAITS_MS))
    try:
        await consumer.position(place)
        for _ in range(3):  # the first may come before the fetch does
            async with asyncio.timeout(SOON_S):
                assert await consumer.end_offsets([place]) == {place: 0}
            assert not polling.done()
    finally:
        polling.cancel()
        await consumer.stop()
