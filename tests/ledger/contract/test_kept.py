"""What was just settled is not read again, and nothing comes of one that was overtaken."""

from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from shared.ledger.decider import Taken
from shared.ledger.document import Document
from shared.ledger.kept import MOST_EVENTS, Kept
from tests.ledger.scripted import reported
from tests.ledger.worlds import Shell


async def settled(shell: Shell, key: str, *words: str) -> None:
    """Each of these inputs in a batch of its own."""
    for word in words:
        await shell.feed(reported(key, word))
        assert await shell.run(1) is True


async def test_a_document_that_was_just_settled_is_not_read_again(
    shell: Shell, looked: list[list[str]]
) -> None:
    events = [f"emit:1 n:{number}" for number in range(4)]
    await settled(shell, "a", *events)
    assert looked == []
    raw = await shell.document("a")
    assert (raw["version"], raw["sequence"], raw["outbox"]) == (4, 4, [])
    assert raw["state"]["read"] == [reported("a", one).id for one in events]
    assert len(await shell.world.read(shell.world.outputs)) == 4


async def test_what_was_seen_is_seen_by_a_kept_document_too(
    shell: Shell, looked: list[list[str]]
) -> None:
    await settled(shell, "a", "emit:1", "emit:1", "emit:1")
    raw = await shell.document("a")
    assert (raw["version"], len(raw["seen"])) == (1, 1)
    assert len(await shell.world.read(shell.world.outputs)) == 1
    assert looked == []


async def test_an_overtaken_document_loses_its_race_and_is_decided_on_what_is_stored(
    shell: Shell, looked: list[list[str]]
) -> None:
    await settled(shell, "a", "emit:1")
    other = reported("a", "emit:1 n:other").id
    raw = await shell.document("a")
    state = {**raw["state"], "read": [*raw["state"]["read"], other]}
    await shell.overtake("a", seen=[*raw["seen"], other], state=state)
    await settled(shell, "a", "emit:1 n:other", "emit:1 n:2")
    raw = await shell.document("a")
    assert raw["version"] == 3
    assert raw["state"]["read"][1:] == [other, reported("a", "emit:1 n:2").id]
    assert looked == [["a"]]


async def test_a_kept_document_that_was_parked_meanwhile_runs_again_with_its_next_event(
    shell: Shell,
) -> None:
    await settled(shell, "a", "due:5")
    await shell.world.store.park("a", 1, "it fails")
    assert (await shell.document("a"))["parked"] == "it fails"
    await settled(shell, "a", "due:9")
    raw = await shell.document("a")
    assert raw["parked"] is None
    assert raw["next_due_at"] is not None


async def test_what_was_not_published_whole_is_not_kept(
    shell: Shell, looked: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(entries: Sequence[Any]) -> list[bool]:
        return [False] * len(entries)

    shell.processor.patience_s = 0.1
    await settled(shell, "a", "n:1")
    await shell.feed(reported("a", "emit:1 n:2"))
    with monkeypatch.context() as patch:
        patch.setattr(shell.world.publisher, "send", refused)
        assert await shell.run(1) is False
    assert await shell.run(1) is True
    assert (await shell.document("a"))["outbox"] == []
    assert len(await shell.world.read(shell.world.outputs)) == 1
    assert ["a"] in looked


def document(key: str, events: int = 1) -> Document[int]:
    return Document(key, 0, version=3, new_seen=["x"], seen={str(n) for n in range(events)})


def test_the_oldest_go_and_large_ones_are_not_kept() -> None:
    kept: Kept[int] = Kept(most=2)
    kept.keep([document("a"), document("b"), document("large", MOST_EVENTS + 1)])
    kept.keep([document("a"), document("c")])
    assert kept.take(["large", "b"]) == {}
    found = kept.take(["a", "c"])
    assert {key: one.version for key, one in found.items()} == {"a": 4, "c": 4}
    assert not any(one.changed for one in found.values())


def test_a_document_is_one_takers() -> None:
    kept: Kept[int] = Kept()
    kept.keep([document("a")])
    assert list(kept.take(["a"])) == ["a"]
    assert kept.take(["a"]) == {}


def test_one_that_has_grown_large_does_not_stay_as_it_was() -> None:
    kept: Kept[int] = Kept()
    kept.keep([document("a")])
    kept.keep([document("a", MOST_EVENTS + 1)])
    assert kept.take(["a"]) == {}


class Counted:
    """A projection that keeps the states before what it was told of."""

    def __init__(self) -> None:
        self.before: list[Any] = []

    async def write(self, taken: Iterable[Taken[Any]]) -> None:
        self.before += [one.before for one in taken]


async def test_counters_are_told_of_no_overtaken_document(
    shell: Shell, looked: list[list[str]]
) -> None:
    counted = shell.processor.settler.projection = Counted()
    await settled(shell, "a", "n:1", "n:2")
    before = counted.before[-1]
    assert looked == [["a"]]
    raw = await shell.document("a")
    other = [*raw["state"]["read"], "other"]
    state = {**raw["state"], "read": other}
    await shell.overtake("a", seen=[*raw["seen"], "other"], state=state, decided_on=raw["version"])
    await settled(shell, "a", "n:3")
    assert list(counted.before[-1].read) == other
    assert len(counted.before) == 3
    assert before is not None
    assert looked == [["a"], ["a"]]


def test_of_what_was_only_swept_nothing_is_known() -> None:
    kept: Kept[int] = Kept()
    kept.keep([document("a")])
    kept.keep([Document("a", 0)])
    assert kept.take(["a"])["a"].version == 4
