"""What of a batch is looked into at all."""

from shared.contracts.envelope import encode
from shared.ledger.decoding import decode_all
from shared.ledger.ports import Record
from tests.ledger.scripted import reported


def _record(offset: int, value: bytes | None = None) -> Record:
    headers, good = encode(reported("a", f"n:{offset}"))
    raw = [(name, text.encode()) for name, text in headers.items()]
    return Record("t", 0, offset, 0, b"a", value or good, raw)


def test_types_that_change_nothing_are_counted_and_not_looked_into() -> None:
    records = [_record(0), _record(1, b"no json")]
    passed = decode_all(records, frozenset({reported("a").type.encode()}))
    assert (passed.passed, passed.events, passed.letters) == (2, [], [])
    taken = decode_all(records, frozenset({b"cn.wangge.other.v1"}))
    assert (taken.passed, len(taken.events), len(taken.letters)) == (0, 1, 1)


def test_of_a_topic_that_is_only_checked_nothing_is_handled_but_what_is_no_event_is_put_away() -> (
    None
):
    records = [_record(0), _record(1, b"no json")]
    checked = decode_all(records, checks=frozenset({"t"}))
    assert (checked.passed, checked.events) == (1, [])
    assert [(letter.record.offset, letter.code) for letter in checked.letters] == [
        (1, "undecodable")
    ]


def test_what_is_nothing_by_what_it_says_is_counted_but_what_is_no_event_is_put_away() -> None:
    records = [_record(0), _record(1), _record(2, b"no json")]
    taken = decode_all(records, nothing=lambda event: event.id == reported("a", "n:0").id)
    assert (taken.passed, [one.id for one in taken.events]) == (1, [reported("a", "n:1").id])
    assert len(taken.letters) == 1
