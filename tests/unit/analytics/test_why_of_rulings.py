"""Why a case went where it went, of what dispatch itself decides: returns, rulings, checks."""

from typing import Any

import pytest

from services.analytics.domain import telling
from services.analytics.domain.folding import evolve
from services.analytics.domain.timeline import Timeline
from services.dispatch.domain import on_site
from shared.contracts.base import Actor
from shared.contracts.incidents_v1 import Verb
from shared.contracts.registry_v1 import Unit
from shared.contracts.roles import Role
from tests.unit.dispatch.city import (
    CENTRE,
    COUNTY,
    ELSEWHERE,
    ENTRIES,
    GRID,
    NEIGHBOUR,
    TEAM,
    point,
    registry,
)
from tests.unit.dispatch.desk import (
    DISPATCHER,
    HEAD,
    REPORTER,
    Desk,
    actor,
    dispatched_desk,
    member,
)

CLERK, INSPECTOR = actor(Role.ACCEPTANCE_DESK), actor(Role.INSPECTOR, subject="looks")
PHOTO = {"ref": "a", "sha256": "2c" * 32, "shows": "before"}
ON_SITE = {"before": PHOTO, "after": {"ref": "b", "sha256": "3c" * 32, "shows": "after"}}


def why(desk: Desk, decision: str) -> list[dict[str, Any]]:
    """The decisions of that kind, in their order."""
    found = Timeline()
    for event in desk.outputs:
        found = evolve(found, event)
    told = telling.reasons(desk.incident, found, official=True)["reasons"]
    return [one for one in told if one["decision"] == decision]


def returned(times: int) -> Desk:
    """A case of which so many returns were granted."""
    desk = dispatched_desk()
    for _ in range(times):
        assert desk.case.unit is not None
        desk.do(("return", member(desk.case.unit.code)), ("approve", DISPATCHER))
    return desk


def test_after_the_second_return_it_says_that_the_duty_head_rules() -> None:
    desk = returned(2)
    assert desk.case.unit is None
    first, second = why(desk, "return_granted")
    assert "the rules never choose that unit again" in first["words"]["en"]
    assert "规则不再派给该单位" in first["words"]["zh"]
    assert "the duty head rules whose it is" in second["words"]["en"]
    assert "由值班长裁定" in second["words"]["zh"]
    assert "dispatched anew" not in second["words"]["en"]
    assert "规则不再派给该单位" not in second["words"]["zh"]
    assert [one["facts"] for one in (first, second)] == [{"returns": 1}, {"returns": 2}]


@pytest.mark.parametrize(
    ("returns", "who", "zh", "en"),
    [
        (0, DISPATCHER, "由派遣员指定", "a dispatcher named it"),
        (1, DISPATCHER, "由派遣员指定", "a dispatcher named it"),
        (1, HEAD, "由值班长指定", "the duty head named it"),
        (2, HEAD, "由值班长裁定", "the duty head ruled whose it is"),
    ],
)
def test_it_says_who_named_the_unit(returns: int, who: Actor, zh: str, en: str) -> None:
    desk = returned(returns)
    desk.ask("reassign", who, unit=TEAM if returns == 2 else COUNTY)
    assert desk.case.state == "dispatched"
    *_, last = why(desk, "dispatched")
    assert last["facts"]["rule"] == "named_by_dispatcher"
    assert last["words"]["zh"].endswith(zh)
    assert last["words"]["en"].endswith(en)


def test_what_is_checked_because_the_officer_does_not_work_there_was_not_drawn() -> None:
    desk = Desk()
    officer = actor(Role.OFFICER, subject=REPORTER, unit=ELSEWHERE, area="990102")
    desk.report_by(officer, handled_on_site=ON_SITE)
    assert not on_site.drawn(desk.incident, desk.inputs[0].data.received_at, 5)
    (told,) = why(desk, "spot_check_ordered")
    assert told["words"]["zh"].endswith("；不在上报人的工作区域，须由他人核查")
    assert told["words"]["en"].endswith("else, as it lies where the officer does not work")
    assert "drawn" not in told["words"]["en"]


def test_what_was_drawn_for_a_check_is_told_so() -> None:
    desk = Desk()
    officer = actor(Role.OFFICER, subject=REPORTER, unit=TEAM, area=GRID)
    while not on_site.drawn(desk.incident, desk.clock(), 5):
        desk.clock.forward(0.001)
    desk.report_by(officer, handled_on_site=ON_SITE)
    (told,) = why(desk, "spot_check_ordered")
    assert told["words"]["zh"].endswith("；抽中，须由他人核查")
    assert told["words"]["en"].endswith("; drawn, to be checked by somebody else")


def looks(desk: Desk) -> list[dict[str, Any]]:
    """What is told of a report without a case, but for how it was held first."""
    return why(desk, "in_review")[1:]


def test_a_look_on_site_tells_who_is_sent_instead_of_whom_and_what_was_found() -> None:
    desk = Desk()
    desk.report(matter="unheard-of")
    desk.ask(Verb.LOOK, CLERK, unit=CENTRE, reason="go")
    desk.ask(Verb.LOOK, CLERK, unit=COUNTY, reason="")
    desk.ask(Verb.VERIFY, INSPECTOR, passed=False, reason="not there")
    desk.ask(Verb.LOOK, CLERK, unit=CENTRE, reason="")
    desk.ask(Verb.VERIFY, INSPECTOR, passed=True, matter="litter", reason="")
    first, second, in_vain, third, found = looks(desk)
    centre, county = f"{CENTRE} ({CENTRE})", f"{COUNTY} ({COUNTY})"
    assert first["words"]["en"] == (
        f"the desk has somebody look on site before it is filed; {centre} is sent; go"
    )
    assert f"由{CENTRE}（{CENTRE}）前往" in first["words"]["zh"]
    assert second["words"]["en"].endswith(f"{county} is sent instead of {centre}")
    assert second["words"]["zh"].endswith(
        f"改由{COUNTY}（{COUNTY}）前往，{CENTRE}（{CENTRE}）不再前往"
    )
    assert third["words"]["en"].endswith(f"; {centre} is sent"), "nobody was on the way any more"
    assert [one["facts"]["unit"] for one in (first, second, third)] == [CENTRE, COUNTY, CENTRE]
    assert in_vain["facts"]["rule"] == "not_as_reported"
    assert "unit" not in in_vain["facts"]
    assert found["words"] == {"zh": "现场核实属实", "en": "found on site as reported"}


def test_a_look_by_whoever_inspects_the_grid_names_no_unit_until_one_is_sent_instead() -> None:
    desk = Desk(
        registry=registry(one for one in ENTRIES if not isinstance(one, Unit) or one.code != TEAM)
    )
    desk.report(matter="unheard-of", location=point(NEIGHBOUR))
    desk.ask(Verb.LOOK, CLERK, reason="")
    desk.ask(Verb.LOOK, CLERK, unit=COUNTY, reason="")
    first, second = looks(desk)
    assert first["words"]["en"] == "the desk has somebody look on site before it is filed"
    assert second["words"]["en"].endswith(
        f"({COUNTY}) is sent instead of whoever inspects the grid"
    )
    assert "不再由网格巡查人员前往" in second["words"]["zh"]
