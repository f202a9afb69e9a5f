"""Whoever has done his part hurries no more: whom an order is for then, told as a rule book."""

from collections.abc import Callable

import pytest

from shared.contracts.base import Stage
from shared.contracts.escalations_v1 import (
    LIFTED,
    SupervisionOrdered,
    SupervisionSatisfied,
    Told,
)
from shared.contracts.golden.story import IN_FLOW, TEAM, UNIT
from shared.contracts.ladders import LadderStep, LiftedWhen, Repeat
from shared.contracts.levels import SupervisionLevel
from shared.contracts.reminders_v1 import SupervisionReminded
from tests.unit.escalation.story import ALL, Story, hours

ORDINARY, YELLOW, _ = SupervisionLevel
TOWN = "ordinary from town 990101002"
UNTIL_CLOSED = LadderStep(
    clock=Stage.HANDLE, percent=100, level=ORDINARY, issuer="town",
    repeat=Repeat(every=hours(1), times=20),
)  # fmt: skip
UNTIL_HANDLED = UNTIL_CLOSED.model_copy(update={"lifted_when": LiftedWhen.HANDLED})
AT_LAST = UNTIL_CLOSED.model_copy(update={"percent": 900, "level": YELLOW})
CARD = UNTIL_HANDLED.model_copy(update={"percent": 150, "level": YELLOW, "issuer": "county"})


def helped(*ladder: LadderStep) -> Story:
    """A team co-operates and is late since ten hours; the lead has fourteen."""
    story = Story(ALL, ladder=ladder).begin(Story.call, Story.come, Story.extend)
    story.forward(10.5)
    assert orders(story) == [("ordinary", TEAM.code)]
    story.told()
    return story


def both_late(*ladder: LadderStep) -> Story:
    """The lead is late, and was first to be; so is the team that co-operates."""
    story = Story(ALL, ladder=ladder).begin()
    story.forward(1)
    story.call()
    story.come()
    story.forward(10.5)
    assert orders(story) == [("ordinary", UNIT.code)]
    story.told()
    return story


def orders(story: Story) -> list[tuple[str, str | None]]:
    """The orders that were given, each with its unit."""
    given = [one.data for one in story.emitted() if isinstance(one.data, SupervisionOrdered)]
    return [(str(one.level), one.unit) for one in given]


def reminded(story: Story, amount: float) -> set[str | None]:
    """The units that are reminded in the next hours."""
    known = len(story.emitted())
    story.forward(amount)
    found = [one.data for one in story.emitted()[known:]]
    reminders = [one for one in found if isinstance(one, SupervisionReminded)]
    assert reminders, "those above are told all the same"
    for one in reminders:
        told = {to.unit for to in one.tell or () if to.unit}
        assert told == ({one.unit} if one.unit else set())
    return {one.unit for one in reminders}


def end_of(story: Story) -> tuple[str | None, set[str]]:
    """The unit that the end of an order names, and the units that are told of it."""
    (end,) = (one.data for one in story.emitted() if isinstance(one.data, LIFTED))
    return end.unit, {one.unit for one in end.tell or () if one.unit}


def about_orders(story: Story) -> list[str]:
    """What was told since this was asked last, without clocks and their marks."""
    said = ("told to", "satisfied", "from")
    return [line for line in story.told() if any(one in line for one in said)]


# What it has missed


@pytest.mark.parametrize(
    ("end", "until", "state"),
    [
        (Story.refuse_help, 2, "cancelled"),
        (Story.refuse_help, 2.5, "missed"),
        (Story.call_off, 2, "cancelled"),
        (Story.call_off, 2.5, "missed"),
    ],
)
def test_what_a_co_operating_unit_has_missed_stays_missed(
    end: Callable[[Story], None], until: float, state: str
) -> None:
    story = Story(ALL).begin(Story.call)
    story.away(until)
    end(story)
    assert story.told() == [f"co-1 accept {state}, due at 2 h"]


def test_nor_the_part_that_he_took_up() -> None:
    story = Story(ALL).begin(Story.call, Story.come)
    story.forward(11)
    story.told()
    story.refuse_help(late=2)
    assert "co-1 handle cancelled, due at 10 h" in story.told(), "it was declined in time"
    late = Story(ALL).begin(Story.call, Story.come)
    late.away(11)
    late.refuse_help()
    assert late.told() == ["co-1 handle missed, due at 10 h"]


# An order until the case is closed


@pytest.mark.parametrize("end", [Story.help_out, Story.refuse_help, Story.call_off])
def test_as_a_unit_that_co_operates_owes_nothing_more_the_lead_is_to_hurry(
    end: Callable[[Story], None],
) -> None:
    story = helped(UNTIL_CLOSED)
    assert reminded(story, 1) == {TEAM.code}
    story.told()
    end(story)
    assert about_orders(story) == [f"ordinary told to {UNIT.code}"]
    assert story.emitted()[-1].data.tell == (Told(role="unit_member", unit=UNIT.code),)
    assert reminded(story, 8) == {UNIT.code}


