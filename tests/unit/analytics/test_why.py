"""Why a case went where it went: every decision has its words, and every word is known."""

from dataclasses import replace
from typing import Any

import pytest

from services.analytics.domain import telling
from services.analytics.domain.why_words import LOST
from services.dispatch.domain.lookups import NOTHING, Loads
from services.dispatch.domain.routes import Route, Routing
from services.dispatch.domain.routing import route
from shared.contracts import cases_v1 as c
from shared.contracts.base import Names
from shared.contracts.case_refs_v1 import ComponentRef, PlaceRef
from shared.contracts.choice_v1 import (
    Candidate,
    DispatchRule,
    MemberCandidate,
    MemberChoice,
    RuleRef,
    Unrouted,
)
from shared.contracts.golden import cases, story
from shared.contracts.outcomes_v1 import (
    IncidentHeld,
    IncidentLinked,
    IncidentRejected,
    Obstacle,
)
from shared.contracts.registry_v1 import Entry
from shared.contracts.routing_rules import Destination, RoutingRule, Rules, UnitKind
from shared.contracts.rule_v1 import Rule
from shared.contracts.steps_v1 import CasePassedOn
from shared.contracts.titles import VOID, VOID_RULE
from shared.registry.snapshot import Snapshot
from tests.registry.entries import COMMUNITY, EPOCH, alone, matter, unit, version
from tests.unit.analytics.lives import GRIDS, LINK, MATTERS, UNITS, Life, fold, whole
from tests.unit.dispatch.city import subject


def told(life: Life, *, official: bool = True) -> dict[str, Any]:
    events = [event for events in life.topics.values() for event in events]
    return telling.reasons(life.incident, fold(events), official=official)


def test_filing_and_dispatch_are_told_in_both_languages_with_what_they_stand_on() -> None:
    found = told(whole())
    filed, dispatched = found["reasons"]
    assert (filed["decision"], dispatched["decision"]) == ("filed", "dispatched")
    assert GRIDS[0] in filed["words"]["zh"]
    assert GRIDS[0] in filed["words"]["en"]
    assert filed["facts"]["matter_n"] == 1
    assert "a dispatcher named it" in dispatched["words"]["en"]
    assert "由派遣员指定" in dispatched["words"]["zh"]
    assert dispatched["facts"] == {
        "rule": "named_by_dispatcher",
        "unit": UNITS[0],
        "centre": "9901",
        "level": "city",
    }


def test_the_place_by_which_an_address_was_located_is_told() -> None:
    life = whole()
    filed = next(one for one in life.topics["cases"] if isinstance(one.data, c.CaseFiled))
    names = Names(zh="东门菜市场", en="East Gate Market")
    place = PlaceRef(code="market", names=names, score=97)
    at = life.topics["cases"].index(filed)
    data = filed.data.model_copy(update={"place": place})
    life.topics["cases"][at] = replace(filed, data=data)
    reason = told(life)["reasons"][0]
    assert reason["words"]["zh"].endswith("按地址定位于“东门菜市场”（符合度 97）")
    assert reason["words"]["en"].endswith("located at 'East Gate Market' (fits 97 of 100)")
    assert reason["facts"]["place"] == place.model_dump()
    assert "place" not in told(whole())["reasons"][0]["facts"]


def test_a_case_that_came_back_tells_of_both_units() -> None:
    life = whole()
    life.move("return", UNITS[0])
    life.move("dispatch", UNITS[1])
    decisions = [(one["decision"], one["facts"].get("unit")) for one in told(life)["reasons"]]
    assert decisions == [
        ("filed", None),
        ("dispatched", UNITS[0]),
        ("return_granted", None),
        ("dispatched", UNITS[1]),
    ]


def test_who_took_over_from_a_withdrawn_unit_is_told_so() -> None:
    life = whole()
    life.tell(
        c.CaseDispatched(
            incident_id=life.incident, at=life.now, case=life.case, rule=DispatchRule.SUCCESSOR,
            centre="9901", level="city",
        )
    )  # fmt: skip
    *_, again = told(life)["reasons"]
    assert "原单位已撤销" in again["words"]["zh"]
    assert "was withdrawn" in again["words"]["en"]


