"""What people report: real matters inside grids, and a few that cannot be filed."""

from collections import Counter

import pytest
from shapely.geometry import Point, shape

from deploy.city import building
from deploy.traffic import reports
from deploy.traffic.plots import IGNORED, Plot
from deploy.traffic.world import World
from shared.contracts.incidents_v1 import Report
from shared.contracts.registry_v1 import Component, Grid, Matter, Near, Unit
from shared.platform.security import Role
from shared.registry.distance import metres
from tests.unit.city.cases import seeded


@pytest.fixture(scope="module")
def world() -> World:
    entries = building.build()
    return World(
        [one for one in entries if isinstance(one, Grid)],
        [one for one in entries if isinstance(one, Matter)],
        [one for one in entries if isinstance(one, Unit)],
        [one for one in entries if isinstance(one, Component)],
    )


def test_places_lie_in_their_grid_and_those_outside_in_none(world: World) -> None:
    random = seeded(3)
    outline = building.tessellation().outline
    for _ in range(200):
        grid, place = world.place(random)
        assert shape(grid.geometry).intersects(Point(place))
        assert not outline.intersects(Point(world.outside(random)))


def test_the_same_seed_draws_the_same_reports(world: World) -> None:
    first, again = ([reports.draw(world, seeded(5)) for _ in range(20)] for _ in range(2))
    assert first == again


def test_reports_are_what_intake_takes_and_a_few_are_bad(world: World) -> None:
    random = seeded(7)
    drawn = [reports.draw(world, random) for _ in range(3000)]
    codes = {matter.code for matter in world.matters}
    kinds: Counter[str] = Counter()
    for one in drawn:
        report = Report.model_validate(one.body)
        if report.location is None:
            kinds["no location"] += 1
        elif report.matter not in codes:
            kinds["unknown matter"] += 1
        elif not building.tessellation().outline.intersects(Point(report.location.coordinates)):
            kinds["outside"] += 1
    assert set(kinds) == {"no location", "unknown matter", "outside"}
    assert 0.02 < kinds.total() / len(drawn) < 0.07
    assert len({one.body["source"] for one in drawn}) == 4


def test_what_is_ignored_has_a_limit_that_is_soon_missed(world: World) -> None:
    random = seeded(9)
    short = {matter.code for matter in world.short}
    assert len(short) >= 8
    drawn = [reports.draw(world, random) for _ in range(500)]
    open_ones = [one for one in drawn if "handled_on_site" not in one.body]
    ignored = [one for one in open_ones if one.plot in IGNORED]
    assert ignored
    assert {one.body["matter"] for one in ignored} <= {*short, "not-on-the-list"}


def test_many_reports_are_on_a_component_and_half_of_them_name_it(world: World) -> None:
    random = seeded(11)
    drawn = [reports.draw(world, random).body for _ in range(2000)]
    known = {one.component.code: one for one in world.stock}
    named = [one for one in drawn if "component" in one and "location" in one]
    assert 0.05 < len(named) / len(drawn) < 0.3
    for body in named:
        one = known[body["component"]]
        assert body["matter"] in {one.matter.code, "not-on-the-list"}
        x, y = body["location"]["coordinates"]
        far = metres(x, y, *one.component.location.coordinates)
        # Now and then a report is spoiled: its place lies beside the city.
        assert far < 6 or far > 500
    assert any(known[body["component"]].component.owner is None for body in named)


def test_the_stock_stands_in_its_grids_and_has_its_matters(world: World) -> None:
    assert len(world.stock) == len(world.components)
    for one in world.stock:
        assert one.matter.component_class == one.component.component_class
        assert shape(one.grid.geometry).intersects(Point(one.component.location.coordinates))


def test_what_is_reported_again_is_a_duplicate_by_the_rules(world: World) -> None:
    random = seeded(3)
    for _ in range(300):
        before = reports.draw(world, random)
        if "location" not in before.body:
            continue
        again = reports.again(before, random)
        apart = metres(
            *before.body["location"]["coordinates"], *again.body["location"]["coordinates"]
        )
        assert apart < Near().metres
        assert again.body["matter"] == before.body["matter"]
        assert (again.body["source"], again.role) == ("resident", None)
        Report.model_validate(again.body)


def test_most_of_what_officers_report_they_have_put_right_on_the_spot(world: World) -> None:
    random = seeded(5)
    drafts = [reports.draw(world, random) for _ in range(1500)]
    officers = [one for one in drafts if one.role is Role.OFFICER]
    on_site = [one for one in officers if "handled_on_site" in one.body]
    assert 0.57 < len(on_site) / len(officers) < 0.67
    flows = {one.code for one in world.matters if one.flow is not None}
    there = [one for one in on_site if "component" not in one.body]
    assert not flows.intersection(one.body["matter"] for one in there), "a flow is gone through"


def test_nobody_is_sent_to_look_where_nobody_knows_the_place(world: World) -> None:
    random = seeded(6)
    drafts = [reports.draw(world, random) for _ in range(6000)]
    looks = [one for one in drafts if one.plot is Plot.DESK_LOOKS]
    assert looks
    for one in looks:
        assert one.body["location"] == one.right["location"]
        assert one.body["matter"] != one.right["matter"]