def test_an_order_to_report_stays_that_units_while_it_does_its_part() -> None:
    step = UNTIL_CLOSED.model_copy(update={"clock": Stage.ACCEPT})
    story = Story(ALL, ladder=(step,)).begin(Story.call)
    story.forward(2.5)
    assert orders(story) == [("ordinary", TEAM.code)]
    story.come()
    assert reminded(story, 1) == {TEAM.code}
    story.help_out()
    assert reminded(story, 1) == {UNIT.code}


def test_an_order_to_make_it_safe_is_the_leads_once_it_is_safe() -> None:
    story = Story(ALL, ladder=(UNTIL_CLOSED,), make_safe=hours(1))
    story.begin(Story.take_first)
    story.forward(2.5)
    assert orders(story) == [("ordinary", TEAM.code)]
    story.told()
    story.secure()
    assert about_orders(story) == [f"ordinary told to {UNIT.code}"]
    assert reminded(story, 2) == {UNIT.code}


def test_whoever_has_handed_back_is_not_told_of_what_another_owed() -> None:
    story = helped(UNTIL_CLOSED)
    story.lead_done()
    story.help_out()
    assert about_orders(story) == []
    story.hand_back()
    assert reminded(story, 2) == {None}
    story.order_rework()
    assert about_orders(story) == [f"ordinary told to {UNIT.code}"]
    assert reminded(story, 2) == {UNIT.code}


def test_nor_of_what_it_owed_itself_until_it_is_to_do_it_again() -> None:
    story = both_late(UNTIL_CLOSED)
    assert reminded(story, 1) == {UNIT.code}
    story.lead_done()
    assert reminded(story, 2) == {None}
    story.help_out()
    story.hand_back()
    assert reminded(story, 2) == {None}
    story.order_rework()
    assert reminded(story, 2) == {UNIT.code}
    story.hand_back()
    story.close()
    assert end_of(story) == (UNIT.code, {UNIT.code}), "it was told of the order"


@pytest.mark.parametrize("done", [Story.lead_done, Story.hand_back])
def test_nor_of_an_order_by_hand(done: Callable[[Story], None]) -> None:
    story = both_late(UNTIL_CLOSED)
    done(story)
    story.supervise(level=YELLOW)
    assert orders(story)[1:] == [("yellow_card", None)]
    story.told()
    story.order_rework()
    assert about_orders(story) == [f"yellow_card told to {UNIT.code}"]


# While a flow waits for others


def waits_for_others(story: Story) -> None:
    """A turn of its flow: only others can go on."""
    story.flow = IN_FLOW.model_copy(update={"others": True, "end": None})
    story.step(limit=hours(2))


def test_while_a_case_waits_for_others_no_unit_is_told_to_hurry() -> None:
    story = Story(ALL, ladder=(UNTIL_CLOSED,)).begin(waits_for_others)
    story.forward(2.5)
    assert orders(story) == [("ordinary", None)]
    assert reminded(story, 2) == {None}
    story.told()
    story.flow = IN_FLOW
    story.step()
    assert about_orders(story) == [f"ordinary told to {UNIT.code}"], "it is its turn again"
    assert reminded(story, 2) == {UNIT.code}


def test_nor_of_an_order_that_its_unit_was_given_before() -> None:
    story = Story(ALL, ladder=(UNTIL_CLOSED,)).begin()
    story.forward(10.5)
    waits_for_others(story)
    assert reminded(story, 2) == {None}
    story.hand_back()
    assert reminded(story, 2) == {None}, "it had nothing to hand back"
    story.order_rework()
    story.flow = IN_FLOW
    story.step()
    assert reminded(story, 2) == {UNIT.code}
    assert not [line for line in story.told() if "told to" in line], "it knows of it"


def test_an_order_is_told_to_the_unit_to_which_a_flow_passes_on_what_waited_for_others() -> None:
    story = Story(ALL, ladder=(UNTIL_CLOSED,)).begin(waits_for_others)
    story.forward(2.5)
    story.pass_on()
    story.told()
    story.dispatch(unit="unit-b")
    assert about_orders(story) == ["ordinary told to unit-b"]
    assert reminded(story, 1) == {"unit-b"}


