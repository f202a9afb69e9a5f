"""Of the columns beside a state those are written that are other than the store has them."""

from typing import Any

from shared.contracts.topics import INCIDENTS
from shared.ledger.decider import Context
from shared.ledger.document import Change, Document
from shared.ledger.folding import Folder
from shared.platform.partitioning import partition_of
from shared.registry.snapshot import Snapshot
from tests.fakes.clock import START
from tests.ledger.scripted import Scripted, Told, reported

FOLDER: Folder[Told] = Folder("service", Scripted(), partition_of, INCIDENTS)
HERE = "place:001"


def taken(document: Document[Told], words: str) -> Change:
    FOLDER.take(document, reported("a", words), Context(START, Snapshot()))
    return FOLDER.change(document)


def stored(change: Change) -> dict[str, Any]:
    """The document as the store has it after its first write."""
    raw = {**change.fields, "_id": change.id, "seen": change.seen, "outbox": []}
    return {**raw, "state": Scripted().dump(FOLDER.decider.load(change.fields["state"]))}


def test_a_new_document_is_written_whole() -> None:
    change = taken(FOLDER.open("a", None), HERE)
    assert change.unchanged == []
    assert change.fields["place"] is not None


def test_columns_that_stay_are_not_written_again() -> None:
    document = FOLDER.open("a", None)
    first = taken(document, HERE)
    for one in (document.settled(), FOLDER.open("a", stored(first))):
        change = taken(one, "emit:1")
        assert {"place", "open"} <= set(change.unchanged)
        assert change.fields["place"] == first.fields["place"], "whoever listens is told of all"


def test_columns_that_change_are_written() -> None:
    document = FOLDER.open("a", None)
    first = taken(document, HERE)
    for one in (document.settled(), FOLDER.open("a", stored(first))):
        assert not {"place", "open"} & set(taken(one, "ended place:002").unchanged)


def test_of_what_an_older_version_wrote_every_column_is_written() -> None:
    raw = stored(taken(FOLDER.open("a", None), HERE))
    older = {**raw, "fold": Scripted.fold_version - 1}
    assert taken(FOLDER.open("a", older), "emit:1").unchanged == []


def test_an_instant_that_parking_may_have_taken_away_is_always_written() -> None:
    document = FOLDER.open("a", None)
    due = taken(document, "due:60").fields["next_due_at"]
    change = taken(document.settled(), "emit:1")
    assert change.fields["next_due_at"] == due
    assert "next_due_at" not in change.unchanged
