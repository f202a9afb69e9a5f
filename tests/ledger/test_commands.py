"""Commands share writes, wait until they are durable, and are told when they cannot be."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from shared.ledger.commands import BusyError, CommandWriter, RefusedCommandError
from shared.ledger.document import Raw
from tests.fakes.publisher import FakePublisher, Fate
from tests.ledger.fake_world import FakeWorld
from tests.ledger.scripted import Told, reported
from tests.ledger.waiting import until
from tests.ledger.worlds import Shell


@asynccontextmanager
async def writing(shell: Shell) -> AsyncIterator[CommandWriter[Told]]:
    writer = CommandWriter(shell.processor.settler)
    writer.start()
    try:
        yield writer
    finally:
        await writer.stop()


async def until_published(world: FakeWorld, count: int) -> None:
    await until(lambda: len(world.log.read(world.outputs.name)) == count)
    await until(lambda: not world.store.all()["a"]["outbox"])


async def test_concurrent_commands_share_a_write_and_all_are_answered(shell: Shell) -> None:
    writes: list[int] = []
    shell.processor.settler.on_written = lambda changes: writes.append(len(changes))
    async with writing(shell) as writer:
        states = await asyncio.gather(
            *(writer.submit(reported(f"d{number}", "emit:1")) for number in range(100))
        )
    assert [state.read[0] for state in states if state] == [
        reported(f"d{number}", "emit:1").id for number in range(100)
    ]
    assert len(writes) <= 3
    assert len(await shell.world.documents()) == 100


async def test_writes_keep_a_pace_so_that_those_who_come_one_by_one_share_them(
    fake_shell: Shell,
) -> None:
    writes: list[int] = []
    fake_shell.processor.settler.on_written = lambda changes: writes.append(len(changes))
    writer = CommandWriter(fake_shell.processor.settler, pace_s=0.2, each_s=0.2)
    writer.start()
    try:
        await writer.submit(reported("first", "emit:1"))
        later = []
        for number in range(20):
            later.append(asyncio.create_task(writer.submit(reported(f"d{number}", "emit:1"))))
            await asyncio.sleep(0)
        await asyncio.gather(*later)
    finally:
        await writer.stop()
    assert writes == [1, 20]


async def test_who_comes_one_after_another_waits_for_few_and_many_for_many(
    fake_shell: Shell,
) -> None:
    writes: list[int] = []
    fake_shell.processor.settler.on_written = lambda changes: writes.append(len(changes))
    writer = CommandWriter(fake_shell.processor.settler, patience_s=0.5, pace_s=60, each_s=0.001)
    writer.start()
    try:
        for number in range(3):
            await writer.submit(reported(f"d{number}", "emit:1"))
        writer.each_s = 1.0
        await writer.submit(reported("many", "emit:1"))
        with pytest.raises(BusyError):
            await writer.submit(reported("later", "emit:1"))
    finally:
        await writer.stop()
    assert writes == [1, 1, 1, 1]


async def test_the_answer_stands_for_a_document_that_is_there(shell: Shell) -> None:
    async with writing(shell) as writer:
        state = await writer.submit(reported("a", "emit:2"))
        raw = await shell.document("a")
    assert state is not None
    assert raw["state"]["read"] == list(state.read)
    assert raw["state"]["emitted"] == list(state.emitted)


async def test_the_same_command_twice_at_once_is_one_and_answered_alike(shell: Shell) -> None:
    async with writing(shell) as writer:
        first, second = await asyncio.gather(
            writer.submit(reported("a", "emit:1")), writer.submit(reported("a", "emit:1"))
        )
        third = await writer.submit(reported("a", "emit:1"))
    assert first == second == third is not None
    raw = await shell.document("a")
    assert (raw["version"], raw["sequence"]) == (1, 1)


@pytest.mark.parametrize("applied", [False, True])
async def test_a_write_that_failed_is_made_once_more_and_its_command_counts_once(
    shell: Shell,
    applied: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    async with writing(shell) as writer:
        await shell.world.break_write(applied=applied)
        state = await writer.submit(reported("a", "emit:1"))
    assert state is not None
    raw = await shell.document("a")
    assert (raw["version"], raw["sequence"]) == (1, 1)


async def test_what_follows_is_published_behind_the_answer(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    shell, world = fake_shell, fake_world
    async with writing(shell) as writer:
        await writer.submit(reported("a", "emit:2"))
        await until_published(world, 2)
    assert world.store.all()["a"]["outbox"] == []


async def test_what_cannot_be_published_now_is_answered_and_left_to_the_sweeper(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    shell, world = fake_shell, fake_world
    lost = FakePublisher(world.log, lambda _entry: Fate.LOST)
    shell.processor.settler.publisher = lost
    async with writing(shell) as writer:
        assert await writer.submit(reported("a", "emit:1")) is not None
        await until(lambda: lost.sent)
        lost.fate = lambda _entry: Fate.ACKNOWLEDGED
        assert len(world.store.all()["a"]["outbox"]) == 1
        await writer.submit(reported("b", "emit:1"))
        await until(lambda: not world.store.all()["b"]["outbox"])
    assert len(world.store.all()["a"]["outbox"]) == 1


@pytest.mark.parametrize("words", ["explode", "huge", "undumpable", "overflow"])
async def test_a_command_that_the_rules_or_the_store_refuse_is_told_so_and_hinders_no_other(
    shell: Shell, words: str
) -> None:
    async with writing(shell) as writer:
        bad, good = await asyncio.gather(
            writer.submit(reported("bad", words)),
            writer.submit(reported("good")),
            return_exceptions=True,
        )
    assert isinstance(bad, RefusedCommandError)
    assert isinstance(good, Told)
    assert (await shell.world.documents()).keys() == {"good"}


async def test_more_commands_than_may_wait_are_busy_at_once(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    shell, world = fake_shell, fake_world
    writer = CommandWriter(shell.processor.settler, bound=2, patience_s=5)
    waiting = [asyncio.create_task(writer.submit(reported(f"d{n}"))) for n in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError, match="too many"):
        await writer.submit(reported("d3"))
    writer.start()
    assert all(await asyncio.gather(*waiting))
    await writer.stop()
    assert world.store.all().keys() == {"d0", "d1"}


async def test_a_caller_waits_for_a_bounded_time_and_then_its_command_is_not_written(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    shell, world = fake_shell, fake_world
    writer = CommandWriter(shell.processor.settler, patience_s=0.01)
    with pytest.raises(BusyError, match="in time"):
        await writer.submit(reported("late"))
    writer.start()
    assert await writer.submit(reported("b")) is not None
    await writer.stop()
    assert world.store.all().keys() == {"b"}


async def test_who_waits_when_the_service_stops_is_told_to_come_again(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    shell, world = fake_shell, fake_world
    writer = CommandWriter(shell.processor.settler, patience_s=60)
    gate = asyncio.Event()
    load = world.store.load

    async def slow(ids: Sequence[str]) -> dict[str, Raw]:
        await gate.wait()
        return await load(ids)

    world.store.load = slow  # type: ignore[method-assign]
    writer.start()
    in_flight = asyncio.create_task(writer.submit(reported("a")))
    await asyncio.sleep(0.01)
    queued = asyncio.create_task(writer.submit(reported("b")))
    await asyncio.sleep(0)
    await writer.stop()
    for task in (in_flight, queued):
        with pytest.raises(BusyError, match="being stopped"):
            await task
