"""The walker with a registry and a clock that are moved by hand."""

import asyncio
from datetime import timedelta

import pytest

from shared.ledger.ports import TransientError
from shared.ledger.walker import AGAIN, Walker
from tests.fakes.clock import START
from tests.fakes.publisher import FakePublisher, Fate
from tests.ledger.fake_world import FakeWorld
from tests.ledger.scripted import Following, Told, redrawn, reported
from tests.ledger.waiting import until_true
from tests.ledger.worlds import Shell, header, record
from tests.registry.entries import alone, grid, square, version

MANY = [f"d{number:02}" for number in range(40)]


def walker(shell: Shell, limit: int = 500) -> Walker[Told]:
    found = Walker(shell.processor, (Following(),), idle_s=0.01, limit=limit)
    shell.processor.settler.on_written = found.written
    return found


async def opened(shell: Shell, *keys: str, place: str = "001") -> None:
    """Open documents that stand under the first version of a place."""
    await shell.feed(*[reported(key, f"place:{place}") for key in keys])
    assert await shell.run(len(keys))


def stands(world: FakeWorld) -> dict[str, int]:
    """Under which version each document stands."""
    return {key: raw["state"]["n"] for key, raw in world.store.all().items()}


def told(world: FakeWorld) -> list[tuple[str, str]]:
    """Which documents were told, and by which ids; sorted."""
    found = world.log.read(world.outputs.name)
    return sorted(((one.key or b"").decode(), header(one, "ce_id")) for one in found)


