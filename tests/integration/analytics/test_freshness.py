"""How far analytics has come is told again after a connection on which nobody answers."""

import asyncio
import uuid

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.analytics.freshness import Freshness
from shared.platform.clock import system_clock
from tests.ledger.real_world import create_topics
from tests.ledger.worlds import new_topic

SOON_S = 10.0


async def test_whoever_got_no_answer_asks_over_another_connection(
    kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic, group = new_topic("counted"), f"group-{uuid.uuid4().hex[:12]}"
    await create_topics(kafka, topic)
    async with AIOKafkaConsumer(bootstrap_servers=kafka, group_id=group) as member:
        await member.committed(TopicPartition(topic.name, 0))  # groups are kept from now on
    found = Freshness(kafka, group, (topic,), system_clock)
    await found.start()
    try:
        assert (await found._ask()).known
        for owner in (found._consumer, found._admin):
            assert owner is not None
            for connection in owner._client._conns.values():
                monkeypatch.setattr(connection._writer, "write", is_lost)
        monkeypatch.setattr("services.analytics.freshness.ASK_S", 0.1)
        with pytest.raises(TimeoutError):
            await found._ask()
        monkeypatch.setattr("services.analytics.freshness.ASK_S", SOON_S)
        async with asyncio.timeout(SOON_S):
            assert (await found._ask()).known
    finally:
        await found.stop()


def is_lost(_data: bytes) -> None:
    """Nobody is there any more, and nobody says so."""
