"""Levels: a centre decides nothing of what one above has in hand; some rows begin at a town."""

from collections.abc import Sequence

import pytest

from shared.contracts.base import EventData
from shared.contracts.case_v1 import CaseState
from shared.contracts.cases_v1 import ActionRefused
from shared.contracts.incidents_v1 import Verb
from shared.contracts.levels import DIGITS
from shared.contracts.requests_v1 import ReturnGranted
from shared.contracts.roles import Role
from shared.contracts.rule_v1 import Rule
from shared.contracts.supervising_v1 import CaseSupervised
from tests.unit.dispatch.city import (
    CENTRE,
    COUNTY,
    ELSEWHERE,
    ENTRIES,
    GRID,
    TEAM,
    matter,
    registry,
)
from tests.unit.dispatch.desk import RESIDENT, Desk, actor, dispatched_desk, member
from tests.unit.dispatch.scenes import HANDS, KEYS, ROW_OF, Key, Scene, decided_by_a_town, good
from tests.unit.dispatch.spoilt import TEAM_REF
from tests.unit.dispatch.test_appeals import breached

AREAS = (GRID[:4], GRID[:6], GRID[:9], GRID[:12])
LEVELS = (*AREAS, None)
ROWS_IN_HAND = [key for key in KEYS if HANDS & set(ROW_OF[key].guards)]
# Handing up and down moves between levels; that is told elsewhere.
DECIDED = [key for key in ROWS_IN_HAND if key[0] not in {Verb.HAND_UP, Verb.HAND_DOWN}]
TOWN, VILLAGE = GRID[:9], GRID[:12]


def in_hand_of(one: Scene, area: str) -> list[Scene]:
    """It was handed to that area's centre, that dispatched it, or an older version did so."""
    ref = TEAM_REF.model_copy(update={"area": area})
    return [
        one.with_case(centre=area),
        one.with_decided(centre=area).with_case(centre=None),
        one.with_case(centre=None, unit=ref),
        # To which it was handed counts before who dispatched it.
        one.with_decided(centre=GRID[:4]).with_case(centre=area),
    ]


@pytest.mark.parametrize("key", DECIDED)
@pytest.mark.parametrize("has_it", AREAS)
def test_a_centre_decides_of_what_it_or_one_below_has_in_hand_and_of_nothing_else(
    key: Key, has_it: str
) -> None:
    lowest = ROW_OF[key].lowest
    for area in LEVELS:
        for one in in_hand_of(decided_by_a_town(*key).with_actor(area=area), has_it):
            rule = one.rule()
            if area is not None and lowest is not None and len(area) > DIGITS[lowest]:
                assert rule is Rule.LEVEL_TOO_LOW
            elif key[1] is not None and key[1] != "return" and area == VILLAGE:
                assert rule is Rule.LEVEL_TOO_LOW, "the request is for a town or above"
            elif area is not None and len(area) > len(has_it):
                assert rule is Rule.WITH_HIGHER_CENTRE
            else:
                assert rule is None


@pytest.mark.parametrize("key", [key for key in KEYS if ROW_OF[key].lowest])
def test_whoever_is_below_the_lowest_level_of_the_row_is_refused(key: Key) -> None:
    lowest = ROW_OF[key].lowest
    assert lowest is not None
    for role in ROW_OF[key].roles:
        for area in LEVELS:
            one = good(*key).with_actor(roles=(role,), area=area)
            low = area is not None and len(area) > DIGITS[lowest]
            assert one.rule() is (Rule.LEVEL_TOO_LOW if low else None)


@pytest.mark.parametrize("verb", [Verb.VOID, Verb.SUPERVISE])
def test_whoever_has_a_unit_and_no_area_is_of_the_level_of_his_unit(verb: Verb) -> None:
    for unit, rule in ((TEAM, Rule.LEVEL_TOO_LOW), (CENTRE, None)):
        assert good(verb).with_actor(unit=unit, area=None).rule() is rule


def test_an_order_is_of_the_level_of_whoever_gives_it() -> None:
    desk = dispatched_desk()
    his = actor(Role.SUPERVISOR, unit=CENTRE)
    (ordered,) = desk.ask("supervise", his, level="ordinary")
    assert isinstance(ordered, CaseSupervised)
    assert (ordered.issuer, ordered.issuer_area) == ("town", TOWN)


