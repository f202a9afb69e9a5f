"""Of a timeline only the parts are written that its events have replaced."""

from typing import Any

import bson
from hypothesis import given

from services.analytics.domain import stored
from services.analytics.domain.projecting import SERVICE, Projecting
from services.analytics.domain.timeline import Timeline
from shared.contracts.envelope import Event
from shared.contracts.topics import CASES
from shared.ledger.decider import Context
from shared.ledger.document import Change, Document
from shared.ledger.folding import Folder
from shared.platform.partitioning import partition_of
from shared.registry.snapshot import Snapshot
from tests.fakes.clock import START
from tests.unit.analytics.lives import Topics, lives, place, whole

RULES = Projecting()
FOLDER: Folder[Timeline] = Folder(SERVICE, RULES, partition_of, CASES, changed=stored.changed)


def plain(raw: Any) -> Any:  # noqa: ANN401 - anything of BSON
    return bson.decode(bson.encode(raw))


def taken(document: Document[Timeline], event: Event[Any]) -> Change:
    """The write that one event leads to."""
    FOLDER.take(document, event, Context(START, Snapshot()))
    return FOLDER.change(document)


def parts(change: Change) -> dict[str, Any]:
    return {name: raw for name, raw in change.fields.items() if name.partition(".")[0] == "state"}


@given(topics=lives())
def test_the_parts_put_into_what_was_stored_are_the_whole(topics: Topics) -> None:
    document = FOLDER.open("i", None)
    raw: dict[str, Any] = {}
    for event in place([event for told in topics.values() for event in told]):
        change = taken(document, event)
        for name, part in parts(change).items():
            _, _, field = name.partition(".")
            raw = {**raw, field: plain(part)} if field else plain(part)
        assert raw == plain(RULES.dump(document.state or Timeline()))
        assert set(parts(change)) == (
            {"state"} if change.version == 0 else {f"state.{part_of(event)}"}
        )
        document = document.settled()


@given(topics=lives())
def test_the_columns_that_are_written_and_those_that_were_are_all(topics: Topics) -> None:
    document = FOLDER.open("i", None)
    raw: dict[str, Any] = {}
    for event in place([event for told in topics.values() for event in told]):
        change = taken(document, event)
        raw |= {n: value for n, value in change.fields.items() if n not in change.unchanged}
        columns = RULES.columns(document.state or Timeline())
        assert plain({name: raw[name] for name in columns}) == plain(columns)
        document = document.settled()


def part_of(event: Event[Any]) -> str:
    """The part of an event's topic."""
    assert event.origin is not None
    names = {"incidents": "incident", "cases": "case", "escalations": "escalation"}
    return names[event.origin.topic.split(".")[1]]


def test_what_an_older_version_stored_is_written_whole() -> None:
    first, second, *_ = place([one for told in whole("i").topics.values() for one in told])
    document = FOLDER.open("i", None)
    change = taken(document, first)
    raw = {**change.fields, "state": plain(change.fields["state"]), "seen": [], "outbox": []}
    as_it_is = FOLDER.open("i", raw)
    older = FOLDER.open("i", {**raw, "fold": RULES.fold_version - 1})
    assert "state" not in taken(as_it_is, second).fields
    assert parts(taken(older, second)).keys() == {"state"}
    assert plain(older.state and RULES.dump(older.state)) == plain(
        as_it_is.state and RULES.dump(as_it_is.state)
    )


def test_what_was_not_written_is_not_taken_for_stored() -> None:
    first, second, *_ = place([one for told in whole("i").topics.values() for one in told])
    change = taken(FOLDER.open("i", None), first)
    raw = {**change.fields, "state": plain(change.fields["state"]), "outbox": []}
    older = {**raw, "fold": RULES.fold_version - 1, "seen": [first.id]}
    again = FOLDER.open("i", older)
    assert FOLDER.take(again, first, Context(START, Snapshot())) is None
    assert parts(taken(again.settled(), second)).keys() == {"state"}
