"""Timers and the sweeper with a clock that is moved by hand."""

import asyncio
from datetime import datetime, timedelta

import pytest

from shared.ledger.parking import AGAIN
from shared.ledger.ports import TransientError
from shared.ledger.sweeping import SWEEP_AFTER
from shared.ledger.ticker import Ticker
from tests.fakes.clock import START
from tests.fakes.publisher import FakePublisher, Fate
from tests.ledger.fake_world import FakeWorld
from tests.ledger.scripted import Scripted, Told, reported
from tests.ledger.waiting import until
from tests.ledger.worlds import Shell, header, record


def ticker(shell: Shell, limit: int = 500) -> Ticker[Told]:
    found = Ticker(shell.processor, Scripted(), limit=limit)
    shell.processor.settler.on_written = found.written
    return found


async def watching(shell: Shell, **due: float) -> None:
    """Watches by key, due so many seconds after the start."""
    await shell.feed(*[reported(key, f"due:{seconds}") for key, seconds in due.items()])
    assert await shell.run(len(due))


def marks(world: FakeWorld) -> list[tuple[str, datetime]]:
    """The marks that were answered, in the order of their answers within each partition."""
    found = world.log.read(world.outputs.name)
    return [
        ((one.key or b"").decode(), datetime.fromisoformat(header(one, "ce_time"))) for one in found
    ]


def answered(world: FakeWorld) -> dict[str, list[datetime]]:
    return {key: raw["state"]["answered"] for key, raw in world.store.all().items()}