@pytest.mark.parametrize("verb", [Verb.REASSIGN, Verb.APPROVE])
@pytest.mark.parametrize("area", LEVELS)
def test_after_two_returns_a_town_or_one_above_rules(verb: Verb, area: str | None) -> None:
    head = good(verb).with_actor(roles=("duty_head",), area=area).with_request(unit=COUNTY)
    for returns in (0, 2):
        rule = head.with_case(returns=returns).rule()
        low = returns == 2 and area == VILLAGE
        assert rule is (Rule.LEVEL_TOO_LOW if low else None)


@pytest.mark.parametrize("verb", [Verb.RESUME, Verb.WHISTLE, Verb.CO_WITHDRAW])
def test_the_unit_goes_on_with_what_a_centre_above_its_area_has_in_hand(verb: Verb) -> None:
    for roles in (("unit_member",), ("dispatcher", "unit_member")):
        one = good(verb).with_case(centre=GRID[:6], unit=TEAM_REF)
        assert one.with_actor(roles=roles, unit=TEAM, area=TOWN).rule() is None


def test_a_reporter_reopens_its_own_whoever_has_it_in_hand() -> None:
    one = good(Verb.REOPEN).with_case(centre=GRID[:4])
    for roles in (("reporter",), ("dispatcher", "reporter")):
        mine = one.with_actor(roles=roles, subject=RESIDENT.subject, area=TOWN)
        assert mine.rule() is None


# As it goes with a case


def refusal(follows: Sequence[EventData]) -> Rule | None:
    return follows[0].rule if isinstance(follows[0], ActionRefused) else None


def handed_up() -> Desk:
    """The town has handed it up to the county, which has given it to its department."""
    desk = dispatched_desk()
    town, county = actor(Role.DISPATCHER, area=TOWN), actor(Role.DISPATCHER, area=GRID[:6])
    assert refusal(desk.ask("hand_up", town)) is None
    assert refusal(desk.ask("reassign", county, unit=COUNTY)) is None
    return desk.do(("accept", member(COUNTY)))


def test_what_was_handed_up_the_town_neither_calls_others_to_nor_takes_back() -> None:
    desk, town = handed_up(), actor(Role.DISPATCHER, subject="town", area=TOWN)
    county = actor(Role.DISPATCHER, subject="county", area=GRID[:6])
    assert refusal(desk.ask("whistle", town, unit=CENTRE)) is Rule.WITH_HIGHER_CENTRE
    assert refusal(desk.ask("whistle", county, unit=CENTRE)) is None
    assert refusal(desk.ask("co_withdraw", town, unit=CENTRE)) is Rule.WITH_HIGHER_CENTRE
    assert refusal(desk.ask("co_withdraw", county, unit=CENTRE)) is None
    desk.do(("handled", member(COUNTY)), ("verify", actor(Role.INSPECTOR)))
    assert desk.case.state is CaseState.CLOSED
    assert refusal(desk.ask("reopen", town)) is Rule.WITH_HIGHER_CENTRE
    assert refusal(desk.ask("reopen", RESIDENT)) is None


def test_what_the_county_dispatched_the_town_does_not_take_back_from_it() -> None:
    desk = Desk()
    desk.report(matter="pothole")
    assert desk.case.unit is not None
    assert (desk.case.unit.code, desk.case.centre, desk.decided.centre) == (
        COUNTY, None, GRID[:6],
    )  # fmt: skip
    desk.do(("return", member(COUNTY)))
    town, county = actor(Role.DISPATCHER, area=TOWN), actor(Role.DISPATCHER, area=GRID[:6])
    assert refusal(desk.ask("approve", town)) is Rule.WITH_HIGHER_CENTRE
    assert refusal(desk.ask("approve", county)) is None


def test_what_came_back_to_nobody_stays_with_who_dispatched_it() -> None:
    desk = Desk()
    desk.report(matter="dispute")
    desk.do(("return", member(CENTRE)), ("approve", actor(Role.DISPATCHER, area=TOWN)))
    assert (desk.case.state, desk.case.unit, desk.decided.centre) == (CaseState.FILED, None, TOWN)
    village = actor(Role.DUTY_HEAD, area=VILLAGE)
    assert refusal(desk.ask("reassign", village, unit=COUNTY)) is Rule.WITH_HIGHER_CENTRE


