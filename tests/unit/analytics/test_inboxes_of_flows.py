"""In whose inbox a case lies that is handled by a flow, and what it says can be done there."""

import pytest

from services.analytics.domain import telling
from services.analytics.domain.inboxes import Inbox, todos
from shared.contracts.flows import FlowActor
from shared.contracts.golden import story
from shared.contracts.steps_v1 import FlowEnded
from tests.unit.analytics.lives import GRIDS, UNITS, Life, fold
from tests.unit.analytics.test_telling import LATER, events_of, raw, told

OPEN = story.IN_FLOW.model_copy(update={"end": None})


def in_flow(*by: FlowActor) -> Life:
    """An accepted case in a state with a turn for each of these."""
    (turn,) = OPEN.turns
    turns = tuple(turn.model_copy(update={"code": one.value, "by": one}) for one in by)
    life = Life("i", GRIDS[0], "litter")
    life.case = life.case.model_copy(update={"flow": OPEN.model_copy(update={"turns": turns})})
    life.report()
    life.file()
    life.move("dispatch", UNITS[0])
    life.move("accept", UNITS[0])
    return life


@pytest.mark.parametrize(
    ("by", "inbox"),
    [
        (FlowActor.UNIT, Inbox.UNIT),
        (FlowActor.CHECKER, Inbox.CHECKS),
        (FlowActor.CENTRE, Inbox.CENTRE),
    ],
)
def test_it_lies_with_whoever_takes_the_next_turn(by: FlowActor, inbox: Inbox) -> None:
    (todo,) = todos(fold(events_of(in_flow(by))))
    assert (todo.inbox, todo.action) == (inbox, "step")
    assert todo.unit == (UNITS[0] if inbox is Inbox.UNIT else None)


def test_with_each_of_several_who_may() -> None:
    found = todos(fold(events_of(in_flow(*FlowActor))))
    assert {one.inbox for one in found} == {Inbox.UNIT, Inbox.CHECKS, Inbox.CENTRE}


def test_the_inbox_says_which_turns_there_are_and_what_they_ask_for() -> None:
    life = in_flow(FlowActor.UNIT)
    row = telling.task(raw(life), Inbox.UNIT, LATER, UNITS[0])
    assert row["actions"] == ["step"]
    assert row["flow"]["state"]["code"] == "ordered"
    (turn,) = row["flow"]["turns"]
    assert (turn["code"], turn["by"], turn["reason"]) == ("unit", "unit", True)
    assert [one["code"] for one in turn["papers"]] == ["order"]


def test_a_void_case_has_no_turn_that_is_left() -> None:
    life = in_flow(FlowActor.UNIT)
    assert [one["code"] for one in told(life, official=True)["flow"]["turns"]] == ["unit"]
    life.move("void", UNITS[0])
    flow = told(life, official=True)["flow"]
    assert (flow["code"], flow["state"]["code"]) == (OPEN.code, "ordered")
    assert "turns" not in flow


def test_a_turn_is_told_with_where_it_led_and_its_papers_to_officials_only() -> None:
    life = in_flow(FlowActor.UNIT)
    after = life.case.model_copy(update={"flow": story.IN_FLOW})
    life.tell(
        FlowEnded(
            incident_id="i", at=life.now, case=after, turn=story.TURN,
            state_before=story.FOUND, papers=(story.ORDERED_PAPER,),
        )
    )  # fmt: skip
    for official in (True, False):
        found = told(life, official=official)
        assert found["flow"]["end"]["code"] == "put_right"
        assert "turns" not in found["flow"]
        (step,) = [one for one in found["timeline"] if one["type"] == FlowEnded.TYPE]
        assert step["title"]["zh"] == "流程办结"
        assert (step["turn"]["code"], step["state_after"]["code"]) == ("order", "put_right")
        assert ("papers" in step) is official
