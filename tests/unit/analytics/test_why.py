"""Why a case went where it went: every decision has its words, and every word is known."""

from typing import Any

from services.analytics.domain import telling
from services.analytics.domain.why import LOST
from services.dispatch.domain.routing import route
from shared.contracts import cases_v1 as c
from shared.contracts.registry_v1 import Matter, Unit
from shared.contracts.routing_rules import UnitKind
from shared.registry.snapshot import Snapshot
from tests.registry.entries import COMMUNITY, EPOCH, alone, matter, unit, version
from tests.unit.analytics.lives import GRIDS, LINK, MATTERS, UNITS, Life, fold, whole


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


def test_a_duplicate_is_told_of_which_case_how_far_and_how_long_after() -> None:
    life = Life("i", GRIDS[0], MATTERS[0])
    life.report()
    life.leave_unfiled(c.IncidentLinked)
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


def test_every_reason_for_which_dispatch_passes_a_unit_over_has_words() -> None:
    noise = matter("noise").model_copy(update={"lead_unit_kind": UnitKind.OFFICER_TEAM})
    area = COMMUNITY[:9]
    other = unit("d", area, "noise").model_copy(update={"unit_kind": UnitKind.DEPARTMENT})
    units = [unit("a", area, "noise"), unit("b", area, "noise"), unit("c", "9901", "noise")]
    entries: list[Matter | Unit] = [noise, other, *units, unit("e", area, "noise")]
    versions = [version(one, alone("c")) for one in entries]
    registry = Snapshot().with_changes(versions, 0)
    found = route(registry, noise, f"{COMMUNITY}001", EPOCH, returned_by={"e"})
    assert found.unit == units[0]
    assert {one.lost for one in found.candidates} == LOST.keys()
