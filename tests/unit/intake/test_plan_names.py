"""Whether plans name what is there, and what is said, or refused, where they do not."""

from typing import Any

import pytest

from deploy.city.building import build
from services.intake.domain.findings import Finding, FindingCode, Severity
from services.intake.domain.plan_names import places_of, plan_findings
from shared.contracts.golden import story
from shared.contracts.plans import CheckItem, Plan
from shared.contracts.registry_v1 import Entry, Matter, Place
from tests.unit.dispatch.city import ENTRIES, GRID, matter, named, point
from tests.unit.dispatch.flows import INSPECTION

TODAY = "2026-03-09"
BY = INSPECTION.model_copy(update={"code": "inspection"})
INSPECTED = matter("fire-inspection").model_copy(update={"flow": BY.code})
HERE: tuple[Entry, ...] = (
    *ENTRIES, BY, INSPECTED, matter("blocked-exit"),
    Place(code="school", names=named("school"), location=point(GRID)),
)  # fmt: skip


def plan(**more: Any) -> Plan:  # noqa: ANN401 - the plan's own fields
    """A plan that names only what is there, from today on, but for what is named."""
    good = {"places": ("school",), "grids": (GRID,), "areas": (GRID[:6],), "dates": (TODAY,)}
    return story.PLAN.model_copy(update={"every": None, **good, **more})


def item(finding: str) -> CheckItem:
    return CheckItem(code="exit", names=named("exit"), finding=finding)


def found(one: Plan, *before: Entry) -> dict[FindingCode, Finding]:
    return {each.code: each for each in plan_findings(before or HERE, [one], [], TODAY)}


NO_TARGETS: dict[str, Any] = {"places": (), "grids": (), "areas": ()}
REFUSED = {FindingCode.NO_TARGET, FindingCode.UNKNOWN_MATTER, FindingCode.NO_INSPECTION}


@pytest.mark.parametrize(
    ("more", "code", "name"),
    [
        (NO_TARGETS | {"places": ("nowhere",)}, FindingCode.NO_TARGET, "nowhere"),
        (NO_TARGETS | {"grids": ("990101001001999",)}, FindingCode.NO_TARGET, "990101001001999"),
        (NO_TARGETS | {"areas": ("9999",)}, FindingCode.NO_TARGET, "9999"),
        ({"places": ("school", "nowhere")}, FindingCode.UNKNOWN_NAME, "nowhere"),
        ({"grids": ("990101001001999",)}, FindingCode.UNKNOWN_NAME, "990101001001999"),
        ({"areas": ("9999",)}, FindingCode.UNKNOWN_NAME, "9999"),
        ({"matter": "no-such"}, FindingCode.UNKNOWN_MATTER, "no-such"),
        ({"matter": "litter"}, FindingCode.NO_INSPECTION, "litter"),
        ({"matter": "hazard"}, FindingCode.NO_INSPECTION, "hazard"),
        ({"checklist": (item("no-such"),)}, FindingCode.UNKNOWN_MATTER, "no-such"),
        ({"dates": ("2026-03-08", "2026-01-01")}, FindingCode.PLAN_OVER, "2026-03-08"),
    ],
)
def test_a_plan_is_told_what_it_names_in_vain_and_refused_what_would_do_harm(
    more: dict[str, Any], code: FindingCode, name: str
) -> None:
    """``hazard`` has a flow, but none that could say what was found."""
    told = found(plan(**more))
    assert [*told] == [code]
    one = told[code]
    assert one.codes == ("fire-week",)
    assert (one.severity is Severity.REFUSED) is (code in REFUSED)
    assert name in one.en
    assert name in one.zh
    assert "计划" in one.zh


def test_a_plan_that_names_what_is_there_is_told_nothing() -> None:
    assert found(plan()) == {}
    assert found(plan(dates=("2026-03-01",), every=story.PLAN.every)) == {}


def test_one_change_may_bring_the_plan_and_all_that_it_names_in_any_order() -> None:
    for changed in ([plan(), *HERE], [*HERE, plan()]):
        assert plan_findings([], changed, [], TODAY) == []


def test_what_a_change_takes_from_a_plan_in_force_is_told_once() -> None:
    there = [*HERE, plan()]
    (gone,) = plan_findings(there, [], [f"grid/{GRID}"], TODAY)
    assert (gone.code, GRID in gone.en) == (FindingCode.UNKNOWN_NAME, True)
    without = INSPECTED.model_copy(update={"flow": None})
    (harmful,) = plan_findings(there, [without], [], TODAY)
    assert harmful.code is FindingCode.NO_INSPECTION
    wrong_before = [*HERE, plan(matter="litter", dates=("2026-01-01",))]
    assert plan_findings(wrong_before, [matter("another")], [], TODAY) == []
    assert plan_findings(there, [], ["plan/fire-week", f"grid/{GRID}"], TODAY) == []


def test_a_plan_that_comes_again_is_told_again() -> None:
    wrong = plan(matter="litter")
    renamed = wrong.model_copy(update={"names": named("another")})
    assert [*found(renamed, *HERE, wrong)] == [FindingCode.NO_INSPECTION]


def test_only_the_places_that_plans_name_are_looked_up() -> None:
    assert places_of(plan()) == {"place/school"}
    assert places_of(matter("litter")) == set()


def test_the_plans_of_the_demo_city_name_what_is_there() -> None:
    entries = build(2026)
    assert sum(isinstance(one, Plan) for one in entries) == 3
    assert plan_findings([], entries, [], TODAY) == []
    without = [one for one in entries if not (isinstance(one, Matter) and one.flow is not None)]
    assert {one.code for one in plan_findings([], without, [], TODAY)} == {
        FindingCode.UNKNOWN_MATTER
    }
