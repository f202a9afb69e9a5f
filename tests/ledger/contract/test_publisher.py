"""What the ledger asks of its publisher, of the fake and of Kafka alike."""

from tests.fakes.clock import MovedClock
from tests.ledger.worlds import World, entry, header

CLOCK = MovedClock()


async def test_an_acknowledged_record_is_in_the_log_with_exactly_its_bytes(world: World) -> None:
    one = entry(world.outputs, "a", 1, CLOCK)
    assert await world.publisher.send([one]) == [True]
    (found,) = await world.read(world.outputs)
    assert found.partition == one.partition
    assert found.key == b"a"
    assert found.value == one.value
    assert dict(found.headers)["ce_id"] == b"a/1"
    assert found.timestamp == int(one.at.timestamp() * 1000)


async def test_the_same_entry_published_again_has_the_same_bytes(world: World) -> None:
    one = entry(world.outputs, "a", 1, CLOCK)
    await world.publisher.send([one])
    await world.publisher.send([one])
    first, second = await world.read(world.outputs)
    assert (first.key, first.value, first.timestamp) == (second.key, second.value, second.timestamp)
    assert first.headers == second.headers


async def test_entries_of_one_wave_are_answered_each(world: World) -> None:
    wave = [entry(world.outputs, f"k{number}", 1, CLOCK) for number in range(300)]
    assert await world.publisher.send(wave) == [True] * 300
    found = await world.read(world.outputs)
    assert {header(one, "ce_id") for one in found} == {one.id for one in wave}


async def test_an_empty_wave_is_nothing(world: World) -> None:
    assert await world.publisher.send([]) == []
    assert await world.read(world.outputs) == []


async def test_what_was_sent_one_after_another_stands_one_after_another(world: World) -> None:
    for number in range(5):
        assert await world.publisher.send([entry(world.outputs, "a", number, CLOCK)]) == [True]
    found = await world.read(world.outputs)
    assert [header(one, "ce_id") for one in found] == [f"a/{number}" for number in range(5)]
