"""What traffic does with a case that is handled by a flow."""

from deploy.traffic.board import Tracked
from deploy.traffic.plots import Plot
from deploy.traffic.reports import Draft
from deploy.traffic.steps import ACCEPT, HANDLED
from deploy.traffic.turning import BY, by_its_flow
from services.intake.domain.inspecting import ActionBody
from shared.contracts.case_v1 import Case, CaseState
from shared.contracts.flows import FlowActor
from shared.contracts.golden import story
from shared.contracts.incidents_v1 import ActionRequest, Verb
from shared.platform.security import Role
from tests.unit.city.cases import case, seeded


def tracked(now: Case | None, **body: object) -> Tracked:
    """An incident of ours with a case as it is now."""
    one = Tracked(Draft(dict(body), None, Plot.SMOOTH))
    one.case = now
    return one


OPEN = story.IN_FLOW.model_copy(update={"end": None})


def test_instead_of_handing_back_a_turn_is_taken_with_all_that_it_asks_for() -> None:
    now = case(CaseState.ACCEPTED, flow=OPEN)
    step = by_its_flow(HANDLED, tracked(now), seeded(1))
    assert (step.verb, step.role) == (Verb.STEP, Role.UNIT_MEMBER)
    asked = ActionRequest.model_validate({"action": step.verb, "reason": step.reason, **step.more})
    (turn,) = OPEN.turns
    assert asked.turn == turn.code
    assert [one.code for one in asked.papers] == [one.code for one in turn.papers]
    assert asked.reason


def test_each_turn_is_taken_by_whom_it_is_for() -> None:
    (turn,) = OPEN.turns
    roles = {
        by_its_flow(
            HANDLED,
            tracked(
                case(flow=OPEN.model_copy(update={"turns": (turn.model_copy(update={"by": by}),)}))
            ),
            seeded(1),
        ).role
        for by in FlowActor
    }
    assert roles == set(BY.values())


def test_an_inspection_that_finds_something_says_what() -> None:
    (turn,) = OPEN.turns
    turns = (turn.model_copy(update={"finds": True, "papers": ()}),)
    now = case(CaseState.ACCEPTED, flow=OPEN.model_copy(update={"turns": turns}))
    plan = story.PLANNED.model_dump(mode="json")
    step = by_its_flow(HANDLED, tracked(now, plan=plan), seeded(1))
    asked = ActionBody.model_validate({"action": step.verb, "reason": step.reason, **step.more})
    assert [one.item for one in asked.findings] == ["exit"]


def test_all_else_stays_as_it_is() -> None:
    assert by_its_flow(ACCEPT, tracked(case(flow=OPEN)), seeded(1)) is ACCEPT
    assert by_its_flow(HANDLED, tracked(case()), seeded(1)) is HANDLED
    assert by_its_flow(HANDLED, tracked(case(flow=story.IN_FLOW)), seeded(1)) is HANDLED
    assert by_its_flow(HANDLED, tracked(None), seeded(1)) is HANDLED


def test_an_inspection_of_which_the_plan_is_not_known_yet_finds_nothing() -> None:
    (turn,) = OPEN.turns
    turns = (turn.model_copy(update={"finds": True}), turn.model_copy(update={"code": "none"}))
    now = case(CaseState.ACCEPTED, flow=OPEN.model_copy(update={"turns": turns}))
    steps = [by_its_flow(HANDLED, tracked(now), seeded(seed)) for seed in range(20)]
    assert {step.more["turn"] for step in steps} == {"none"}


def test_a_turn_that_was_taken_as_often_as_it_may_be_is_not_tried_again() -> None:
    (turn,) = OPEN.turns
    turns = (turn.model_copy(update={"at_most": 1}), turn.model_copy(update={"code": "other"}))
    used = OPEN.model_copy(update={"turns": turns, "taken": {f"{OPEN.state.code}/{turn.code}": 1}})
    now = case(CaseState.ACCEPTED, flow=used)
    steps = [by_its_flow(HANDLED, tracked(now), seeded(seed)) for seed in range(20)]
    assert {step.more["turn"] for step in steps} == {"other"}
