"""A backlog of due documents: page by page, in order, each once, and new events between."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.catalog import TOPIC_OF
from shared.ledger.answered import AGAIN, Answered
from shared.ledger.document import Raw
from shared.ledger.ports import Record, TransientError
from shared.ledger.ticker import AT_WORK, Ticker
from tests.fakes.clock import START
from tests.fakes.publisher import FakePublisher, Fate
from tests.ledger.fake_world import FakeWorld
from tests.ledger.scripted import Scripted, Told, reported
from tests.ledger.waiting import until
from tests.ledger.worlds import EMITTED, Shell, header


def ticker(shell: Shell, **how: Any) -> Ticker[Told]:  # noqa: ANN401 - fields of a ticker
    found = Ticker(shell.processor, Scripted(), **how)
    shell.processor.settler.on_written = found.written
    return found


async def watching(shell: Shell, due: Mapping[str, float]) -> None:
    """Watches by key, due so many seconds after the start."""
    await shell.feed(*[reported(key, f"due:{seconds}") for key, seconds in due.items()])
    assert await shell.run(len(due))


def answers(world: FakeWorld) -> list[tuple[str, float]]:
    """Who was answered, and the due instant in seconds after the start."""
    return [
        (
            (one.key or b"").decode(),
            (datetime.fromisoformat(header(one, "ce_time")) - START).total_seconds(),
        )
        for one in world.log.read(world.outputs.name)
    ]


def sent(world: FakeWorld) -> list[str]:
    """The ids of what was published, in the order in which it was."""
    return [one for wave in world.publisher.sent for one in wave]


async def test_a_thousand_at_one_instant_are_read_past(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    tick = ticker(fake_shell, page=3, limit=100)
    await watching(fake_shell, {f"d{number}": 60 for number in range(20)} | {"later": 61})
    fake_shell.clock.forward(100)
    assert await tick.round() == 21
    expected = [(f"d{number}", 60) for number in range(20)] + [("later", 61)]
    assert sorted(answers(fake_world)) == sorted(expected)
    assert await tick.round() == 0


async def test_what_is_due_earlier_is_in_an_earlier_page_and_a_round_has_an_end(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    tick = ticker(fake_shell, page=2, limit=10)
    due = {f"d{number}": (number * 37) % 101 for number in range(30)}
    await watching(fake_shell, due)
    fake_shell.clock.forward(1000)
    assert [await tick.round() for _ in range(4)] == [10, 10, 10, 0]
    log = fake_world.log.read(fake_world.outputs.name)
    of = {header(one, "ce_id"): (one.key or b"").decode() for one in log}
    order = [due[of[one]] for one in sent(fake_world)]
    assert len(order) == len(due)
    # Some pages are at work at once: by so many a mark may come before one that was due earlier.
    most, ordered = AT_WORK * tick.page - 1, sorted(due.values())
    assert all(at <= ordered[min(29, place + most)] for place, at in enumerate(order))


async def test_new_events_do_not_wait_for_the_end_of_a_backlog(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    tick = ticker(fake_shell, page=2, limit=1000)
    await watching(fake_shell, {f"d{number}": number for number in range(40)})
    fake_shell.clock.forward(100)
    await fake_shell.feed(*[reported(f"new{number}") for number in range(3)])
    handled: list[int] = []
    handling: list[asyncio.Task[None]] = []
    due, pages = fake_world.store.due, 0

    async def handle(batch: Sequence[Record]) -> None:
        assert await fake_shell.processor.handle(batch)
        handled.append(len(answers(fake_world)))

    async def interrupted(*asked: Any, **more: Any) -> Sequence[Raw]:  # noqa: ANN401
        nonlocal pages
        pages += 1
        if pages % 4 == 2 and (batch := await fake_shell.member.poll(1)):
            handling.append(asyncio.create_task(handle(batch)))
            await asyncio.sleep(0)
        return await due(*asked, **more)

    fake_world.store.due = interrupted  # type: ignore[method-assign]
    rounds: list[int] = []
    while not rounds or rounds[-1]:
        rounds.append(await tick.round())
        await asyncio.gather(*handling)
    assert rounds[:3] == [8, 8, 8]
    assert handled == [8, 16, 24]
    assert len(answers(fake_world)) == 40


async def test_what_is_written_later_and_was_due_earlier_is_answered_next(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    tick = ticker(fake_shell)
    await watching(fake_shell, {"a": 60})
    fake_shell.clock.forward(61)
    assert await tick.round() == 1
    await watching(fake_shell, {"b": 30, "c": -3600})
    assert await tick.round() == 2
    assert {key for key, _ in answers(fake_world)} == {"a", "b", "c"}


async def test_what_another_process_wrote_is_found_soon(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    tick = ticker(fake_shell)
    await watching(fake_shell, {"a": 60, "b": 30})
    zombie = fake_world.store.all()["b"]
    fake_shell.clock.forward(61)
    assert await tick.round() == 2
    fake_world.store.put({**zombie, "_id": "b2"})
    assert await tick.round() == 0
    fake_shell.clock.forward(AGAIN.total_seconds())
    assert await tick.round() == 1


async def test_a_page_that_failed_is_due_still(fake_shell: Shell, fake_world: FakeWorld) -> None:
    tick = ticker(fake_shell, page=2)
    await watching(fake_shell, {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5})
    fake_shell.clock.forward(60)
    fake_world.store.fail_before.append("write")
    with pytest.raises(TransientError):
        await tick.round()
    await tick.round()
    assert sorted(key for key, _ in answers(fake_world)) == ["a", "b", "c", "d", "e"]


async def test_nothing_fires_for_a_case_that_closed_while_its_page_was_read(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    tick = ticker(fake_shell)
    await watching(fake_shell, {"a": 60})
    fake_shell.clock.forward(100)
    due = fake_world.store.due

    async def overtaken(*asked: Any, **more: Any) -> Sequence[Raw]:  # noqa: ANN401
        found = await due(*asked, **more)
        raw = fake_world.store.all()["a"]
        fake_world.store.put({**raw, "version": 2, "state": {**raw["state"], "due": []},
                              "next_due_at": None})  # fmt: skip
        return found

    fake_world.store.due = overtaken  # type: ignore[method-assign]
    assert await tick.round() == 1
    assert answers(fake_world) == []


async def test_stopped_in_the_middle_of_a_page_it_goes_on_where_it_was(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    tick = ticker(fake_shell, page=2)
    await watching(fake_shell, {f"d{number}": number for number in range(9)})
    fake_shell.clock.forward(60)
    gate = asyncio.Event()
    pull = fake_world.store.pull

    async def held(published: Mapping[str, Sequence[str]]) -> None:
        await gate.wait()
        await pull(published)

    fake_world.store.pull = held  # type: ignore[method-assign]
    running = asyncio.create_task(tick.run())
    await until(lambda: fake_world.publisher.sent)
    running.cancel()
    await asyncio.wait({running}, timeout=5)
    assert running.cancelled()
    fake_world.store.pull = pull  # type: ignore[method-assign]
    fake_shell.clock.forward(60)
    await tick.round()
    await tick.sweep()
    found = fake_world.log.read(fake_world.outputs.name)
    assert len({header(one, "ce_id") for one in found}) == 9
    assert len({(header(one, "ce_id"), one.value) for one in found}) == 9
    assert not any(raw["outbox"] or raw["next_due_at"] for raw in fake_world.store.all().values())


@settings(max_examples=60, deadline=None)
@given(
    waves=st.lists(st.lists(st.integers(0, 12), max_size=8), min_size=1, max_size=6),
    page=st.integers(1, 4),
    limit=st.integers(1, 9),
    troubled=st.booleans(),
)
async def test_whatever_comes_in_between_each_is_answered_once(
    waves: list[list[int]], page: int, limit: int, *, troubled: bool
) -> None:
    world = FakeWorld()
    before, TOPIC_OF[EMITTED] = TOPIC_OF[EMITTED], world.outputs
    try:
        shell = Shell(world, await world.join())
        tick = ticker(shell, page=page, limit=limit)
        expected: dict[str, float] = {}
        for number, wave in enumerate(waves):
            due = {f"w{number}-{place}": float(one) for place, one in enumerate(wave)}
            expected |= due
            if due:
                await watching(shell, due)
            shell.clock.forward(2)
            if troubled and number % 2:
                world.store.fail_before.append("write")
            try:
                await tick.round()
            except TransientError:
                continue
        world.store.fail_before.clear()
        shell.clock.forward(30)
        while await tick.round():
            pass
        await tick.sweep()
        assert sorted(answers(world)) == sorted(expected.items())
    finally:
        TOPIC_OF[EMITTED] = before


def test_what_is_written_while_a_round_runs_takes_its_partition_back() -> None:
    answered, at = Answered(), [START + timedelta(seconds=number) for number in range(5)]
    answered.begin([0, 1], at[0])
    answered.written(0, at[1])
    answered.reached({0: at[3], 1: at[3]})
    assert answered.up_to == {0: at[1], 1: at[3]}
    answered.written(1, at[2])
    answered.written(1, at[4])
    assert answered.up_to == {0: at[1], 1: at[2]}
    answered.begin([1, 2], at[1])
    assert answered.up_to == {1: at[2]}
    answered.begin([1], at[0] + AGAIN)
    assert answered.up_to == {}


async def test_what_could_not_be_published_is_published_after_all(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    tick = ticker(fake_shell, page=2)
    await watching(fake_shell, {"a": 1, "b": 2, "c": 3})
    fake_shell.clock.forward(60)
    good = fake_world.publisher
    fake_shell.processor.settler.publisher = FakePublisher(fake_world.log, lambda _one: Fate.LOST)
    with pytest.raises(TransientError):
        await tick.round()
    fake_shell.processor.settler.publisher = good
    fake_shell.clock.forward(60)
    await tick.round()
    await tick.sweep()
    assert sorted(key for key, _ in answers(fake_world)) == ["a", "b", "c"]