def test_a_case_that_moved_tells_of_the_grid_of_its_filing_and_of_where_it_lies() -> None:
    life = whole()
    life.move("regrid", UNITS[0])
    filed, _, moved = told(life)["reasons"]
    assert GRIDS[0] in filed["words"]["en"]
    assert GRIDS[1] not in filed["words"]["en"]
    assert moved["decision"] == "regridded"
    for words in moved["words"].values():
        assert GRIDS[0] in words
        assert GRIDS[1] in words
    assert moved["facts"] == {"grid": GRIDS[1], "grid_before": GRIDS[0], "policy": "move"}


@pytest.mark.parametrize(
    ("policy", "adrift", "zh", "en"),
    [
        ("stay", c.Adrift.STAYS, "按区划规则", "by the area's policy"),
        ("stay", None, "按区划规则", "by the area's policy"),
        ("move", c.Adrift.OUTSIDE, "没有网格再覆盖", "none holds the place"),
        ("move", None, "位置仍在", "still lies in"),
    ],
)
def test_a_case_that_stays_tells_why(
    policy: Any,  # noqa: ANN401 - one of two words
    adrift: c.Adrift | None,
    zh: str,
    en: str,
) -> None:
    life = whole()
    life.tell(
        c.CaseRegridded(
            incident_id=life.incident, at=life.now, case=life.case, change="redraw",
            grid_before=life.case.grid, policy=policy, adrift=adrift,
        )
    )  # fmt: skip
    *_, stays = told(life)["reasons"]
    assert zh in stays["words"]["zh"]
    assert en in stays["words"]["en"]


def test_what_was_not_filed_is_told_by_its_rule() -> None:
    for kind, decision in (
        (IncidentRejected, "rejected"),
        (IncidentHeld, "in_review"),
    ):
        life = Life("i", GRIDS[0], MATTERS[0])
        life.report()
        life.leave_unfiled(kind)
        (reason,) = told(life)["reasons"]
        assert reason["decision"] == decision
        assert reason["facts"]["rule"] == "outside_every_grid"
        assert reason["words"] == {"zh": "不在任何网格之内", "en": "outside every grid"}


def test_what_else_stands_in_the_way_is_told_at_once() -> None:
    life = Life("i", GRIDS[0], MATTERS[0])
    life.report()
    words = Names(zh="清单中没有此事项", en="the list does not have it")
    life.leave_unfiled(IncidentHeld, Obstacle(rule=Rule.UNKNOWN_MATTER, explanation=words))
    (reason,) = told(life)["reasons"]
    assert reason["words"] == {
        "zh": "不在任何网格之内；并且：清单中没有此事项",
        "en": "outside every grid; and: the list does not have it",
    }


def test_a_duplicate_is_told_of_which_case_how_far_and_how_long_after() -> None:
    life = Life("i", GRIDS[0], MATTERS[0])
    life.report()
    life.leave_unfiled(IncidentLinked)
    (reason,) = told(life)["reasons"]
    assert reason["decision"] == "linked"
    for words in reason["words"].values():
        assert LINK["case_no"] in words
        assert "12.5" in words
        assert "20" in words
    assert reason["facts"] == {"rule": "outside_every_grid", "metres": 12.5, "minutes": 20}
    life.separate()
    life.file()
    decisions = [one["decision"] for one in told(life)["reasons"]]
    assert decisions == ["linked", "separated", "filed"]


def test_the_public_is_told_why_without_peoples_words_and_other_cases_numbers() -> None:
    life = Life("i", GRIDS[0], MATTERS[0])
    life.report()
    life.leave_unfiled(IncidentRejected, said="Mrs Li says so")
    life.leave_unfiled(IncidentLinked)
    rejected, linked = told(life, official=False)["reasons"]
    assert rejected["words"] == {"zh": "不在任何网格之内", "en": "outside every grid"}
    for words in linked["words"].values():
        assert LINK["case_no"] not in words
        assert "12.5" in words
    rejected, linked = told(life)["reasons"]
    assert "Mrs Li says so" in rejected["words"]["en"]
    assert LINK["case_no"] in linked["words"]["zh"]


def test_a_void_case_tells_that_last_and_peoples_words_to_officials_alone() -> None:
    life = whole()
    life.move("void", UNITS[0], reason="theirs, not ours")
    for official in (True, False):
        *_, dispatched, last = told(life, official=official)["reasons"]
        assert (dispatched["decision"], last["decision"]) == ("dispatched", "voided")
        assert last["words"]["zh"].startswith(VOID.zh)
        assert last["words"]["en"].startswith(VOID.en)
        for words in last["words"].values():
            assert ("theirs, not ours" in words) == official
        assert last["facts"] == {"rule": VOID_RULE}


