"""Marks and orders say whom to tell."""

from shared.contracts.base import Limits
from shared.contracts.escalations_v1 import ClocksChanged
from shared.contracts.golden.story import UNIT
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
    assert told(story)[4:] == [[("supervisor", COUNTY)]]


def test_what_was_withdrawn_is_told_to_those_who_were_told() -> None:
    story = Story(Limits(handle=hours(10))).begin()
    story.forward(11)
    breached = told(story)[1]
    story.hand_back(late=2)
    assert told(story)[3:] == [breached, [("supervisor", TOWN)]]


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
