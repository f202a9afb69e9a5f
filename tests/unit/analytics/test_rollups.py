"""Each record is counted once, however it is delivered; MongoDB's part is played in memory."""

from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from services.analytics.domain.timeline import Timeline
from services.analytics.rollups import _lost, gather, update
from shared.contracts.envelope import Event
from shared.ledger.decider import Taken
from shared.ledger.ports import TransientError
from tests.unit.analytics.lives import fold, interleaved, lives, place

Buckets = dict[str, dict[str, Any]]


class Analytics:
    """Timelines and buckets in memory, written in the ledger's order."""

    def __init__(self) -> None:
        self.buckets: Buckets = {}
        self.timelines: dict[str, Timeline] = {}
        self.seen: set[str] = set()

    def batch(self, events: Sequence[Event[Any]], *, killed: bool = False) -> None:
        """Handle a batch; a kill comes after the buckets and before the timelines."""
        taken, states, seen = [], dict(self.timelines), set(self.seen)
        for event in events:
            if event.id in seen:
                continue
            before = states.get(event.subject)
            states[event.subject] = fold([event], before)
            taken.append(Taken(event, before, states[event.subject]))
            seen.add(event.id)
        self.count(taken)
        if not killed:
            self.timelines, self.seen = states, seen

    def count(self, taken: Sequence[Taken[Timeline]]) -> None:
        """Write the buckets."""
        for bucket, counted in gather(taken).items():
            raw = self.buckets.get(bucket, {"at": {}, "n": {}})
            one = update(bucket, counted, raw["at"], compares=True)
            if one is not None:
                assert self.apply(one)

    def apply(self, one: UpdateOne) -> bool:
        """One guarded upsert, as MongoDB does it; False is a lost race."""
        guard, change = parts(one)
        before = self.buckets.get(guard["_id"])
        if before is not None and not _fits(before["at"], guard):
            return False
        raw = {"at": {}, "n": {}, **deepcopy(before or {})}
        for name, value in change["$set"].items():
            if name == "to":
                raw["to"] = value
            else:
                raw["at"][name.removeprefix("at.")] = value
        for name, amount in change.get("$inc", {}).items():
            part, _, key = name.partition(".")
            raw[part][key] = raw[part].get(key, 0) + amount
        if raw["to"].items() <= raw["at"].items():
            self.buckets[guard["_id"]] = raw
            return True
        return False

    def figures(self) -> dict[str, Counter[str]]:
        """What is counted, without zeros."""
        found: dict[str, Counter[str]] = {
            bucket: +Counter(raw["n"]) for bucket, raw in self.buckets.items()
        }
        return {bucket: figures for bucket, figures in found.items() if figures}

    def marks(self) -> dict[str, dict[str, int]]:
        """Up to which offsets the buckets have counted."""
        return {bucket: raw["at"] for bucket, raw in self.buckets.items()}


def parts(one: UpdateOne) -> tuple[dict[str, Any], dict[str, Any]]:
    """The filter and the change of an update."""
    assert isinstance(one._doc, dict)
    return dict(one._filter), one._doc


def _fits(marks: dict[str, int], guard: dict[str, Any]) -> bool:
    return all(
        marks.get(name.removeprefix("at.")) == (None if isinstance(wanted, dict) else wanted)
        for name, wanted in guard.items()
        if name != "_id"
    )


@st.composite
def logs(draw: st.DrawFn) -> list[Event[Any]]:
    """Some incidents in one log, with records that stand twice."""
    events: list[Event[Any]] = []
    for number in range(draw(st.integers(1, 3))):
        events += draw(interleaved(draw(lives(f"incident-{number}"))))
    twice = draw(st.lists(st.sampled_from(events), max_size=3))
    return place([*events, *twice])


@given(data=st.data(), events=logs())
def test_counted_once_whatever_the_borders_and_the_kills(
    data: st.DataObject, events: list[Event[Any]]
) -> None:
    straight = Analytics()
    straight.batch(events)
    crashing, position = Analytics(), 0
    while position < len(events):
        until = data.draw(st.integers(position + 1, len(events)))
        killed = data.draw(st.booleans())
        crashing.batch(events[position:until], killed=killed)
        if killed:
            # Delivered again, from what was committed, with other borders.
            until = data.draw(st.integers(position + 1, len(events)))
            crashing.batch(events[position:until])
        position = until if data.draw(st.booleans()) else position + 1
    assert crashing.figures() == straight.figures()
    assert crashing.timelines == straight.timelines


@given(events=logs())
def test_one_by_one_is_as_all_at_once(events: list[Event[Any]]) -> None:
    at_once, singly = Analytics(), Analytics()
    at_once.batch(events)
    for event in events:
        singly.batch([event])
    assert singly.figures() == at_once.figures()
    assert singly.marks() == at_once.marks()


def test_an_update_is_guarded_by_the_marks_that_it_moves_only() -> None:
    counted = {"cases-1": [(5, "filed", 1), (7, "filed", 1)], "cases-2": [(3, "closed", 1)]}
    one = update("b", counted, {"cases-1": 5, "cases-9": 1}, compares=False)
    assert one is not None
    guard, change = parts(one)
    assert guard == {
        "_id": "b", "at.cases-1": 5, "at.cases-2": {"$exists": False},
    }  # fmt: skip
    assert change == {
        "$set": {"at.cases-1": 7, "at.cases-2": 3, "to": {"cases-1": 7, "cases-2": 3}},
        "$inc": {"n.filed": 1, "n.closed": 1},
    }  # fmt: skip
    assert update("b", counted, {"cases-1": 7, "cases-2": 3}, compares=False) is None


def test_what_cancels_out_moves_the_mark() -> None:
    one = update("b", {"cases-1": [(5, "closed", 1), (6, "closed", -1)]}, {}, compares=False)
    assert one is not None
    assert parts(one)[1] == {"$set": {"at.cases-1": 6, "to": {"cases-1": 6}}}


def _failed(*codes: int, concern: bool = False) -> BulkWriteError:
    errors = [{"index": index, "code": code} for index, code in enumerate(codes)]
    concerns = [{"code": 64}] if concern else []
    return BulkWriteError({"writeErrors": errors, "writeConcernErrors": concerns})


def test_a_duplicate_key_is_a_lost_race() -> None:
    assert _lost(_failed(11000, 11000), ["a", "b"]) == ["a", "b"]


@pytest.mark.parametrize("error", [_failed(11000, concern=True), _failed(91), _failed(11000, 91)])
def test_what_is_not_vouched_for_is_tried_again(error: BulkWriteError) -> None:
    with pytest.raises(TransientError):
        _lost(error, ["a", "b"])


def test_any_other_error_is_one() -> None:
    with pytest.raises(BulkWriteError):
        _lost(_failed(2), ["a"])
