"""What cannot be handled is put away whole, with its coordinates, and stops nothing else."""

import os
from base64 import b64decode
from collections.abc import Sequence

import pytest

from shared.contracts.dead_letters_v1 import RecordDied
from shared.contracts.envelope import Origin, decode
from shared.contracts.topics import DEAD_LETTERS, MAX_MESSAGE_BYTES
from shared.ledger.dead_letters import DeathWatch, TooManyDeadError
from shared.ledger.document import MAX_EVENTS
from shared.ledger.ports import Record
from tests.ledger.scripted import reported
from tests.ledger.worlds import Shell, header, raw_record, record

Headers = Sequence[tuple[str, bytes | None]]


async def letters(shell: Shell) -> list[RecordDied]:
    found = [
        decode(one.headers, one.value, Origin(one.topic, one.partition, one.offset)).data
        for one in await shell.world.read(DEAD_LETTERS)
    ]
    mine = [one for one in found if isinstance(one, RecordDied)]
    return [one for one in mine if one.topic == shell.world.inputs.name]


def without(headers: Headers, name: str) -> Headers:
    return [(key, raw) for key, raw in headers if key != name]


def with_header(headers: Headers, name: str, value: bytes | None) -> Headers:
    return [*without(headers, name), (name, value)]


BAD_HEADERS: dict[str, tuple[str, bytes | None]] = {
    "a header that is no UTF-8": ("ce_subject", b"\xff\xfe"),
    "a type that is no UTF-8": ("ce_type", b"\xc3\x28"),
    "a null header": ("ce_id", None),
    "a bad instant": ("ce_time", b"today"),
    "an instant out of reach": ("ce_time", b"0001-01-01T00:00:00+23:59"),
    "a number that is none": ("ce_sequence", b"one"),
    "a number of ten thousand digits": ("ce_sequence", b"9" * 10_000),
    "an id without end": ("ce_id", b"x" * 100_000),
    "another version of CloudEvents": ("ce_specversion", b"0.3"),
}
BAD_VALUES: dict[str, bytes | None] = {
    "bad JSON": b"{not json",
    "JSON that is no object": b"[1]",
    "deep JSON": b"[" * 100_000,
    "bytes that are no UTF-8": b"\xff\xfe\x00",
    "no value": None,
}
BAD_FIELDS: dict[str, tuple[bytes, bytes]] = {
    "a wrong type of a field": (b'"reporter":{', b'"reporter":7,"x":{'),
    "a missing field": (b'"zone":', b'"zune":'),
}
BAD = [*BAD_HEADERS, *BAD_VALUES, *BAD_FIELDS, "a header missing", "no headers"]


def spoiled(good: Record, how: str) -> tuple[Headers, bytes | None]:
    """The headers and the value of a record that is spoiled in this way."""
    if how in BAD_HEADERS:
        return with_header(good.headers, *BAD_HEADERS[how]), good.value
    if how in BAD_VALUES:
        return good.headers, BAD_VALUES[how]
    if how in BAD_FIELDS:
        return good.headers, (good.value or b"").replace(*BAD_FIELDS[how])
    return ([] if how == "no headers" else without(good.headers, "ce_subject")), good.value


@pytest.mark.parametrize("how", BAD)
async def test_an_undecodable_record_is_put_away_whole_and_the_rest_is_handled(
    shell: Shell, how: str
) -> None:
    good = record(shell.world.inputs, reported("a", "emit:1"))
    headers, value = spoiled(good, how)
    await shell.world.append(raw_record(shell.world.inputs, "a", value, headers))
    await shell.feed(reported("a", "emit:1"))
    assert await shell.run(2) is True
    (letter,) = await letters(shell)
    assert letter.code == "undecodable"
    assert letter.error
    assert (letter.partition, letter.offset, letter.service) == (good.partition, 0, "scripted")
    assert letter.value is None if value is None else b64decode(letter.value or "") == value
    assert b64decode(letter.key or "") == b"a"
    kept = [(name, None if raw is None else b64decode(raw)) for name, raw in letter.headers]
    assert kept == list(headers)
    assert (await shell.document("a"))["sequence"] == 1
    assert await shell.member.at_end() == shell.member.owned()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("explode", "undecidable"),
        ("huge", "event_too_large"),
        ("undumpable", "bad_state"),
        ("overflow", "unwritable"),
        ("wide:17000000", "unwritable"),
        ("key:taken", "unwritable"),
    ],
)
async def test_what_the_rules_or_the_store_refuse_is_put_away_with_its_document(
    shell: Shell, words: str, code: str
) -> None:
    await shell.feed(reported("holder", "key:taken"), reported("ok", "emit:1"))
    assert await shell.run(2) is True
    await shell.feed(reported("bad", words), reported("ok", "emit:1 again"))
    assert await shell.run(2) is True
    (letter,) = await letters(shell)
    assert (letter.code, letter.document_id) == (code, "bad")
    raws = await shell.world.documents()
    assert raws.keys() == {"holder", "ok"}
    assert raws["ok"]["sequence"] == 2
    assert await shell.member.at_end() == shell.member.owned()


async def test_a_record_that_dies_leaves_its_document_as_it_was_for_the_next(shell: Shell) -> None:
    await shell.feed(
        reported("a", "emit:1"), reported("a", "explode"), reported("a", "emit:1 after")
    )
    await shell.run(3)
    raw = await shell.document("a")
    assert raw["sequence"] == 2
    assert len(raw["seen"]) == 2
    assert [one.code for one in await letters(shell)] == ["undecidable"]


