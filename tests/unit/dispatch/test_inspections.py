"""Inspections that a plan ordered: nothing found is recorded, what is found is named."""

from typing import Any

import pytest

from shared.contracts.cases_v1 import (
    ActionRefused,
    CaseClosed,
    CaseDispatched,
    CaseFiled,
    CaseHandled,
    LeadDone,
)
from shared.contracts.golden import story
from shared.contracts.outcomes_v1 import LookOrdered
from shared.contracts.policies import Flood, Policy
from shared.contracts.routing_rules import Source
from shared.contracts.rule_v1 import Rule
from shared.contracts.steps_v1 import FlowEnded
from tests.unit.dispatch.city import CENTRE, ENTRIES, registry
from tests.unit.dispatch.desk import Desk, kinds, member
from tests.unit.dispatch.desks import looked_at_first
from tests.unit.dispatch.flows import HAZARD, INSPECTION

FOUND = story.FINDING
ELSEWHERE = FOUND.model_copy(update={"item": "not-on-the-list"})
UNDER = INSPECTION.model_copy(update={"code": HAZARD.code})
CITY = registry([UNDER if one is HAZARD else one for one in ENTRIES])


def inspection(desk: Desk | None = None, **more: Any) -> Desk:  # noqa: ANN401
    """One that the team has accepted."""
    desk = desk or Desk(CITY)
    planned: dict[str, Any] = {"matter": "hazard", "source": Source.PLAN, "plan": story.PLANNED}
    desk.report(**planned | more)
    desk.ask("accept", member())
    return desk


def test_nothing_found_is_recorded_and_nobody_has_to_verify_it() -> None:
    desk = inspection()
    ended, *rest = desk.ask("step", member(), turn="in_order")
    assert isinstance(ended, FlowEnded)
    assert ended.found == ()
    assert kinds(rest) == [CaseHandled, CaseClosed]
    times = desk.case.times
    assert (desk.case.state, times.closed_at) == ("closed", desk.clock())


def test_what_is_found_is_named_with_the_incident_that_it_is() -> None:
    ended, *_ = inspection().ask("step", member(), turn="found", found=(FOUND,))
    assert isinstance(ended, FlowEnded)
    assert ended.found == (FOUND,)


@pytest.mark.parametrize(
    ("turn", "found"),
    [("found", ()), ("in_order", (FOUND,)), ("found", (ELSEWHERE,)), ("found", (FOUND, ELSEWHERE))],
)
def test_findings_come_with_their_turn_and_from_the_checklist(turn: str, found: Any) -> None:  # noqa: ANN401
    (refused,) = inspection().ask("step", member(), turn=turn, found=found)
    assert isinstance(refused, ActionRefused)
    assert refused.rule is Rule.FINDING_MISSING


def test_what_no_plan_ordered_has_no_findings() -> None:
    (refused,) = inspection(plan=None).ask("step", member(), turn="found", found=(FOUND,))
    assert isinstance(refused, ActionRefused)
    assert refused.rule is Rule.FINDING_MISSING


def test_one_that_could_not_be_made_is_verified() -> None:
    desk = inspection()
    assert kinds(desk.ask("step", member(), turn="shut")) == [FlowEnded, CaseHandled]


def test_where_others_worked_on_it_somebody_verifies() -> None:
    desk = inspection()
    desk.ask("whistle", member(), unit=CENTRE)
    assert kinds(desk.ask("step", member(), turn="in_order")) == [FlowEnded, LeadDone]
    desk.ask("co_accept", member(CENTRE))
    assert kinds(desk.ask("co_done", member(CENTRE)))[-1] is CaseHandled


def test_each_is_made_whatever_is_near_it_and_however_many_there_are() -> None:
    flood = {"flood": Flood(reports=1, minutes=60)}
    entries = [one.model_copy(update=flood) if isinstance(one, Policy) else one for one in ENTRIES]
    filed = Desk(registry(entries)).report(matter="hazard", plan=story.PLANNED)
    assert kinds(filed)[:2] == [CaseFiled, CaseDispatched]
    assert isinstance(filed[0], CaseFiled)
    assert filed[0].near is None, "nor is anything linked to it"


def test_nobody_looks_before_an_inspection_is_filed() -> None:
    careful = registry(looked_at_first(one) for one in ENTRIES)
    planned: dict[str, Any] = {"matter": "pothole", "source": Source.PLAN, "plan": story.PLANNED}
    assert kinds(Desk(careful).report(matter="pothole")) == [LookOrdered]
    assert kinds(Desk(careful).report(**planned)) == [CaseFiled, CaseDispatched]
