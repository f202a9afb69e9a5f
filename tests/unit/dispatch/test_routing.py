"""Which unit gets a case, who dispatched it, and why the others did not get it."""

import pytest

from services.dispatch.domain.routes import MAX_CANDIDATES, Routing
from services.dispatch.domain.routing import filed_under, route
from shared.contracts.base import EventData
from shared.contracts.case_refs_v1 import MatterRef
from shared.contracts.cases_v1 import CaseDispatched
from shared.contracts.registry_v1 import Matter
from shared.contracts.routing_rules import MatterClass, UnitKind
from tests.fakes.clock import START
from tests.unit.dispatch.city import (
    CENTRE,
    CITY,
    CITY_REGISTRY,
    COUNTY,
    ELSEWHERE,
    ENTRIES,
    GRID,
    NEIGHBOUR,
    OTHER_COUNTY,
    TEAM,
    entry_set,
    matter,
    named,
    point,
    registry,
    subject,
    unit,
)
from tests.unit.dispatch.desk import Desk


def _of(code: str) -> Matter:
    found = CITY_REGISTRY.matter(code, START)
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    ("code", "grid", "away", "chosen", "lost"),
    [
        ("litter", GRID, (), TEAM, {CENTRE: "larger_area", COUNTY: "larger_area"}),
        ("litter", NEIGHBOUR, (), TEAM, {CENTRE: "larger_area", COUNTY: "larger_area"}),
        ("litter", OTHER_COUNTY, (), ELSEWHERE, {}),
        # The kind that leads the matter decides before nearness does.
        ("pothole", GRID, (), COUNTY, {CENTRE: "other_kind", CITY: "larger_area"}),
        ("dispute", GRID, (), CENTRE, {}),
        ("litter", GRID, (TEAM,), CENTRE, {TEAM: "returned_before", COUNTY: "larger_area"}),
        ("pothole", GRID, (COUNTY,), CITY, {CENTRE: "other_kind", COUNTY: "returned_before"}),
        ("lamp", GRID, (), None, {CENTRE: "other_kind"}),
        (
            "pothole", GRID, (COUNTY, CITY), None,
            {CENTRE: "other_kind", COUNTY: "returned_before", CITY: "returned_before"},
        ),
    ],
)  # fmt: skip
def test_the_nearest_unit_of_the_matter_and_its_kind_gets_the_case(
    code: str, grid: str, away: tuple[str, ...], chosen: str | None, lost: dict[str, str]
) -> None:
    found = route(subject(_of(code), grid), Routing(CITY_REGISTRY, START, returned_by=away))
    assert (found.unit.code if found.unit else None) == chosen
    assert {one.unit: one.lost for one in found.candidates} == lost


def test_of_two_alike_the_first_by_code_gets_it() -> None:
    twin = unit("a-team", UnitKind.OFFICER_TEAM, "litter", area=GRID[:12])
    found = route(subject(_of("litter")), Routing(registry([*ENTRIES, twin]), START))
    assert found.unit == twin
    assert {one.unit: one.lost for one in found.candidates}[TEAM] == "later_code"


def test_a_unit_that_is_not_in_force_gets_nothing() -> None:
    ended = entry_set(unit(TEAM, UnitKind.OFFICER_TEAM, "litter"), 2, START, START)
    found = route(subject(_of("litter")), Routing(registry(ENTRIES, ended), START))
    assert found.unit is not None
    assert found.unit.code == CENTRE


def test_the_candidates_are_bounded() -> None:
    many = [unit(f"u{n:03}", UnitKind.ENTERPRISE, "litter", area="9901") for n in range(50)]
    found = route(subject(_of("litter")), Routing(registry([*ENTRIES, *many]), START))
    assert len(found.candidates) == MAX_CANDIDATES


@pytest.mark.parametrize(
    ("area", "level"),
    [("9901", "city"), ("990101", "county"), (GRID[:9], "town"), (GRID[:12], "community")],
)
def test_a_dispatch_names_its_centre_and_the_level(area: str, level: str) -> None:
    only = unit("only", UnitKind.ENTERPRISE, "lamp", area=area)
    desk = Desk(registry([*ENTRIES, only]))
    dispatched: EventData = desk.report(matter="lamp", location=point(GRID))[-1]
    assert isinstance(dispatched, CaseDispatched)
    assert (dispatched.centre, dispatched.level) == (area, level)
    assert dispatched.rule == "nearest_unit_of_matter"
    assert {one.unit for one in dispatched.candidates} == {CENTRE}


def _ref(n: int) -> MatterRef:
    return MatterRef(
        code="litter", n=n, names=named("l"), klass=MatterClass.EVENT, condition="urgent"
    )


def test_a_case_keeps_the_version_of_its_matter() -> None:
    newer = entry_set(matter("litter", UnitKind.TOWN_CENTRE), 2, START)
    both = registry(ENTRIES, newer)
    assert filed_under(both, _ref(1)).lead_unit_kind is None
    assert filed_under(both, _ref(2)).lead_unit_kind is UnitKind.TOWN_CENTRE
    with pytest.raises(LookupError):
        filed_under(both, _ref(3))
