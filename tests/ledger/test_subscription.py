"""The whole of a service's ledger on FastStream's subscription and real servers."""

import struct
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, cast

import pytest
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.util import calc_crc32c

from shared.contracts.catalog import TOPIC_OF
from shared.contracts.dead_letters_v1 import RecordDied
from shared.contracts.envelope import Origin, decode
from shared.contracts.topics import DEAD_LETTERS
from shared.ledger.auditing import TOLERANCE_S
from shared.ledger.ports import Record
from shared.ledger.subscription import Subscription
from shared.platform.consumer import UNREADABLE
from tests.fakes.clock import START
from tests.ledger.real_world import RealMember, RealWorld, real_world
from tests.ledger.scripted import Scripted, Told, reported
from tests.ledger.waiting import until, until_true
from tests.ledger.worlds import EMITTED, PARTITIONS, Shell, header, raw_record, record

Worlds = Callable[[], AbstractAsyncContextManager[RealWorld]]


@asynccontextmanager
async def subscribed(
    world: RealWorld, tolerance_s: float = TOLERANCE_S
) -> AsyncIterator[Subscription[Told]]:
    """A subscription that runs while the block does."""
    service = f"service-{uuid.uuid4().hex[:8]}"
    shell = Shell(world, RealMember(None, []), service)
    subscription: Subscription[Told] = Subscription(
        world.broker,
        [world.inputs],
        shell.processor.settler,
        Scripted(),
        tolerance_s=tolerance_s,
    )
    await world.broker.start()
    subscription.start()
    try:
        yield subscription
    finally:
        await subscription.stop()


@pytest.fixture
def world_of(kafka: str, mongo: str, monkeypatch: pytest.MonkeyPatch) -> Worlds:
    """A world in which what is emitted goes to its own topic."""

    @asynccontextmanager
    async def made() -> AsyncIterator[RealWorld]:
        async with real_world(kafka, mongo) as world:
            monkeypatch.setitem(TOPIC_OF, EMITTED, world.outputs)
            yield world

    return made


async def taken(world: RealWorld, count: int) -> None:
    """Until so many records are in the documents and nothing waits to be published."""

    async def there() -> bool:
        raws = (await world.documents()).values()
        return sum(len(raw["seen"]) for raw in raws) == count and not any(
            raw["outbox"] for raw in raws
        )

    await until_true(there, 30)


async def test_what_is_appended_is_decided_and_committed(world_of: Worlds) -> None:
    async with world_of() as world, subscribed(world) as subscription:
        for number in range(50):
            event = reported(f"d{number % 20}", f"emit:1 n:{number}")
            await world.append(record(world.inputs, event))
        await taken(world, 50)
        found = await world.read(world.outputs)
        assert len({header(one, "ce_id") for one in found}) == len(found) == 50
        assert subscription.progress.problem() is None
        assert len(subscription.consumer.owned()) == PARTITIONS

        async def committed() -> bool:
            return await subscription.consumer.at_end() == subscription.consumer.owned()

        await until_true(committed)


async def test_a_mark_is_answered_by_the_ticker(world_of: Worlds) -> None:
    async with world_of() as world, subscribed(world):
        await world.append(record(world.inputs, reported("a", "due:-1")))

        async def answered() -> bool:
            raw = (await world.documents()).get("a")
            return raw is not None and len(raw["state"]["answered"]) == 1

        await until_true(answered)


async def test_what_the_ticker_leaves_due_or_parked_is_said_until_it_is_answered(
    world_of: Worlds,
) -> None:
    async with world_of() as world, subscribed(world, tolerance_s=0.1) as subscription:
        await world.append(record(world.inputs, reported("bad", "due:-1 tick-explode")))
        await until(lambda: "1 timers are parked" in (subscription.problem() or ""))
        newer = {**(await world.documents())["bad"], "_id": "newer", "fold": 4, "parked": None}
        await world.put({**newer, "next_due_at": START})
        await until(lambda: "nobody answers them" in (subscription.problem() or ""))
        assert "1 timers are overdue" in (subscription.problem() or "")
        await world.put({**newer, "fold": 3, "state": {**newer["state"], "words": {}}})
        await world.append(record(world.inputs, reported("bad", "mended")))
        await until(lambda: subscription.problem() is None)


