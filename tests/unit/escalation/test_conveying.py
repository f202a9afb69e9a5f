"""What stands is told at once, and once, to the unit that takes over, told as a rule book."""

import pytest

from shared.contracts.base import Limits, Stage
from shared.contracts.escalations_v1 import Told
from shared.contracts.golden.story import TEAM, UNIT
from shared.contracts.ladders import Colour, LadderStep, NoticeStep, Repeat, TellRule
from shared.contracts.levels import SupervisionLevel
from shared.contracts.reminders_v1 import ConveyedEvent, NoticeReminded, SupervisionConveyed
from tests.unit.escalation.story import RULES, Story, hours

ORDINARY, YELLOW, RED = SupervisionLevel
TOWN = "990101002"
ONCE = LadderStep(clock=Stage.HANDLE, percent=100, level=ORDINARY, issuer="town")
TWICE = ONCE.model_copy(update={"repeat": Repeat(every=hours(2), times=2)})
SAFE = hours(1)


def supervised(step: LadderStep = ONCE) -> Story:
    """Handled late: its unit has been told to hurry."""
    story = Story(Limits(handle=hours(10)), ladder=(step,)).begin()
    story.forward(11)
    assert story.watch.supervision is ORDINARY
    story.told()
    return story


def conveyed(story: Story) -> list[str]:
    """What was told to other units since this was asked last."""
    return [line for line in story.told() if " told to " in line]


# To whom, and when


@pytest.mark.parametrize("leave", [None, Story.grant_return, Story.hand_up, Story.pass_on])
def test_an_order_without_repeat_is_told_at_once_to_the_unit_that_has_the_case_now(
    leave: object,
) -> None:
    story = supervised()
    if leave is not None:
        leave(story)  # type: ignore[operator]
    assert conveyed(story) == [], "while nobody has it, there is nobody to tell"
    story.dispatch(unit="unit-b")
    assert conveyed(story) == ["ordinary told to unit-b"]
    event = story.emitted()[-1]
    assert isinstance(event.data, SupervisionConveyed)
    assert story.watch.order is not None
    assert (event.data.order, event.data.at) == (story.watch.order.n, story.now)
    assert event.data.tell == (Told(role="unit_member", unit="unit-b"),)
    assert event.data.mark == story.watch.order.mark


@pytest.mark.parametrize("level", SupervisionLevel)
def test_so_is_an_order_by_hand_also_where_no_unit_had_the_case(level: SupervisionLevel) -> None:
    story = Story(ladder=()).begin(Story.grant_return)
    story.supervise(level=level)
    story.told()
    story.dispatch(unit="unit-b")
    assert conveyed(story) == [f"{level} told to unit-b"]


def test_each_unit_is_told_of_an_order_once() -> None:
    story = supervised()
    for unit in ("unit-b", UNIT.code, "unit-b", "unit-c"):
        story.dispatch(unit=unit)
    story.accept()
    assert conveyed(story) == ["ordinary told to unit-b", "ordinary told to unit-c"]


def test_another_order_is_told_to_each_unit_anew() -> None:
    story = supervised()
    story.dispatch(unit="unit-b")
    story.accept()
    story.supervise(level=RED)
    story.told()
    story.dispatch(unit=UNIT.code)
    assert conveyed(story) == [f"red_card told to {UNIT.code}"]


def test_it_is_told_as_its_step_says_whom_in_the_place_of_the_unit_of_before() -> None:
    rules = (
        TellRule(role="department_system", whose="unit"),
        TellRule(role="leader", whose="city"),
    )
    story = supervised(ONCE.model_copy(update={"tell": rules}))
    story.dispatch(unit="unit-b")
    assert story.emitted()[-1].data.tell == (Told(role="department_system", unit="unit-b"),)


# What is not told


def test_what_was_acknowledged_is_told_to_the_new_unit_once_and_repeated_to_nobody() -> None:
    story = supervised(TWICE)
    story.acknowledge()
    story.told()
    story.dispatch(unit="unit-b")
    assert conveyed(story) == ["ordinary told to unit-b"]
    story.accept()
    story.forward(9)
    assert [one for one in story.told() if "reminder" in one] == []


