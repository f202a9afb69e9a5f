"""What becomes of the clocks when a unit suspends, extends or appeals."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from services.escalation.domain.clocks import MOST_RAN
from shared.contracts.base import Limit, Limits, Stage
from shared.contracts.case_v1 import Appeal, AppealState
from shared.contracts.golden.story import APPEAL, LADDER
from shared.contracts.ladders import Colour, LadderStep, NoticeStep
from tests.fakes.clock import START
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
    assert story.told() == ["handle paused, due at 10 h", "total paused, due at 100 h"]
    story.away(5)
    story.resume()
    story.hand_back()
    assert "handle 2 missed, due at 10 h" in story.told()


def missed_and_suspended(ladder: tuple[LadderStep, ...] = LADDER) -> Story:
    """Ten hours, of which twelve were used as its case was suspended."""
    colours = (NoticeStep(clock=Stage.HANDLE, percent=130, colour=Colour.RED),)
    limits = Limits(handle=hours(10))
    story = Story(limits, ladder=ladder, notice_ladder=colours).begin()
    story.forward(12)
    assert story.told() == ["handle approaching", "handle breached", "ordinary from town 990101002"]
    story.suspend()
    return story


def test_what_is_missed_earns_nothing_more_while_its_case_is_suspended() -> None:
    story = missed_and_suspended()
    assert story.told() == ["handle paused, due at 10 h"]
    assert story.next_due is None
    story.forward(1000)
    assert story.told() == []


def test_after_a_suspension_what_was_missed_earns_more_as_the_rest_of_its_time_passes() -> None:
    story = missed_and_suspended()
    story.forward(100)
    story.resume()
    assert story.told()[1:] == ["handle 2 running, due at 10 h"]
    story.forward(0.99)
    assert story.told() == [], "the breach is told once"
    story.forward(0.01)
    assert story.told() == ["handle 2 red at 130 %"]
    story.forward(3)
    assert story.told() == ["yellow_card from county 990101"]
    story.suspend()
    story.forward(100)
    story.resume()
    story.forward(3.99)
    assert story.told() == ["handle 2 paused, due at 10 h", "handle 3 running, due at 10 h"]
    story.forward(0.01)
    assert story.told() == ["red_card from city 9901"]


def test_what_was_missed_before_it_was_suspended_is_missed_whatever_ends_it() -> None:
    for end, state in ((Story.hand_back, "missed"), (Story.void, "cancelled")):
        story = missed_and_suspended()
        story.away(5)
        story.told()
        end(story)
        assert story.told()[0] == f"handle {state}, due at 10 h"
        assert story.clock(Stage.HANDLE).used_ms == 12 * 3_600_000


def test_what_was_missed_before_it_was_suspended_is_not_extended() -> None:
    story = missed_and_suspended()
    story.told()
    story.away(1)
    story.extend()
    assert story.told() == []
    story.resume()
    story.extend()
    assert story.told() == ["handle 2 running, due at 10 h"]


def test_rework_of_what_was_suspended_after_it_was_missed_goes_on_with_the_marks_left() -> None:
    story = missed_and_suspended()
    story.away(5)
    story.resume()
    story.forward(2)
    story.hand_back()
    story.away(1)
    story.told()
    story.order_rework()
    assert story.told() == ["handle 3 running, due at 20 h"]
    story.forward(0.99)
    assert story.told() == []
    story.forward(0.01)
    assert story.told() == ["yellow_card from county 990101"]


def test_what_was_due_before_it_stood_is_told_although_it_stands_by_then() -> None:
    story = Story(Limits(handle=hours(10))).begin()
    story.away(11)
    story.suspend()
    story.away(1)
    story.told()
    story.tick()
    assert story.told() == [
        "handle approaching", "handle breached", "ordinary from town 990101002",
    ]  # fmt: skip
    assert story.next_due is None


def test_what_was_due_before_a_suspension_is_due_then_when_it_is_told_after_it() -> None:
    story = Story(Limits(handle=hours(10))).begin()
    story.away(11)
    story.suspend()
    story.away(100)
    story.resume()
    story.tick()
    assert [(one.run, one.percent, one.due_at) for one in story.watch.answered] == [
        (2, 80, START + timedelta(hours=8)), (2, 100, START + timedelta(hours=10)),
    ]  # fmt: skip


def test_a_suspension_that_was_granted_after_a_breach_withdraws_what_came_later_only() -> None:
    story = Story(Limits(handle=hours(10))).begin()
    story.forward(16)
    assert story.told()[-1] == "yellow_card from county 990101"
    story.suspend(late=4)
    assert story.told() == [
        "handle paused, due at 10 h", "handle 150 % withdrawn",
        "yellow_card lifted: mark_withdrawn", "ordinary from town 990101002",
    ]  # fmt: skip
    story.forward(10)
    story.resume()
    story.forward(2.99)
    assert story.told() == ["handle 2 running, due at 10 h"]
    story.forward(0.01)
    assert story.told() == ["yellow_card from county 990101"]


def test_what_is_used_up_as_it_is_suspended_is_missed_only_after_the_suspension() -> None:
    story = Story(Limits(handle=hours(10))).begin()
    story.away(10)
    story.suspend()
    story.away(5)
    story.resume()
    assert story.told() == ["handle paused, due at 10 h", "handle 2 running, due at 15 h"]
    story.hand_back()
    assert story.told() == ["handle 2 met, due at 15 h"]


def test_a_clock_remembers_a_bounded_number_of_suspensions_and_all_that_it_has_used() -> None:
    story = Story(Limits(handle=hours(200))).begin()
    for _ in range(MOST_RAN + 5):
        story.away(1)
        story.suspend()
        story.away(1)
        story.resume()
    clock = story.clock(Stage.HANDLE)
    assert len(clock.ran or ()) == MOST_RAN
    assert clock.used_ms == (MOST_RAN + 5) * 3_600_000
    assert clock.due_at == story.now + timedelta(hours=200 - MOST_RAN - 5)


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


@pytest.mark.parametrize(("limit", "due"), [(hours(10), 11), (None, 15)])
def test_a_unit_that_co_operates_has_the_limit_of_its_task(limit: Limit | None, due: int) -> None:
    """None says an older version: it was the case's then."""
    story = Story(ALL).begin(Story.call)
    story.away(1)
    story.extend(amount=4)
    story.told()
    story.come(limit=limit)
    assert story.told() == [
        "co-1 accept met, due at 2 h", f"co-1 handle running, due at {due} h",
    ]  # fmt: skip


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


