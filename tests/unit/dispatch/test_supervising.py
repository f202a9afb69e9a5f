"""Supervision by hand and its acknowledgement, as dispatch decides on it and hears of it."""

from shared.contracts.cases_v1 import ActionRefused, CasePrioritised
from shared.contracts.levels import SupervisionLevel
from shared.contracts.roles import Role
from shared.contracts.rule_v1 import Rule
from shared.contracts.supervising_v1 import CaseAcknowledged, CaseReleased, CaseSupervised
from tests.unit.dispatch.city import CITY, GRID
from tests.unit.dispatch.desk import Desk, actor, dispatched_desk, member

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


# Acknowledged


def test_the_order_is_acknowledged_once_and_the_case_stays_as_it_is() -> None:
    desk = dispatched_desk()
    assert refused(desk, "acknowledge", member()) is Rule.NOT_SUPERVISED
    desk.supervise(YELLOW)
    before, number = desk.case, desk.inputs[-1].sequence
    (seen,) = desk.ask("acknowledge", member())
    assert isinstance(seen, CaseAcknowledged)
    assert (seen.orders, seen.actor) == ((number,), member())
    same = {"time": before.time, "time_until": before.time_until}
    assert seen.case.model_copy(update=same) == before
    assert refused(desk, "acknowledge", COUNTY) is Rule.ACKNOWLEDGED_ALREADY


def test_a_higher_order_is_to_be_acknowledged_again() -> None:
    desk = dispatched_desk()
    desk.supervise(YELLOW)
    desk.ask("acknowledge", member())
    desk.supervise(SupervisionLevel.RED_CARD)
    (seen,) = desk.ask("acknowledge", TOWN)
    assert isinstance(seen, CaseAcknowledged)
    desk.supervise(SupervisionLevel.RED_CARD, lifted=True)
    assert refused(desk, "acknowledge", member()) is Rule.NOT_SUPERVISED


def test_notices_are_acknowledged_with_the_order_and_those_withdrawn_are_not() -> None:
    desk = dispatched_desk()
    desk.notice(50)
    first = desk.inputs[-1].sequence
    desk.notice(75)
    desk.notice(75, withdrawn=True)
    desk.supervise(YELLOW)
    order = desk.inputs[-1].sequence
    (seen,) = desk.ask("acknowledge", actor(Role.DISPATCHER, area=GRID[:9]))
    assert isinstance(seen, CaseAcknowledged)
    assert seen.orders == (order, first)
    desk.notice(90)
    (seen,) = desk.ask("acknowledge", member())
    assert isinstance(seen, CaseAcknowledged)
    assert seen.orders == (desk.inputs[-2].sequence,)


def test_whoever_co_operates_acknowledges_it_too_and_nobody_elses_unit() -> None:
    desk = dispatched_desk()
    desk.supervise(YELLOW)
    assert refused(desk, "acknowledge", member(CITY)) is Rule.NOT_YOUR_UNIT
    desk.ask("whistle", member(), unit=CITY)
    (seen,) = desk.ask("acknowledge", member(CITY))
    assert isinstance(seen, CaseAcknowledged)


def test_a_stale_screen_is_none_for_an_acknowledgement() -> None:
    desk = dispatched_desk()
    seen = desk.decided.sequence
    desk.supervise(YELLOW)
    desk.ask("acknowledge", member())
    (accepted,) = desk.ask("accept", member(), expected_sequence=seen)
    assert accepted.TYPE.endswith("accepted.v1")
