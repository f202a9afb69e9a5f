"""The consumer is asked where a topic ends while its fetch waits for records, and after faults."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaError

from shared.ledger.kafka import ASK_ANEW_AFTER, KafkaConsumer
from shared.ledger.ports import TransientError
from shared.platform.consumer import CarefulConsumer
from shared.platform.faulty import revive, stop_wholly
from tests.ledger.real_world import create_topics
from tests.ledger.worlds import new_topic

FETCH_WAITS_MS = 30_000
SOON_S = 10.0


@asynccontextmanager
async def of_a_new_topic(kafka: str) -> AsyncIterator[tuple[CarefulConsumer, str]]:
    """A consumer at the beginning of a topic that is empty, and the topic's name."""
    topic = new_topic("asked")
    await create_topics(kafka, topic)
    place = TopicPartition(topic.name, 0)
    consumer = CarefulConsumer(bootstrap_servers=kafka, group_id=None, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([place])
        consumer.seek(place, 0)
        yield consumer, topic.name
    finally:
        await consumer.stop()


async def test_whoever_gets_no_answer_asks_over_another_connection(
    kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.ledger.kafka.ASK_TIMEOUT_S", 0.5)
    async with of_a_new_topic(kafka) as (consumer, _):
        asked = KafkaConsumer(lambda: consumer)
        await consumer._asking._client.close()  # it answers no more
        for _ in range(ASK_ANEW_AFTER):
            with pytest.raises(TransientError):
                await asked.at_end()
        monkeypatch.undo()
        assert await asked.at_end() == {0}


async def test_one_that_has_stopped_asks_over_no_other_connection(
    kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[AIOKafkaConsumer] = []
    async with of_a_new_topic(kafka) as (consumer, _):
        make, start = consumer._to_ask, AIOKafkaConsumer.start

        def noted() -> AIOKafkaConsumer:
            made.append(make())
            return made[-1]

        async def late(another: AIOKafkaConsumer) -> None:
            await start(another)
            await consumer.stop()

        monkeypatch.setattr(consumer, "_to_ask", noted)
        monkeypatch.setattr(AIOKafkaConsumer, "start", late)
        await consumer.ask_anew()
        assert [one._closed for one in made] == [True]


async def test_one_that_could_not_be_started_leaves_nothing_behind(
    kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    consumer = CarefulConsumer(bootstrap_servers=kafka, group_id=None, enable_auto_commit=False)
    monkeypatch.setattr(consumer, "_wait_topics", is_reset)
    with pytest.raises(RuntimeError):
        await consumer.start()
    assert consumer._client._sync_task is None
    assert consumer._asking._client._sync_task is None


async def test_records_rest_while_none_waits(kafka: str) -> None:
    async with of_a_new_topic(kafka) as (consumer, topic):
        asked = KafkaConsumer(lambda: consumer)
        await asked.at_end()
        assert asked.rests == 1
        async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
            await producer.send_and_wait(topic, b"{}", partition=0)
        assert await asked.at_end() == frozenset()
        assert asked.rests == 1
        await consumer.getmany(timeout_ms=10_000)
        assert await asked.at_end() == {0}
        assert asked.rests == 2


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


async def test_a_client_whose_task_has_died_answers_again_after_a_poll(
    kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with of_a_new_topic(kafka) as (consumer, _):
        client = consumer._client
        with monkeypatch.context() as patched:
            patched.setattr(client, "_metadata_update", is_reset)
            asking = client.force_metadata_update()
            await asyncio.wait([client._sync_task], timeout=SOON_S)
        assert client._sync_task.done()
        await consumer.getmany(timeout_ms=0)
        async with asyncio.timeout(SOON_S):
            assert await asking


async def dying(kafka: str, patched: pytest.MonkeyPatch) -> CarefulConsumer:
    """A member of a group that is to settle anew, which its client's task has not lived to see."""
    topic = new_topic("settled")
    await create_topics(kafka, topic)
    consumer = CarefulConsumer(
        topic.name, bootstrap_servers=kafka, group_id=topic.name, enable_auto_commit=False
    )
    await consumer.start()
    client, asked = consumer._client, asyncio.Event()

    async def is_away(*_: object) -> int:
        asked.set()
        raise GroupCoordinatorNotAvailableError

    patched.setattr(client, "_metadata_update", is_reset)
    patched.setattr(client, "coordinator_lookup", is_away)
    client.force_metadata_update()
    await asyncio.wait([client._sync_task], timeout=SOON_S)
    consumer._subscription.begin_reassignment()
    consumer._coordinator.request_rejoin()
    consumer._coordinator.coordinator_dead()
    await asked.wait()
    return consumer


async def test_a_client_whose_task_has_died_while_its_group_settles_is_revived_by_whoever_asks(
    kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        consumer = await dying(kafka, patched)
    polling = asyncio.create_task(AIOKafkaConsumer.getmany(consumer, timeout_ms=10))
    try:
        await consumer.end_offsets([])
        async with asyncio.timeout(SOON_S):
            assert await polling == {}
    finally:
        revive(consumer)
        await consumer.stop()


async def test_a_client_whose_task_has_died_while_its_group_settles_stops(
    kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        consumer = await dying(kafka, patched)
    async with asyncio.timeout(SOON_S):
        await consumer.stop()
    assert consumer._coordinator._coordination_task.done()


async def test_one_that_died_of_its_own_accord_is_asked_at_once_when_it_is_revived(
    kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without topics nobody asks but itself.
    async with AIOKafkaConsumer(bootstrap_servers=kafka, metadata_max_age_ms=50) as consumer:
        client = consumer._client
        with monkeypatch.context() as patched:
            patched.setattr(client, "_metadata_update", is_reset)
            await asyncio.wait([client._sync_task], timeout=SOON_S)
        client._metadata_max_age_ms = 300_000
        asking = client.force_metadata_update()
        assert not client._md_update_waiter.done()
        revive(consumer)
        async with asyncio.timeout(SOON_S):
            assert await asking


async def test_whoever_gave_up_asks_over_another_connection(
    kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with of_a_new_topic(kafka) as (consumer, topic):
        place = TopicPartition(topic, 0)
        assert await consumer.end_offsets([place]) == {place: 0}
        for connection in consumer._asking._client._conns.values():
            monkeypatch.setattr(connection._writer, "write", is_lost)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await consumer.end_offsets([place])
        async with asyncio.timeout(SOON_S):
            assert await consumer.end_offsets([place]) == {place: 0}


def is_lost(_data: bytes) -> None:
    """Nobody is there any more, and nobody says so."""


async def is_reset(*_: object, **_options: object) -> bool:
    raise RuntimeError("the handler is closed")


async def test_one_that_fetches_no_more_says_so(
    kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with of_a_new_topic(kafka) as (consumer, _):
        with monkeypatch.context() as patched:
            patched.setattr(consumer._client, "send", is_reset)
            await asyncio.wait([consumer._fetcher.error_future], timeout=SOON_S)
        polls = consumer.polls
        with pytest.raises(KafkaError):
            await consumer.getmany(timeout_ms=0)
        assert consumer.polls == polls
        assert consumer.problem() is not None


async def test_one_that_is_stopped_while_a_fetch_is_retried_stops_wholly(kafka: str) -> None:
    async with of_a_new_topic(kafka) as (consumer, _):
        await consumer.getmany(timeout_ms=100)
        consumer._fetcher._pending_tasks.add(asyncio.create_task(asyncio.sleep(SOON_S)))
        connections = list(consumer._client._conns.values())
        await consumer.stop()
        assert connections
        assert not any(one.connected() for one in connections)


async def test_whoever_is_cancelled_while_it_stops_one_is_cancelled(
    kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with of_a_new_topic(kafka) as (consumer, _):
        await consumer.getmany(timeout_ms=100)
        began = asyncio.Event()

        async def stands() -> None:
            began.set()
            await asyncio.Event().wait()

        monkeypatch.setattr(consumer._fetcher, "close", stands)
        connections = list(consumer._client._conns.values())
        stopping = asyncio.create_task(stop_wholly(consumer))
        await began.wait()
        stopping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stopping
        assert connections
        assert not any(one.connected() for one in connections)
        assert consumer._fetcher._fetch_task.done()
