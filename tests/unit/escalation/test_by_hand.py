"""Supervision by hand: it rises, it is lifted by somebody, and no late stop undoes it."""

import pytest

from shared.contracts.base import Limits, Stage
from shared.contracts.escalations_v1 import SupervisionOrdered, SupervisionReleased
from shared.contracts.golden import story as golden
from shared.contracts.golden.story import LADDER
from shared.contracts.ladders import Colour, LadderStep, NoticeStep
from shared.contracts.levels import SupervisionLevel
from tests.unit.escalation.story import Story, hours

HANDLE = Limits(handle=hours(10))
ORDINARY, YELLOW, RED = SupervisionLevel


def last(story: Story, kind: type) -> object:
    return [one.data for one in story.emitted() if isinstance(one.data, kind)][-1]


def test_an_order_by_hand_names_who_gave_it_and_whose_unit_is_to_hurry() -> None:
    story = Story(HANDLE).begin()
    story.supervise()
    order = last(story, SupervisionOrdered)
    assert isinstance(order, SupervisionOrdered)
    assert (order.level, order.previous, order.mark) == (YELLOW, None, None)
    assert (order.issuer, order.issuer_area) == ("county", golden.COUNTY)
    assert (order.actor, order.unit) == (golden.SUPERVISOR, golden.UNIT.code)
    assert story.watch.supervision is YELLOW


def test_it_only_rises() -> None:
    story = Story(HANDLE).begin()
    story.supervise()
    story.told()
    for level in (ORDINARY, YELLOW):
        story.supervise(level=level)
    assert story.told() == []
    story.supervise(level=RED, area=golden.CITY)
    assert story.watch.supervision is RED


def test_the_ladder_goes_on_above_it() -> None:
    story = Story(HANDLE).begin()
    story.supervise()
    story.told()
    story.forward(21)
    assert story.told() == [
        "handle approaching", "handle breached", "red_card from city 9901",
    ]  # fmt: skip


def test_lifted_by_hand_the_ladder_may_order_again_but_not_for_what_is_past() -> None:
    story = Story(HANDLE).begin()
    story.forward(11)
    story.release()
    released = last(story, SupervisionReleased)
    assert isinstance(released, SupervisionReleased)
    assert (released.level, released.actor) == (ORDINARY, golden.SUPERVISOR)
    assert story.watch.supervision is None
    assert story.told()[-1] == "ordinary released"
    story.forward(3)
    assert story.told() == []
    story.forward(2)
    assert story.told() == ["yellow_card from county 990101"]


CARDS = LADDER[1:]
"""Yellow at 150 %, red at 200 %."""
YELLOW_THEN, RED_THEN = "yellow_card from county 990101", "red_card from city 9901"
AT_120 = LadderStep(clock=Stage.HANDLE, percent=120, level=ORDINARY, issuer="town")


@pytest.mark.parametrize(
    ("ladder", "level", "amount", "told"),
    [
        (LADDER, RED, 11, [YELLOW_THEN, RED_THEN]),
        (LADDER, RED, 16, [RED_THEN]),
        (LADDER, RED, 21, []),
        ((AT_120, *CARDS), YELLOW, 13, [YELLOW_THEN, RED_THEN]),
    ],
)
def test_what_was_past_while_an_order_by_hand_stood_is_not_ordered_as_that_is_lifted(
    ladder: tuple[LadderStep, ...], level: SupervisionLevel, amount: float, told: list[str]
) -> None:
    story = Story(HANDLE, ladder=ladder).begin()
    story.forward(5)
    story.supervise(level=level, area=golden.CITY)
    story.forward(amount - 5)
    story.release()
    assert story.told()[-3:] == ["handle approaching", "handle breached", f"{level} released"]
    story.tick()
    assert story.told() == []
    story.forward(30)
    assert story.told() == told
    assert story.next_due is None


def test_nor_as_the_clock_is_resumed() -> None:
    story = Story(HANDLE).begin()
    story.supervise(level=RED, area=golden.CITY)
    story.forward(16)
    story.release()
    story.hand_back()
    story.forward(1)
    story.order_rework()
    story.told()
    story.forward(3.9)
    assert story.told() == []
    story.forward(0.1)
    assert story.told() == ["red_card from city 9901"]


def test_nor_once_the_case_was_closed_under_it() -> None:
    ladder = tuple(one.model_copy(update={"clock": Stage.TOTAL}) for one in LADDER)
    story = Story(Limits(total=hours(10)), ladder=ladder).begin()
    story.supervise(level=RED, area=golden.CITY)
    story.forward(16)
    story.hand_back()
    story.close()
    story.reopen()
    story.told()
    story.forward(3.9)
    assert story.told() == []
    story.forward(0.1)
    assert story.told() == ["red_card from city 9901"]


def test_what_is_told_anyway_is_told_of_what_is_past_too_and_orders_nothing() -> None:
    notices = (NoticeStep(clock=Stage.HANDLE, percent=150, colour=Colour.RED),)
    story = Story(HANDLE, notice_ladder=notices).begin()
    story.supervise(level=RED, area=golden.CITY)
    story.told()
    story.away(16)
    story.release()
    story.tick()
    assert story.told() == [
        "red_card released", "handle approaching", "handle breached", "handle red at 150 %",
    ]  # fmt: skip
    story.forward(5)
    story.hand_back(late=2)
    assert story.told()[-2:] == ["handle 200 % withdrawn", "red_card lifted: mark_withdrawn"]


def test_after_an_extension_what_is_due_anew_is_ordered() -> None:
    story = Story(HANDLE).begin()
    story.supervise(level=RED, area=golden.CITY)
    story.forward(11)
    story.release()
    story.extend(late=1.5)
    story.told()
    story.forward(3)
    assert story.told()[-2:] == ["handle breached", "ordinary from town 990101002"]


def test_what_is_not_supervised_is_not_lifted() -> None:
    story = Story(HANDLE).begin()
    story.told()
    story.release()
    assert story.told() == []


def test_a_mark_that_is_withdrawn_does_not_end_an_order_by_hand() -> None:
    story = Story(HANDLE).begin()
    story.supervise(level=ORDINARY)
    story.forward(16)
    assert story.watch.supervision is YELLOW
    story.told()
    story.hand_back(late=7)
    assert story.told() == [
        "handle met, due at 10 h",
        "handle 100 % withdrawn",
        "handle 150 % withdrawn",
        "yellow_card lifted: mark_withdrawn",
        "ordinary from county 990101",
    ]
    assert story.watch.supervision is ORDINARY


def test_a_closed_case_owes_nothing_for_it() -> None:
    story = Story(HANDLE).begin()
    story.supervise()
    story.hand_back()
    story.told()
    story.close()
    assert story.told()[-1] == "yellow_card lifted: closed"
    assert story.watch.by_hand is None
