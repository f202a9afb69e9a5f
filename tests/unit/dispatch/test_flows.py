"""Cases that are handled by a flow: a hazard's, turn by turn, and every flow of the demo city."""

from datetime import timedelta
from typing import Any

import pytest

from deploy.city.building import build
from services.dispatch.domain.actions import act
from services.dispatch.domain.flowing import turn_of
from services.dispatch.domain.lookups import NOTHING
from shared.contracts.base import Limit, LimitUnit
from shared.contracts.case_v1 import CaseEvent
from shared.contracts.cases_v1 import (
    ActionRefused,
    CaseClosed,
    CaseDispatched,
    CaseFiled,
    CaseHandled,
    LeadDone,
)
from shared.contracts.choice_v1 import DispatchRule
from shared.contracts.flows import Flow, FlowActor
from shared.contracts.golden.story import FINDING, PLANNED
from shared.contracts.incidents_v1 import PaperRef, Verb
from shared.contracts.outcomes_v1 import IncidentHeld
from shared.contracts.registry_v1 import Matter
from shared.contracts.requests_v1 import CaseExtended, CaseResumed, ReturnRequested
from shared.contracts.rule_v1 import Rule
from shared.contracts.steps_v1 import CasePassedOn, CaseStepped, FlowEnded
from tests.unit.dispatch.city import (
    CENTRE,
    CITY,
    COUNTY,
    ENTRIES,
    GRID,
    OTHER_COUNTY,
    TEAM,
    point,
    registry,
)
from tests.unit.dispatch.desk import (
    DISPATCHER,
    HEAD,
    INSPECTOR,
    SUPERVISOR,
    Desk,
    kinds,
    member,
    refold,
)
from tests.unit.dispatch.flows import DAYS, HAZARD, HOUR, PAPER, flow, state, turn

HANDLE = Limit(amount=2, unit=LimitUnit.URGENT_HOUR)


def hazard(desk: Desk | None = None, **more: Any) -> Desk:  # noqa: ANN401
    """A hazard that the team has accepted."""
    desk = desk or Desk()
    desk.report(matter="hazard", **more)
    desk.ask("accept", member())
    return desk


def test_it_begins_when_it_is_filed_and_keeps_the_flow_under_which_it_was() -> None:
    desk = Desk()
    filed = desk.report(matter="hazard")[0]
    assert isinstance(filed, CaseFiled)
    assert filed.flow == HAZARD
    flow = filed.case.flow
    assert flow is not None
    assert (flow.code, flow.n, flow.state.code, flow.end) == ("hazard", 1, "found", None)
    # How grave it is says how soon somebody has to be there: the condition's limit, not the flow's.
    assert filed.case.limits.handle == HANDLE
    slight = Desk()
    slight.report(matter="hazard", condition="slight")
    assert slight.case.limits.handle == HOUR


def test_each_state_has_a_limit_of_its_own_and_what_a_turn_asks_for_is_kept() -> None:
    desk = hazard()
    desk.clock.forward(600)
    (stepped,) = desk.ask("step", member(), turn="order", papers=(PAPER,))
    assert isinstance(stepped, CaseStepped)
    assert (stepped.turn.code, stepped.state_before.code) == ("order", "found")
    assert stepped.papers == (PAPER,)
    assert stepped.case.limits.handle == DAYS
    assert stepped.case.flow is not None
    assert (stepped.case.flow.state.code, stepped.case.flow.since) == ("ordered", desk.clock())
    assert stepped.case.state == "accepted"


def test_at_an_end_it_is_handed_back_and_somebody_else_verifies() -> None:
    desk = hazard()
    desk.ask("step", member(), turn="order", papers=(PAPER,))
    ended = desk.ask("step", INSPECTOR, turn="in_order")
    assert kinds(ended) == [FlowEnded, CaseHandled]
    flow = desk.case.flow
    assert flow is not None
    assert flow.end is not None
    assert (flow.state.code, flow.end.code) == ("ordered", "put_right")
    # Whoever has only looked at it again has handled nothing.
    assert kinds(desk.ask("verify", INSPECTOR, passed=True)) == [CaseClosed]


def test_a_failed_verification_goes_on_in_the_state_that_led_to_the_end() -> None:
    desk = hazard()
    desk.ask("step", member(), turn="order", papers=(PAPER,))
    desk.ask("step", INSPECTOR, turn="in_order")
    desk.ask("verify", SUPERVISOR, passed=False)
    assert desk.case.flow is not None
    assert (desk.case.flow.state.code, desk.case.flow.end) == ("ordered", None)
    assert desk.case.limits.handle == DAYS
    # It may end otherwise now.
    assert kinds(desk.ask("step", SUPERVISOR, turn="not_in_order"))[0] is CasePassedOn


