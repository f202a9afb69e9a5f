"""What the ledger asks of its store, of the fake and of MongoDB alike."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.ledger.document import Change
from shared.ledger.ports import Overdue, TransientError
from tests.fakes.clock import START, MovedClock
from tests.ledger.worlds import World, entry


def change(
    world: World,
    key: str,
    version: int = 0,
    *,
    at: datetime = START,
    numbers: Sequence[int] | None = None,
    **fields: object,
) -> Change:
    clock = MovedClock(at)
    numbers = [version + 1] if numbers is None else numbers
    return Change(
        id=key,
        version=version,
        fields={"version": version + 1, "partition": 0, "state": None, **fields},
        seen=[f"{key}:{version}"],
        entries=[entry(world.outputs, key, number, clock).to_raw() for number in numbers],
    )


def outbox(raw: Mapping[str, Any]) -> list[str]:
    return [one["id"] for one in raw["outbox"]]


async def test_state_seen_ids_and_outbox_change_in_one_write(world: World) -> None:
    await world.store.write([change(world, "a", state={"n": 1})])
    await world.store.write([change(world, "a", 1, state={"n": 2})])
    raw = (await world.store.load(["a", "b"]))["a"]
    assert raw["state"] == {"n": 2}
    assert raw["version"] == 2
    assert raw["seen"] == ["a:0", "a:1"]
    assert outbox(raw) == ["a/1", "a/2"]


async def test_what_the_store_has_already_is_not_set(world: World) -> None:
    await world.store.write([change(world, "a", place="here", n=1)])
    second = change(world, "a", 1, place="elsewhere", n=2)
    await world.store.write([replace(second, unchanged=("place",))])
    raw = (await world.store.load(["a"]))["a"]
    assert (raw["place"], raw["n"], raw["version"]) == ("here", 2, 2)


async def test_what_is_read_is_what_was_written_to_the_type_and_the_millisecond(
    world: World,
) -> None:
    state = {
        "instant": START + timedelta(milliseconds=123),
        "bytes": b"\x00\xff",
        "float": 0.1,
        "big": 2**62,
        "none": None,
        "list": [1, [2, {"三": "網格"}]],
    }
    await world.store.write([change(world, "a", state=state)])
    raw = (await world.store.load(["a"]))["a"]
    assert raw["state"] == state
    assert raw["outbox"][0]["at"] == START
    assert raw["outbox"][0]["value"] == b"{}"


async def test_a_version_that_is_gone_is_a_lost_race_and_hinders_no_other(world: World) -> None:
    await world.store.write([change(world, "a")])
    written = await world.store.write([change(world, "a"), change(world, "b")])
    assert written.lost == {"a"}
    assert written.refused == {}
    raws = await world.store.load(["a", "b"])
    assert raws["a"]["seen"] == ["a:0"]
    assert raws["b"]["version"] == 1


async def test_of_two_writers_that_read_the_same_version_one_wins(world: World) -> None:
    await world.store.write([change(world, "a")])
    first = await world.store.write([change(world, "a", 1, state={"by": "first"})])
    second = await world.store.write([change(world, "a", 1, state={"by": "second"})])
    assert (first.lost, second.lost) == (frozenset(), frozenset({"a"}))
    assert (await world.store.load(["a"]))["a"]["state"] == {"by": "first"}


async def test_what_was_decided_on_a_document_that_is_gone_is_a_lost_race_and_writes_no_part_of_it(
    world: World,
) -> None:
    written = await world.store.write([change(world, "gone", 3), change(world, "a")])
    assert written.lost == {"gone"}
    assert written.refused == {}
    assert (await world.documents()).keys() == {"a"}


async def test_another_duplicate_key_is_a_refusal_and_no_race(world: World) -> None:
    await world.store.write([change(world, "a", unique_key="k")])
    written = await world.store.write(
        [change(world, "b", unique_key="k"), change(world, "c", unique_key="l")]
    )
    assert written.lost == frozenset()
    assert list(written.refused) == ["b"]
    assert (await world.documents()).keys() == {"a", "c"}


@pytest.mark.parametrize(
    "state", [{"n": 2**70}, {1: "key"}, {"o": object()}, {"wide": "x" * 17_000_000}]
)
async def test_what_is_no_bson_is_refused_and_hinders_no_other(
    world: World, state: dict[Any, Any]
) -> None:
    written = await world.store.write(
        [change(world, "a"), change(world, "bad", state=state), change(world, "c")]
    )
    assert list(written.refused) == ["bad"]
    assert written.lost <= {"a", "c"}
    await world.store.write([change(world, key) for key in written.lost])
    assert (await world.documents()).keys() == {"a", "c"}


async def test_a_document_that_grew_too_large_is_refused(world: World) -> None:
    wide = [{"at": START, "id": str(n), "value": b"x" * 6_000_000} for n in range(3)]
    for version, one in enumerate(wide[:2]):
        done = await world.store.write([Change("a", version, {"version": version + 1}, [], [one])])
        assert not done.refused
    refused = await world.store.write([Change("a", 2, {"version": 3}, [], [wide[2]])])
    assert list(refused.refused) == ["a"]
    assert (await world.store.load(["a"]))["a"]["version"] == 2


@pytest.mark.parametrize("applied", [True, False])
async def test_an_unknown_outcome_is_transient(world: World, *, applied: bool) -> None:
    await world.break_write(applied=applied)
    with pytest.raises(TransientError):
        await world.store.write([change(world, "a"), change(world, "b")])
    assert len(await world.documents()) == (2 if applied else 0)


async def test_a_pull_takes_exactly_the_named_entries_whoever_has_pushed_since(
    world: World,
) -> None:
    await world.store.write([change(world, "a", numbers=[1, 2]), change(world, "b")])
    await world.store.write([change(world, "a", 1, numbers=[3])])
    await world.store.pull({"a": ["a/1", "a/2"], "gone": ["gone/1"]})
    raws = await world.documents()
    assert outbox(raws["a"]) == ["a/3"]
    assert raws["a"]["version"] == 2
    assert outbox(raws["b"]) == ["b/1"]
    assert "gone" not in raws


async def test_a_change_that_replaces_leaves_nothing_of_the_former_outbox(world: World) -> None:
    await world.store.write([change(world, "a", numbers=[1, 2]), change(world, "b")])
    later = [replace(change(world, key, 1, numbers=[3]), replaces=True) for key in ("a", "b")]
    stale = replace(change(world, "a", 0, numbers=[4]), replaces=True)
    assert (await world.store.write([stale])).lost == {"a"}
    assert not (await world.store.write(later)).lost
    raws = await world.documents()
    assert [outbox(raws[key]) for key in ("a", "b")] == [["a/3"], ["b/3"]]
    assert [len(raws[key]["seen"]) for key in ("a", "b")] == [2, 2]


async def test_a_field_of_the_state_is_written_and_the_others_stay(world: World) -> None:
    await world.store.write([change(world, "a", state={"x": 1, "y": {"z": 2}, "w": 3})])
    fields = {"version": 2, "partition": 0, "state.y": {"v": 4}, "state.x": 5}
    await world.store.write([replace(change(world, "a", 1), fields=fields)])
    raw = (await world.documents())["a"]
    assert raw["state"] == {"x": 5, "y": {"v": 4}, "w": 3}
    assert raw["version"] == 2


async def test_unsent_are_old_outboxes_of_the_partitions_asked_for(world: World) -> None:
    late = START + timedelta(seconds=5)
    await world.store.write(
        [
            change(world, "old"),
            change(world, "new", at=late),
            change(world, "elsewhere", partition=1),
            change(world, "empty", numbers=[]),
        ]
    )
    await world.store.write([change(world, "old", 1, at=late)])
    found = await world.store.unsent([0], START + timedelta(seconds=1), 10)
    assert [raw["_id"] for raw in found] == ["old"]
    assert set(found[0]) == {"_id", "partition", "outbox"}
    assert outbox(found[0]) == ["old/1", "old/2"]
    assert len(await world.store.unsent([0, 1], late + timedelta(seconds=1), 2)) == 2
    assert list(await world.store.unsent([], late + timedelta(seconds=1), 10)) == []


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


async def test_due_is_what_each_partitions_time_has_passed_earliest_first(world: World) -> None:
    due = {"late": (0, 30), "soon": (0, 10), "exact": (1, 20), "ahead": (1, 21), "far": (2, 1)}
    await world.store.write(
        [
            change(world, key, partition=partition, next_due_at=at(seconds))
            for key, (partition, seconds) in due.items()
        ]
        + [change(world, "closed", next_due_at=None), change(world, "never")]
    )
    until = {0: at(100), 1: at(20)}
    assert [raw["_id"] for raw in await world.store.due(until, 10)] == ["soon", "exact", "late"]
    assert [raw["_id"] for raw in await world.store.due(until, 2)] == ["soon", "exact"]
    assert await world.store.next_due([0, 1]) == at(10)
    assert await world.store.next_due([1]) == at(20)
    assert await world.store.next_due([3]) is None
    assert await world.store.next_due([]) is None


async def test_a_parked_document_is_due_no_more_unless_it_changed_meanwhile(world: World) -> None:
    await world.store.write(
        [change(world, key, next_due_at=at(10)) for key in ("parked", "changed")]
    )
    await world.store.write([change(world, "changed", 1, next_due_at=at(20))])
    await world.store.park("parked", 1, "it fails")
    await world.store.park("changed", 1, "it failed")
    found = await world.store.due({0: at(100)}, 10)
    assert [raw["_id"] for raw in found] == ["changed"]
    assert (await world.documents())["parked"]["parked"] == "it fails"


async def test_overdue_is_counted_up_to_a_limit_with_the_oldest_and_its_partition(
    world: World,
) -> None:
    due = {"late": (0, 30), "soon": (0, 10), "exact": (1, 20), "ahead": (1, 21), "far": (2, 1)}
    await world.store.write(
        [
            change(world, key, partition=partition, next_due_at=at(seconds))
            for key, (partition, seconds) in due.items()
        ]
        + [change(world, "closed", next_due_at=None), change(world, "never")]
    )
    until = {0: at(100), 1: at(20)}
    assert await world.store.overdue(until, 10) == Overdue(3, at(10), 0)
    assert await world.store.overdue(until, 2) == Overdue(2, at(10), 0)
    assert await world.store.overdue({1: at(20), 2: at(1)}, 1) == Overdue(1, at(1), 2)
    assert await world.store.overdue({3: at(100)}, 10) == Overdue()


async def test_parked_documents_of_the_partitions_asked_for_are_counted_up_to_a_limit(
    world: World,
) -> None:
    await world.store.write(
        [change(world, str(n), partition=n % 2, next_due_at=at(10)) for n in range(5)]
    )
    for n in range(4):
        await world.store.park(str(n), 1, "it fails")
    await world.store.write([change(world, "0", 1, partition=0, parked=None)])
    assert await world.store.parked([0], 10) == 1
    assert await world.store.parked([0, 1], 10) == 3
    assert await world.store.parked([0, 1], 2) == 2
    assert await world.store.parked([2], 10) == 0
    assert await world.store.unpark([1], at(50), 1) == 1
    assert await world.store.unpark([0, 1], at(50), 10) == 2
    assert await world.store.unpark([0, 1], at(50), 10) == await world.store.parked([0, 1], 10) == 0
    found = await world.store.due({0: at(50), 1: at(50)}, 10)
    assert {raw["_id"]: raw["next_due_at"] for raw in found} == {
        "1": at(50), "2": at(50), "3": at(50), "4": at(10),
    }  # fmt: skip
    assert all(raw.get("parked") is None for raw in found)


def group(place: str | None, n: int) -> dict[str, Any]:
    return {"place": place, "n": n}


async def test_groups_are_the_values_of_open_documents_of_the_partitions_asked_for(
    world: World,
) -> None:
    await world.store.write(
        [
            change(world, "a", open=True, place="001", n=1),
            change(world, "b", open=True, place="001", n=1),
            change(world, "c", open=True, place="001", n=2, partition=1),
            change(world, "d", open=True, place=None, n=1),
            change(world, "elsewhere", open=True, place="002", n=1, partition=2),
            change(world, "closed", open=False, place="003", n=1),
            change(world, "without"),
        ]
    )
    found = await world.store.open_groups([0, 1], ["place", "n"])
    wanted = [group("001", 1), group("001", 2), group(None, 1)]
    assert sorted(found, key=str) == sorted(wanted, key=str)
    assert await world.store.open_groups([3], ["place", "n"]) == []
    assert await world.store.open_groups([], ["place", "n"]) == []


async def test_a_group_is_read_page_by_page_in_the_order_of_ids_over_partitions(
    world: World,
) -> None:
    keys = ["a", "b", "c", "d", "e"]
    await world.store.write(
        [
            change(world, key, open=True, place="001", n=1, partition=number % 2)
            for number, key in enumerate(keys)
        ]
        + [
            change(world, "ab", open=True, place="001", n=2),
            change(world, "bc", open=True, place=None, n=1),
            change(world, "cd", open=False, place="001", n=1),
            change(world, "de", open=True, place="001", n=1, partition=2),
        ]
    )
    pages, after = [], ""
    while found := await world.store.open_in([0, 1], group("001", 1), after, 2):
        pages.append([raw["_id"] for raw in found])
        after = found[-1]["_id"]
    assert pages == [["a", "b"], ["c", "d"], ["e"]]
    (nowhere,) = await world.store.open_in([0], group(None, 1), "", 2)
    assert (nowhere["_id"], nowhere["seen"]) == ("bc", ["bc:0"])
    assert await world.store.open_in([], group("001", 1), "", 2) == []
