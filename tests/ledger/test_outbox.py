"""The ways in which outboxes are usually lost: none of them is ours."""

from collections.abc import Callable, Sequence

import pytest

from shared.ledger.document import Entry
from shared.ledger.ports import Publisher, TransientError
from tests.fakes.publisher import FakePublisher, Fate
from tests.ledger.fake_world import FakeWorld
from tests.ledger.scripted import reported
from tests.ledger.worlds import Shell, World, header


class Watched:
    """A publisher that does something before each wave, and fails what it is told to."""

    def __init__(self, inner: Publisher, before: Callable[[Sequence[Entry]], object]) -> None:
        self._inner = inner
        self._before = before
        self.failing: set[int] = set()

    async def send(self, entries: Sequence[Entry]) -> list[bool]:
        if (found := self._before(entries)) is not None:
            await found  # type: ignore[misc]
        passed = [e for e in entries if int(e.headers["ce_sequence"]) not in self.failing]
        done = dict(zip([e.id for e in passed], await self._inner.send(passed), strict=True))
        return [done.get(entry.id, False) for entry in entries]


async def numbers(world: World) -> list[str]:
    return [header(one, "ce_sequence") for one in await world.read(world.outputs)]


async def test_a_clear_that_races_with_another_process_leaves_what_that_one_pushed(
    shell: Shell,
) -> None:
    other = Shell(shell.world, shell.member)
    pushed: list[str] = []

    async def meanwhile(_entries: Sequence[Entry]) -> None:
        if not pushed:
            pushed.append("now")
            await other.processor.settler.write([reported("a", "emit:1 by:other")])

    settler = shell.processor.settler
    settler.publisher = Watched(settler.publisher, meanwhile)
    await settler.settle([reported("a", "emit:1 by:us")])
    left = (await shell.document("a"))["outbox"]
    assert [one["headers"]["ce_sequence"] for one in left] == ["2"]
    await settler.settle([reported("a", "emit:1 by:other")])
    assert (await shell.document("a"))["outbox"] == []
    assert await numbers(shell.world) == ["1", "2"]


async def test_a_later_event_is_not_published_before_an_earlier_one(shell: Shell) -> None:
    settler = shell.processor.settler
    flaky = Watched(settler.publisher, lambda _entries: None)
    settler.publisher = flaky
    flaky.failing = {1}
    with pytest.raises(TransientError, match="5 events could not be published"):
        await settler.settle([reported("a", "emit:3"), reported("b", "emit:2")])
    assert await numbers(shell.world) == []
    raws = await shell.world.documents()
    assert [len(raws[key]["outbox"]) for key in ("a", "b")] == [3, 2]
    flaky.failing = set()
    await settler.settle([reported("a", "emit:3"), reported("b", "emit:2")])
    found = await shell.world.read(shell.world.outputs)
    assert [header(one, "ce_sequence") for one in found if one.key == b"a"] == ["1", "2", "3"]
    assert [header(one, "ce_sequence") for one in found if one.key == b"b"] == ["1", "2"]


async def test_one_documents_failure_holds_up_its_own_later_events_only(shell: Shell) -> None:
    settler = shell.processor.settler
    flaky = Watched(settler.publisher, lambda _entries: None)
    settler.publisher = flaky
    await settler.settle([reported("a", "emit:1 first")])
    flaky.failing = {2}
    with pytest.raises(TransientError):
        await settler.settle([reported("a", "emit:2"), reported("b", "emit:1")])
    raws = await shell.world.documents()
    assert [one["headers"]["ce_sequence"] for one in raws["a"]["outbox"]] == ["2", "3"]
    assert raws["b"]["outbox"] == []
    assert await numbers(shell.world) == ["1", "1"]


async def test_the_first_events_of_all_documents_go_out_before_any_second_one(
    fake_shell: Shell,
) -> None:
    shell = fake_shell
    waves: list[list[str]] = []
    settler = shell.processor.settler
    settler.publisher = Watched(
        settler.publisher,
        lambda entries: waves.append([entry.headers["ce_sequence"] for entry in entries]),
    )
    await settler.settle(
        [reported("a", "emit:3"), reported("b", "emit:1"), reported("c", "emit:2")]
    )
    assert waves == [["1", "1", "1"], ["2", "2"], ["3"]]


@pytest.mark.parametrize("fate", [Fate.LOST, Fate.UNKNOWN, Fate.LATE])
async def test_what_was_not_acknowledged_stays_and_goes_out_again_before_the_next(
    fake_shell: Shell, fake_world: FakeWorld, fate: Fate
) -> None:
    shell, world = fake_shell, fake_world
    publisher = FakePublisher(world.log, lambda _entry: fate)
    settler = shell.processor.settler
    settler.publisher = publisher
    with pytest.raises(TransientError):
        await settler.settle([reported("a", "emit:2")])
    assert len((await shell.document("a"))["outbox"]) == 2
    publisher.fate = lambda _entry: Fate.TWICE
    await settler.settle([reported("a", "emit:2")])
    publisher.deliver_late()
    sequence = [header(one, "ce_sequence") for one in await world.read(world.outputs)]
    assert list(dict.fromkeys(sequence)) == ["1", "2"]
    contents = {(header(one, "ce_id"), one.value) for one in world.log.read(world.outputs.name)}
    assert len(contents) == 2
    assert (await shell.document("a"))["outbox"] == []