def test_opened_again_it_goes_on_where_it_was() -> None:
    desk = hazard()
    desk.ask("step", member(), turn="none")
    desk.ask("verify", SUPERVISOR, passed=True)
    desk.ask("reopen", SUPERVISOR)
    desk.ask("accept", member())
    assert kinds(desk.ask("step", member(), turn="order", papers=(PAPER,))) == [CaseStepped]


def test_a_state_that_is_for_somebody_else_goes_there() -> None:
    desk = hazard()
    desk.ask("step", member(), turn="order", papers=(PAPER,))
    passed, given = desk.ask("step", INSPECTOR, turn="not_in_order")[:2]
    assert isinstance(passed, CasePassedOn)
    assert (passed.case.state, passed.case.unit) == ("filed", None)
    assert isinstance(given, CaseDispatched)
    assert given.rule is DispatchRule.FLOW_STATE
    assert given.case.unit is not None
    assert given.case.unit.code == COUNTY
    assert given.actor == INSPECTOR
    desk.ask("accept", member(COUNTY))
    assert kinds(desk.ask("step", member(COUNTY), turn="fined")) == [FlowEnded, CaseHandled]
    # The team has taken part, and never verifies.
    rule = desk.ask("verify", INSPECTOR.model_copy(update={"unit": TEAM}), passed=True)[0]
    assert isinstance(rule, ActionRefused)
    assert rule.rule is Rule.HANDLER_NEVER_VERIFIES


def test_who_has_it_already_keeps_it() -> None:
    desk = hazard()
    desk.ask("reassign", DISPATCHER, unit=COUNTY)
    desk.ask("accept", member(COUNTY))
    assert kinds(desk.ask("step", DISPATCHER, turn="rule")) == [CaseStepped]


def test_where_nobody_can_be_had_the_centre_finds_one() -> None:
    desk = hazard()
    desk.ask("reassign", DISPATCHER, unit=COUNTY)
    desk.ask("return", member(COUNTY))
    desk.ask("approve", DISPATCHER, unit=TEAM)
    desk.ask("accept", member())
    assert kinds(desk.ask("step", DISPATCHER, turn="rule")) == [CasePassedOn]
    assert (desk.case.state, desk.case.unit) == ("filed", None)
    desk.ask("reassign", DISPATCHER, unit=CENTRE)
    desk.ask("accept", member(CENTRE))
    assert kinds(desk.ask("step", member(CENTRE), turn="fined"))[0] is FlowEnded


def test_returned_it_stays_in_its_state_for_whoever_gets_it() -> None:
    desk = hazard()
    desk.ask("step", DISPATCHER, turn="rule")
    desk.ask("return", member(COUNTY))
    granted = desk.ask("approve", HEAD)
    assert kinds(granted)[0] is not ActionRefused
    assert desk.case.flow is not None
    assert desk.case.flow.state.code == "law"


def test_whom_the_flow_names_may_return_it_although_the_duty_head_had_named_another() -> None:
    desk = hazard()
    desk.do(("return", member()), ("approve", DISPATCHER))
    desk.do(("return", member(CENTRE)), ("approve", DISPATCHER))
    desk.ask("reassign", HEAD, unit=CITY)
    desk.do(("accept", member(CITY)))
    assert desk.case.returns == 2
    assert kinds(desk.ask("step", DISPATCHER, turn="rule")) == [CasePassedOn, CaseDispatched]
    assert (desk.case.unit and desk.case.unit.code, desk.case.returns) == (COUNTY, 0)
    desk.do(("return", member(COUNTY)), ("approve", DISPATCHER))
    assert desk.case.returns == 1


def test_nobody_says_handled_before_the_flow_has_ended() -> None:
    desk = hazard()
    (refused,) = desk.ask("handled", member())
    assert isinstance(refused, ActionRefused)
    assert refused.rule is Rule.FLOW_GOES_ON


def test_a_case_without_a_flow_has_no_turns() -> None:
    desk = Desk()
    desk.report()
    desk.ask("accept", member())
    (refused,) = desk.ask("step", member(), turn="order")
    assert isinstance(refused, ActionRefused)
    assert refused.rule is Rule.NO_FLOW


