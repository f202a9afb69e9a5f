"""The whole of a batch, on the fakes and on real servers: what becomes of good records."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.ledger.document import Raw
from shared.ledger.ports import Record, UnansweredError
from tests.fakes.clock import START
from tests.ledger.scripted import reported
from tests.ledger.worlds import Shell, header, record


async def emitted(shell: Shell) -> list[str]:
    return [header(one, "ce_id") for one in await shell.world.read(shell.world.outputs)]


async def test_a_record_is_decided_published_pulled_and_committed(shell: Shell) -> None:
    await shell.feed(reported("a", "emit:2"))
    assert await shell.run(1) is True
    raw = await shell.document("a")
    assert raw["version"] == 1
    assert raw["sequence"] == 2
    assert raw["outbox"] == []
    assert list(raw["seen"]) == raw["state"]["read"] == [reported("a", "emit:2").id]
    found = await shell.world.read(shell.world.outputs)
    assert [header(one, "ce_sequence") for one in found] == ["1", "2"]
    assert [header(one, "ce_id") for one in found] == raw["state"]["emitted"]
    assert {header(one, "ce_causationid") for one in found} == {reported("a", "emit:2").id}
    assert {one.key for one in found} == {b"a"}
    assert await shell.member.at_end() == shell.member.owned()


async def test_records_of_one_document_in_one_batch_are_one_write_in_order(shell: Shell) -> None:
    events = [reported("a", f"emit:1 n:{number}") for number in range(5)]
    await shell.feed(*events)
    await shell.run(5)
    raw = await shell.document("a")
    assert raw["version"] == 1
    assert raw["sequence"] == 5
    assert raw["state"]["read"] == [one.id for one in events]
    assert await emitted(shell) == raw["state"]["emitted"]


async def test_one_id_at_two_offsets_counts_once_in_one_batch_and_in_two(shell: Shell) -> None:
    await shell.feed(*[reported("a", "emit:1")] * 2, reported("b", "emit:1"))
    await shell.run(3)
    await shell.feed(reported("a", "emit:1"), reported("b", "emit:1"))
    await shell.run(2)
    raws = await shell.world.documents()
    assert {key: raw["version"] for key, raw in raws.items()} == {"a": 1, "b": 1}
    assert len(await emitted(shell)) == 2


async def test_a_batch_whose_commit_nobody_answers_does_not_count_as_come_to_an_end(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unanswered(_: object) -> bool:
        raise UnansweredError("commit")

    shell.processor.patience_s = 0.0
    await shell.feed(reported("a", "emit:1"))
    with monkeypatch.context() as patched:
        patched.setattr(type(shell.member), "commit", lambda _self, nexts: unanswered(nexts))
        assert await shell.run(1) is False
    assert shell.processor.beats == 0
    assert await shell.run(1) is True
    assert shell.processor.beats == 1


async def test_what_follows_from_nothing_is_marked_seen_as_well(shell: Shell) -> None:
    await shell.feed(reported("a"))
    await shell.run(1)
    assert (await shell.document("a"))["seen"] == [reported("a").id]
    assert await emitted(shell) == []


async def test_unknown_types_and_fields_are_passed_over_and_never_dead(shell: Shell) -> None:
    good = record(shell.world.inputs, reported("a", "emit:1"))
    headers = [
        (name, b"cn.wangge.unheard.of.v9" if name == "ce_type" else raw)
        for name, raw in good.headers
    ]
    await shell.world.append(
        Record(good.topic, good.partition, -1, 0, good.key, b'{"x": 1}', headers)
    )
    extra = (good.value or b"").replace(b"{", b'{"from_the_future": [1],', 1)
    await shell.world.append(
        Record(good.topic, good.partition, -1, 0, good.key, extra, good.headers)
    )
    assert await shell.run(2) is True
    assert (await shell.document("a"))["sequence"] == 1
    assert len(await emitted(shell)) == 1
    assert await shell.member.at_end() == shell.member.owned()


async def test_a_first_event_is_not_looked_for_and_when_it_comes_again_it_is_found(
    shell: Shell, looked: list[list[str]]
) -> None:
    shell.processor.settler.kept.most = 0
    first, later = reported("a", "emit:1"), replace(reported("a", "emit:1 n:2"), sequence=2)
    await shell.feed(first)
    await shell.run(1)
    await shell.feed(first, later)
    await shell.run(2)
    await shell.feed(later)
    await shell.run(1)
    assert looked == [["a"], ["a"]]
    raw = await shell.document("a")
    assert (raw["version"], raw["sequence"]) == (2, 2)
    assert await emitted(shell) == raw["state"]["emitted"]


@pytest.mark.parametrize("applied", [True, False])
async def test_after_an_unknown_outcome_it_is_loaded_and_decided_again_and_nothing_is_twice(
    shell: Shell, *, applied: bool
) -> None:
    await shell.feed(*[reported(f"d{number}", "emit:2") for number in range(10)])
    await shell.world.break_write(applied=applied)
    assert await shell.run(10) is True
    raws = await shell.world.documents()
    assert len(raws) == 10
    assert all(raw["version"] == 1 and raw["outbox"] == [] for raw in raws.values())
    ids = await emitted(shell)
    assert len(ids) == len(set(ids)) == 20


async def test_a_lost_race_is_decided_again_on_what_the_winner_wrote(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Shell(shell.world, shell.member)
    settler = shell.processor.settler
    raced = False

    load = shell.world.store.load

    async def beaten(ids: Sequence[str]) -> dict[str, Raw]:
        nonlocal raced
        raws = await load(ids)
        if not raced:
            raced = True
            await other.processor.settler.settle([reported("a", "emit:1 by:other")])
        return raws

    monkeypatch.setattr(settler.store, "load", beaten)
    settled = await settler.settle([reported("a", "emit:1 by:us"), reported("b", "emit:1")])
    assert settled.races == 1
    raw = await shell.document("a")
    assert raw["version"] == 2
    assert [one.rpartition(":")[2] for one in raw["state"]["read"]] == ["other", "us"]
    assert raw["sequence"] == 2
    found = await shell.world.read(shell.world.outputs)
    of_a = [header(one, "ce_sequence") for one in found if one.key == b"a"]
    assert of_a == ["1", "2"]


async def test_a_batch_of_a_member_that_lost_its_partitions_is_dropped_and_done_by_another(
    shell: Shell,
) -> None:
    await shell.feed(*[reported(f"d{number}", "emit:1") for number in range(16)])
    batch = await shell.member.poll(16)
    second = Shell(shell.world, await shell.world.join())
    assert await shell.processor.handle(batch) is True
    again = [*await shell.member.poll(), *await second.member.poll()]
    assert len(again) == 16
    for one, member in ((shell, shell.member), (second, second.member)):
        mine = [found for found in again if found.partition in member.owned()]
        assert await one.processor.handle(mine) is True
    raws = await shell.world.documents()
    assert [raw["version"] for raw in raws.values()] == [1] * 16
    ids = await emitted(shell)
    assert len(ids) == len(set(ids)) == 16


async def test_a_partitions_time_is_that_of_the_last_record_handled(shell: Shell) -> None:
    late = START + timedelta(hours=2)
    first = reported("a", "n:1")
    await shell.feed(first, reported("a", "n:2", time=late))
    partition = record(shell.world.inputs, first).partition
    await shell.run(1)
    shell.clock.forward(86_400)
    assert shell.processor.times.until([partition], [], shell.clock()) == {partition: START}
    await shell.run(1)
    assert shell.processor.times.until([partition], [], shell.clock()) == {partition: late}
    assert shell.processor.times.until([partition], [partition], shell.clock()) == {
        partition: shell.clock()
    }
