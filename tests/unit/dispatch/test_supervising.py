"""Supervision by hand, as dispatch decides on it and hears of it."""

from shared.contracts.cases_v1 import ActionRefused, CasePrioritised
from shared.contracts.levels import SupervisionLevel
from shared.contracts.roles import Role
from shared.contracts.rule_v1 import Rule
from shared.contracts.supervising_v1 import CaseReleased, CaseSupervised
from tests.unit.dispatch.city import GRID
from tests.unit.dispatch.desk import Desk, actor, dispatched_desk

YELLOW = SupervisionLevel.YELLOW_CARD
COUNTY = actor(Role.SUPERVISOR, area=GRID[:6])
TOWN = actor(Role.LEADER, area=GRID[:9])


def refused(desk: Desk, verb: str, who: object, **more: object) -> Rule:
    (answer,) = desk.ask(verb, who, **more)  # type: ignore[arg-type]
    assert isinstance(answer, ActionRefused)
    return answer.rule


def test_the_centre_of_the_actors_area_orders_it_and_the_city_where_it_has_none() -> None:
    for who, issuer, area in (
        (COUNTY, "county", GRID[:6]),
        (TOWN, "town", GRID[:9]),
        (actor(Role.LEADER), "city", GRID[:4]),
    ):
        (event,) = dispatched_desk().ask("supervise", who, level=YELLOW)
        assert isinstance(event, CaseSupervised)
        assert (event.level, event.issuer, event.issuer_area) == (YELLOW, issuer, area)
        assert event.actor == who
        assert event.case.priority == 0, "escalation gives the order"


def test_the_order_makes_it_urgent_and_its_end_does_not() -> None:
    desk = dispatched_desk()
    desk.ask("supervise", COUNTY, level=YELLOW)
    (heard,) = desk.supervise(YELLOW)
    assert isinstance(heard, CasePrioritised)
    assert heard.case.priority == YELLOW.rank
    assert refused(desk, "supervise", COUNTY, level=YELLOW) is Rule.SUPERVISED_ALREADY
    (lifted,) = desk.ask("release", actor(Role.SUPERVISOR))
    assert isinstance(lifted, CaseReleased)


def test_only_the_same_or_a_higher_level_lifts_it() -> None:
    desk = dispatched_desk()
    assert refused(desk, "release", COUNTY) is Rule.NOT_SUPERVISED
    desk.supervise(YELLOW)  # from the city
    assert refused(desk, "release", COUNTY) is Rule.LEVEL_TOO_LOW
    assert isinstance(desk.ask("release", actor(Role.LEADER, area=GRID[:4]))[0], CaseReleased)