def test_what_the_second_look_made_void_tells_that_it_doubles_another() -> None:
    life = whole()
    life.move("void", UNITS[0], reason=f"duplicate of {LINK['case_no']}", actor=None)
    life.leave_unfiled(IncidentLinked)
    for official in (True, False):
        *_, void, linked = told(life, official=official)["reasons"]
        assert (void["decision"], linked["decision"]) == ("voided", "linked")
        assert void["facts"] == {}
        for words in void["words"].values():
            assert (LINK["case_no"] in words) == official
        assert "doubles another" in void["words"]["en"]
        assert "重复" in void["words"]["zh"]


def routed(
    *entries: Entry,
    loads: Loads = NOTHING.loads,
    away: str = "",
    about: ComponentRef | None = None,
) -> Route:
    """The route of a case of the matter ``noise`` in the community."""
    noise = matter("noise").model_copy(update={"lead_unit_kind": UnitKind.OFFICER_TEAM})
    versions = [version(one, alone("c")) for one in (noise, *entries)]
    registry = Snapshot().with_changes(versions, 0)
    case = subject(noise, f"{COMMUNITY}001", EPOCH, component=about)
    return route(case, Routing(registry, EPOCH, loads, {away}))


def test_every_reason_for_which_dispatch_passes_a_unit_over_has_words() -> None:
    area = COMMUNITY[:9]
    other = unit("d", area, "noise").model_copy(update={"unit_kind": UnitKind.DEPARTMENT})
    units = [unit("a", area, "noise"), unit("b", area, "noise"), unit("c", "9901", "noise")]
    nearest = routed(other, *units, unit("e", area, "noise"), away="e")
    assert nearest.unit == units[0]
    rule = RoutingRule(code="r", names=Names(zh="r", en="r"), lead=Destination(unit="gone"))
    second = rule.model_copy(update={"code": "s", "lead": Destination(unit="c")})
    ruled = routed(*units, Rules(code="9901", rules=(rule, second)))
    assert ruled.unit == units[2]
    full = units[0].model_copy(update={"load_cap": 1})
    centre = unit("z", area).model_copy(update={"unit_kind": UnitKind.TOWN_CENTRE})
    spared = routed(full, centre, loads=Loads({"a": 1}))
    assert spared.unit == centre
    kept = routed(*units, about=component("a", "b"))
    gone = routed(*units, about=component("x", "a"))
    assert kept.unit == gone.unit == units[0]
    routes = (nearest, ruled, spared, kept, gone)
    assert {one.lost for found in routes for one in found.candidates} == LOST.keys()


def test_a_routing_rule_a_cap_and_a_member_are_told_without_naming_the_member() -> None:
    life = Life("i", GRIDS[0], MATTERS[0])
    life.report()
    life.file()
    life.move("dispatch", UNITS[0])
    (golden,) = (
        one.event.data
        for one in cases.examples()
        if isinstance(one.event.data, c.CaseDispatched) and one.name == "full"
    )
    event = life.topics["cases"][-1]
    more = {name: getattr(golden, name) for name in ("chosen_by", "inputs", "member", "unit_load")}
    data = event.data.model_copy(update={**more, "rule": DispatchRule.TOWN_OVERFLOW})
    life.topics["cases"][-1] = replace(event, data=data)
    words = told(life)["reasons"][-1]["words"]
    assert "routing rule 'Covers at night' (covers-at-night) of 990101, version 3" in words["en"]
    assert "夜间井盖" in words["zh"]
    assert "as many open cases as it may have" in words["en"]
    assert "with the fewest open cases (3)" in words["en"]
    assert "1 off duty" in words["en"]
    assert "1 人不在班" in words["zh"]
    assert golden.member is not None
    assert str(golden.member.subject) not in str(told(life))