def test_who_co_operates_is_waited_for_at_the_end() -> None:
    desk = hazard()
    desk.ask("whistle", member(), unit=CENTRE)
    assert kinds(desk.ask("step", member(), turn="none")) == [FlowEnded, LeadDone]
    desk.ask("co_accept", member(CENTRE))
    assert kinds(desk.ask("co_done", member(CENTRE)))[-1] is CaseHandled


VISITS = flow(
    state("visit", turn("again", "visit", at_most=2), turn("call", "called"), turn("end", "over")),
    state("called", turn("again", "visit", FlowActor.CHECKER)),
    state("over", missed=True),
)


def visits() -> Desk:
    """A case of that flow that the team has accepted."""
    return hazard(desk=Desk(registry([VISITS if one is HAZARD else one for one in ENTRIES])))


def test_a_unit_renews_its_own_clock_only_so_often() -> None:
    desk = visits()
    for _ in range(2):
        assert kinds(desk.ask("step", member(), turn="again")) == [CaseStepped]
    (refused,) = desk.ask("step", member(), turn="again")
    assert isinstance(refused, ActionRefused)
    assert refused.rule is Rule.TURN_USED_UP
    # Nor when it has been elsewhere in between.
    desk.ask("step", member(), turn="call")
    desk.ask("step", INSPECTOR, turn="again")
    (refused,) = desk.ask("step", member(), turn="again")
    assert isinstance(refused, ActionRefused)
    assert refused.rule is Rule.TURN_USED_UP
    assert kinds(desk.ask("step", member(), turn="end")) == [FlowEnded, CaseHandled]


def test_an_end_says_that_nothing_was_done_until_it_goes_on() -> None:
    desk = visits()

    def missed() -> bool:
        return desk.case.flow is not None and desk.case.flow.missed

    assert not missed()
    desk.ask("step", member(), turn="end")
    assert missed()
    desk.ask("verify", SUPERVISOR, passed=False)
    assert desk.case.flow is not None
    assert desk.case.flow.end is None
    assert not missed()


def test_a_turn_ends_a_suspension() -> None:
    desk = hazard()
    desk.ask("suspend", member(), until=desk.clock() + timedelta(days=2))
    desk.ask("approve", SUPERVISOR)
    events = desk.ask("step", member(), turn="order", papers=(PAPER,))
    assert kinds(events) == [CaseResumed, CaseStepped]
    assert desk.case.suspension is None


def test_more_time_is_asked_for_the_state_in_which_it_is() -> None:
    desk = hazard()
    desk.ask("step", member(), turn="order", papers=(PAPER,))
    desk.ask("extend", member(), amount=2.0)
    (granted,) = desk.ask("approve", SUPERVISOR)
    assert isinstance(granted, CaseExtended)
    longer = Limit(amount=5, unit=LimitUnit.NATURAL_DAY)
    assert granted.case.limits.handle == longer
    desk.ask("step", INSPECTOR, turn="not_in_order")
    assert desk.case.limits.handle == HOUR
    desk.ask("accept", member(COUNTY))
    (refused,) = desk.ask("extend", member(COUNTY), amount=1.5)
    assert isinstance(refused, ActionRefused)
    assert refused.rule is Rule.LONGER_THAN_THE_LIMIT


def test_a_request_that_nobody_decided_is_gone_with_the_state_for_which_it_was() -> None:
    desk = hazard()
    desk.ask("return", member())
    desk.ask("step", member(), turn="order", papers=(PAPER,))
    assert (desk.case.request, desk.case.return_pending) == (None, False)


@pytest.mark.parametrize("grid", [GRID, OTHER_COUNTY])
def test_a_matter_whose_flow_is_not_in_force_waits_for_the_desk(grid: str) -> None:
    """Also where what cannot be filed is rejected: nobody is turned away for what is lacking."""
    entries = [one for one in ENTRIES if not isinstance(one, Flow)]
    desk = Desk(registry(entries))
    (held,) = desk.report(matter="hazard", location=point(grid))
    assert isinstance(held, IncidentHeld)
    assert held.rule is Rule.UNKNOWN_FLOW
    desk.registry = registry()
    clerk = INSPECTOR.model_copy(update={"roles": ("acceptance_desk",)})
    assert kinds(desk.ask("file", clerk))[0] is CaseFiled


def test_the_dossier_is_the_fold_of_its_events() -> None:
    desk = hazard()
    desk.ask("step", member(), turn="order", papers=(PAPER,))
    desk.ask("step", INSPECTOR, turn="in_order")
    assert refold([*desk.outputs, *desk.inputs]) == desk.document.state
    assert refold([*desk.inputs, *desk.outputs]) == desk.document.state


