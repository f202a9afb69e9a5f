"""What becomes of the clocks when a unit suspends, extends or appeals."""

from collections.abc import Callable
from datetime import timedelta

from shared.contracts.base import Limits, Stage
from shared.contracts.case_v1 import AppealState
from shared.contracts.escalations_v1 import ClockState
from shared.contracts.golden.story import APPEAL
from shared.contracts.ladders import Colour, NoticeStep
from tests.unit.escalation.story import ALL, Story, hours


def test_a_suspension_stands_the_clocks_and_what_was_left_runs_on() -> None:
    story = Story(ALL).begin()
    story.away(4)
    story.suspend()
    assert story.told() == ["handle paused, due at 10 h", "total paused, due at 100 h"]
    assert story.next_due is None
    story.away(30)
    story.resume()
    assert story.told() == ["handle 2 running, due at 40 h", "total 2 running, due at 130 h"]
    story.away(6)
    story.hand_back()
    assert story.told()[0] == "handle 2 met, due at 40 h"


def test_what_is_missed_is_not_saved_by_a_suspension() -> None:
    story = Story(ALL).begin()
    story.away(11)
    story.suspend()
    assert story.told() == ["total paused, due at 100 h"]
    story.away(5)
    story.resume()
    story.hand_back()
    assert "handle missed, due at 10 h" in story.told()


def test_a_suspension_that_was_granted_before_a_breach_withdraws_it() -> None:
    story = Story(ALL).begin()
    story.forward(10.5)
    story.told()
    story.suspend(late=1)
    assert story.told() == [
        "handle paused, due at 10 h",
        "total paused, due at 100 h",
        "handle 100 % withdrawn",
        "ordinary lifted: mark_withdrawn",
    ]


def test_an_extension_adds_to_the_limit() -> None:
    story = Story(ALL).begin()
    story.away(6)
    story.ask()
    assert story.told() == ["request handle running, due at 12 h"]
    story.away(1)
    story.extend(amount=5)
    assert story.told() == [
        "request handle met, due at 12 h",
        "handle running, due at 15 h",
        "total running, due at 105 h",
    ]
    story.forward(4.5)
    assert story.told() == [], "80 % of the longer limit are not used yet"
    story.forward(1)
    assert story.told() == ["handle approaching"]


def test_an_extension_comes_too_late_for_what_is_breached() -> None:
    story = Story(ALL).begin()
    story.away(10.5)
    story.extend()
    assert story.told() == ["total running, due at 104 h"]


def test_an_extension_that_was_granted_before_the_breach_withdraws_it() -> None:
    story = Story(ALL).begin()
    story.forward(10.5)
    assert story.told()[-2:] == ["handle breached", "ordinary from town 990101002"]
    story.extend(late=1)
    assert story.told() == [
        "handle running, due at 14 h",
        "total running, due at 104 h",
        "handle 80 % withdrawn",
        "handle 100 % withdrawn",
        "ordinary lifted: mark_withdrawn",
    ]
    story.forward(4)
    assert story.told()[:2] == ["handle approaching", "handle breached"]


def extended_after_a_warning(*steps: Callable[[Story], None]) -> Story:
    """Ten hours, of which 80 % were used as it was told; ten more are granted after nine."""
    colours = (NoticeStep(clock=Stage.HANDLE, percent=75, colour=Colour.ORANGE),)
    story = Story(Limits(handle=hours(10)), ladder=(), notice_ladder=colours).begin()
    story.forward(9)
    assert story.told() == ["handle orange at 75 %", "handle approaching"]
    for step in steps:
        step(story)
    story.extend(amount=10)
    return story


def test_after_an_extension_there_is_a_warning_again() -> None:
    story = extended_after_a_warning()
    assert story.told() == [
        "handle running, due at 20 h", "handle 75 % withdrawn", "handle 80 % withdrawn",
    ]  # fmt: skip
    assert story.watch.notices == ()
    story.forward(5.9)
    assert story.told() == []
    story.forward(1.1)
    assert story.told() == ["handle orange at 75 %", "handle approaching"]


def test_after_an_extension_while_it_stands_there_is_a_warning_again() -> None:
    story = extended_after_a_warning(Story.suspend)
    assert story.told()[1:] == [
        "handle paused, due at 20 h", "handle 75 % withdrawn", "handle 80 % withdrawn",
    ]  # fmt: skip
    story.forward(3)
    story.resume()
    story.told()
    story.forward(7)
    assert story.told() == ["handle 2 orange at 75 %", "handle 2 approaching"]


def test_what_an_earlier_run_had_warned_of_is_warned_of_again_too() -> None:
    story = extended_after_a_warning(Story.suspend, Story.resume)
    assert story.told()[-2:] == ["handle 2 75 % withdrawn", "handle 2 80 % withdrawn"]
    story.forward(7)
    assert story.told() == ["handle 2 orange at 75 %", "handle 2 approaching"]


def test_what_is_used_of_the_longer_limit_too_stays_told() -> None:
    story = Story(Limits(handle=hours(10)), ladder=()).begin()
    story.forward(9)
    story.told()
    story.extend(amount=1)
    assert story.told() == ["handle running, due at 11 h"]
    assert [one.percent for one in story.watch.answered] == [80]


def test_an_extension_of_a_suspended_case_is_not_lost() -> None:
    story = Story(ALL).begin()
    story.away(4)
    story.suspend()
    story.away(2)
    story.told()
    story.extend(amount=5)
    assert story.told() == ["handle paused, due at 15 h", "total paused, due at 105 h"]
    story.away(4)
    story.resume()
    assert story.told() == ["handle 2 running, due at 21 h", "total 2 running, due at 111 h"]


def test_an_extension_of_a_suspended_case_is_exact() -> None:
    story = Story(ALL).begin()
    story.away(1 / 7)
    story.suspend()
    story.extend(amount=5)
    clock = story.clock(Stage.HANDLE)
    assert clock.due_at == clock.started_at + timedelta(hours=15)


def test_appeals_are_decided_one_after_the_other_each_with_the_whole_limit() -> None:
    story = Story(ALL).begin()
    first = APPEAL.model_copy(
        update={"state": AppealState.PENDING, "limit": hours(4), "asked_at": story.now}
    )
    second = first.model_copy(
        update={"task": "co-1", "limit": hours(6), "asked_at": story.now + timedelta(hours=1)}
    )
    story.appeal(first)
    story.forward(1)
    story.appeal(second)
    clock = story.watch.clocks["appeal/handle"]
    assert (clock.run, clock.due_at) == (1, first.asked_at + timedelta(hours=4))
    story.forward(1)
    story.appeal(first.model_copy(update={"state": AppealState.UPHELD}))
    clock = story.watch.clocks["appeal/handle"]
    assert (clock.run, clock.state) == (2, ClockState.RUNNING)
    assert clock.due_at == story.now + timedelta(hours=6)
    story.appeal(second.model_copy(update={"state": AppealState.UPHELD}))
    clock = story.watch.clocks["appeal/handle"]
    assert (clock.run, clock.state) == (2, ClockState.MET)
