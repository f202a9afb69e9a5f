"""What follows from a real export, against the facts that are known of it."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import shapely
from shapely.geometry import shape

from deploy.feeds import formats, reading, rows
from deploy.feeds.reading import Kind
from deploy.feeds.rows import Table
from shared.contracts.base import Limit, LimitUnit
from shared.contracts.policies import Policy
from shared.contracts.registry_v1 import (
    Area,
    Grid,
    Matter,
    Unit,
)
from shared.contracts.routing_rules import Rules
from tests.unit.city.conftest import NYC

pytestmark = pytest.mark.skipif(
    not NYC.is_dir(), reason=f"no New York data in {NYC}; name its folder with WANGGE_TEST_DATA"
)
EIGHT_HOURS = Limit(amount=8, unit=LimitUnit.URGENT_HOUR)


@pytest.fixture(scope="module")
def table(requests_csv: Path) -> Table:
    return rows.read(requests_csv, formats.find("nyc311"))


@pytest.fixture(scope="module")
def grids(districts: Path) -> list[Grid]:
    content = reading.read(districts, Kind.GRIDS, "nyc311")
    return [one for one in content.entries if isinstance(one, Grid)]


@pytest.fixture(scope="module")
def matters(requests_csv: Path) -> list[Matter]:
    content = reading.read(requests_csv, Kind.MATTERS, "nyc311")
    return [one for one in content.entries if isinstance(one, Matter)]


def test_every_row_is_read_in_the_order_of_creation(table: Table) -> None:
    assert len(table.rows) == 6765
    assert table.faults == ()
    instants = [row.at for row in table.rows]
    assert instants == sorted(instants)
    assert instants[0] == datetime(2018, 10, 21, 4, 0, tzinfo=UTC)
    assert instants[-1] == datetime(2018, 10, 22, 6, 41, tzinfo=UTC)
    assert len({row.key for row in table.rows}) == 6765


def test_rows_without_coordinates_have_no_location(table: Table) -> None:
    assert sum(row.report.location is None for row in table.rows) == 115


def test_districts_become_grids_with_codes_of_the_citys_own(districts: Path) -> None:
    content = reading.read(districts, Kind.GRIDS, "nyc311")
    found = {one.code: one for one in content.entries if isinstance(one, Grid)}
    assert len(found) == 59
    staten_island_3 = found["840105003001001"]
    assert staten_island_3.names.en == "Staten Island Community District 3"
    assert staten_island_3.names.zh == "史泰登岛第3社区"
    areas = [one for one in content.entries if isinstance(one, Area)]
    assert Counter(len(area.code) for area in areas) == {4: 1, 6: 5, 9: 59, 12: 59}


def test_points_lie_in_the_districts_as_they_are_known_to(table: Table, grids: list[Grid]) -> None:
    tree = shapely.STRtree([shape(grid.geometry) for grid in grids])
    codes = [grid.code for grid in grids]
    inside = named = equal = 0
    for row in table.rows:
        if row.report.location is None:
            continue
        hits = tree.query(shapely.Point(row.report.location.coordinates), predicate="intersects")
        if not len(hits):
            continue
        inside += 1
        if row.own_grid in codes:
            named += 1
            equal += min(codes[int(hit)] for hit in hits) == row.own_grid
    assert (inside, named, equal) == (6639, 6615, 6600)


def test_every_matter_of_the_police_and_no_other_has_eight_hours(matters: list[Matter]) -> None:
    assert len(matters) == 115
    total = {matter.code: matter.conditions[0].limits.total for matter in matters}
    rules = formats.find("nyc311").rules
    police = set(next(rule for rule in rules if rule.code == "nypd").when.matters)
    assert len(police) == 19
    assert all(total[code] == EIGHT_HOURS for code in police)
    assert {code for code, limit in total.items() if limit == EIGHT_HOURS} == police


def test_a_limit_follows_only_where_enough_rows_agree(matters: list[Matter]) -> None:
    total = {matter.code: matter.conditions[0].limits.total for matter in matters}
    assert total["rodent"] == Limit(amount=30, unit=LimitUnit.NATURAL_DAY)
    assert total["homeless-person-assistance"] == Limit(amount=1, unit=LimitUnit.URGENT_HOUR)
    assert total["heat-hot-water"] is None  # no due dates
    assert total["damaged-tree"] is None  # several
    assert total["comments"] is None  # one row alone


def test_eight_hours_are_what_each_police_row_says(table: Table) -> None:
    feed = formats.find("nyc311")
    spans = Counter(
        rows.instant(row.known["due"] or "", feed) - rows.instant(row.known["created"] or "", feed)
        for row in table.rows
        if row.known["agency"] == "NYPD"
    )
    assert spans == {timedelta(hours=8): 2370}


def test_rules_and_not_rows_say_which_agency_has_which_matter(
    requests_csv: Path, matters: list[Matter]
) -> None:
    content = reading.read(requests_csv, Kind.UNITS, "nyc311")
    units = {one.code: one for one in content.entries if isinstance(one, Unit)}
    assert len(units) == 19
    assert units["NYPD"].names.en == "New York City Police Department"
    assert units["NYPD"].names.zh == "警察局"
    assert {unit.matters for unit in units.values()} == {()}
    (rules,) = reading.read(requests_csv, Kind.RULES, "nyc311").entries
    assert isinstance(rules, Rules)
    assert {rule.lead.unit for rule in rules.rules} == units.keys()
    named = {matter for rule in rules.rules for matter in rule.when.matters}
    assert named == {matter.code for matter in matters}
    assert {unit.area for unit in units.values()} == {"8401"}


def test_the_policy_rejects_what_cannot_be_filed(requests_csv: Path) -> None:
    (policy,) = reading.read(requests_csv, Kind.POLICIES, "nyc311").entries
    assert isinstance(policy, Policy)
    assert (policy.code, policy.zone, policy.unmatched) == ("8401", "America/New_York", "reject")
    assert policy.duplicates == "file"


def test_every_name_is_translated(matters: list[Matter]) -> None:
    assert [one.code for one in matters if one.names.zh == one.names.en] == []
