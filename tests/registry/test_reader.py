"""The reader against a real Kafka: ready is caught up, and nobody waits for what never was."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import AsyncMock, MagicMock

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer, TopicPartition

from shared.contracts.envelope import encode
from shared.contracts.registry_v1 import EntrySet
from shared.contracts.topics import Topic
from shared.ledger.kafka import KafkaPublisher
from shared.ledger.ports import TransientError
from shared.ledger.watchdog import Beats
from shared.platform.broker import build_broker
from shared.platform.lifespan import Health, Parts, started
from shared.registry.reader import RegistryReader
from tests.ledger.real_world import create_topics
from tests.ledger.waiting import until
from tests.ledger.worlds import new_topic
from tests.registry.entries import alone, event, grid, matter, part, square, version


@dataclass
class Log:
    """A registry topic of the test's own."""

    kafka: str
    topic: Topic
    producer: AIOKafkaProducer

    async def write(self, *entries: EntrySet) -> int:
        """Append versions; the offset of the last."""
        offset = -1
        for one in entries:
            headers, value = encode(event(one))
            raw = [(name, text.encode()) for name, text in headers.items()]
            offset = await self.append(value, raw)
        return offset

    async def append(self, value: bytes, headers: list[tuple[str, bytes]]) -> int:
        """Append a record; its offset."""
        done = await self.producer.send_and_wait(
            self.topic.name, value, key=b"k", partition=0, headers=headers
        )
        return int(done.offset)


@pytest_asyncio.fixture(loop_scope="session")
async def log(kafka: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Log]:
    topic = new_topic("registry")
    await create_topics(kafka, topic)
    monkeypatch.setattr("shared.registry.reader._TP", TopicPartition(topic.name, 0))
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        yield Log(kafka, topic, producer)


@pytest_asyncio.fixture(loop_scope="session")
async def reader(log: Log) -> AsyncIterator[RegistryReader]:
    found = RegistryReader(log.kafka, "tests")
    yield found
    await found.stop()


async def test_ready_is_caught_up(log: Log, reader: RegistryReader) -> None:
    codes = [f"m{number}" for number in range(50)]
    last = await log.write(*(version(matter(code), alone(code)) for code in codes))
    await reader.start()
    assert reader.current().version == last
    assert reader.current().versions.keys() == {f"matter/{code}" for code in codes}


async def test_an_empty_topic_is_caught_up_at_once(reader: RegistryReader) -> None:
    await reader.start()
    assert reader.current().version == -1


async def test_a_change_appears_when_its_last_part_has_come(
    log: Log, reader: RegistryReader
) -> None:
    await log.write(version(grid(1, square(0, 0)), part("c", 1, 2)))
    await reader.start()
    assert reader.current().versions == {}
    last = await log.write(version(grid(2, square(1, 0)), part("c", 2, 2)))
    assert await reader.at_least(last) >= last
    assert len(reader.current().versions) == 2


async def test_a_snapshot_in_use_does_not_change(log: Log, reader: RegistryReader) -> None:
    await log.write(version(matter("a"), alone("a")))
    await reader.start()
    before = reader.current()
    await reader.at_least(await log.write(version(matter("b"), alone("b"))))
    assert before.versions.keys() == {"matter/a"}
    assert reader.current().versions.keys() == {"matter/a", "matter/b"}


async def test_many_wait_for_a_version_and_all_get_it(log: Log, reader: RegistryReader) -> None:
    await reader.start()
    last = await log.write(*(version(matter(code), alone(code)) for code in "abcde"))
    reached = await asyncio.gather(*(reader.at_least(version) for version in range(last + 1)))
    assert all(found >= wanted for wanted, found in enumerate(reached))


async def test_nobody_waits_for_a_version_beyond_the_end(log: Log, reader: RegistryReader) -> None:
    last = await log.write(version(matter("a"), alone("a")))
    await reader.start()
    async with asyncio.timeout(5):
        assert await reader.at_least(10**12) == last


async def test_a_reader_that_was_not_started_says_so_as_what_may_pass(
    reader: RegistryReader,
) -> None:
    with pytest.raises(TransientError, match="an event needs 7"):
        await reader.at_least(7)


async def test_poison_is_passed_over_also_as_the_last_record(
    log: Log, reader: RegistryReader
) -> None:
    await log.append(b"{", [("ce_type", b"\xff")])
    await log.write(version(matter("a"), alone("a")))
    last = await log.append(b"\x00", [])
    await reader.start()
    assert reader.current().version == last
    assert reader.current().versions.keys() == {"matter/a"}
    await log.append(b"[" * 100_000, [])
    after = await log.write(version(matter("b"), alone("b")))
    assert await reader.at_least(after) == after


async def test_a_grid_that_cannot_be_read_stops_no_later_change(
    log: Log, reader: RegistryReader
) -> None:
    await reader.start()
    await log.write(version(grid(1, {"type": "Nonsense"}), alone("a")))
    last = await log.write(version(matter("b"), alone("b")))
    await reader.at_least(last)
    assert reader.current().grids.unusable == (grid(1, {}).code,)


async def test_one_that_hears_of_nothing_more_says_so_and_comes_round_no_more(
    reader: RegistryReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    await reader.start()
    before = reader.beats()
    await until(lambda: reader.beats() != before)
    assert reader.problem() is None
    consumer = reader._consumer
    assert consumer is not None
    with monkeypatch.context() as patched:
        patched.setattr(consumer._client, "send", fails)
        await until(lambda: reader.problem() is not None)
    assert "registry: no records can be fetched" in (reader.problem() or "")
    stands = reader.beats()
    consumer.failing = None
    await until(lambda: reader.problem() is not None)  # one poll more has failed
    assert reader.beats() == stands


async def test_it_is_watched_from_the_start_of_a_service_to_its_end(
    log: Log, reader: RegistryReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    watching: list[object] = []

    @contextmanager
    def noted(beats: Callable[[], Beats], _reachable: Callable[[], bool]) -> Iterator[None]:
        watching.append(beats)
        yield
        watching.remove(beats)

    monkeypatch.setattr("shared.platform.lifespan.watched", noted)
    broker = build_broker(log.kafka, "tests")
    parts = Parts(MagicMock(), broker, KafkaPublisher(broker), reader)
    subscription, health = AsyncMock(), Health()
    subscription.start, subscription.problem = MagicMock(), lambda: None
    async with started(parts, health, subscription):
        assert watching == [reader.beats]
        assert reader.problem in health.problems
        assert health.problem() is None
    assert watching == []


async def fails(*_: object, **_options: object) -> object:
    """A task of the library that dies."""
    raise ValueError("a fault of the library")
