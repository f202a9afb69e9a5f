"""Whether a live document is what the log gives, also while traffic runs on."""

from typing import Any

import pytest

from deploy.rebuild.judging import by_place, digest, judge_bucket, judge_document
from shared.contracts.topics import CASES

UNTIL = by_place({(CASES.name, 3): 10})


def timeline(*seen: str, state: str = "filed", **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"_id": "i", "version": 1, "seen": list(seen), "outbox": [], "state": state, **more}


def bucket(mark: int, **figures: int) -> dict[str, Any]:
    return {"_id": "b", "at": {"cases-3": mark}, "n": figures}


def test_bookkeeping_and_order_do_not_count() -> None:
    live = {"state": "filed", "seen": ["b", "a"], "_id": "i", "version": 7, "outbox": [1]}
    assert judge_document(live, timeline("a", "b")).what == "same"


@pytest.mark.parametrize(
    ("live", "detail"),
    [
        (None, "it is missing (2 events)"),
        (timeline("a"), "it has not taken b (1 events)"),
        (timeline("a", "b", state="closed"), "state: folded 'filed', stored 'closed'"),
    ],
)
def test_what_differs_is_named(live: dict[str, Any] | None, detail: str) -> None:
    found = judge_document(live, timeline("a", "b"))
    assert (found.what, found.detail) == ("differs", detail)


def test_a_timeline_that_took_more_has_moved_on() -> None:
    found = judge_document(timeline("a", "b", state="closed"), timeline("a"))
    assert (found.what, found.beyond) == ("moved_on", frozenset("b"))
    assert judge_document(timeline("a"), None).what == "moved_on"


def test_one_that_took_more_and_lacks_something_differs_and_is_not_to_be_replaced() -> None:
    found = judge_document(timeline("b", "c"), timeline("a", "b"))
    assert (found.what, found.beyond) == ("differs", frozenset("c"))


def test_a_bucket_is_compared_by_its_figures() -> None:
    assert judge_bucket(bucket(5, filed=2, closed=0), bucket(6, filed=2), UNTIL).what == "same"
    found = judge_bucket(bucket(5, filed=3), bucket(5, filed=2), UNTIL)
    assert (found.what, found.detail) == ("differs", "n.filed: folded 2, stored 3")
    assert judge_bucket(None, bucket(5, filed=2), UNTIL).what == "differs"
    assert judge_bucket(bucket(5, filed=2), None, UNTIL).what == "differs"


def test_a_bucket_that_counted_beyond_has_moved_on() -> None:
    assert judge_bucket(bucket(9, filed=3), bucket(9, filed=2), UNTIL).what == "differs"
    assert judge_bucket(bucket(10, filed=3), bucket(9, filed=2), UNTIL).what == "moved_on"
    assert judge_bucket(bucket(10, filed=1), None, UNTIL).what == "moved_on"


def test_a_digest_is_of_the_content() -> None:
    assert digest({"a": 1, "b": {"c": 2, "d": 3}}) == digest({"b": {"d": 3, "c": 2}, "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})