def appealed_twice() -> tuple[Story, Appeal, Appeal]:
    """Two appeals wait, an hour apart; the first has its clock of four hours."""
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
    assert story.told() == ["appeal handle running, due at 4 h"]
    story.forward(1)
    return story, first, second


def upheld(appeal: Appeal) -> Appeal:
    return appeal.model_copy(update={"state": AppealState.UPHELD})


def test_appeals_are_decided_one_after_the_other_each_with_the_whole_limit() -> None:
    story, first, second = appealed_twice()
    story.appeal(upheld(first))
    assert story.told() == ["appeal handle met, due at 4 h", "appeal handle 2 running, due at 8 h"]
    story.appeal(upheld(second))
    assert story.told() == ["appeal handle 2 met, due at 8 h"]


def test_an_appeal_has_no_more_time_because_a_later_one_was_decided_first() -> None:
    story, first, second = appealed_twice()
    story.appeal(upheld(second))
    assert story.told() == []
    story.forward(3)
    assert story.told() == ["appeal handle approaching", "appeal handle breached"]
    story.appeal(upheld(first))
    assert story.told() == ["appeal handle missed, due at 4 h"], "and none waits"


def test_a_third_appeal_begins_with_its_whole_limit_as_the_first_is_decided() -> None:
    story, first, second = appealed_twice()
    third = second.model_copy(update={"task": "co-2", "asked_at": story.now})
    story.appeal(third)
    story.appeal(upheld(second))
    story.forward(1)
    story.appeal(upheld(first))
    assert story.told() == ["appeal handle met, due at 4 h", "appeal handle 2 running, due at 9 h"]