def test_reminders_go_on_as_they_were_promised() -> None:
    story = supervised(TWICE)
    story.dispatch(unit="unit-b")
    story.forward(4)
    assert [line for line in story.told() if "clock" not in line][-3:] == [
        "ordinary told to unit-b", "ordinary reminder 1 of 2", "ordinary reminder 2 of 2",
    ]  # fmt: skip


def test_nothing_is_told_of_what_is_over() -> None:
    story = supervised()
    story.hand_back()
    story.close()
    story.reopen()
    story.dispatch(unit="unit-b")
    lifted = supervised()
    lifted.release()
    lifted.dispatch(unit="unit-b")
    assert conveyed(story) == conveyed(lifted) == []


def test_an_order_for_the_clock_of_a_centre_is_told_to_no_unit() -> None:
    total = LadderStep(clock=Stage.TOTAL, percent=100, level=ORDINARY, issuer="town")
    story = Story(Limits(total=hours(1)), ladder=(total,)).begin()
    story.forward(2)
    assert story.watch.supervision is ORDINARY
    story.told()
    story.dispatch(unit="unit-b")
    assert conveyed(story) == []


def test_an_order_whose_mark_the_same_turn_withdraws_is_not_told() -> None:
    story = supervised()
    story.dispatch(unit="unit-b", late=2)
    told = story.told()
    assert "ordinary lifted: mark_withdrawn" in told
    assert not [line for line in told if " told to " in line]


def test_a_watch_of_an_older_version_is_read() -> None:
    story = supervised()
    stored = RULES.dump(story.watch)
    del stored["order"]["conveyed"]
    assert RULES.load(stored) == story.watch


# Making safe: its clock goes from unit to unit


def endangered() -> Story:
    """Lives are in danger, and the place is not safe: a notice, and an order to hurry."""
    colours = (
        NoticeStep(clock=Stage.HANDLE, percent=50, colour=Colour.BLUE),
        NoticeStep(
            clock=Stage.HANDLE, percent=90, colour=Colour.RED,
            repeat=Repeat(every=hours(1), times=9),
        ),
    )  # fmt: skip
    story = Story(ladder=(ONCE,), notice_ladder=colours, make_safe=SAFE).begin()
    story.forward(1.1)
    story.told()
    return story


def test_who_is_first_there_is_told_of_the_last_notice_of_its_clock_and_of_the_order() -> None:
    story = endangered()
    story.take_first()
    assert conveyed(story) == [f"ordinary told to {TEAM.code}", f"red told to {TEAM.code}"]
    assert [one.data.tell for one in story.emitted()[-2:]] == [
        (Told(role="unit_member", unit=TEAM.code),)
    ] * 2
    story.dispatch(unit="unit-b")
    assert conveyed(story) == [], "whoever was first there makes it safe"


def test_a_notice_is_told_again_to_the_unit_whose_its_clock_is_now() -> None:
    story = endangered()
    story.dispatch(unit="unit-b")
    assert conveyed(story) == ["ordinary told to unit-b", "red told to unit-b"]
    story.forward(1)
    reminder = story.emitted()[-1].data
    assert isinstance(reminder, NoticeReminded)
    assert (reminder.unit, reminder.tell) == (
        "unit-b", (Told(role="unit_member", unit="unit-b"), Told(role="duty_head", area=TOWN)),
    )  # fmt: skip


@pytest.mark.parametrize("seen", [Story.acknowledge, Story.secure])
def test_a_notice_that_was_acknowledged_or_whose_clock_stands_is_not_told(seen: object) -> None:
    story = endangered()
    seen(story)  # type: ignore[operator]
    story.told()
    story.dispatch(unit="unit-b")
    assert [line for line in conveyed(story) if line.startswith("red")] == []


def test_a_notice_of_the_time_of_the_unit_of_before_is_not_told_to_the_next() -> None:
    colour = NoticeStep(clock=Stage.HANDLE, percent=50, colour=Colour.BLUE)
    story = Story(Limits(handle=hours(10)), ladder=(), notice_ladder=(colour,)).begin()
    story.forward(6)
    assert len(story.watch.notices) == 1
    story.dispatch(unit="unit-b")
    assert [one for one in story.emitted() if isinstance(one.data, ConveyedEvent)] == []