def test_an_order_by_hand_names_the_unit_when_it_is_its_turn() -> None:
    story = Story(ALL, ladder=(AT_LAST,)).begin(waits_for_others)
    story.supervise(level=YELLOW)
    assert orders(story) == [("yellow_card", None)]
    assert reminded(story, 2) == {None}
    story.told()
    story.flow = IN_FLOW
    story.step()
    assert about_orders(story) == [f"yellow_card told to {UNIT.code}"]
    assert reminded(story, 2) == {UNIT.code}
    waits_for_others(story)
    assert reminded(story, 2) == {None}
    story.release()
    assert end_of(story) == (UNIT.code, {UNIT.code}), "it was told of the order"


def test_whoever_was_not_told_of_an_order_by_hand_is_not_told_of_its_end() -> None:
    story = Story(ALL).begin(waits_for_others)
    story.supervise(level=YELLOW)
    story.release()
    assert end_of(story) == (None, set())


# An order until its part is done


def test_the_order_ends_as_the_lead_is_done_whoever_else_the_case_waits_for() -> None:
    story = Story(ALL, ladder=(UNTIL_HANDLED,)).begin()
    story.forward(9)
    story.call()
    story.forward(1.5)
    story.told()
    story.lead_done()
    assert about_orders(story) == ["ordinary satisfied"]
    assert story.watch.supervision is None
    satisfied = story.emitted()[-1].data
    assert isinstance(satisfied, SupervisionSatisfied)
    assert (satisfied.unit, satisfied.tasks) == (UNIT.code, ("lead", "safe"))


def test_as_a_co_operating_unit_is_done_its_order_ends_and_the_lead_is_ordered_for_itself() -> None:
    story = helped(UNTIL_HANDLED)
    story.help_out()
    assert about_orders(story) == ["ordinary satisfied"]
    story.forward(4)
    assert orders(story)[1:] == [("ordinary", UNIT.code)]


@pytest.mark.parametrize("end", [Story.lead_done, Story.hand_back])
def test_what_passed_to_the_lead_ends_with_its_part(end: Callable[[Story], None]) -> None:
    story = helped(UNTIL_HANDLED)
    story.refuse_help()
    assert about_orders(story) == [f"ordinary told to {UNIT.code}"]
    end(story)
    assert about_orders(story) == ["ordinary satisfied"]


def test_an_order_as_high_for_whoever_is_not_done_is_given_in_its_place() -> None:
    story = both_late(UNTIL_HANDLED)
    story.lead_done()
    assert about_orders(story) == ["ordinary satisfied", TOWN]
    assert orders(story)[1:] == [("ordinary", TEAM.code)]
    assert reminded(story, 2) == {TEAM.code}
    story.told()
    story.help_out()
    assert about_orders(story) == ["ordinary satisfied"]


def test_and_so_where_the_co_operating_unit_is_done_first() -> None:
    story = helped(UNTIL_HANDLED)
    story.forward(4)
    story.told()
    story.help_out()
    assert about_orders(story) == ["ordinary satisfied", TOWN]
    assert orders(story)[1:] == [("ordinary", UNIT.code)]


def test_an_order_until_the_case_is_closed_does_not_end_with_a_part_of_it() -> None:
    story = both_late(UNTIL_CLOSED)
    story.lead_done()
    story.help_out()
    assert about_orders(story) == []
    assert story.watch.supervision is ORDINARY


def test_whoever_is_done_leaves_owed_what_the_others_had_earned() -> None:
    story = helped(UNTIL_HANDLED, CARD)
    story.forward(5)
    assert orders(story)[1:] == [("yellow_card", TEAM.code)]
    story.told()
    story.help_out()
    assert about_orders(story) == ["yellow_card satisfied", TOWN]
    assert {one.task for one in story.watch.answered if one.spent} == {"co-1"}
    story.forward(6)
    assert orders(story)[2:] == [("ordinary", UNIT.code), ("yellow_card", UNIT.code)]


def test_what_led_to_an_order_of_the_lead_is_owed_still_as_another_is_done() -> None:
    to_report = UNTIL_HANDLED.model_copy(update={"clock": Stage.ACCEPT})
    story = Story(ALL, ladder=(to_report, CARD))
    story.file()
    story.dispatch()
    story.forward(2.5)
    for step in (Story.accept, Story.call, Story.come):
        step(story)
    story.forward(15.5)
    assert orders(story) == [("ordinary", UNIT.code), ("yellow_card", TEAM.code)]
    story.told()
    story.help_out()
    assert about_orders(story) == ["yellow_card satisfied", TOWN]
    assert {one.task for one in story.watch.answered if one.spent} == {"co-1"}


def test_what_is_ordered_again_as_all_is_handed_back_is_no_units_that_is_done() -> None:
    story = helped(UNTIL_CLOSED, CARD)
    story.forward(5)
    story.told()
    story.hand_back()
    assert about_orders(story) == ["yellow_card satisfied", TOWN]
    assert orders(story)[2:] == [("ordinary", None)]
