"""Why a case went where it went: units are named, also those that have it no more."""

from dataclasses import replace
from typing import Any

from services.analytics.domain import telling
from services.analytics.domain.timeline import Timeline
from shared.contracts import cases_v1 as c
from shared.contracts.base import Names
from shared.contracts.choice_v1 import DispatchRule
from shared.contracts.golden import story
from shared.contracts.outcomes_v1 import IncidentLinked, IncidentRejected, LookOrdered
from tests.unit.analytics.lives import GRIDS, MATTERS, UNITS, Life, fold, whole

NAMED = f"{story.UNIT.names.en} ({UNITS[0]})"


def folded(life: Life) -> Timeline:
    return fold([event for events in life.topics.values() for event in events])


def words(timeline: Timeline, decision: str) -> list[dict[str, str]]:
    """What is told of the decisions of that kind, in their order."""
    told = telling.reasons("i", timeline, official=True)["reasons"]
    return [one["words"] for one in told if one["decision"] == decision]


def older(timeline: Timeline) -> Timeline:
    """As a version left it that kept no names of units in its steps."""
    steps = tuple(
        {name: said for name, said in step.items() if name != "unit_names"}
        for step in timeline.case.steps
    )
    return replace(timeline, case=replace(timeline.case, steps=steps))


def test_a_unit_that_has_the_case_no_more_is_named_and_by_its_code_where_no_step_names_it() -> None:
    life = whole()
    life.move("return", UNITS[0])
    life.move("dispatch", UNITS[1])
    first, second = words(folded(life), "dispatched")
    assert first["en"].startswith(f"given to {NAMED}: ")
    assert first["zh"].startswith(f"派遣给{story.UNIT.names.zh}（{UNITS[0]}）：")
    assert f"({UNITS[1]})" in second["en"]
    first, second = words(older(folded(life)), "dispatched")
    assert first["en"].startswith(f"given to {UNITS[0]}: ")
    assert f"({UNITS[1]})" in second["en"], "it has the case now"


def test_each_unit_is_called_what_it_was_when_it_was_given_the_case() -> None:
    life = whole()
    life.move("return", UNITS[0])
    case = life.case
    roads = story.UNIT.model_copy(update={"code": UNITS[1], "names": Names(zh="路政", en="Roads")})
    life.case = case.model_copy(update={"unit": roads})
    life.tell(
        c.CaseDispatched(
            incident_id=life.incident, at=life.now, case=life.case, rule=DispatchRule.SUCCESSOR,
            centre="9901", level="city",
        )
    )  # fmt: skip
    first, second = words(folded(life), "dispatched")
    assert first["en"].startswith(f"given to {NAMED}: ")
    assert second["en"].startswith(f"given to Roads ({UNITS[1]}): ")


def test_what_is_no_case_any_more_still_tells_whose_it_was() -> None:
    life = whole()
    life.leave_unfiled(IncidentLinked)
    (dispatched,) = words(folded(life), "dispatched")
    assert dispatched["en"].startswith(f"given to {NAMED}: ")


def test_who_was_sent_to_look_and_who_put_it_right_on_the_spot_are_named() -> None:
    life = Life("i", GRIDS[0], MATTERS[0])
    life.report()
    life.leave_unfiled(LookOrdered)
    life.leave_unfiled(IncidentRejected)
    (look,) = words(folded(life), "in_review")
    team = story.TEAM
    assert look["en"].endswith(f"; {team.names.en} ({team.code}) is sent")
    (look,) = words(older(folded(life)), "in_review")
    assert look["en"].endswith(f"; {team.code} is sent")
    life = Life("i", GRIDS[0], MATTERS[0])
    life.report()
    life.file()
    life.case = life.case.model_copy(update={"unit": team, "on_site": True})
    photos = (story.BEFORE, story.AFTER)
    life.tell(c.HandledOnSite(incident_id="i", at=life.now, case=life.case, photos=photos))
    for name in ("close", "reopen", "dispatch"):
        life.case = life.case.model_copy(update={"state": STATES[name]})
        life.move(name, UNITS[1])
    (on_site,) = words(folded(life), "handled_on_site")
    assert f"for {team.names.en} ({team.code}); nobody is given it" in on_site["en"]
    assert team.code not in str(words(folded(life), "dispatched"))


STATES: dict[str, Any] = {"close": "handled", "reopen": "closed", "dispatch": "dispatched"}


def test_the_steps_themselves_are_shown_without_the_names() -> None:
    life = Life("i", GRIDS[0], MATTERS[0])
    life.report()
    life.leave_unfiled(LookOrdered)
    shown = telling.whole("i", folded(life), life.now, official=True)["timeline"]
    assert all("unit_names" not in step for step in shown)
    assert [step["unit"] for step in shown if "unit" in step] == [story.TEAM.code]
