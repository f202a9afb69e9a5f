"""A change is seen whole or not at all, in whatever order its parts come."""

from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.registry_v1 import EntrySet
from shared.registry.changes import ChangeGatherer
from shared.registry.snapshot import Snapshot
from tests.registry.entries import alone, matter, part, version


@st.composite
def histories(draw: st.DrawFn) -> list[EntrySet]:
    """Parts of some changes, each at least once, in any order; each entry's versions numbered."""
    sizes = draw(st.lists(st.integers(1, 5), min_size=1, max_size=5))
    numbers: Counter[str] = Counter()
    parts: list[EntrySet] = []
    for change, size in enumerate(sizes):
        codes = draw(st.lists(st.sampled_from("abcdef"), min_size=size, max_size=size, unique=True))
        for number, code in enumerate(codes, start=1):
            numbers[code] += 1
            where = part(f"change-{change}", number, size)
            parts.append(version(matter(code), where, numbers[code]))
    again = draw(st.lists(st.sampled_from(parts), max_size=5))
    return draw(st.permutations(parts + again))


def whole(history: Sequence[EntrySet]) -> dict[str, list[int]]:
    """The versions by key of those changes of which all parts are there."""
    parts: dict[str, dict[int, EntrySet]] = {}
    for one in history:
        parts.setdefault(one.change.id, {})[one.change.part] = one
    found: dict[str, list[int]] = {}
    for entries in parts.values():
        if len(entries) == next(iter(entries.values())).change.count:
            for one in entries.values():
                found.setdefault(one.key, []).append(one.n)
    return {key: sorted(ns) for key, ns in found.items()}


def seen(snapshot: Snapshot) -> dict[str, list[int]]:
    return {key: [one.n for one in versions] for key, versions in snapshot.versions.items()}


@given(histories())
def test_after_every_record_exactly_the_whole_changes_are_seen(history: list[EntrySet]) -> None:
    gatherer = ChangeGatherer()
    for offset, one in enumerate(history):
        gatherer.take(one, offset)
        assert seen(gatherer.snapshot()) == whole(history[: offset + 1])
        assert gatherer.snapshot().version == offset


@given(histories(), st.sets(st.integers(0, 30)))
def test_reading_up_to_an_offset_gives_the_snapshot_of_that_offset_however_it_was_polled(
    history: list[EntrySet], looks: set[int]
) -> None:
    gatherer = ChangeGatherer()
    for offset, one in enumerate(history):
        gatherer.take(one, offset)
        if offset in looks:
            gatherer.snapshot()
    straight = ChangeGatherer()
    for offset, one in enumerate(history):
        straight.take(one, offset)
    assert gatherer.snapshot() == straight.snapshot()


def test_the_same_snapshot_is_the_same_object_until_the_position_moves() -> None:
    gatherer = ChangeGatherer()
    gatherer.take(version(matter("a"), alone("c")), 0)
    first = gatherer.snapshot()
    assert gatherer.snapshot() is first
    gatherer.pass_over(1)
    assert gatherer.snapshot() is not first
    assert gatherer.snapshot().versions == first.versions
    assert gatherer.snapshot().version == 1


def test_a_part_that_comes_again_after_its_change_was_whole_is_passed_over() -> None:
    gatherer = ChangeGatherer()
    one = version(matter("a"), alone("c"))
    gatherer.take(one, 0)
    gatherer.take(one, 1)
    assert seen(gatherer.snapshot()) == {"matter/a": [1]}
    assert gatherer.snapshot().version == 1


def test_of_two_changes_the_one_decided_later_holds_though_it_was_whole_first() -> None:
    gatherer = ChangeGatherer()
    gatherer.take(version(matter("a"), part("large", 1, 2), 1), 0)
    gatherer.take(version(matter("a"), alone("small"), 2), 1)
    gatherer.take(version(matter("b"), part("large", 2, 2), 1), 2)
    assert seen(gatherer.snapshot()) == {"matter/a": [1, 2], "matter/b": [1]}