async def test_one_bad_id_at_two_offsets_is_two_letters(shell: Shell) -> None:
    await shell.feed(reported("a", "explode"), reported("a", "explode"))
    await shell.run(2)
    assert [one.offset for one in await letters(shell)] == [0, 1]


async def test_a_state_that_nobody_can_read_stops_no_other(shell: Shell) -> None:
    await shell.feed(reported("bad"), reported("ok"))
    await shell.run(2)
    await shell.overtake("bad", state={"nothing": "known"})
    await shell.feed(reported("bad", "n:2"), reported("ok", "n:2"))
    assert await shell.run(2) is True
    (letter,) = await letters(shell)
    assert (letter.code, letter.document_id) == ("bad_state", "bad")
    assert (await shell.document("ok"))["version"] == 2


async def test_a_document_takes_so_many_events_and_refuses_further_ones_by_name(
    shell: Shell,
) -> None:
    await shell.feed(reported("a"))
    await shell.run(1)
    await shell.overtake("a", seen=[str(n) for n in range(MAX_EVENTS - 1)])
    await shell.feed(reported("a", "last"), reported("a", "over"))
    assert await shell.run(2) is True
    (letter,) = await letters(shell)
    assert (letter.code, letter.document_id) == ("document_full", "a")
    assert "no document takes more" in letter.error
    assert len((await shell.document("a"))["seen"]) == MAX_EVENTS


async def test_a_record_that_names_a_registry_that_never_was_waits_for_nobody(
    shell: Shell,
) -> None:
    good = record(shell.world.inputs, reported("a"))
    headers = with_header(good.headers, "ce_registryversion", b"7")
    await shell.world.append(raw_record(shell.world.inputs, "a", good.value, headers))
    await shell.feed(reported("b"))
    assert await shell.run(2) is True
    (letter,) = await letters(shell)
    assert (letter.code, letter.document_id) == ("unknown_registry", "a")
    assert (await shell.world.documents()).keys() == {"b"}


async def test_a_letter_of_the_largest_record_can_be_published(shell: Shell) -> None:
    value = os.urandom(MAX_MESSAGE_BYTES - 200)  # nothing compresses it
    await shell.world.append(raw_record(shell.world.inputs, "a", value))
    assert await shell.run(1) is True
    (letter,) = await letters(shell)
    assert b64decode(letter.value or "") == value


@pytest.mark.parametrize("timestamp", [0, 253_402_300_799_999])
async def test_a_record_of_any_timestamp_can_be_put_away(shell: Shell, timestamp: int) -> None:
    place = raw_record(shell.world.inputs, "a", b"{")
    odd = Record(place.topic, place.partition, 0, timestamp, place.key, place.value, ())
    assert await shell.processor.handle([odd]) is True
    odd = Record(place.topic, place.partition, 1, -1, place.key, place.value, ())
    assert await shell.processor.handle([odd]) is True
    odd = Record(place.topic, place.partition, 2, 2**62, place.key, place.value, ())
    assert await shell.processor.handle([odd]) is True
    assert len(await letters(shell)) == 3


async def test_a_letter_published_again_is_the_same_record(shell: Shell) -> None:
    await shell.world.append(raw_record(shell.world.inputs, "a", b"{"))
    batch = await shell.member.poll(1)
    await shell.processor.handle(batch)
    shell.clock.forward(60)
    await shell.processor.handle(batch)
    mine = [
        one
        for one in await shell.world.read(DEAD_LETTERS)
        if (one.key or b"").decode().startswith(shell.world.inputs.name)
    ]
    first, second = mine
    assert (first.value, list(first.headers)) == (second.value, list(second.headers))
    assert header(first, "ce_id") == header(second, "ce_id")


async def test_too_many_dead_stop_the_consumption_with_nothing_committed_or_put_away(
    shell: Shell,
) -> None:
    bad = [reported(f"d{number}", "explode") for number in range(30)]
    await shell.feed(*bad, *[reported(f"e{number}", "emit:1") for number in range(10)])
    batch = await shell.member.poll(40)
    with pytest.raises(TooManyDeadError, match="30 of the last 40"):
        await shell.processor.handle(batch)
    assert "no offset was committed" in (shell.processor.progress.problem() or "")
    assert await letters(shell) == []
    assert "WANGGE_TESTS_DEAD_SHARE=1" in (shell.processor.progress.problem() or "")
    await shell.member.leave()
    assert len(await (await shell.world.join()).poll()) == 40


async def test_who_knows_that_the_records_are_wrong_lets_them_be_put_away(shell: Shell) -> None:
    bad = [reported(f"f{number}", "explode") for number in range(30)]
    await shell.feed(*bad, reported("g", "emit:1"))
    shell.processor.watch = DeathWatch(share=1.0)
    await shell.processor.handle(await shell.member.poll(31))
    assert len(await letters(shell)) == 30
    assert (await shell.document("g"))["sequence"] == 1
    await shell.member.leave()
    assert await (await shell.world.join()).poll() == []


def test_the_share_is_of_the_last_records_and_counts_a_batch_once() -> None:
    watch = DeathWatch(window=10, least=3, share=0.5)
    watch.admit(2, 2)
    watch.count(2, 2)
    for _ in range(5):  # tried again and again, not counted
        watch.admit(4, 1)
    watch.count(4, 1)
    with pytest.raises(TooManyDeadError, match="4 of the last 7"):
        watch.admit(1, 1)
    watch.count(9, 0)
    watch.admit(5, 4)
    with pytest.raises(TooManyDeadError, match="6 of the last 10"):
        watch.admit(6, 6)
