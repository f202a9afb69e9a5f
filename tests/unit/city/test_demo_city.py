"""The demo city as data: complete, consistent, in both languages."""

from collections import Counter

import pytest
from shapely.geometry import Point, shape

from deploy.city import building, places
from deploy.feeds import spelling
from shared.contracts.base import Limit, LimitUnit
from shared.contracts.calendars import Calendar
from shared.contracts.policies import Policy
from shared.contracts.registry_v1 import (
    Area,
    Component,
    Grid,
    Matter,
    Officer,
    Unit,
    entry_key,
)
from shared.contracts.routing_rules import MatterClass, Rules, UnitKind

ENTRIES = building.build()
AREAS = [one for one in ENTRIES if isinstance(one, Area)]
GRIDS = [one for one in ENTRIES if isinstance(one, Grid)]
MATTERS = [one for one in ENTRIES if isinstance(one, Matter)]
COMPONENTS = [one for one in ENTRIES if isinstance(one, Component)]
UNITS = [one for one in ENTRIES if isinstance(one, Unit)]
MINUTE_H = 1 / 60


def test_it_has_four_levels_of_areas_and_some_sixty_grids() -> None:
    lengths = Counter(len(area.code) for area in AREAS)
    assert lengths == {4: 1, 6: 3, 9: 9, 12: 24}
    assert 55 <= len(GRIDS) <= 65
    assert len(MATTERS) >= 120


def test_every_code_stands_once_and_every_area_lies_in_the_one_above() -> None:
    assert len({entry_key(one) for one in ENTRIES}) == len(ENTRIES)
    codes = {area.code for area in AREAS}
    for area in AREAS:
        above = {12: 9, 9: 6, 6: 4}.get(len(area.code))
        assert above is None or area.code[:above] in codes
    assert {grid.code[:12] for grid in GRIDS} == {code for code in codes if len(code) == 12}


def test_every_matter_has_a_unit_in_every_grid_and_another_one_for_a_return() -> None:
    for grid in GRIDS:
        near = [unit for unit in UNITS if grid.code.startswith(unit.area)]
        lacking = {
            matter.code
            for matter in MATTERS
            if sum(
                matter.code in unit.matters and matter.lead_unit_kind in {None, unit.unit_kind}
                for unit in near
            )
            < 2
        }
        assert lacking == set(), grid.code


def test_units_handle_known_matters_only_and_there_is_every_kind() -> None:
    known = {matter.code for matter in MATTERS}
    areas = {area.code for area in AREAS}
    for unit in UNITS:
        assert set(unit.matters) <= known
        assert unit.area in areas
    assert {unit.unit_kind for unit in UNITS} == set(UnitKind)


def test_a_stock_of_components_lies_in_the_grids_and_most_are_kept() -> None:
    assert 300 <= len(COMPONENTS) <= 600
    polygons = {grid.code: shape(grid.geometry) for grid in GRIDS}
    units = {unit.code for unit in UNITS}
    for one in COMPONENTS:
        inside = [
            code for code, polygon in polygons.items()
            if polygon.contains(Point(one.location.coordinates))
        ]  # fmt: skip
        assert [code[:6] for code in inside] == [one.code[:6]], one.code
        assert {one.owner, one.maintainer} - {None} <= units
    ownerless = [one for one in COMPONENTS if one.owner is None]
    unkept = [one for one in COMPONENTS if one.owner and one.maintainer is None]
    assert 0.02 < len(ownerless) / len(COMPONENTS) < 0.1
    assert 0.02 < len(unkept) / len(COMPONENTS) < 0.15


def test_each_class_of_components_has_its_matter() -> None:
    classes = Counter(one.component_class for one in MATTERS if one.component_class)
    assert classes.keys() == {one.component_class for one in COMPONENTS}
    assert set(classes.values()) == {1}
    about = [one for one in MATTERS if one.component_class]
    assert {one.klass for one in about} == {MatterClass.COMPONENT}


def test_some_limits_are_breached_within_a_minute_and_no_limit_needs_a_calendar() -> None:
    handle = [matter.conditions[0].limits.handle for matter in MATTERS]
    short = [
        one
        for one in handle
        if one and one.unit is LimitUnit.URGENT_HOUR and one.amount <= MINUTE_H
    ]
    assert len(short) >= 8
    assert len(short) < len(MATTERS) / 2
    for matter in MATTERS:
        for condition in matter.conditions:
            limits = condition.limits.model_dump(exclude_none=True)
            assert set(limits) == {"dispatch", "accept", "handle", "verify", "total"}
            assert {one["unit"] for one in limits.values()} <= {"urgent_hour", "natural_day"}


def test_there_is_every_class_of_matter_and_some_are_not_public() -> None:
    assert {matter.klass for matter in MATTERS} == set(MatterClass)
    private = {matter.code for matter in MATTERS if not matter.public}
    assert "neighbour-dispute" in private
    assert all(matter.klass is MatterClass.SERVICE for matter in MATTERS if not matter.public)


def test_names_are_written_in_both_languages() -> None:
    for one in ENTRIES:
        if isinstance(one, Policy | Officer | Rules | Calendar):
            continue
        assert any("\u4e00" <= sign <= "\u9fff" for sign in one.names.zh), one.code
        assert one.names.en.isprintable()
        assert not any("\u4e00" <= sign <= "\u9fff" for sign in one.names.en), one.code


def test_the_policy_rejects_the_unmatched_and_has_the_ladder() -> None:
    (policy,) = (one for one in ENTRIES if isinstance(one, Policy))
    assert (policy.code, policy.zone, policy.unmatched) == ("9901", "Asia/Shanghai", "reject")
    steps = [(s.clock.value, s.percent, s.level.value, s.issuer) for s in policy.ladder]
    assert steps == [
        ("handle", 100, "ordinary", "town"),
        ("handle", 150, "yellow_card", "county"),
        ("handle", 200, "red_card", "city"),
    ]
    assert all(one.repeat for one in policy.ladder)
    assert [one.lifted_when.value for one in policy.ladder] == ["handled", "handled", "closed"]
    assert policy.ladder[2].tell is not None
    colours = [(one.percent, one.colour.value) for one in policy.notice_ladder]
    assert colours == [(60, "blue"), (90, "orange"), (125, "red")]


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [("36 s", 0.01, "urgent_hour"), ("30 min", 0.5, "urgent_hour"), ("3 d", 3, "natural_day")],
)
def test_limits_are_read_as_they_are_written(text: str, amount: float, unit: str) -> None:
    assert spelling.limit(text) == Limit(amount=amount, unit=LimitUnit(unit))


@pytest.mark.parametrize("text", ["", "3", "3 weeks", "-1 h", "h", "3h"])
def test_what_is_no_limit_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="36 s"):
        spelling.limit(text)


def test_codes_follow_from_the_order_in_the_tree() -> None:
    names = {"zh": "甲", "en": "A"}
    town = {"names": names, "below": [{"names": names, "grids": 2}]}
    county = {"names": names, "below": [town]}
    tree = places.tree({"code": "1234", "names": names, "below": [{"names": names}, county]})
    assert [(place.level, place.code) for place in tree.walk()] == [
        ("city", "1234"),
        ("county", "123401"),
        ("county", "123402"),
        ("town", "123402001"),
        ("community", "123402001001"),
    ]
    assert tree.grids == 2
