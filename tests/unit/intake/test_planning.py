"""Which inspections plans order, from when until when, and as which report each is made."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.entry_rules import examine
from services.intake.domain.planning import LOOK_BACK_DAYS, days_of, ordered
from shared.contracts.golden import story
from shared.contracts.plans import Every, Plan
from shared.contracts.registry_v1 import Entry, Place
from shared.contracts.routing_rules import Source
from shared.registry.snapshot import Snapshot
from tests.unit.dispatch.city import (
    ENTRIES,
    GRID,
    NEIGHBOUR,
    entry_set,
    matter,
    named,
    point,
    registry,
)
from tests.unit.dispatch.flows import INSPECTION

ZONE = "Asia/Shanghai"
NOON = datetime(2026, 3, 9, 4, tzinfo=UTC)
"""Of Monday, the 9th of March, in that zone."""
PLACE = Place(code="school", names=named("school"), location=point(GRID))
PLAN = story.PLAN.model_copy(
    update={
        "places": ("school", "no-such-place"), "grids": (), "areas": (), "dates": ("2026-03-09",),
        "every": None,
    }
)  # fmt: skip


BY = INSPECTION.model_copy(update={"code": "inspection"})
INSPECTED = matter(PLAN.matter).model_copy(update={"flow": BY.code})
HERE = (*ENTRIES, PLACE, BY, INSPECTED)


def city(*plans: Plan) -> Snapshot:
    return registry([*HERE, *plans])


def orders(plan: Plan, at: datetime = NOON) -> list[tuple[str, str]]:
    found = (one.report.plan for one in ordered(city(plan), ZONE, at))
    return [(one.day, one.target) for one in found if one]


def with_(**more: object) -> Plan:
    return PLAN.model_copy(update=more)


def test_an_inspection_is_a_report_of_the_plan_at_its_place() -> None:
    (one,) = ordered(city(PLAN), ZONE, NOON)
    report = one.report
    assert (report.matter, report.location, report.source) == (
        "fire-inspection", point(GRID), Source.PLAN,
    )  # fmt: skip
    assert report.plan is not None
    assert (report.plan.code, report.plan.n, report.plan.day, report.plan.target) == (
        "fire-week", 1, "2026-03-09", "school",
    )  # fmt: skip
    assert report.plan.checklist == PLAN.checklist
    assert one.reporter.subject == "plan-fire-week"
    assert "school" in report.description


def test_the_same_day_and_place_is_the_same_inspection_whatever_becomes_of_the_plan() -> None:
    before = {one.incident_id for one in ordered(city(PLAN), ZONE, NOON)}
    changed = registry([*HERE, PLAN], entry_set(with_(names=named("another")), n=2))
    after = [*ordered(changed, ZONE, NOON)]
    assert {one.incident_id for one in after} == before
    assert [one.report.plan and one.report.plan.n for one in after] == [2]


def test_a_day_begins_at_midnight_of_the_city() -> None:
    midnight = datetime(2026, 3, 8, 16, tzinfo=UTC)
    assert orders(PLAN, midnight - timedelta(seconds=1)) == []
    assert orders(PLAN, midnight) == [("2026-03-09", "school")]


def test_nothing_is_made_up_from_before_there_was_the_plan() -> None:
    early = with_(dates=("2026-03-07", "2026-03-08", "2026-03-09"))
    late = registry([*HERE], entry_set(early, since=NOON - timedelta(days=1)))
    found = [one.report.plan and one.report.plan.day for one in ordered(late, ZONE, NOON)]
    assert found == ["2026-03-08", "2026-03-09"]


def test_nothing_is_made_up_from_while_the_plan_was_withdrawn() -> None:
    days = with_(dates=tuple(f"2026-03-0{n}" for n in range(2, 10)))
    away = [
        entry_set(days, n=2, until=NOON - timedelta(days=6)),
        entry_set(days, n=3, since=NOON - timedelta(hours=3)),
    ]
    found = [*ordered(registry([*HERE, days], *away), ZONE, NOON)]
    assert [one.report.plan and one.report.plan.day for one in found] == ["2026-03-09"]
    # What took the place of a version that had no end was there all the time.
    kept = [entry_set(days, n=2, since=NOON - timedelta(hours=3))]
    found = [*ordered(registry([*HERE, days], *kept), ZONE, NOON)]
    assert len(found) == LOOK_BACK_DAYS + 1


def test_what_was_missed_is_made_up_for_a_while() -> None:
    last = NOON + timedelta(days=LOOK_BACK_DAYS)
    assert orders(PLAN, last) == [("2026-03-09", "school")]
    assert orders(PLAN, last + timedelta(days=1)) == []


def test_grids_and_the_grids_of_areas_are_inspected_inside() -> None:
    both = with_(places=(), grids=(NEIGHBOUR,), areas=(GRID[:12],))
    assert orders(both) == [("2026-03-09", GRID), ("2026-03-09", NEIGHBOUR)]
    registry_ = city(both)
    for one in ordered(registry_, ZONE, NOON):
        assert one.report.location is not None
        assert one.report.plan is not None
        grid = registry_.grid_at(*one.report.location.coordinates, NOON)
        assert grid is not None
        assert grid.code == one.report.plan.target


def test_a_plan_that_is_withdrawn_orders_nothing() -> None:
    gone = registry([*HERE, PLAN], entry_set(PLAN, n=2, until=NOON - timedelta(days=1)))
    assert [*ordered(gone, ZONE, NOON)] == []


@pytest.mark.parametrize(
    "there",
    [(BY,), (INSPECTED,), (BY, matter(PLAN.matter))],
    ids=["no matter", "no flow", "a matter without a flow"],
)
def test_what_would_be_rejected_or_taken_for_an_incident_is_not_ordered(
    there: tuple[Entry, ...],
) -> None:
    lacking = registry([*ENTRIES, PLACE, *there, PLAN])
    assert [*ordered(lacking, ZONE, NOON)] == []
    assert orders(PLAN) == [("2026-03-09", "school")]


days = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@given(days, st.integers(0, 300), st.integers(1, 366), st.lists(days, max_size=5))
def test_the_days_of_a_plan(first: date, length: int, step: int, dates: list[date]) -> None:
    last = first + timedelta(days=length)
    every = Every(first=first.isoformat(), last=last.isoformat(), days=step)
    named_ = tuple(one.isoformat() for one in dates)
    found = [date.fromisoformat(one) for one in days_of(with_(dates=named_, every=every))]
    assert found == sorted(set(found))
    assert set(dates) <= set(found)
    regular = [one for one in found if first <= one <= last and (one - first).days % step == 0]
    assert len(regular) == length // step + 1
    assert set(found) == {*dates, *regular}


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        (with_(places=()), "no_place"),
        (with_(dates=()), "no_day"),
        (with_(every=Every(first="2026-03-02", last="2026-03-01")), "ends_before_it_begins"),
        (with_(every=Every(first="2026-01-01", last="2027-12-31")), "too_many_days"),
        (with_(checklist=PLAN.checklist * 2), "duplicate_item"),
    ],
)
def test_a_plan_that_orders_nothing_or_too_much_is_refused(plan: Plan, code: str) -> None:
    assert [one.code for one in examine(plan, None).faults] == [code]


def test_a_plan_of_the_golden_city_is_as_it_should_be() -> None:
    assert examine(story.PLAN, None).faults == []
    assert examine(PLAN, "9901").faults == []
    assert [one.code for one in examine(PLAN, "990101").faults] == ["not_your_area"]
