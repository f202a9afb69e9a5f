"""Marks and orders say whom to tell."""

import pytest

from services.escalation.domain.telling import to_hurry
from shared.contracts.base import Limits, Stage
from shared.contracts.escalations_v1 import ClocksChanged, SupervisionEvent, SupervisionLifted, Told
from shared.contracts.golden.story import LADDER, UNIT
from shared.contracts.ladders import LadderStep, LiftedWhen, Repeat
from shared.contracts.levels import SupervisionLevel
from shared.contracts.reminders_v1 import SupervisionReminded
from tests.unit.escalation.story import Story, hours

TOWN, COUNTY = "990101002", "990101"


def told(story: Story) -> list[list[tuple[str, str | None]]]:
    """Of each event beside changed clocks: the roles, each with its unit or area."""
    return [
        [(one.role, one.unit or one.area) for one in event.data.tell or ()]
        for event in story.emitted()
        if not isinstance(event.data, ClocksChanged)
    ]


def test_a_mark_is_for_the_unit_and_its_town_an_order_for_the_unit_and_its_issuer() -> None:
    story = Story(Limits(handle=hours(10))).begin()
    story.forward(16)
    mark = [("unit_member", UNIT.code), ("duty_head", TOWN)]
    town = [("unit_member", UNIT.code), ("supervisor", TOWN)]
    county = [("unit_member", UNIT.code), ("supervisor", COUNTY)]
    assert told(story) == [mark, mark, town, county]
    story.hand_back()
    story.close()
    assert told(story)[4:] == [county]
    assert story.emitted()[-1].data.unit == UNIT.code


def test_what_was_withdrawn_is_told_to_those_who_were_told() -> None:
    story = Story(Limits(handle=hours(10))).begin()
    story.forward(11)
    breached = told(story)[1]
    story.hand_back(late=2)
    ended = [("unit_member", UNIT.code), ("supervisor", TOWN)]
    assert told(story)[3:] == [breached, ended]


def test_a_hand_back_that_lifts_an_order_is_told_the_unit_and_what_stays_those_above() -> None:
    card = LadderStep(
        clock=Stage.HANDLE, percent=150, level=SupervisionLevel.YELLOW_CARD, issuer="county",
        lifted_when=LiftedWhen.HANDLED,
    )  # fmt: skip
    story = Story(Limits(handle=hours(10)), ladder=(card,)).begin()
    story.supervise(level=SupervisionLevel.ORDINARY, area=TOWN)
    story.forward(16)
    story.hand_back()
    county = [("unit_member", UNIT.code), ("supervisor", COUNTY)]
    assert told(story)[-2:] == [county, [("supervisor", TOWN)]]
    assert [one.data.unit for one in story.emitted()[-2:]] == [UNIT.code, None]


@pytest.mark.parametrize("clock", [Stage.TOTAL, Stage.VERIFY])
def test_an_order_of_a_clock_that_is_no_units_is_for_none_and_its_end_neither(clock: Stage) -> None:
    step = LadderStep(clock=clock, percent=100, level=SupervisionLevel.ORDINARY, issuer="town")
    limits = Limits(total=hours(10), verify=hours(10))
    story = Story(limits, ladder=(step,)).begin(Story.hand_back)
    story.forward(11)
    story.close()
    orders = [one.data for one in story.emitted() if isinstance(one.data, SupervisionEvent)]
    for_town = (Told(role="supervisor", area=TOWN),)
    assert [(one.unit, one.tell) for one in orders] == [(None, for_town)] * 2


# Another unit has it


def reassigned(by_hand: bool = False) -> Story:  # noqa: FBT001, FBT002 - a case of two
    """An order is in force, told again every two hours; another unit has the case since."""
    again = Repeat(every=hours(2), times=3)
    ladder = tuple(one.model_copy(update={"repeat": again}) for one in LADDER[:1])
    story = Story(Limits(handle=hours(10)), ladder=ladder).begin()
    if by_hand:
        story.supervise(level=SupervisionLevel.ORDINARY, area=TOWN)
    else:
        story.forward(10)
    story.forward(1)
    story.dispatch(unit="unit-b")
    return story


@pytest.mark.parametrize("by_hand", [False, True])
def test_an_order_is_told_again_to_the_unit_that_has_it_now(by_hand: bool) -> None:  # noqa: FBT001
    story = reassigned(by_hand)
    story.forward(1)
    reminder = story.emitted()[-1].data
    assert isinstance(reminder, SupervisionReminded)
    assert (reminder.unit, told(story)[-1]) == (
        "unit-b", [("unit_member", "unit-b"), ("supervisor", TOWN)],
    )  # fmt: skip


def test_while_no_unit_has_it_only_the_centre_is_told_again() -> None:
    story = reassigned()
    story.grant_return()
    story.forward(1)
    reminder = story.emitted()[-1].data
    assert isinstance(reminder, SupervisionReminded)
    assert (reminder.unit, told(story)[-1]) == (None, [("supervisor", TOWN)])


def test_an_order_by_hand_is_told_again_to_the_unit_that_has_it_only_since() -> None:
    again = Repeat(every=hours(2), times=3)
    ladder = tuple(one.model_copy(update={"repeat": again}) for one in LADDER[:1])
    story = Story(ladder=ladder).begin(Story.grant_return)
    story.supervise(level=SupervisionLevel.ORDINARY, area=TOWN)
    assert told(story)[-1] == [("supervisor", TOWN)]
    story.dispatch(unit="unit-b")
    story.forward(2)
    assert told(story)[-1] == [("unit_member", "unit-b"), ("supervisor", TOWN)]


def test_the_end_is_told_to_the_unit_that_has_it_and_to_the_one_that_had() -> None:
    story = reassigned()
    story.void()
    assert isinstance(story.emitted()[-1].data, SupervisionLifted)
    assert story.emitted()[-1].data.unit == "unit-b"
    assert told(story)[-1] == [
        ("unit_member", "unit-b"), ("supervisor", TOWN), ("unit_member", UNIT.code),
    ]  # fmt: skip


def test_what_a_unit_of_before_says_of_an_order_stays_until_something_new_is_known() -> None:
    story = reassigned()
    old = story.watch.facts.model_copy(update={"unit": None})
    watch = story.watch.model_copy(update={"facts": old})
    assert to_hurry(watch) == UNIT.code


def test_the_clock_of_a_centre_is_for_its_town() -> None:
    story = Story(filing=hours(1))
    story.hold()
    story.forward(0.9)
    assert told(story) == [[("duty_head", TOWN)]]


def test_an_order_by_hand_is_for_who_gave_it_and_its_end_too() -> None:
    story = Story(Limits(handle=hours(10))).begin()
    story.supervise()
    story.release()
    by_hand = [("unit_member", UNIT.code), ("supervisor", COUNTY)]
    assert told(story) == [by_hand, by_hand]
