"""Why a case went where it went: every decision has its words, and every word is known."""

from dataclasses import replace
from typing import Any

from services.analytics.domain import telling
from services.analytics.domain.why_words import LOST
from services.dispatch.domain.lookups import NOTHING, Loads
from services.dispatch.domain.routing import Route, Routing, route
from shared.contracts import cases_v1 as c
from shared.contracts.base import Names
from shared.contracts.golden import cases
from shared.contracts.registry_v1 import Entry
from shared.contracts.routing_rules import Destination, RoutingRule, Rules, UnitKind
from shared.registry.snapshot import Snapshot
from tests.registry.entries import COMMUNITY, EPOCH, alone, matter, unit, version
from tests.unit.analytics.lives import GRIDS, MATTERS, UNITS, Life, fold, whole
from tests.unit.dispatch.city import subject


def told(life: Life) -> dict[str, Any]:
    events = [event for events in life.topics.values() for event in events]
    return telling.reasons(life.incident, fold(events))


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


def test_what_was_not_filed_is_told_by_its_rule() -> None:
    for kind, decision in ((c.IncidentRejected, "rejected"), (c.IncidentHeld, "in_review")):
        life = Life("i", GRIDS[0], MATTERS[0])
        life.report()
        life.leave_unfiled(kind)
        (reason,) = told(life)["reasons"]
        assert reason["decision"] == decision
        assert reason["facts"]["rule"] == "outside_every_grid"
        assert reason["words"] == {"zh": "不在任何网格之内", "en": "outside every grid"}


def routed(*entries: Entry, loads: Loads = NOTHING.loads, away: str = "") -> Route:
    """The route of a case of the matter ``noise`` in the community."""
    noise = matter("noise").model_copy(update={"lead_unit_kind": UnitKind.OFFICER_TEAM})
    versions = [version(one, alone("c")) for one in (noise, *entries)]
    registry = Snapshot().with_changes(versions, 0)
    case = subject(noise, f"{COMMUNITY}001", EPOCH)
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
    lost = {one.lost for found in (nearest, ruled, spared) for one in found.candidates}
    assert lost == LOST.keys()


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
    data = event.data.model_copy(update={**more, "rule": c.DispatchRule.TOWN_OVERFLOW})
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


def test_a_case_that_nobody_could_be_given_is_told_so() -> None:
    life = Life("i", GRIDS[0], MATTERS[0])
    life.report()
    life.file()
    event = life.topics["cases"][-1]
    data = event.data.model_copy(update={"unrouted": c.Unrouted.NO_UNIT})
    life.topics["cases"][-1] = replace(event, data=data)
    (filed,) = told(life)["reasons"]
    assert filed["words"]["en"].endswith("the centre rules whose it is")
    assert filed["facts"]["unrouted"] == "no_unit"
