"""An idempotent producer that is broken is replaced, and nothing is lost, doubled or reordered."""

import asyncio
import socket
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaConnectionError, NotEnoughReplicasError

from shared.contracts.catalog import TOPIC_OF
from shared.ledger.document import Entry
from shared.platform.broker import MAX_RECORD_BYTES, build_broker
from shared.platform.faulty import end_producer
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


async def test_a_producer_that_cannot_be_replaced_yet_is_replaced_later(
    kafka: str, mongo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with real_world(kafka, mongo) as world:
        await world.publisher.send([entry(world, "before", b"{}")])
        break_producer(world, "a")
        with monkeypatch.context() as patched:
            patched.setattr(AIOKafkaProducer, "start", is_away)
            assert await world.publisher.send([entry(world, "meanwhile", b"{}")]) == [False]
            assert world.broker.renewals == 0
        sent = [await world.publisher.send([entry(world, "later", b"{}")]) for _ in range(2)]
        assert sent == [[False], [True]]
        assert world.broker.renewals == 1
        found = await world.read(world.outputs)
        assert [header(one, "ce_id") for one in found] == ["before", "later"]


async def test_a_producer_to_which_nothing_is_acknowledged_is_replaced(
    kafka: str, mongo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.ledger.kafka.SEND_TIMEOUT_S", 0.5)
    async with real_world(kafka, mongo) as world:
        stands = world.broker.producer
        stands._sender.sender_task.cancel()
        assert await world.publisher.send([entry(world, "stands", b"{}")]) == [False]
        assert world.broker.renewals == 1
        assert world.broker.producer is not stands
        monkeypatch.undo()
        assert await world.publisher.send([entry(world, "again", b"{}")]) == [True]


async def test_one_that_stands_is_replaced_however_long_kafka_was_away(
    kafka: str, mongo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.ledger.kafka.SEND_TIMEOUT_S", 1.0)
    async with real_world(kafka, mongo) as world:
        stands = world.broker.producer
        stands._sender.sender_task.cancel()
        stands._message_accumulator._batch_ttl = stands._request_timeout_ms = 200
        with monkeypatch.context() as patched:
            patched.setattr(AIOKafkaProducer, "start", is_away)
            for name in ("stands", "full"):
                assert await world.publisher.send([entry(world, name, b"{}")]) == [False]
        assert world.broker.renewals == 0
        # Its buffer is full of what is never sent: aiokafka gives up before we do.
        assert await world.publisher.send([entry(world, "full", b"{}")]) == [False]
        assert world.broker.renewals == 1


async def test_one_that_has_an_end_sends_nothing_more(
    kafka: str, mongo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.platform.faulty.FLUSH_S", 0.2)
    async with real_world(kafka, mongo) as world:
        producer = AIOKafkaProducer(bootstrap_servers=kafka, enable_idempotence=True)
        await producer.start()
        with monkeypatch.context() as patched:
            patched.setattr(AIOKafkaClient, "send", too_few_replicas)
            waiting = await producer.send(world.outputs.name, b"late", partition=0)
            await end_producer(producer)
        assert waiting.cancelled() or not waiting.done()
        assert producer._sender.sender_task.done()
        assert await world.publisher.send([entry(world, "only", b"{}")]) == [True]
        found = await world.read(world.outputs)
        assert [header(one, "ce_id") for one in found] == ["only"]


async def test_one_whose_tasks_have_died_is_replaced_without_an_error(
    kafka: str, mongo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.ledger.kafka.SEND_TIMEOUT_S", 0.5)
    async with real_world(kafka, mongo) as world:
        dead = world.broker.producer
        dead.client._sync_task.cancel()
        dead.client._sync_task = asyncio.create_task(fails())
        dead._sender.sender_task.cancel()
        assert await world.publisher.send([entry(world, "stands", b"{}")]) == [False]
        assert world.broker.renewals == 1
        monkeypatch.undo()
        assert await world.publisher.send([entry(world, "again", b"{}")]) == [True]


async def test_a_broker_that_has_stopped_gets_no_new_producer(
    kafka: str, mongo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with real_world(kafka, mongo) as world:
        start, may_start = AIOKafkaProducer.start, asyncio.Event()

        async def late(producer: AIOKafkaProducer) -> None:
            await may_start.wait()
            await start(producer)

        monkeypatch.setattr(AIOKafkaProducer, "start", late)
        renewing = asyncio.create_task(world.broker.renew_producer(0))
        await asyncio.sleep(0)  # it waits for the new one
        await world.broker.stop()
        may_start.set()
        await renewing
        assert world.broker.renewals == 0
        assert await world.publisher.send([entry(world, "late", b"{}")]) == [False]


async def test_a_broker_is_reachable_while_one_of_its_servers_takes_connections(kafka: str) -> None:
    with socket.socket() as bound:  # it listens to nobody
        bound.bind(("127.0.0.1", 0))
        closed = f"127.0.0.1:{bound.getsockname()[1]}"
        assert build_broker(f"{closed},{kafka}", "tests").reachable()
        assert not build_broker(closed, "tests").reachable()


async def fails() -> None:
    """A task of the library that dies."""
    raise ValueError("a fault of the library")


async def too_few_replicas(
    _client: AIOKafkaClient, _node: int, _request: object, **_: object
) -> object:
    """The broker is there and takes nothing."""
    raise NotEnoughReplicasError


async def is_away(producer: AIOKafkaProducer) -> None:
    """The broker does not answer."""
    raise KafkaConnectionError(f"{producer.client.hosts}")


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
