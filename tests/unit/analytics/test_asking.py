"""What may be asked, and how it is looked up."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.analytics.domain.filters import Listing, Page, Period, Trend
from services.analytics.domain.paging import BadCursorError, cursor, position
from services.analytics.queries import FARTHEST, listing, named, scoped
from shared.platform.ids import receipt_no

NOW = datetime(2026, 3, 2, tzinfo=UTC)
instants = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=0))


@given(at=instants, name=st.text(min_size=1, max_size=40))
def test_a_cursor_says_where_it_goes_on(at: datetime, name: str) -> None:
    assert position(cursor(at, name)) == (at, name)


@given(text=st.text(max_size=100))
def test_whatever_is_no_cursor_is_an_error_of_its_own(text: str) -> None:
    try:
        at, _ = position(text)
    except BadCursorError:
        return
    assert at.tzinfo is UTC


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2026-13-01"},
        {"from": "2026-02-30"},
        {"from": "20260302"},
        {"from": "0001-01-01"},
        {"from": "2026-03-02", "to": "2026-03-01"},
        {"area": "99"},
        {"area": "9901*"},
        {"state": "sleeping"},
        {"bbox": "1,2,3"},
        {"bbox": "a,b,c,d"},
        {"bbox": "3,2,1,4"},
        {"bbox": "nan,0,1,1"},
        {"bbox": "0,-91,1,1"},
        {"limit": "0"},
        {"limit": "501"},
        {"matter": ""},
        {"unknown": "1"},
    ],
)
def test_what_cannot_be_meant_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Page.model_validate(query)


def test_a_trend_is_bounded() -> None:
    with pytest.raises(ValidationError, match="too many"):
        Trend.model_validate({"from": "2016-01-01", "to": "2026-12-31"})
    assert Trend.model_validate({"from": "2017-01-01", "to": "2026-12-31"}).by == "day"


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ({}, True),
        ({"area": "990101001"}, True),
        ({"area": "990101", "matter": "litter"}, True),
        ({"area": "9901", "unit": "u"}, True),
        ({"area": "990101001", "matter": "litter"}, False),
        ({"matter": "litter", "unit": "u"}, False),
    ],
)
def test_buckets_answer_what_they_are_kept_of(query: dict[str, str], kept: object) -> None:
    assert Period.model_validate(query).series.kept == kept


def test_an_area_is_all_that_begins_with_its_code() -> None:
    grid = scoped(Listing(area="990101"))["grid"]
    inside = ["990101", "990101001", "990101999999999"]
    outside = ["9901", "990100999999999", "990102001001001"]
    assert all(grid["$gte"] <= code < grid["$lt"] for code in inside)
    assert not any(grid["$gte"] <= code < grid["$lt"] for code in outside)


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("6F0D8A53-6c0e-5b7a-9d1c-0f4b6c2b7a11", "_id"),
        (receipt_no("x").lower(), "receipt_no"),
        ("990101-20260302-0700000123", "case_no"),
        ("$where", "case_no"),
    ],
)
def test_a_name_is_an_id_a_receipt_number_or_a_case_number(name: str, query: str) -> None:
    assert list(named(name)) == [query]


@pytest.mark.parametrize("query", [{}, {"state": "rejected"}, {"unit": "u"}, {"area": "9901"}])
def test_the_public_finds_no_matters_that_are_not_public(query: dict[str, str]) -> None:
    found = listing(Listing.model_validate(query), NOW, official=False)
    assert found["public"] == {"$ne": False}
    assert "public" not in listing(Listing.model_validate(query), NOW, official=True)


@pytest.mark.parametrize("query", [{"matter": "dispute"}, {"bbox": "0,0,1,1"}])
def test_the_public_finds_by_what_it_may_see_only(query: dict[str, str]) -> None:
    found = listing(Listing.model_validate(query), NOW, official=False)
    assert found["public"] is True


def test_the_index_narrows_a_period_and_the_local_day_decides() -> None:
    asked = Listing.model_validate({"from": "2026-03-02", "to": "2026-03-02"})
    found = listing(asked, NOW, official=True)
    assert found["on.reported"]["$gte"] == found["on.reported"]["$lte"] == "2026-03-02"
    ends = found["counts_from"]
    assert ends["$gte"] == NOW - FARTHEST
    assert ends["$lt"] == datetime(2026, 3, 3, tzinfo=UTC) + FARTHEST


def test_a_cursor_keeps_the_period() -> None:
    asked = Listing.model_validate({"from": "2026-03-02"})
    found = listing(asked, NOW, official=True, after=cursor(NOW, "i"))
    assert found["counts_from"]["$lte"] == NOW
    assert "$gte" in found["counts_from"]
    assert found["$or"] == [{"counts_from": {"$lt": NOW}}, {"_id": {"$lt": "i"}}]