async def test_a_mark_is_answered_once_when_its_instant_has_passed(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    tick = ticker(fake_shell)
    await watching(fake_shell, a=60)
    fake_shell.clock.forward(59.999)
    assert await tick.round() == 0
    fake_shell.clock.forward(0.001)
    assert await tick.round() == 1
    for _ in range(3):
        fake_shell.clock.forward(3600)
        assert await tick.round() == 0
    assert marks(fake_world) == [("a", START + timedelta(seconds=60))]
    assert fake_world.store.all()["a"]["next_due_at"] is None


async def test_one_tick_answers_all_marks_that_are_due_in_order(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    tick = ticker(fake_shell)
    await watching(fake_shell, a=60)
    await fake_shell.feed(reported("a", "due:30"), reported("a", "due:90"))
    await fake_shell.run(2)
    fake_shell.clock.forward(60)
    assert await tick.round() == 1
    assert [(at - START).total_seconds() for _, at in marks(fake_world)] == [30, 60]
    fake_shell.clock.forward(30)
    assert await tick.round() == 1
    assert [(at - START).total_seconds() for _, at in marks(fake_world)] == [30, 60, 90]


async def test_a_round_is_bounded_and_takes_the_earliest_first(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    tick = ticker(fake_shell, limit=2)
    await watching(fake_shell, d=40, a=10, c=30, b=20)
    fake_shell.clock.forward(100)
    seen = []
    for _ in range(3):
        await tick.round()
        seen.append({key for key, found in answered(fake_world).items() if found})
    assert seen == [{"a", "b"}, {"a", "b", "c", "d"}, {"a", "b", "c", "d"}]


async def test_while_records_wait_their_partition_has_the_time_of_the_last_one_handled(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    tick = ticker(fake_shell)
    await watching(fake_shell, a=60)
    await fake_shell.feed(reported("a", "n:1", time=START + timedelta(seconds=59)))
    fake_shell.clock.forward(3600)
    assert await tick.round() == 0
    await fake_shell.feed(reported("a", "n:2", time=START + timedelta(seconds=61)))
    await fake_shell.run(1)
    assert await tick.round() == 0
    await fake_shell.feed(reported("a", "n:3", time=START + timedelta(seconds=62)))
    await fake_shell.run(1)
    assert await tick.round() == 1
    assert marks(fake_world) == [("a", START + timedelta(seconds=60))]


async def test_a_batch_that_was_fetched_and_waits_for_its_turn_waits(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    tick = ticker(fake_shell)
    await watching(fake_shell, a=60)
    await fake_shell.feed(reported("a", "n:1", time=START + timedelta(seconds=1)))
    fake_shell.clock.forward(3600)
    batch = await fake_shell.member.poll(1)
    async with fake_shell.processor.turn:
        ticking = asyncio.create_task(tick.round())
        await asyncio.sleep(0)
        handling = asyncio.create_task(fake_shell.processor.handle(batch))
        await asyncio.sleep(0)
    assert await ticking == 0
    assert await handling is True
    assert marks(fake_world) == []
    assert await tick.round() == 1


async def test_other_partitions_are_not_held_up(fake_shell: Shell, fake_world: FakeWorld) -> None:
    tick = ticker(fake_shell)
    keys = {record(fake_world.inputs, reported(key)).partition: key for key in "abcdefgh"}
    held, free = list(keys.values())[:2]
    await watching(fake_shell, **{held: 60, free: 60})
    await fake_shell.feed(reported(held, "n:1"))
    fake_shell.clock.forward(3600)
    assert await tick.round() == 1
    assert [key for key, _ in marks(fake_world)] == [free]


async def test_where_the_broker_does_not_answer_nothing_fires(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    tick = ticker(fake_shell)
    await watching(fake_shell, a=60)
    fake_shell.clock.forward(3600)
    member = fake_world.group.members[0]
    member.silent = True
    with pytest.raises(TransientError):
        await tick.round()
    assert marks(fake_world) == []
    member.silent = False
    assert await tick.round() == 1


async def test_what_is_someone_elses_now_is_not_ticked(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    await watching(fake_shell, **dict.fromkeys("abcdefgh", 60.0))
    second = Shell(fake_world, await fake_world.join(), clock=fake_shell.clock)
    fake_shell.clock.forward(60)
    assert await ticker(fake_shell).round() + await ticker(second).round() == 8
    assert len(marks(fake_world)) == 8


async def test_two_processes_that_take_the_same_mark_answer_it_once(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    await watching(fake_shell, a=60)
    twin = Shell(fake_world, fake_shell.member, clock=fake_shell.clock)
    fake_shell.clock.forward(60)
    await asyncio.gather(ticker(fake_shell).round(), ticker(twin).round())
    found = fake_world.log.read(fake_world.outputs.name)
    assert len({(header(one, "ce_id"), one.value) for one in found}) == 1
    assert fake_world.store.all()["a"]["sequence"] == 1


async def test_a_watch_that_fails_is_parked_and_blocks_nobody(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    tick = ticker(fake_shell, limit=2)
    await fake_shell.feed(
        reported("bad", "due:1 tick-explode"), reported("worse", "due:2"), reported("ok", "due:3")
    )
    await fake_shell.run(3)
    raw = fake_world.store.all()["worse"]
    fake_world.store.put({**raw, "state": {"nothing": "known"}})
    fake_shell.clock.forward(60)
    assert await tick.round() == 2
    assert await tick.round() == 1
    assert [key for key, _ in marks(fake_world)] == ["ok"]
    raws = fake_world.store.all()
    assert "the timer explodes" in raws["bad"]["parked"]
    assert "KeyError" in raws["worse"]["parked"]
    assert raws["bad"]["next_due_at"] is raws["worse"]["next_due_at"] is None
    assert await tick.round() == 0


async def test_the_next_event_of_a_parked_watch_lets_it_run_again(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    tick = ticker(fake_shell)
    await fake_shell.feed(reported("a", "due:1 tick-explode"))
    await fake_shell.run(1)
    fake_shell.clock.forward(60)
    await tick.round()
    await fake_shell.feed(reported("a", "mended"))
    await fake_shell.run(1)
    assert fake_world.store.all()["a"]["parked"] is None
    assert await tick.round() == 1
    assert marks(fake_world) == [("a", START + timedelta(seconds=1))]


async def test_what_is_parked_is_tried_again_by_whoever_takes_its_partition_and_now_and_then(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    tick = ticker(fake_shell)
    await watching(fake_shell, a=1, b=2)
    good = fake_world.store.all()
    for key in "ab":
        fake_world.store.put({**good[key], "state": {"nothing": "known"}})
    fake_shell.clock.forward(60)
    assert [await tick.round() for _ in range(3)] == [2, 0, 0]
    fake_world.store.put({**fake_world.store.all()["a"], "state": good["a"]["state"]})
    fake_shell.clock.forward(AGAIN.total_seconds())
    assert [await tick.round() for _ in range(3)] == [2, 0, 0]
    assert [key for key, _ in marks(fake_world)] == ["a"]
    assert "KeyError" in fake_world.store.all()["b"]["parked"]
    fake_world.store.put({**fake_world.store.all()["b"], "state": good["b"]["state"]})
    heir = Shell(fake_world, fake_shell.member, clock=fake_shell.clock)
    assert await ticker(heir).round() == 1
    assert sorted(key for key, _ in marks(fake_world)) == ["a", "b"]
    assert fake_world.store.all()["b"]["parked"] is None


async def test_a_mark_that_stays_due_after_its_answer_is_parked(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    tick = ticker(fake_shell)
    await watching(fake_shell, a=60)
    raw = fake_world.store.all()["a"]
    fake_world.store.put({**raw, "state": {**raw["state"], "due": []}})
    fake_shell.clock.forward(60)
    assert await tick.round() == 1
    fake_world.store.put({**fake_world.store.all()["a"], "next_due_at": raw["next_due_at"]})
    assert await tick.round() == 1
    assert "still due" in fake_world.store.all()["a"]["parked"]
    assert await tick.round() == 0


async def test_the_loop_wakes_for_a_sooner_instant_and_beats_while_idle(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    tick = ticker(fake_shell)
    tick.idle_s = 3600.0
    await watching(fake_shell, late=10_000)
    running = asyncio.create_task(tick.run())
    try:
        await until(lambda: tick._next is not None)
        fake_shell.clock.forward(60)
        await watching(fake_shell, sooner=30)
        await until(lambda: marks(fake_world))
        assert marks(fake_world) == [("sooner", START + timedelta(seconds=30))]
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_the_loop_outlives_every_error_and_ends_when_consumption_was_stopped(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    tick = ticker(fake_shell)
    tick.idle_s = 0.001
    await watching(fake_shell, a=60)
    fake_shell.clock.forward(60)
    calls = 0

    async def broken(*_arguments: object) -> list[object]:
        nonlocal calls
        calls += 1
        raise (TransientError("away") if calls % 2 else ZeroDivisionError("a fault of ours"))

    due, fake_world.store.due = fake_world.store.due, broken  # type: ignore[method-assign,assignment]
    running = asyncio.create_task(tick.run())
    await until(lambda: calls >= 4)
    fake_world.store.due = due  # type: ignore[method-assign]
    await until(lambda: marks(fake_world))
    fake_shell.processor.progress.halt("stopped")
    await asyncio.wait_for(running, 10)


async def test_the_sweeper_publishes_what_was_left_for_some_seconds_in_order(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    tick = ticker(fake_shell)
    await fake_shell.processor.settler.write([reported("a", "emit:2"), reported("b", "emit:1")])
    assert await tick.sweep() == 0
    fake_shell.clock.forward(SWEEP_AFTER.total_seconds() + 0.001)
    assert await tick.sweep() == 2
    assert [raw["outbox"] for raw in fake_world.store.all().values()] == [[], []]
    of_a = [one for one in fake_world.log.read(fake_world.outputs.name) if one.key == b"a"]
    assert [header(one, "ce_sequence") for one in of_a] == ["1", "2"]
    assert await tick.sweep() == 0


async def test_the_sweeper_leaves_alone_what_is_someone_elses(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    await fake_shell.processor.settler.write([reported(key, "emit:1") for key in "abcdefgh"])
    second = Shell(fake_world, await fake_world.join(), clock=fake_shell.clock)
    fake_shell.clock.forward(10)
    first_swept = await ticker(fake_shell).sweep()
    assert 0 < first_swept < 8
    assert first_swept + await ticker(second).sweep() == 8


async def test_a_state_that_nobody_can_read_does_not_hold_its_outbox_up(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    await fake_shell.processor.settler.write([reported("a", "emit:1")])
    fake_world.store.put({**fake_world.store.all()["a"], "state": {"nothing": "known"}})
    fake_shell.clock.forward(10)
    assert await ticker(fake_shell).sweep() == 1
    assert fake_world.store.all()["a"]["outbox"] == []


async def test_what_the_sweeper_cannot_publish_stays(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    await fake_shell.processor.settler.write([reported("a", "emit:2")])
    fake_shell.clock.forward(10)
    fake_shell.processor.settler.publisher = FakePublisher(
        fake_world.log, lambda _entry: Fate.UNKNOWN
    )
    with pytest.raises(TransientError):
        await ticker(fake_shell).sweep()
    assert len(fake_world.store.all()["a"]["outbox"]) == 2


async def test_it_ends_when_it_is_cancelled_in_the_moment_in_which_it_is_woken(
    fake_shell: Shell,
) -> None:
    tick = ticker(fake_shell)
    tick.idle_s = 3600.0
    running = asyncio.create_task(tick.run())
    await until(lambda: bool(tick._wake._waiters))
    tick._wake.set()
    running.cancel()
    ended, _ = await asyncio.wait({running}, timeout=5)
    running.cancel()
    assert ended