@pytest.mark.parametrize(
    ("counts", "zh", "en"),
    [
        ({"by_lot": 29, "off_duty": 5}, "；29 人条件相同", "; 29 equal, and not drawn; 5 off duty"),
        (None, "；至少 10 人条件相同", "; at least 10 equal, and not drawn"),
    ],
)
def test_how_many_members_lost_is_told_as_it_was_or_as_the_least(
    counts: dict[str, int] | None, zh: str, en: str
) -> None:
    lost = tuple(MemberCandidate(subject=f"m-{n}", lost="by_lot") for n in range(10))
    words = dispatched(member=MemberChoice(subject="m", lost=lost, counts=counts))["words"]
    assert zh in words["zh"]
    assert en in words["en"]
    few = dispatched(member=MemberChoice(subject="m", lost=lost[:9]))["words"]
    assert "; 9 equal" in few["en"]


def dispatched(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - of the event
    """What is told of a dispatch."""
    life = Life("i", GRIDS[0], MATTERS[0])
    life.report()
    life.file()
    life.move("dispatch", UNITS[0], **fields)
    return dict(told(life)["reasons"][-1])


def test_rules_that_held_in_vain_are_told_where_none_decided_and_where_another_did() -> None:
    nearest = dispatched(rule="nearest_unit_of_matter", passed_over=("gone", "back"))
    assert nearest["facts"]["passed_over"] == ["gone", "back"]
    rule = RuleRef(
        area="9901", n=1, code="r", names=Names(zh="r", en="r"), passed_over=("gone", "back")
    )
    ruled = dispatched(rule="routing_rule", chosen_by=rule, passed_over=("gone", "back"))
    older = dispatched(rule="routing_rule", chosen_by=rule)
    for one in (nearest, ruled, older):
        assert "派遣规则 gone, back 虽适用" in one["words"]["zh"]
        assert "lead could not be had: gone, back" in one["words"]["en"]
    life = Life("i", GRIDS[0], MATTERS[0])
    life.report()
    life.file(unrouted=Unrouted.NO_UNIT, passed_over=("gone",))
    nobody = told(life)["reasons"][-1]
    assert nobody["words"]["en"].endswith("lead could not be had: gone")
    assert nobody["facts"] == {"unrouted": "no_unit", "passed_over": ["gone"]}


def test_a_case_that_was_handed_on_tells_by_whom_and_to_whom() -> None:
    life = whole()
    case = life.case.model_copy(update={"unit": None, "centre": "9901"})
    base: dict[str, Any] = {"incident_id": life.incident, "at": life.now, "reason": "secret"}
    life.tell(c.CaseHandedUp(**base, case=case, centre_before="990101"))
    case = case.model_copy(update={"centre": "990101001"})
    life.tell(c.CaseHandedDown(**base, case=case, centre_before="9901"))
    case = case.model_copy(update={"flow": story.IN_FLOW})
    life.tell(CasePassedOn(**base, case=case, turn=story.TURN, state_before=story.FOUND))
    up, down, on = told(life)["reasons"][-3:]
    assert (up["decision"], down["decision"], on["decision"]) == (
        "handed_up", "handed_down", "passed_on",
    )  # fmt: skip
    assert up["facts"] == {"centre": "9901", "centre_before": "990101"}
    assert "县级中心（990101）上报市级中心（9901）" in up["words"]["zh"]
    assert "by the county centre 990101 to the city centre 9901" in up["words"]["en"]
    assert "市级中心（9901）交办镇街中心（990101001）" in down["words"]["zh"]
    assert "down by the city centre 9901 to the town centre 990101001" in down["words"]["en"]
    for language in ("zh", "en"):
        assert getattr(story.TURN.names, language) in on["words"][language]
        assert getattr(story.FOUND.names, language) in on["words"][language]
    assert on["facts"]["turn"] == story.TURN.code
    assert "secret" not in str((up, down, on))


def test_what_was_put_right_on_the_spot_tells_why_nobody_was_given_it() -> None:
    for kind, decision, en in (
        (c.HandledOnSite, "handled_on_site", "nobody is given it"),
        (c.SpotCheckOrdered, "spot_check_ordered", "where the officer does not work"),
    ):
        life = Life("i", GRIDS[0], MATTERS[0])
        life.report()
        life.file()
        case = life.case.model_copy(update={"unit": story.UNIT, "on_site": True})
        photos = (story.BEFORE, story.AFTER)
        life.tell(kind(incident_id="i", at=life.now, case=case, photos=photos))
        _, found = told(life)["reasons"]
        assert (found["decision"], found["facts"]) == (decision, {"unit": story.UNIT.code})
        assert found["words"]["zh"].startswith("自行处置")
        assert found["words"]["en"].endswith(en)


def test_a_case_that_nobody_could_be_given_is_told_so() -> None:
    life = Life("i", GRIDS[0], MATTERS[0])
    life.report()
    life.file()
    event = life.topics["cases"][-1]
    data = event.data.model_copy(update={"unrouted": Unrouted.NO_UNIT})
    life.topics["cases"][-1] = replace(event, data=data)
    _, unrouted = told(life)["reasons"]
    assert unrouted["words"]["en"].endswith("the centre rules whose it is")
    assert unrouted["facts"]["unrouted"] == "no_unit"


def component(maintainer: str | None, owner: str | None) -> ComponentRef:
    return ComponentRef(
        code="9901010102000017", names=Names(zh="路灯十七", en="Lamp 17"), metres=3.25,
        maintainer=maintainer, owner=owner,
    )  # fmt: skip


def about(one: ComponentRef, rule: str | None) -> list[dict[str, Any]]:
    """The reasons of a case about a component: dispatched by a rule, or filed and left to rule."""
    life = Life("i", GRIDS[0], MATTERS[0])
    life.report()
    life.case = life.case.model_copy(update={"component": one})
    if rule is None:
        lost = tuple(Candidate(unit=code, lost="not_in_force") for code in one.maintainer or ())
        life.file(unrouted=Unrouted.OWNERLESS_COMPONENT, candidates=lost)
    else:
        life.file()
        life.move("dispatch", UNITS[0], rule=rule)
    return list(told(life)["reasons"])


@pytest.mark.parametrize(
    ("maintainer", "owner", "en", "zh"),
    [
        (UNITS[0], None, f"maintained by {UNITS[0]}", f"养护单位 {UNITS[0]}"),
        (None, UNITS[0], f"owned by {UNITS[0]}, without", f"权属单位 {UNITS[0]}，未登记养护单位"),
        (
            UNITS[0],
            "o",
            f"maintained by {UNITS[0]}, owned by o",
            f"养护单位 {UNITS[0]}，权属单位 o",
        ),
    ],
)
def test_a_case_about_a_component_tells_which_how_far_and_who_keeps_it(
    maintainer: str | None, owner: str | None, en: str, zh: str
) -> None:
    filed, dispatched = about(component(maintainer, owner), "component_maintainer")
    for words, parts in (
        (filed["words"]["en"], ("'Lamp 17' (9901010102000017), 3.2 m from", en)),
        (filed["words"]["zh"], ("“路灯十七”（9901010102000017），距上报位置 3.2 米", zh)),
    ):
        assert all(part in words for part in parts), words
    assert filed["facts"]["component"] == "9901010102000017"
    verb = "it maintains" if maintainer else "it owns"
    assert verb in dispatched["words"]["en"]
    assert ("养护，先于" if maintainer else "归其所有") in dispatched["words"]["zh"]
    assert dispatched["facts"]["rule"] == "component_maintainer"


@pytest.mark.parametrize(
    ("maintainer", "en", "zh"),
    [
        (None, "nobody is named", "未登记养护和权属单位"),
        ("x", "x: no unit in force", "登记的单位（x）已不在册"),
    ],
)
def test_a_case_about_what_nobody_keeps_tells_that_the_centre_rules(
    maintainer: str | None, en: str, zh: str
) -> None:
    _, ruled = about(component(maintainer, None), None)
    assert (ruled["decision"], ruled["facts"]) == ("unrouted", {"unrouted": "ownerless_component"})
    assert "the centre rules" in ruled["words"]["en"]
    assert en in ruled["words"]["en"]
    assert "由中心裁定" in ruled["words"]["zh"]
    assert zh in ruled["words"]["zh"]
    assert [one["unit"] for one in ruled["candidates"]] == list(maintainer or ())


def test_the_case_is_shown_with_its_component() -> None:
    life = whole()
    life.case = life.case.model_copy(update={"component": component("m", None)})
    life.move("handle", UNITS[0])
    timeline = fold([event for events in life.topics.values() for event in events])
    shown = telling.whole(life.incident, timeline, life.now, official=False)
    assert shown["component"] == {
        "code": "9901010102000017",
        "names": {"zh": "路灯十七", "en": "Lamp 17"},
        "metres": 3.25,
        "maintainer": "m",
    }
