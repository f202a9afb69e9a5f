"""An idempotent producer that is broken is replaced, and nothing is lost, doubled or reordered."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest
from aiokafka import TopicPartition

from shared.contracts.catalog import TOPIC_OF
from shared.ledger.document import Entry
from shared.platform.broker import MAX_RECORD_BYTES
from shared.platform.partitioning import partition_of
from tests.ledger.real_world import RealWorld, real_world
from tests.ledger.scripted import reported
from tests.ledger.worlds import EMITTED, Shell, header


def break_producer(world: RealWorld, key: str) -> None:
    """Leave a gap in its sequence numbers, as a batch that expired without a leader does."""
    place = TopicPartition(world.outputs.name, partition_of(key, world.outputs.partitions))
    producer = cast("Any", world.broker.config.producer)._producer.producer
    producer._txn_manager.increment_sequence_number(place, 7)


async def test_a_producer_with_a_gap_in_its_sequence_is_replaced(
    kafka: str, mongo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with real_world(kafka, mongo) as world:
        monkeypatch.setitem(TOPIC_OF, EMITTED, world.outputs)
        shell = Shell(world, await world.join())
        await shell.feed(reported("a", "emit:2"))
        assert await shell.run(1)
        break_producer(world, "a")
        await shell.feed(reported("a", "emit:2 after"))
        assert await shell.run(1)
        assert world.broker.renewals == 1
        found = await world.read(world.outputs)
        assert [header(one, "ce_sequence") for one in found] == ["1", "2", "3", "4"]
        await shell.feed(reported("a", "emit:1 later"))
        assert await shell.run(1)
        assert world.broker.renewals == 1


async def test_what_fills_several_batches_of_a_partition_keeps_its_order(
    kafka: str, mongo: str
) -> None:
    async with real_world(kafka, mongo) as world:
        entries = [entry(world, f"e-{number}", bytes([number]) * 20_000) for number in range(40)]
        assert await world.publisher.send(entries) == [True] * 40
        found = await world.read(world.outputs)
        assert [header(one, "ce_id") for one in found] == [one.id for one in entries]
        assert [one.value for one in found] == [one.value for one in entries]


async def test_what_no_topic_takes_is_refused_and_leaves_the_producer_whole(
    kafka: str, mongo: str
) -> None:
    async with real_world(kafka, mongo) as world:
        small, large = entry(world, "small", b"{}"), entry(world, "large", bytes(MAX_RECORD_BYTES))
        assert await world.publisher.send([large, small]) == [False, False]
        assert await world.publisher.send([small]) == [True]
        assert world.broker.renewals == 0


def entry(world: RealWorld, event_id: str, value: bytes) -> Entry:
    headers = {"content-type": "application/json", "ce_id": event_id}
    return Entry(event_id, world.outputs.name, "a", 0, headers, value, datetime.now(UTC))
