"""Which component a case is about, and that whoever keeps it gets the case before all others."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dispatch.domain.components import component_of, keeping
from shared.contracts.base import EventData, Point
from shared.contracts.case_refs_v1 import ComponentRef
from shared.contracts.case_v1 import CaseState
from shared.contracts.cases_v1 import ActionRefused, CaseDispatched, CaseFiled
from shared.contracts.choice_v1 import DispatchRule, Unrouted
from shared.contracts.registry_v1 import Component, ComponentState, Entry
from shared.contracts.requests_v1 import ReturnGranted
from shared.contracts.routing_rules import UnitKind
from shared.registry.distance import metres
from shared.registry.snapshot import Snapshot
from tests.fakes.clock import START
from tests.unit.dispatch.city import (
    CENTRE,
    COUNTY,
    ENTRIES,
    GRID,
    TEAM,
    entry_set,
    matter,
    named,
    point,
    registry,
    unit,
)
from tests.unit.dispatch.desk import DISPATCHER, HEAD, Desk, member

LAMP_CLASS, BIN_CLASS = "0102", "0301"
KEEPER, OWNER, NOBODY = "lamps-9901", "estate-9901", "gone-9901"
METRE = 1 / 111_195
"""Degrees of latitude."""
LAMPS = matter("lamps").model_copy(update={"component_class": LAMP_CLASS})
HERE = point(GRID)


def lamp(serial: int, north: float = 0.0, klass: str = LAMP_CLASS, **fields: Any) -> Component:  # noqa: ANN401
    """A component so many metres north of where the report is."""
    longitude, latitude = HERE.coordinates
    return Component(
        code=f"990101{klass}{serial:06}",
        names=named(f"lamp {serial}"),
        location=Point(coordinates=(longitude, latitude + north * METRE)),
        **fields,
    )


UNITS: tuple[Entry, ...] = (
    unit(KEEPER, UnitKind.ENTERPRISE),
    unit(OWNER, UnitKind.ENTERPRISE),
)


def city(*components: Component) -> Snapshot:
    return registry([*ENTRIES, *UNITS, LAMPS, *components])


def reported(snapshot: Snapshot, **fields: Any) -> tuple[Desk, list[EventData]]:  # noqa: ANN401
    desk = Desk(registry=snapshot)
    return desk, desk.report(**{"matter": "lamps", **fields})


@pytest.mark.parametrize(
    ("stock", "name", "meant"),
    [
        ((), None, None),
        ((lamp(1, 21),), None, None),
        ((lamp(1, 19),), None, 1),
        ((lamp(1, 19), lamp(2, -18)), None, 2),
        ((lamp(1, 5, BIN_CLASS), lamp(2, 19)), None, 2),
        ((lamp(1, 5, state=ComponentState.REMOVED), lamp(2, 19)), None, 2),
        ((lamp(1, 5, state=ComponentState.LOST), lamp(2, 19)), None, 1),
        # The one that is named wins, wherever it is, if there is such a one.
        ((lamp(1, 5), lamp(2, 19)), lamp(2).code, 2),
        ((lamp(1, 5), lamp(2, 900)), lamp(2).code, 2),
        ((lamp(1, 5), lamp(2, 7, BIN_CLASS)), lamp(2, 7, BIN_CLASS).code, 1),
        ((lamp(1, 5), lamp(2, 7, state=ComponentState.REMOVED)), lamp(2).code, 1),
        ((lamp(1, 5),), "no-such-code", 1),
        ((), "no-such-code", None),
    ],
)
def test_the_component_that_is_named_or_the_nearest_of_the_class_is_meant(
    stock: tuple[Component, ...], name: str | None, meant: int | None
) -> None:
    desk, _ = reported(city(*stock), component=name)
    found = desk.case.component
    assert (found and int(found.code[10:])) == meant
    if found is not None:
        (one,) = (one for one in stock if one.code == found.code)
        far = metres(*HERE.coordinates, *one.location.coordinates)
        assert found.metres == pytest.approx(far, abs=0.01)


def test_a_matter_that_is_about_no_component_snaps_to_none() -> None:
    desk, _ = reported(city(lamp(1, 1, maintainer=KEEPER)), matter="litter", component=lamp(1).code)
    assert desk.case.component is None
    assert desk.case.unit is not None
    assert desk.case.unit.code == TEAM


def test_how_near_is_near_is_the_matters_to_say() -> None:
    far = LAMPS.model_copy(update={"snap_metres": 100.0})
    found = registry([*ENTRIES, far, lamp(1, 99)])
    assert component_of(None, HERE, far, found, START) is not None
    assert component_of(None, HERE, LAMPS, found, START) is None


@pytest.mark.parametrize(
    ("keeps", "gets", "lost"),
    [
        ({"maintainer": KEEPER}, KEEPER, {CENTRE: "not_the_keeper"}),
        (
            {"maintainer": KEEPER, "owner": OWNER}, KEEPER,
            {OWNER: "owns_only", CENTRE: "not_the_keeper"},
        ),
        ({"owner": OWNER}, OWNER, {CENTRE: "not_the_keeper"}),
        ({"owner": OWNER, "maintainer": OWNER}, OWNER, {CENTRE: "not_the_keeper"}),
        (
            {"maintainer": NOBODY, "owner": OWNER}, OWNER,
            {NOBODY: "not_in_force", CENTRE: "not_the_keeper"},
        ),
        ({"maintainer": CENTRE}, CENTRE, {}),
    ],
)  # fmt: skip
def test_whoever_keeps_the_component_gets_the_case_before_the_usual_rules(
    keeps: dict[str, Any], gets: str, lost: dict[str, str]
) -> None:
    desk, (filed, given) = reported(city(lamp(1, **keeps)))
    assert isinstance(filed, CaseFiled)
    assert filed.unrouted is None
    assert isinstance(given, CaseDispatched)
    assert given.rule == DispatchRule.COMPONENT_MAINTAINER
    assert given.case.unit is not None
    assert given.case.unit.code == gets
    assert {one.unit: one.lost for one in given.candidates} == lost
    assert desk.case.component == filed.case.component


@pytest.mark.parametrize(
    ("keeps", "lost"),
    [
        ({}, {}),
        ({"maintainer": NOBODY}, {NOBODY: "not_in_force"}),
        ({"maintainer": NOBODY, "owner": "x"}, {NOBODY: "not_in_force", "x": "not_in_force"}),
    ],
)  # fmt: skip
def test_what_nobody_keeps_is_filed_and_waits_for_the_centre(
    keeps: dict[str, Any], lost: dict[str, str]
) -> None:
    desk, (filed,) = reported(city(lamp(1, **keeps)))
    assert isinstance(filed, CaseFiled)
    assert filed.unrouted == Unrouted.OWNERLESS_COMPONENT
    assert {one.unit: one.lost for one in filed.candidates} == lost
    assert desk.case.state is CaseState.FILED
    (given,) = desk.ask("reassign", DISPATCHER, unit=CENTRE)
    assert isinstance(given, CaseDispatched)
    assert given.rule == DispatchRule.NAMED_BY_DISPATCHER
    assert given.case.component == filed.case.component


def test_what_nobody_keeps_goes_back_to_the_centre_when_it_is_returned() -> None:
    desk, _ = reported(city(lamp(1)))
    desk.ask("reassign", DISPATCHER, unit=COUNTY)
    desk.do(("return", member(COUNTY)))
    (granted,) = desk.ask("approve", DISPATCHER)
    assert isinstance(granted, ReturnGranted)
    assert desk.case.state is CaseState.FILED


def test_a_granted_return_of_the_keepers_goes_on_to_the_usual_rules() -> None:
    desk, _ = reported(city(lamp(1, maintainer=KEEPER, owner=OWNER)))
    desk.do(("return", member(KEEPER)))
    _, again = desk.ask("approve", DISPATCHER)
    assert isinstance(again, CaseDispatched)
    assert again.rule == DispatchRule.NEAREST_UNIT_OF_MATTER
    assert again.case.unit is not None
    assert again.case.unit.code == CENTRE


def test_a_return_of_another_ones_goes_back_to_the_keeper() -> None:
    desk, _ = reported(city(lamp(1, maintainer=KEEPER)))
    desk.ask("reassign", DISPATCHER, unit=COUNTY)
    desk.do(("return", member(COUNTY)))
    _, again = desk.ask("approve", DISPATCHER)
    assert isinstance(again, CaseDispatched)
    assert again.rule == DispatchRule.COMPONENT_MAINTAINER
    assert again.case.unit is not None
    assert again.case.unit.code == KEEPER


def test_after_two_returns_the_head_rules_also_on_a_component() -> None:
    desk, _ = reported(city(lamp(1, maintainer=KEEPER)))
    desk.do(("return", member(KEEPER)), ("approve", DISPATCHER), ("return", member(CENTRE)))
    (granted,) = desk.ask("approve", HEAD)
    assert isinstance(granted, ReturnGranted)
    assert not isinstance(desk.ask("reassign", HEAD, unit=KEEPER)[0], ActionRefused)


def test_a_case_keeps_its_component_as_it_was_whatever_becomes_of_it() -> None:
    desk, _ = reported(city(lamp(1, maintainer=KEEPER)))
    before = desk.case.component
    moved = entry_set(lamp(1, 500, owner=OWNER, state=ComponentState.REMOVED), 2, START)
    desk.registry = desk.registry.with_changes([moved], 200)
    desk.do(("accept", member(KEEPER)), ("handled", member(KEEPER)))
    assert desk.case.component == before


codes = st.none() | st.sampled_from((KEEPER, OWNER, NOBODY, TEAM, CENTRE))


@given(codes, codes, st.sets(st.sampled_from((KEEPER, OWNER, TEAM, CENTRE))))
def test_the_keeper_is_the_first_in_force_of_maintainer_and_owner(
    maintainer: str | None, owner: str | None, returned_by: set[str]
) -> None:
    ref = ComponentRef(
        code=lamp(1).code, names=named("x"), metres=1.0, maintainer=maintainer, owner=owner
    )
    here = city()
    usual = here.units_for(LAMPS.code, GRID, START)
    found = keeping(ref, usual, here, START, returned_by)
    standing = [one for one in (maintainer, owner) if one not in (None, NOBODY)]
    ownerless = not standing
    assert (found.unrouted is not None) == ownerless
    expected = None if ownerless or standing[0] in returned_by else standing[0]
    assert (found.unit.code if found.unit else None) == expected
    assert expected not in {one.unit for one in found.candidates}
