"""A report without coordinates is filed where the place of its address lies."""

from datetime import timedelta

import pytest

from shared.contracts.base import Point
from shared.contracts.case_refs_v1 import PlaceRef
from shared.contracts.cases_v1 import CaseFiled
from shared.contracts.outcomes_v1 import IncidentHeld
from shared.contracts.registry_v1 import Place
from shared.contracts.rule_v1 import Rule
from tests.fakes.clock import START
from tests.unit.dispatch.city import (
    ENTRIES,
    GRID,
    NEIGHBOUR,
    TEAM,
    entry_set,
    matter,
    named,
    point,
    registry,
)
from tests.unit.dispatch.desk import Desk

MARKET = Place(
    code="market", names=named("东门菜市场"), aliases=("建设路12号",), location=point(GRID)
)
ABROAD = Place(code="abroad", names=named("远方车站"), location=Point(coordinates=(10.0, 10.0)))
CITY = registry((*ENTRIES, MARKET, ABROAD))


def test_an_address_that_means_a_place_gives_the_case_its_location() -> None:
    desk = Desk(CITY)
    filed = desk.report(location=None, address="临江市建设路１２号旁")[0]
    assert isinstance(filed, CaseFiled)
    assert filed.place == PlaceRef(code="market", names=MARKET.names, score=97)
    assert (filed.case.location, filed.case.grid) == (point(GRID), GRID)
    assert desk.case.unit is not None
    assert desk.case.unit.code == TEAM


def test_coordinates_go_before_an_address() -> None:
    filed = Desk(CITY).report(location=point(NEIGHBOUR), address="东门菜市场")[0]
    assert isinstance(filed, CaseFiled)
    assert (filed.case.grid, filed.place) == (NEIGHBOUR, None)


@pytest.mark.parametrize(
    ("address", "rule"),
    [("建设路13号", Rule.UNKNOWN_PLACE), ("远方车站", Rule.OUTSIDE_EVERY_GRID)],
)
def test_an_address_that_means_no_place_here_is_held(address: str, rule: Rule) -> None:
    (held,) = Desk(CITY).report(location=None, address=address)
    assert isinstance(held, IncidentHeld)
    assert (held.rule, held.location) == (rule, None)


def test_a_place_that_is_withdrawn_is_not_matched() -> None:
    gone = entry_set(MARKET, 2, until=START - timedelta(days=1))
    (held,) = Desk(registry((*ENTRIES, MARKET), gone)).report(location=None, address="东门菜市场")
    assert isinstance(held, IncidentHeld)
    assert held.rule is Rule.UNKNOWN_PLACE


@pytest.mark.parametrize(("days", "known"), [(-1, False), (0, True), (29, True), (30, False)])
def test_a_matter_is_admitted_from_its_first_day_until_its_last(days: int, *, known: bool) -> None:
    season = entry_set(matter("firecrackers"), since=START, until=START + timedelta(days=30))
    desk = Desk(registry(ENTRIES, season))
    desk.clock.forward(days * 86_400)
    first = desk.report(matter="firecrackers")[0]
    if known:
        assert isinstance(first, CaseFiled)
    else:
        assert isinstance(first, IncidentHeld)
        assert first.rule is Rule.UNKNOWN_MATTER
