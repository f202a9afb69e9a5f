"""What the ledger asks of its consumer, of the fake and of Kafka alike."""

from dataclasses import replace

import pytest

from shared.ledger.ports import Record
from tests.ledger.worlds import PARTITIONS, World, raw_record

ALL = frozenset(range(PARTITIONS))


async def fill(world: World, count: int = 8) -> None:
    for number in range(count):
        record = raw_record(world.inputs, f"k{number}", str(number).encode())
        await world.append(replace(record, partition=number % PARTITIONS))


def nexts(records: list[Record]) -> dict[tuple[str, int], int]:
    return {(one.topic, one.partition): one.offset + 1 for one in records}


def values(records: list[Record]) -> list[int]:
    return sorted(int(one.value or b"") for one in records)


async def test_a_record_comes_with_its_place_key_value_headers_and_time(world: World) -> None:
    headers = [("ce_id", b"x"), ("odd", b"\xff\xfe"), ("empty", b""), ("ce_id", b"again")]
    await world.append(raw_record(world.inputs, "k", None, headers, 1_700_000_000_123))
    (found,) = await (await world.join()).poll(1)
    assert (found.topic, found.offset) == (world.inputs.name, 0)
    assert (found.key, found.value, found.timestamp) == (b"k", None, 1_700_000_000_123)
    assert list(found.headers) == headers


async def test_a_new_group_reads_from_the_start_and_each_poll_goes_on(world: World) -> None:
    await fill(world)
    member = await world.join()
    first = await member.poll(3)
    assert len(first) == 3
    rest = await member.poll()
    assert values(first + rest) == list(range(8))
    assert await member.poll() == []


async def test_what_was_committed_is_not_delivered_again_and_what_was_not_is(world: World) -> None:
    await fill(world)
    member = await world.join()
    done = await member.poll(3)
    undone = await member.poll()
    assert await member.commit(nexts(done)) is True
    await member.leave()
    again = await (await world.join()).poll()
    assert values(again) == values(undone)


async def test_a_batch_handed_back_comes_again(world: World) -> None:
    await fill(world)
    member = await world.join()
    batch = await member.poll()
    firsts = {(one.topic, one.partition): 0 for one in batch}
    member.seek(firsts)
    assert values(await member.poll()) == values(batch)


async def test_owned_are_the_partition_numbers_of_this_member(world: World) -> None:
    first = await world.join()
    assert first.owned() == ALL
    second = await world.join()
    assert first.owned() | second.owned() == ALL
    assert not first.owned() & second.owned()


async def test_a_commit_of_what_is_someone_elses_now_is_refused_as_a_whole(world: World) -> None:
    await fill(world)
    first = await world.join()
    batch = await first.poll()
    second = await world.join()
    assert await first.commit(nexts(batch)) is False
    delivered = await first.poll() + await second.poll()
    assert values(delivered) == values(batch)


async def test_seeking_what_is_someone_elses_now_does_nothing(world: World) -> None:
    await fill(world)
    first = await world.join()
    await first.poll()
    second = await world.join()
    first.seek({(world.inputs.name, number): 0 for number in range(PARTITIONS)})
    assert first.owned() | second.owned() == ALL


async def test_at_end_is_where_no_record_waits_as_the_broker_says(world: World) -> None:
    member = await world.join()
    assert await member.at_end() == ALL
    record = raw_record(world.inputs, "k", b"1")
    await world.append(record)
    assert await member.at_end() == ALL - {record.partition}
    batch = await member.poll()
    assert await member.at_end() == ALL
    member.seek({(one.topic, one.partition): one.offset for one in batch})
    assert await member.at_end() == ALL - {record.partition}


async def test_at_end_speaks_of_owned_partitions_only(world: World) -> None:
    first = await world.join()
    second = await world.join()
    assert await first.at_end() == first.owned()
    assert await second.at_end() == second.owned()


@pytest.mark.parametrize("offset", [0, 5])
async def test_offsets_are_explicit_and_may_be_less_than_what_was_polled(
    world: World, offset: int
) -> None:
    for number in range(8):
        await world.append(raw_record(world.inputs, "one key", str(number).encode()))
    member = await world.join()
    batch = await member.poll()
    assert await member.commit({(world.inputs.name, batch[0].partition): offset})
    await member.leave()
    again = await (await world.join()).poll()
    assert values(again) == list(range(offset, 8))
