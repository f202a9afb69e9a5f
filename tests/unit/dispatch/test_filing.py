"""What becomes of a report: filed, rejected or held, by the first rule that stands in its way."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.dispatch.domain.filing import case_number
from shared.contracts.base import Point
from shared.contracts.case_v1 import CaseState
from shared.contracts.cases_v1 import CaseDispatched, CaseFiled
from shared.contracts.envelope import Origin
from shared.contracts.outcomes_v1 import IncidentHeld, IncidentRejected, Outcome
from shared.contracts.policies import Policy
from shared.contracts.routing_rules import UnitKind
from shared.contracts.rule_v1 import Rule
from shared.contracts.topics import CASES
from tests.fakes.clock import START
from tests.unit.dispatch.city import (
    ENTRIES,
    FILING,
    GRID,
    HANDLE,
    LADDER,
    LONG_AGO,
    NEIGHBOUR,
    NO_POLICY,
    OTHER_COUNTY,
    TEAM,
    entry_set,
    matter,
    point,
    registry,
)
from tests.unit.dispatch.desk import Desk, member

OUTSIDE = Point(coordinates=(10.0, 10.0))
BORDER = Point(coordinates=(120.01, 30.005))


def test_a_report_that_fits_is_filed_and_dispatched_in_one_decision() -> None:
    desk = Desk()
    filed, dispatched = desk.report(description="a heap", external_id="77")
    assert isinstance(filed, CaseFiled)
    assert isinstance(dispatched, CaseDispatched)
    assert (filed.case.state, dispatched.case.state) == (CaseState.FILED, CaseState.DISPATCHED)
    assert filed.case.unit is None
    assert (filed.actor, filed.action_id, filed.at) == (None, None, START)
    assert (filed.receipt_no, filed.description, filed.external_id) == (
        "0000-0000-0000-0", "a heap", "77",
    )  # fmt: skip
    assert (filed.filing_limit, filed.reopen_within_days) == (FILING, 7)
    assert desk.case == dispatched.case
    assert [event.sequence for event in desk.outputs] == [1, 2]
    assert {event.registry_version for event in desk.outputs} == {100}
    assert {entry.topic for entry in desk.document.new_entries} == {CASES.name}


def test_the_case_carries_what_decided_and_what_its_readers_need() -> None:
    desk = Desk()
    filed = desk.report()[0]
    assert isinstance(filed, CaseFiled)
    assert (filed.ladder, filed.notice_ladder) == (LADDER, ())
    case = desk.case
    assert (case.ladder, case.notice_ladder) == ((), ()), "once is enough"
    assert (case.grid, case.zone) == (GRID, "Asia/Shanghai")
    assert (case.matter.code, case.matter.n, case.matter.condition) == ("litter", 1, "urgent")
    assert case.limits.handle == HANDLE
    assert case.location == point(GRID)
    assert case.unit is not None
    assert case.unit.code == TEAM
    times = case.times
    assert times.counts_from == times.received_at == times.filed_at == times.dispatched_at == START
    assert (times.accepted_at, times.handled_at, times.closed_at) == (None, None, None)


def test_the_clocks_of_imported_history_count_from_its_own_instant() -> None:
    desk = Desk()
    then = START - timedelta(days=900)
    desk.report(reported_at=then)
    times = desk.case.times
    assert (times.counts_from, times.received_at, times.filed_at) == (then, START, START)


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"location": None}, Rule.NO_LOCATION),
        ({"location": None, "matter": None}, Rule.NO_LOCATION),
        ({"location": None, "area": GRID[:6]}, Rule.NO_LOCATION),
        ({"location": None, "address": " "}, Rule.NO_LOCATION),
        ({"location": None, "address": "nowhere"}, Rule.UNKNOWN_PLACE),
        ({"location": None, "address": "nowhere", "matter": None}, Rule.UNKNOWN_PLACE),
        ({"location": OUTSIDE}, Rule.OUTSIDE_EVERY_GRID),
        ({"location": OUTSIDE, "matter": None}, Rule.OUTSIDE_EVERY_GRID),
        ({"matter": None}, Rule.NO_MATTER),
        ({"matter": "no-such"}, Rule.UNKNOWN_MATTER),
        ({"matter": "no-such", "location": point(NO_POLICY)}, Rule.UNKNOWN_MATTER),
        ({"location": point(NO_POLICY)}, Rule.NO_POLICY),
    ],
)
def test_the_first_rule_in_the_way_is_named_and_explained(
    fields: dict[str, Any], rule: Rule
) -> None:
    (held,) = Desk().report(**fields)
    assert isinstance(held, IncidentHeld)
    assert held.rule is rule
    assert held.explanation.zh
    assert held.explanation.en


@pytest.mark.parametrize(
    ("fields", "also"),
    [
        ({"location": None}, []),
        ({"location": None, "matter": "no-such"}, [Rule.UNKNOWN_MATTER]),
        ({"location": OUTSIDE, "matter": None}, [Rule.NO_MATTER]),
        ({"matter": "no-such", "location": point(NO_POLICY)}, [Rule.NO_POLICY]),
        ({"matter": "no-such"}, []),
    ],
)
def test_what_else_stands_in_the_way_is_named_at_once(
    fields: dict[str, Any], also: list[Rule]
) -> None:
    (held,) = Desk().report(**fields)
    assert isinstance(held, IncidentHeld)
    assert [one.rule for one in held.also] == also
    assert all(one.explanation.zh and one.explanation.en for one in held.also)


@pytest.mark.parametrize(
    ("fields", "kind", "zone"),
    [
        ({"location": point(GRID)}, IncidentHeld, "Asia/Shanghai"),
        ({"location": point(OTHER_COUNTY)}, IncidentRejected, "Asia/Urumqi"),
        ({"location": None, "area": GRID[:12]}, IncidentHeld, "Asia/Shanghai"),
        (
            {"location": None, "address": "nowhere", "area": "990102001"},
            IncidentRejected,
            "Asia/Urumqi",
        ),
        ({"location": None, "area": "990102001"}, IncidentRejected, "Asia/Urumqi"),
        ({"location": OUTSIDE, "area": "990102"}, IncidentRejected, "Asia/Urumqi"),
        # The point says where it is, whatever area is named beside it.
        ({"location": point(GRID), "area": "990102"}, IncidentHeld, "Asia/Shanghai"),
        # Of a place unknown the policy highest up decides: the city's.
        ({"location": None}, IncidentHeld, "Asia/Shanghai"),
        ({"location": None, "area": "9999"}, IncidentHeld, "Asia/Shanghai"),
        # Nobody has said that reports from there may be turned away.
        ({"location": point(NO_POLICY)}, IncidentHeld, "Europe/Paris"),
    ],
)
def test_what_becomes_of_the_unmatched_is_the_policy_of_its_area(
    fields: dict[str, Any], kind: type[Outcome], zone: str
) -> None:
    desk = Desk()
    (found,) = desk.report(**{"matter": "no-such", **fields})
    assert type(found) is kind
    assert isinstance(found, Outcome)
    assert (found.zone, found.matter) == (zone, "no-such")
    assert desk.decided.ending == ("in_review" if kind is IncidentHeld else "rejected")
    assert desk.decided.rule is found.rule
    assert desk.decided.case is None


def test_a_held_incident_has_the_filing_clock_and_the_ladder_of_its_policy() -> None:
    (held,) = Desk().report(matter=None)
    assert isinstance(held, IncidentHeld)
    assert (held.filing_limit, held.ladder, held.grid) == (FILING, LADDER, GRID)
    assert (held.counts_from, held.received_at) == (START, START)


def test_without_any_policy_a_person_looks() -> None:
    desk = Desk(registry([entry for entry in ENTRIES if not isinstance(entry, Policy)]))
    (held,) = desk.report(matter="no-such", location=None)
    assert isinstance(held, IncidentHeld)
    assert (held.filing_limit, held.ladder, held.zone) == (None, (), "Europe/Paris")


def test_a_point_on_a_border_has_one_grid() -> None:
    desk = Desk()
    desk.report(location=BORDER)
    assert desk.case.grid == min(GRID, NEIGHBOUR)


def test_a_matter_that_was_withdrawn_is_unknown_and_one_that_changed_has_its_new_version() -> None:
    withdrawn = entry_set(matter("litter"), 2, LONG_AGO + timedelta(days=1), START)
    desk = Desk(registry(ENTRIES, withdrawn))
    (held,) = desk.report()
    assert isinstance(held, IncidentHeld)
    assert held.rule is Rule.UNKNOWN_MATTER
    changed = entry_set(matter("litter", UnitKind.TOWN_CENTRE), 2, START)
    desk = Desk(registry(ENTRIES, changed))
    desk.report()
    assert desk.case.matter.n == 2
    assert desk.case.unit is not None
    assert desk.case.unit.kind is UnitKind.TOWN_CENTRE


def test_a_case_that_no_unit_can_have_waits_for_a_dispatcher() -> None:
    desk = Desk()
    (filed,) = desk.report(matter="lamp")
    assert isinstance(filed, CaseFiled)
    assert (desk.case.state, desk.case.unit) == (CaseState.FILED, None)


def test_an_incident_that_arrives_again_under_another_id_changes_nothing() -> None:
    for matter_named in ("litter", None):
        desk = Desk()
        desk.report(matter=matter_named)
        before = desk.document.state
        assert desk.report(offset=124, matter="pothole") == []
        assert desk.document.state == before


def test_a_report_is_decided_though_an_action_on_it_came_first() -> None:
    """A record that was put away and is replayed arrives behind what was asked for meanwhile."""
    desk = Desk()
    desk.ask("accept", member())
    assert [type(one) for one in desk.report()] == [CaseFiled, CaseDispatched]
    assert [event.sequence for event in desk.outputs] == [1, 2, 3]


@pytest.mark.parametrize(
    ("zone", "day"), [("Asia/Shanghai", "20261125"), ("America/New_York", "20261124")]
)
def test_the_case_number_is_county_local_day_and_the_records_place(zone: str, day: str) -> None:
    now = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
    number = case_number(GRID, zone, now, Origin("t", 7, 123))
    assert number == f"990101-{day}-070000000123"


def test_no_two_places_in_the_topic_have_one_number() -> None:
    numbers = {
        case_number(GRID, "UTC", START, Origin("t", partition, offset))
        for partition in range(12)
        for offset in (0, 1, 10, 12, 99, 100, 10**9, 10**10 - 1)
    }
    assert len(numbers) == 12 * 8
