"""Figures: what events contribute, to which buckets, and on which days."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain.buckets import EVERYTHING, GRAINS, Series, series_of
from services.analytics.domain.contributions import contributions
from services.analytics.domain.days import local_day
from services.analytics.domain.timeline import Timeline
from shared.contracts.base import to_instant
from shared.contracts.envelope import Event
from shared.contracts.outcomes_v1 import IncidentHeld, IncidentRejected, Outcome
from shared.contracts.routing_rules import Source
from tests.unit.analytics.lives import (
    GRIDS,
    MATTERS,
    START,
    UNITS,
    Life,
    Topics,
    fold,
    interleaved,
    lives,
    whole,
)


def counted(events: Iterable[Event[Any]]) -> Counter[tuple[str, str]]:
    """What the events contribute in their order, net."""
    total: Counter[tuple[str, str]] = Counter()
    state: Timeline | None = None
    for event in events:
        before, state = state, fold([event], state)
        for bucket, figure, amount in contributions(before, state, event):
            total[bucket, figure] += amount
    return +total


def everything(total: Counter[tuple[str, str]]) -> dict[str, int]:
    """The figures of everything, all days together."""
    found: Counter[str] = Counter()
    for (bucket, figure), amount in total.items():
        if bucket.startswith("*|*|*|"):
            found[figure] += amount
    return {name: amount for name, amount in found.items() if amount}


def expected(found: Timeline) -> Counter[tuple[str, str]]:
    """What a timeline counts, from its days and its place."""
    total: Counter[tuple[str, str]] = Counter()
    for figure, day in found.incident.days.items():
        total[EVERYTHING.bucket(day), figure] += 1
    for series in series_of(*found.case.place):
        for figure, day in found.case.days.items():
            if figure != "located":
                total[series.bucket(day), figure] += 1
            elif series != EVERYTHING:
                total[series.bucket(day), "reported"] += 1
    return total


@given(data=st.data(), topics=lives())
def test_the_sum_of_contributions_is_what_the_timeline_counts(
    data: st.DataObject, topics: Topics
) -> None:
    mixed = data.draw(interleaved(topics))
    assert counted(mixed) == expected(fold(mixed))


@given(data=st.data(), topics=lives())
def test_a_contribution_depends_on_its_own_topic_only(data: st.DataObject, topics: Topics) -> None:
    state: Timeline | None = None
    for event in data.draw(interleaved(topics)):
        name = next(name for name, events in topics.items() if event in events)
        alone = fold(topics[name][: topics[name].index(event)])
        before, state = state, fold([event], state)
        assert contributions(before, state, event) == contributions(
            alone, fold([event], alone), event
        )


def _after(*moves: str) -> Life:
    life = Life("i", GRIDS[0], MATTERS[0])
    life.report()
    life.file()
    for move in moves:
        life.move(move, UNITS[0])
    return life


@pytest.mark.parametrize(
    ("moves", "figures"),
    [
        ((), {"reported": 1, "filed": 1}),
        (("dispatch", "accept", "handle"), {"reported": 1, "filed": 1}),
        (("dispatch", "accept", "handle", "close"), {"reported": 1, "filed": 1, "closed": 1}),
        (("dispatch", "accept", "handle", "close", "reopen"), {"reported": 1, "filed": 1}),
        (("dispatch", "accept", "handle", "close", "void"), {"reported": 1, "voided": 1}),
        (("void",), {"reported": 1, "voided": 1}),
    ],
)
def test_what_is_taken_back_is_not_counted(moves: tuple[str, ...], figures: dict[str, int]) -> None:
    life = _after(*moves)
    assert everything(counted(e for events in life.topics.values() for e in events)) == figures


@pytest.mark.parametrize(
    ("source", "inspections"), [(Source.PLAN, 1), (Source.INSPECTION, 0), (Source.RESIDENT, 0)]
)
def test_of_the_filed_what_a_plan_ordered_is_an_inspection_until_it_is_voided(
    source: Source, inspections: int
) -> None:
    life = Life("i", GRIDS[0], MATTERS[0])
    life.case = life.case.model_copy(update={"source": source})
    life.report()
    life.file()
    figures = everything(counted(life.topics["cases"]))
    assert figures.get("inspections", 0) == inspections
    assert figures["filed"] == 1
    life.move("void", UNITS[0])
    assert everything(counted(life.topics["cases"])) == {"voided": 1}


@pytest.mark.parametrize(
    ("kind", "figure"),
    [(IncidentRejected, "rejected"), (IncidentHeld, "in_review")],
)
def test_an_outcome_counts_once_and_review_ends_with_filing(
    kind: type[Outcome], figure: str
) -> None:
    life = Life("i", GRIDS[0], MATTERS[0])
    life.report()
    life.leave_unfiled(kind)
    both = [*life.topics["incidents"], *life.topics["cases"]]
    assert everything(counted(both)) == {"reported": 1, figure: 1}
    life.file()
    both = [*life.topics["incidents"], *life.topics["cases"]]
    assert everything(counted(both)) == {"reported": 1, "filed": 1}


def test_a_unit_counts_the_cases_that_it_has() -> None:
    life = _after("dispatch")
    life.move("dispatch", UNITS[1])
    total = counted(life.topics["cases"])
    by_unit = {bucket.split("|")[2] for bucket, _ in total}
    assert by_unit == {"*", UNITS[1]}


def test_a_refused_action_after_the_end_moves_no_day() -> None:
    life = _after("void")
    before = counted(life.topics["cases"])
    life.act()
    life.act()
    assert counted(life.topics["cases"]) == before == expected(fold(life.topics["cases"]))


def test_what_is_reported_twice_is_counted_once() -> None:
    first = whole().topics["incidents"][0]
    assert contributions(fold([first]), fold([first, first]), first) == []


def test_one_case_counts_in_every_grain() -> None:
    found = list(series_of(GRIDS[0], MATTERS[0], UNITS[0]))
    assert len(found) == len(set(found)) == len(GRAINS)
    assert all(series.kept for series in found)
    assert {series.place for series in found} == {"*", *(GRIDS[0][:n] for n in (4, 6, 9, 12, 15))}
    assert not Series(GRIDS[0][:9], MATTERS[0]).kept
    assert list(series_of(None, None, None)) == [EVERYTHING]


def test_ids_of_a_series_sort_by_day() -> None:
    days = ["", "1999-12-31", "2026-01-31", "2026-02-01", "~"]
    ids = [Series("9901").bucket(day) for day in days]
    assert ids == sorted(ids)


@pytest.mark.parametrize(
    ("at", "zone", "day"),
    [
        ("2026-03-01T15:59:59.999Z", "Asia/Shanghai", "2026-03-01"),
        ("2026-03-01T16:00:00.000Z", "Asia/Shanghai", "2026-03-02"),
        ("2026-03-08T06:59:00.000Z", "America/New_York", "2026-03-08"),
        ("2026-11-02T04:59:00.000Z", "America/New_York", "2026-11-01"),
        ("2026-11-02T05:00:00.000Z", "America/New_York", "2026-11-02"),
    ],
)
def test_days_are_those_of_the_zone(at: str, zone: str, day: str) -> None:
    instant = to_instant(START.fromisoformat(at))
    assert local_day(instant, zone) == day