def test_a_village_declares_nothing_void() -> None:
    village, town = (actor(Role.SUPERVISOR, area=area) for area in (VILLAGE, TOWN))
    desk = dispatched_desk()
    assert refusal(desk.ask("void", village)) is Rule.LEVEL_TOO_LOW
    assert refusal(desk.ask("void", town)) is None


def test_a_centre_to_which_it_was_handed_decides_of_no_unit_that_is_not_below_it() -> None:
    desk = dispatched_desk()
    town, county = (actor(Role.DISPATCHER, subject=one, area=one) for one in (TOWN, GRID[:6]))
    desk.ask("hand_down", county, area=TOWN)
    desk.ask("reassign", town, unit=TEAM)
    assert _centre(desk) == TOWN, "its own team: the town has it in hand"
    desk.ask("reassign", county, unit=COUNTY)
    assert _centre(desk) is None
    desk.ask("return", member(COUNTY))
    for verb in ("approve", "deny"):
        assert refusal(desk.ask(verb, town)) is Rule.WITH_HIGHER_CENTRE
    assert refusal(desk.ask("reassign", town, unit=CENTRE)) is Rule.WITH_HIGHER_CENTRE
    (granted, *_) = desk.ask("approve", county)
    assert isinstance(granted, ReturnGranted)


def test_what_was_handed_up_stays_with_that_centre_whichever_unit_below_has_it() -> None:
    desk = dispatched_desk()
    county = actor(Role.DISPATCHER, subject="county", area=GRID[:6])
    desk.ask("hand_up", actor(Role.DISPATCHER, area=TOWN))
    desk.ask("reassign", county, unit=TEAM)
    assert desk.case.centre == GRID[:6]


@pytest.mark.parametrize("verb", ["make_safe", "take_first", "appeal"])
def test_a_unit_from_elsewhere_does_all_that_its_case_asks_of_it(verb: str) -> None:
    """Its token names its own area, in which the case does not lie."""
    desk = emergency_desk()
    worker = actor(Role.UNIT_MEMBER, subject="w", unit=ELSEWHERE, area=ELSEWHERE[-6:])
    assert refusal(desk.ask("make_safe", worker)) is Rule.NOT_YOUR_AREA
    desk.ask("reassign", actor(Role.DISPATCHER), unit=ELSEWHERE)
    desk.do(("accept", worker))
    breached(desk, unit=ELSEWHERE)
    stranger = actor(Role.UNIT_MEMBER, subject="s", unit=CENTRE, area="990102")
    assert refusal(desk.ask(verb, stranger, clock="handle")) is Rule.NOT_YOUR_AREA
    assert refusal(desk.ask(verb, worker, clock="handle")) is None


def test_a_unit_appeals_also_when_the_case_is_somebody_elses_now() -> None:
    desk = emergency_desk()
    worker = actor(Role.UNIT_MEMBER, subject="w", unit=ELSEWHERE, area=ELSEWHERE[-6:])
    desk.ask("reassign", actor(Role.DISPATCHER), unit=ELSEWHERE)
    desk.do(("accept", worker))
    breached(desk, unit=ELSEWHERE)
    desk.ask("reassign", actor(Role.DISPATCHER), unit=TEAM)
    assert refusal(desk.ask("appeal", worker, clock="handle")) is None


def _centre(desk: Desk) -> str | None:
    return desk.case.centre


def emergency_desk() -> Desk:
    """A case in which lives are in danger, with the team."""
    danger = matter("litter")
    urgent = danger.conditions[0].model_copy(update={"emergency": True})
    danger = danger.model_copy(update={"conditions": (urgent,)})
    desk = Desk(registry([danger if one.code == "litter" else one for one in ENTRIES]))
    desk.report()
    return desk


def test_whoever_was_first_keeps_the_place_safe_until_somebody_rules_whose_it_is() -> None:
    desk = emergency_desk()
    desk.do(("take_first", member(CENTRE)), ("return", member(TEAM)))
    desk.ask("approve", actor(Role.DISPATCHER, area=TOWN), unit=COUNTY)
    assert (desk.case.unit and desk.case.unit.code, desk.case.first) == (COUNTY, None)
    desk.do(("accept", member(COUNTY)), ("handled", member(COUNTY)))
    of_the_first = actor(Role.SUPERVISOR, subject="colleague", unit=CENTRE)
    assert refusal(desk.ask("verify", of_the_first, passed=True)) is Rule.HANDLER_NEVER_VERIFIES
