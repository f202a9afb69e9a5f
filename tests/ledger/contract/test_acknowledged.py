"""What was published leaves its outbox with the next write, or some seconds later."""

from collections.abc import Mapping, Sequence

import pytest

from shared.ledger.ports import TransientError
from shared.ledger.settling import Settler
from shared.ledger.sweeping import SWEEP_AFTER, sweep
from shared.ledger.ticker import Ticker
from tests.ledger.scripted import Told, reported
from tests.ledger.worlds import Shell, World, header


@pytest.fixture
def lingering(shell: Shell) -> Shell:
    """A processor whose outboxes keep what was published."""
    shell.processor.settler.lingers = True
    return shell


@pytest.fixture
def pulled(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The ids of the documents out of which something was taken, call by call."""
    asked: list[list[str]] = []
    pull = shell.world.store.pull

    async def noted(published: Mapping[str, Sequence[str]]) -> None:
        asked.append(sorted(published))
        await pull(published)

    monkeypatch.setattr(shell.processor.settler.store, "pull", noted)
    return asked


async def numbers(shell: Shell, key: str) -> list[str]:
    """The numbers of the events that stand in an outbox."""
    return [one["headers"]["ce_sequence"] for one in (await shell.document(key))["outbox"]]


async def published(world: World) -> list[str]:
    return [header(one, "ce_sequence") for one in await world.read(world.outputs)]


async def take(shell: Shell, key: str, words: str) -> None:
    await shell.feed(reported(key, words))
    assert await shell.run(1) is True


def beside(shell: Shell) -> Settler[Told]:
    """Another process on the same documents."""
    return Shell(shell.world, shell.member).processor.settler


async def test_the_next_write_puts_its_outbox_in_the_place_of_what_was_published(
    lingering: Shell, pulled: list[list[str]]
) -> None:
    await take(lingering, "a", "emit:2")
    assert await numbers(lingering, "a") == ["1", "2"]
    await take(lingering, "a", "emit:1 n:2")
    assert await numbers(lingering, "a") == ["3"]
    await take(lingering, "a", "n:3")
    assert await numbers(lingering, "a") == []
    assert await published(lingering.world) == ["1", "2", "3"]
    await lingering.processor.settler.clear(everything=True)
    assert pulled == []


async def test_what_nobody_writes_again_is_taken_out_at_the_second_time(
    lingering: Shell, pulled: list[list[str]]
) -> None:
    settler = lingering.processor.settler
    await take(lingering, "a", "emit:1")
    await settler.clear()
    await take(lingering, "b", "emit:1")
    assert [await numbers(lingering, key) for key in ("a", "b")] == [["1"], ["1"]]
    await settler.clear()
    assert [await numbers(lingering, key) for key in ("a", "b")] == [[], ["1"]]
    await settler.clear()
    await settler.clear()
    assert await numbers(lingering, "b") == []
    assert pulled == [["a"], ["b"]]


async def test_it_is_not_published_again_by_the_same_process(lingering: Shell) -> None:
    await take(lingering, "a", "emit:1")
    lingering.processor.settler.kept.take(["a"])
    await take(lingering, "a", "emit:1")
    await take(lingering, "a", "emit:1 n:2")
    assert await published(lingering.world) == ["1", "2"]
    assert await numbers(lingering, "a") == ["2"]


async def test_another_process_does_not_know_and_publishes_the_same_once_more(
    lingering: Shell,
) -> None:
    await take(lingering, "a", "emit:1")
    await beside(lingering).settle([reported("a", "emit:1 by:other")])
    assert await published(lingering.world) == ["1", "1", "2"]
    found = await lingering.world.read(lingering.world.outputs)
    assert len({(header(one, "ce_id"), one.value) for one in found}) == 2
    assert await numbers(lingering, "a") == []
    await take(lingering, "a", "n:3")
    assert (await lingering.document("a"))["version"] == 3


async def test_what_another_process_wrote_and_did_not_publish_stays_and_goes_out(
    lingering: Shell,
) -> None:
    await take(lingering, "a", "emit:1")
    await beside(lingering).write([reported("a", "emit:1 by:other")])
    assert await numbers(lingering, "a") == ["1", "2"]
    await take(lingering, "a", "emit:1 n:3")
    assert await published(lingering.world) == ["1", "2", "3"]
    await lingering.processor.settler.clear(everything=True)
    assert await numbers(lingering, "a") == []


async def test_what_could_not_be_taken_out_is_taken_out_the_next_time(
    lingering: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    settler = lingering.processor.settler

    async def away(_published: Mapping[str, Sequence[str]]) -> None:
        raise TransientError("away")

    await take(lingering, "a", "emit:1")
    with monkeypatch.context() as patch:
        patch.setattr(settler.store, "pull", away)
        with pytest.raises(TransientError):
            await settler.clear(everything=True)
    await take(lingering, "b", "emit:1")
    assert await published(lingering.world) == ["1", "1"]
    await settler.clear(everything=True)
    assert [await numbers(lingering, key) for key in ("a", "b")] == [[], []]


async def test_nothing_lingers_where_the_timers_have_stopped(lingering: Shell) -> None:
    processor = lingering.processor
    await take(lingering, "a", "emit:1")
    processor.progress.halt("too many dead")
    await Ticker(processor).run()
    assert await numbers(lingering, "a") == []
    await take(lingering, "a", "emit:1 n:2")
    assert await numbers(lingering, "a") == []


async def test_what_was_published_is_no_leftover_for_the_sweeper(lingering: Shell) -> None:
    settler = lingering.processor.settler
    await take(lingering, "a", "emit:1")
    await beside(lingering).write([reported("b", "emit:1")])
    lingering.clock.forward(SWEEP_AFTER.total_seconds() + 0.001)
    assert await sweep(settler, lingering.member.owned()) == 1
    assert await published(lingering.world) == ["1", "1"]
    assert await numbers(lingering, "a") == ["1"]


async def test_so_many_wait_at_most(fake_shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.ledger.settling.MOST", 20)
    settler = fake_shell.processor.settler
    settler.lingers = True
    await settler.settle([reported(f"d{number}", "emit:1") for number in range(20)])
    raws = await fake_shell.world.documents()
    assert sum(bool(raw["outbox"]) for raw in raws.values()) == 20
    await settler.settle([reported("more", "emit:1")])
    assert not any(raw["outbox"] for raw in (await fake_shell.world.documents()).values())