async def test_a_consumer_that_has_died_is_said_and_comes_round_no_more(
    world_of: Worlds, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world_of() as world, subscribed(world) as subscription:
        await until(lambda: bool(subscription.consumer.owned()))
        assert subscription.problem() is None
        coordinator = cast("Any", subscription.consumer)._consumer._coordinator
        monkeypatch.setattr(coordinator, "_maybe_do_autocommit", _fails)
        coordinator.coordinator_dead()
        await until(lambda: "no records can be fetched" in (subscription.problem() or ""))
        before = subscription.beats()
        await until(lambda: subscription.beats()["timers"] > before["timers"] + 2)
        assert subscription.beats()["polls"] == before["polls"]


async def _fails(_assignment: object) -> None:
    raise ValueError("a fault of the library")


async def test_too_many_dead_stop_the_consumption_and_the_timers_and_are_said(
    world_of: Worlds,
) -> None:
    async with world_of() as world, subscribed(world) as subscription:
        batch = [record(world.inputs, reported("a", f"explode {n}")) for n in range(60)]
        sent = [
            await world.producer.send(
                one.topic, one.value, partition=one.partition, headers=list(one.headers)
            )
            for one in batch
        ]
        assert len(sent) == 60
        await until(lambda: subscription.progress.halted, 30)
        assert "consumption stopped" in (subscription.progress.problem() or "")
        await until(lambda: subscription.consumer._consumer is None)
        await until(lambda: all(task.done() for task in subscription._tasks))
        assert subscription.beats() == {}, "what was stopped deliberately is not stuck"
        assert await world.documents() == {}


async def test_from_the_poll_to_the_ledger_nothing_yields_so_that_timers_see_what_was_fetched(
    world_of: Worlds,
) -> None:
    async with world_of() as world, subscribed(world) as subscription:
        reached: list[frozenset[int]] = []
        processor = subscription.processor
        async with processor.turn:
            one = _Fetched(world.inputs.name, 3)
            handling = subscription._subscriber.consume((one,))
            handling.send(None)  # runs until it waits for the first time
            reached.append(processor.waiting)
            handling.close()
        assert reached == [frozenset({3})]


class _Fetched:
    """Just enough of a consumed record."""

    def __init__(self, topic: str, partition: int) -> None:
        self.topic, self.partition, self.offset, self.timestamp = topic, partition, 0, 0
        self.key, self.value, self.headers = b"k", b"", ()


def garble(monkeypatch: pytest.MonkeyPatch) -> None:
    """A producer as clients in other languages are: header names of any bytes."""
    build = BatchBuilder._build

    def garbled(self: BatchBuilder) -> bytearray:
        if self._buffer is None:
            raw = bytearray(bytes(build(self)).replace(b"no-utf8", b"\xff\xfe-utf8"))
            raw[17:21] = struct.pack(">I", calc_crc32c(bytes(raw[21:])))
            self._buffer = raw
        return bytearray(self._buffer)

    monkeypatch.setattr(BatchBuilder, "_build", garbled)


async def test_a_header_name_that_is_no_utf8_is_put_away_and_no_other_record_is_lost(
    world_of: Worlds, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world_of() as world:
        good = [reported(f"d{number % 20}", f"emit:1 n:{number}") for number in range(80)]
        for event in good[:40]:
            await world.append(record(world.inputs, event))
        with monkeypatch.context() as patch:
            garble(patch)
            for key in ("d0", "d1", "d2"):
                await world.append(raw_record(world.inputs, key, b"{}", [("no-utf8", b"x")]))
        for event in good[40:]:
            await world.append(record(world.inputs, event))
        async with subscribed(world):
            await taken(world, 80)
            letters = await letters_of(world)
    assert len(letters) == 3
    assert {letter.code for letter in letters} == {"undecodable"}
    assert {name for letter in letters for name, _ in letter.headers} == {UNREADABLE}


async def letters_of(world: RealWorld) -> list[RecordDied]:
    """The letters of this world's records."""

    def letter(one: Record) -> object:
        return decode(one.headers, one.value, Origin(one.topic, one.partition, one.offset)).data

    found = [letter(one) for one in await world.read(DEAD_LETTERS)]
    return [one for one in found if isinstance(one, RecordDied) and one.topic == world.inputs.name]
