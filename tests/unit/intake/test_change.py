"""A change has only the entries that it changes, in chunks of a bounded size."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake import imports
from services.intake.domain.change import Candidate, EntryFullError, parts
from services.intake.domain.commands import EndEntry, SetEntry, command
from services.intake.domain.entry import Entries
from services.intake.http.import_body import gather
from services.intake.imports import chunks
from services.intake.registry_writer import ENTRY
from shared.contracts.registry_v1 import Change, EntrySet
from shared.contracts.topics import REGISTRY
from shared.ledger.decider import Context
from shared.ledger.document import Document
from shared.ledger.folding import Folder
from shared.platform.partitioning import partition_of
from shared.registry.snapshot import Snapshot
from shared.registry.spans import Span
from tests.unit.intake.driving import NOW, through_bson
from tests.unit.intake.entries import grid, matter, policy, unit

RULES = Entries()
DAY = timedelta(days=1)
FOLDER = Folder("intake", RULES, partition_of, REGISTRY)


def candidates(*entries: object) -> list[Candidate]:
    gathered = gather(
        orjson.dumps({"entries": entries}), "application/json", "", None, "Asia/Shanghai"
    )
    gathered.check()
    return gathered.candidates


def set_entry(
    one: Candidate,
    change: str,
    expected: int | None = None,
    since: datetime = NOW,
    until: datetime | None = None,
) -> SetEntry:
    return SetEntry(
        change=Change(id=change, part=1, count=1),
        entry=ENTRY.validate_json(one.raw),
        decided_at=NOW,
        valid_from=since,
        valid_until=until,
        expected_n=expected,
    )


def end_entry(change: str, until: datetime = NOW, expected: int | None = None) -> EndEntry:
    return EndEntry(
        change=Change(id=change, part=1, count=1),
        decided_at=NOW,
        valid_until=until,
        successor="u-9",
        expected_n=expected,
    )


def take(document: Document[EntrySet], one: SetEntry | EndEntry) -> EntrySet:
    event = command(document.id, one, NOW, one.change.id)
    FOLDER.take(document, event, Context(now=NOW, registry=Snapshot()))
    assert document.state is not None
    return document.state


def test_each_change_makes_a_new_version_with_a_key_of_its_own() -> None:
    (one,) = candidates(grid())
    document = FOLDER.open(one.key, None)
    first = take(document, set_entry(one, "c1"))
    again = take(document, set_entry(one, "c1"))
    second = take(document, end_entry("c2"))
    assert (first.n, again.n, second.n) == (1, 1, 2)
    assert [entry.key for entry in document.new_entries] == [f"{one.key}/1", f"{one.key}/2"]
    assert {entry.partition for entry in document.new_entries} == {0}
    assert RULES.columns(second) == {"kind": "grid", "code": "990101001001001"}
    assert RULES.load(through_bson(RULES.dump(second))) == second


def test_a_version_is_made_only_after_the_expected_one() -> None:
    (one,) = candidates(unit())
    document = FOLDER.open(one.key, None)
    assert take(document, set_entry(one, "c1", expected=0)).n == 1
    assert take(document, set_entry(one, "c2", expected=0)).n == 1
    assert take(document, set_entry(one, "c3", expected=1)).n == 2


def test_an_end_keeps_from_when_the_entry_held_and_names_who_takes_over() -> None:
    (one,) = candidates(unit())
    document = FOLDER.open(one.key, None)
    first = take(document, set_entry(one, "c1"))
    assert take(document, end_entry("c2", expected=7)) == first
    ended = take(document, end_entry("c3", until=NOW + DAY, expected=1))
    assert (ended.n, ended.valid_from, ended.valid_until) == (2, NOW, NOW + DAY)
    assert (ended.successor, ended.entry) == ("u-9", first.entry)
    # Whoever ends it within a change makes a part of that change, whatever came before.
    assert take(document, end_entry("c4")).n == 3


def test_what_was_to_hold_only_later_never_does_once_it_is_withdrawn() -> None:
    (one,) = candidates(unit())
    document = FOLDER.open(one.key, None)
    versions = [
        take(document, set_entry(one, "c1", since=NOW - DAY)),
        take(document, set_entry(one, "c2", since=NOW + DAY)),
        take(document, end_entry("c3")),
    ]
    registry = Snapshot().with_changes(versions, 3)
    held = [registry.unit("u-1", NOW + days * DAY) is not None for days in (-1, 0, 1, 2)]
    assert held == [True, False, False, False]


def test_nothing_that_never_was_is_ended() -> None:
    document = FOLDER.open("unit/none", None)
    event = command(document.id, end_entry("c1"), NOW, "c1")
    FOLDER.take(document, event, Context(now=NOW, registry=Snapshot()))
    assert document.state is None
    assert document.new_entries == []


def test_an_end_is_a_part_unless_it_has_come_already() -> None:
    latest: dict[str, EntrySet] = {}
    for one in candidates(unit("a"), unit("b")):
        document = FOLDER.open(one.key, None)
        latest[one.key] = take(document, set_entry(one, "c1"))
    latest["unit/b"] = take(document, end_entry("c2"))
    ends = [Candidate(n, f"unit/{code}", b"", ends=True) for n, code in enumerate("abc")]
    found, unchanged = parts(ends, latest, NOW)
    assert [(part.candidate.key, part.what, part.n) for part in found] == [("unit/a", "ended", 2)]
    assert unchanged == 2


def test_what_is_so_already_is_left_out_also_after_it_was_stored() -> None:
    wanted = candidates(grid(), matter(), policy(), unit())
    latest: dict[str, EntrySet] = {}
    for one in wanted:
        stored = take(FOLDER.open(one.key, None), set_entry(one, "c1"))
        latest[one.key] = RULES.load(through_bson(RULES.dump(stored)))
    assert parts(wanted, latest, NOW) == ([], 4)
    assert parts(wanted, {}, NOW)[1] == 0


def test_new_changed_and_revived_entries_are_told_apart() -> None:
    latest: dict[str, EntrySet] = {}
    for one in candidates(unit("a"), unit("b"), unit("c")):
        document = FOLDER.open(one.key, None)
        latest[one.key] = take(document, set_entry(one, "c1"))
    latest["unit/c"] = take(document, end_entry("c2"))
    wanted = candidates(unit("a"), unit("b", area="990102"), unit("c"), unit("d"))
    found, unchanged = parts(wanted, latest, NOW)
    assert [(part.candidate.key, part.what, part.n) for part in found] == [
        ("unit/b", "changed", 2), ("unit/c", "revived", 3), ("unit/d", "new", 1),
    ]  # fmt: skip
    assert unchanged == 1


def test_an_entry_may_say_from_when_until_when_it_holds() -> None:
    days = {"valid_from": "2026-12-01", "valid_until": "2027-03-01T00:00:00+08:00"}
    (one,) = candidates(matter(**days))
    assert one.span == Span(
        datetime(2026, 11, 30, 16, tzinfo=UTC), datetime(2027, 2, 28, 16, tzinfo=UTC)
    )
    assert b"valid" not in one.raw
    version = take(
        FOLDER.open(one.key, None), set_entry(one, "c1", until=one.span.until)
    ).model_copy(update={"valid_from": one.span.since})
    latest = {one.key: RULES.load(through_bson(RULES.dump(version)))}

    def what(fields: dict[str, str], now: datetime = NOW) -> str | None:
        found, _ = parts(candidates(matter(**fields)), latest, now)
        return found[0].what if found else None

    assert what(days) is None
    assert what({"valid_until": days["valid_until"]}) is None  # when it begins is not said
    assert what(days | {"valid_until": "2027-03-02"}) == "changed"
    assert what(days | {"valid_from": "2026-12-02"}) == "changed"
    assert what({}) == "changed"  # it has no end any more
    assert what({}, datetime(2027, 3, 1, tzinfo=UTC)) == "revived"


def test_an_entry_that_is_full_is_named_before_anything_is_decided() -> None:
    (one,) = candidates(unit("a"))
    full = take(FOLDER.open(one.key, None), set_entry(one, "c1")).model_copy(update={"n": 999})
    with pytest.raises(EntryFullError, match="unit/a"):
        parts([one], {one.key: full}, NOW)


@given(st.lists(st.integers(0, 12), max_size=60))
def test_chunks_hold_everything_in_order_and_are_bounded(sizes: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(imports, "CHUNK_BYTES", 10)
        patch.setattr(imports, "CHUNK_ENTRIES", 4)
        found = [list(chunk) for chunk in chunks(list(enumerate(sizes)), sizes)]
    assert [one for chunk in found for one in chunk] == list(enumerate(sizes))
    for chunk in found:
        assert 1 <= len(chunk) <= 4
        assert len(chunk) == 1 or sum(size for _, size in chunk) <= 10
