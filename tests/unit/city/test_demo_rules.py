"""The demo city's routing rules: every unit that they name is there, and every rule decides."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from deploy.city import building
from services.dispatch.domain.lookups import Loads
from services.dispatch.domain.members import member_for
from services.dispatch.domain.routes import Routing
from services.dispatch.domain.routing import route
from services.dispatch.domain.subject import Subject
from shared.contracts.registry_v1 import Grid, Matter
from shared.contracts.routing_rules import Rules, Source
from shared.registry.snapshot import Snapshot
from tests.registry.entries import alone, version

ENTRIES = building.build()
REGISTRY = Snapshot().with_changes([version(one, alone("c")) for one in ENTRIES], 0)
MATTERS = {one.code: one for one in ENTRIES if isinstance(one, Matter)}
GRID = next(one for one in ENTRIES if isinstance(one, Grid))
NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


def case(matter: str, hour: int = 9, source: Source = Source.RESIDENT, text: str = "") -> Subject:
    """A case in the first grid, received at an hour of the day."""
    found = MATTERS[matter]
    return Subject(
        incident="i",
        matter=found,
        condition=found.conditions[0],
        grid=GRID.code,
        zone="Asia/Shanghai",
        received=datetime(2026, 3, 2, hour),  # noqa: DTZ001 - local time
        source=source,
        description=text,
        reporter="r",
    )


CASES = {
    "gas-and-chemicals": case("litter-bin", text="a strong smell of gas"),
    "grave-fire-hazards": case("blocked-exit"),
    "noise-at-night": case("construction-noise", hour=23),
    "hotline-disputes": case("neighbour-dispute", source=Source.HOTLINE),
    "gravest-hazards": case("chemical-leak"),
}


def test_every_rule_has_a_case_here() -> None:
    codes = {rule.code for one in ENTRIES if isinstance(one, Rules) for rule in one.rules}
    assert codes == CASES.keys()


@pytest.mark.parametrize("code", CASES)
def test_a_rule_decides_its_case_and_all_that_it_names_is_there(code: str) -> None:
    found = route(CASES[code], Routing(REGISTRY, NOW))
    assert found.unit is not None
    assert found.chosen_by is not None
    assert (found.chosen_by.code, found.chosen_by.passed_over) == (code, ())
    rule = next(
        rule
        for one in ENTRIES
        if isinstance(one, Rules) and one.code == found.chosen_by.area
        for rule in one.rules
        if rule.code == code
    )
    assert (len(found.co_units), len(found.cc)) == (len(rule.co_units), len(rule.cc))


def test_every_grid_has_an_officer_on_duty_by_day_and_by_night() -> None:
    for hour in (3, 15):  # 11:00 and 23:00 in the city
        at = datetime(2026, 3, 2, hour, tzinfo=UTC)
        for grid in (one for one in ENTRIES if isinstance(one, Grid)):
            team = REGISTRY.unit(f"team-{grid.code[:12]}", at)
            assert team is not None
            there = replace(case("litter-bin"), grid=grid.code)
            chosen = member_for(REGISTRY, team, there, at, Loads())
            assert chosen is not None
            assert chosen.subject is not None
