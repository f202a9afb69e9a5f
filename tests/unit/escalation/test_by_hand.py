"""Supervision by hand: it rises, it is lifted by somebody, and no late stop undoes it."""

from shared.contracts.base import Limits
from shared.contracts.escalations_v1 import SupervisionOrdered, SupervisionReleased
from shared.contracts.golden import story as golden
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