DEMO = {one.code: one for one in build() if isinstance(one, Flow)}
BRANCHES = [
    (flow.code, state.code, turn.code)
    for flow in DEMO.values()
    for state in flow.states
    for turn in state.turns
]
WHO = {FlowActor.CHECKER: SUPERVISOR, FlowActor.CENTRE: DISPATCHER}


@pytest.mark.parametrize(("code", "there", "by"), BRANCHES)
def test_every_branch_of_every_flow_of_the_demo_city_can_be_walked(
    code: str, there: str, by: str
) -> None:
    """Along the shortest way to the state, by the turn, and from there on to an end."""
    found = DEMO[code]
    under_it = {"flow": code}
    entries = [
        one.model_copy(update=under_it) if isinstance(one, Matter) else one for one in ENTRIES
    ]
    entries.append(found)
    desk = Desk(registry(entries))
    desk.report(matter="hazard", plan=PLANNED)
    way = [*_way(found, found.start, there), by]
    for one in way:
        _take(desk, one)
    if not _ended(desk):
        assert desk.case.flow is not None
        for one in _to_an_end(found, desk.case.flow.state.code):
            _take(desk, one)
    assert _ended(desk)
    if desk.case.state != "closed":
        assert desk.case.state == "handled"
        assert kinds(desk.ask("verify", SUPERVISOR, passed=True)) == [CaseClosed]


def _ended(desk: Desk) -> bool:
    return desk.case.flow is not None and desk.case.flow.end is not None


def _take(desk: Desk, code: str) -> None:
    if desk.case.state == "filed":
        desk.ask("reassign", DISPATCHER, unit=CENTRE)
    if desk.case.state == "dispatched":
        assert desk.case.unit is not None
        desk.ask("accept", member(desk.case.unit.code))
    assert desk.case.unit is not None
    assert desk.case.flow is not None
    turn = turn_of(desk.case, code)
    assert turn is not None
    papers = tuple(PaperRef(code=one.code, ref=one.code, sha256="2c" * 32) for one in turn.papers)
    who = WHO.get(turn.by, member(desk.case.unit.code))
    found = (FINDING,) if turn.finds else ()
    follows = desk.ask("step", who, turn=code, papers=papers, found=found)
    assert all(isinstance(one, CaseEvent) for one in follows), follows
    after = desk.case.flow.end or desk.case.flow.state
    assert after.code == turn.to
    assert desk.case.limits.handle is not None


def _way(flow: Flow, start: str, goal: str) -> list[str]:
    """The shortest way from a state to another one, as turns."""
    ways: dict[str, list[str]] = {start: []}
    edge = [start]
    while goal not in ways:
        code = edge.pop(0)
        there = flow.state(code)
        assert there is not None
        for one in there.turns:
            if one.to not in ways:
                ways[one.to] = [*ways[code], one.code]
                edge.append(one.to)
    return ways[goal]


def _to_an_end(flow: Flow, start: str) -> list[str]:
    ends = [one.code for one in flow.states if one.is_end]
    ways = []
    for end in ends:
        try:
            ways.append(_way(flow, start, end))
        except IndexError:  # there is no way to that one
            continue
    return min(ways, key=len)


def test_the_verbs_of_the_table_reach_the_effect() -> None:
    desk = hazard()
    asked = desk.inputs[-1].data.model_copy(
        update={"request": desk.inputs[-1].data.request.model_copy(update={"action": Verb.STEP})}
    )
    assert desk.document.state is not None
    (refused,) = act(desk.document.state, asked, desk.registry, NOTHING)
    assert isinstance(refused, ActionRefused)
    assert refused.rule is Rule.UNKNOWN_TURN


def test_where_nobody_can_be_had_the_count_of_returns_starts_anew_too() -> None:
    desk = hazard()
    desk.ask("reassign", DISPATCHER, unit=COUNTY)
    desk.do(("return", member(COUNTY)), ("approve", DISPATCHER))
    desk.ask("accept", member())
    desk.do(("return", member()), ("approve", DISPATCHER))
    desk.ask("reassign", HEAD, unit=CITY)
    desk.do(("accept", member(CITY)))
    assert desk.case.returns == 2
    (passed,) = desk.ask("step", DISPATCHER, turn="rule")
    assert isinstance(passed, CasePassedOn)
    assert (passed.case.unit, passed.case.returns) == (None, 0)
    assert kinds(desk.ask("reassign", DISPATCHER, unit=CENTRE)) == [CaseDispatched]
    assert kinds(desk.ask("return", member(CENTRE))) == [ReturnRequested]