async def test_every_open_document_of_a_group_that_lags_is_told_once(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    walk = walker(fake_shell, limit=7)
    await opened(fake_shell, *MANY)
    await opened(fake_shell, "other", place="002")
    fake_shell.registry.snapshot = redrawn(1, 0, 1, 1)
    assert await walk.round() == 0
    fake_shell.registry.snapshot = redrawn(2, 0, 2, 1)
    assert await walk.round() == len(MANY)
    assert stands(fake_world) == {**dict.fromkeys(MANY, 2), "other": 1}
    assert [key for key, _ in told(fake_world)] == MANY
    for _ in range(3):
        fake_shell.clock.forward(3600)
        assert await walk.round() == 0


async def test_what_is_over_is_walked_when_it_is_opened_again(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    walk = walker(fake_shell)
    await opened(fake_shell, "a")
    await fake_shell.feed(reported("a", "ended"))
    await fake_shell.run(1)
    fake_shell.registry.snapshot = redrawn(2, 0, 2)
    assert await walk.round() == 0
    await fake_shell.feed(reported("a", "place:001 again"))
    await fake_shell.run(1)
    assert await walk.round() == 1
    assert stands(fake_world) == {"a": 2}


async def test_nothing_is_asked_while_nothing_has_moved(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    walk = walker(fake_shell)
    await opened(fake_shell, "a")
    await walk.round()
    fake_world.store.away = True
    assert await walk.round() == 0
    fake_shell.clock.forward(AGAIN.total_seconds())
    with pytest.raises(TransientError):
        await walk.round()


async def test_the_instant_at_which_a_version_begins_lets_it_walk(fake_shell: Shell) -> None:
    asked = []

    class Asking(Following):
        def concerns(self, group, registry, at):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
            asked.append(at)
            return super().concerns(group, registry, at)

    walk = Walker(fake_shell.processor, (Asking(),))
    await opened(fake_shell, "a")
    later = START + timedelta(seconds=30)
    one = version(grid(1, square(0, 0)), alone("later"), 1, since=later)
    fake_shell.registry.snapshot = fake_shell.registry.snapshot.with_changes([one], 1)
    for _ in range(40):
        await walk.round()
        fake_shell.clock.forward(1)
    assert asked == [START, later]


async def test_while_older_records_wait_their_partition_is_not_walked(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    walk = walker(fake_shell)
    by_partition = {record(fake_world.inputs, reported(key)).partition: key for key in MANY}
    held, free = list(by_partition.values())[:2]
    await opened(fake_shell, held, free)
    now = START + timedelta(seconds=60)
    new = version(grid(1, square(0, 0)), alone("new"), 2, since=now)
    fake_shell.registry.snapshot = redrawn(2, 0, 1).with_changes([new], 3)
    fake_shell.clock.forward(90)
    await fake_shell.feed(
        reported(held, "n:1", time=now - timedelta(seconds=1)), reported(held, "n:2", time=now)
    )
    assert await walk.round() == 1
    assert stands(fake_world) == {held: 1, free: 2}
    await fake_shell.run(1)
    assert await walk.round() == 0
    await fake_shell.run(1)
    assert await walk.round() == 1
    assert stands(fake_world) == {held: 2, free: 2}


async def test_two_processes_share_a_walk_by_their_partitions(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    await opened(fake_shell, *MANY)
    second = Shell(
        fake_world, await fake_world.join(), clock=fake_shell.clock, registry=fake_shell.registry
    )
    fake_shell.registry.snapshot = redrawn(2, 0, 2)
    counts = await asyncio.gather(walker(fake_shell, 3).round(), walker(second, 3).round())
    assert all(counts)
    assert sum(counts) == len(MANY)
    assert [key for key, _ in told(fake_world)] == MANY


async def test_two_processes_that_walk_the_same_documents_tell_each_once(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    await opened(fake_shell, *MANY)
    twin = Shell(
        fake_world, fake_shell.member, clock=fake_shell.clock, registry=fake_shell.registry
    )
    fake_shell.registry.snapshot = redrawn(2, 0, 2)
    await asyncio.gather(walker(fake_shell, 3).round(), walker(twin, 3).round())
    assert [key for key, _ in sorted(set(told(fake_world)))] == MANY
    assert {raw["sequence"] for raw in fake_world.store.all().values()} == {1}


async def test_partitions_that_come_are_walked(fake_shell: Shell, fake_world: FakeWorld) -> None:
    await opened(fake_shell, *MANY)
    second = await fake_world.join()
    walk = walker(fake_shell)
    fake_shell.registry.snapshot = redrawn(2, 0, 2)
    first = await walk.round()
    assert 0 < first < len(MANY)
    await second.leave()
    assert first + await walk.round() == len(MANY)


async def test_a_document_that_fails_blocks_nobody_and_is_tried_again(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    walk = walker(fake_shell, limit=2)
    await opened(fake_shell, "b", "c", "d", "e")
    await fake_shell.feed(reported("a", "place:001 walk-explode"))
    await fake_shell.run(1)
    fake_world.store.put({**fake_world.store.all()["c"], "state": {"nothing": "known"}})
    fake_shell.registry.snapshot = redrawn(2, 0, 2)
    await walk.round()
    assert [key for key, _ in told(fake_world)] == ["b", "d", "e"]
    await fake_shell.feed(reported("a", "mended"))
    await fake_shell.run(1)
    await walk.round()
    assert [key for key, _ in told(fake_world)] == ["a", "b", "d", "e"]


@pytest.mark.parametrize("call", ["open_groups", "open_in", "write", "pull"])
async def test_a_walk_that_was_broken_off_is_begun_again(
    fake_shell: Shell, fake_world: FakeWorld, call: str
) -> None:
    walk = walker(fake_shell, limit=7)
    await opened(fake_shell, *MANY)
    fake_shell.registry.snapshot = redrawn(2, 0, 2)
    fake_world.store.fail_before.append(call)
    with pytest.raises(TransientError):
        await walk.round()
    await walk.round()
    assert stands(fake_world) == dict.fromkeys(MANY, 2)


async def test_what_could_not_be_published_is_left_to_the_outbox(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    walk = walker(fake_shell)
    await opened(fake_shell, "a")
    publisher = fake_shell.processor.settler.publisher
    assert isinstance(publisher, FakePublisher)
    publisher.fate = lambda _: Fate.LOST
    fake_shell.registry.snapshot = redrawn(2, 0, 2)
    with pytest.raises(TransientError):
        await walk.round()
    assert await walk.round() == 0
    assert len(fake_world.store.all()["a"]["outbox"]) == 1


async def test_it_runs_until_it_is_stopped_whatever_fails(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    walk = walker(fake_shell)
    await opened(fake_shell, "a")
    fake_world.store.fail_before.append("open_groups")
    fake_shell.registry.snapshot = redrawn(2, 0, 2)
    running = asyncio.create_task(walk.run())

    async def followed() -> bool:
        return stands(fake_world) == {"a": 2}

    await until_true(followed)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
