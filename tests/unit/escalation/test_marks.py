"""Marks and supervision, told as a rule book with a clock that is moved by hand."""

from datetime import timedelta

import pytest

from shared.contracts.base import Limits, Stage
from shared.contracts.escalations_v1 import ClockBreached, MarkWithdrawn, SupervisionOrdered
from shared.contracts.golden.story import UNIT
from shared.contracts.ladders import LadderStep
from shared.contracts.levels import SupervisionLevel
from tests.fakes.clock import START
from tests.unit.escalation.story import Story, days, hours

HANDLE = Limits(handle=hours(10))
TOWN, COUNTY, CITY = "town 990101002", "county 990101", "city 9901"


def step(clock: Stage, percent: int, level: SupervisionLevel) -> LadderStep:
    return LadderStep(clock=clock, percent=percent, level=level, issuer="town")


@pytest.mark.parametrize("older", [False, True])
def test_a_clock_that_runs_on_climbs_the_ladder(older: bool) -> None:  # noqa: FBT001 - a parameter
    story = Story(HANDLE, older=older).begin()
    story.forward(7.9)
    assert story.told() == []
    story.forward(0.1)
    assert story.told() == ["handle approaching"]
    story.forward(2)
    assert story.told() == ["handle breached", f"ordinary from {TOWN}"]
    story.forward(5)
    assert story.told() == [f"yellow_card from {COUNTY}"]
    story.forward(5)
    assert story.told() == [f"red_card from {CITY}"]
    assert story.next_due is None
    story.forward(1000)
    assert story.told() == []


def test_an_order_says_to_whom_why_and_what_was_before() -> None:
    story = Story(HANDLE).begin()
    story.forward(15)
    data = story.emitted()[-1].data
    assert isinstance(data, SupervisionOrdered)
    assert (data.unit, data.previous) == (UNIT.code, SupervisionLevel.ORDINARY)
    assert data.mark is not None
    assert (data.mark.clock, data.mark.run, data.mark.percent) == (Stage.HANDLE, 1, 150)
    assert data.mark.due_at == data.at == START + timedelta(hours=15)


def test_one_tick_answers_all_that_is_due_in_order() -> None:
    story = Story(Limits(handle=hours(10), total=hours(14))).begin()
    story.away(15)
    story.tick()
    assert story.told() == [
        "handle approaching",
        "handle breached",
        f"ordinary from {TOWN}",
        "total approaching",
        "total breached",
        f"yellow_card from {COUNTY}",
    ]
    causes = {event.causation_id for event in story.emitted()[-6:]}
    assert len(causes) == 1


def test_a_mark_tells_the_partitions_time_and_its_own() -> None:
    story = Story(HANDLE).begin()
    story.away(11)
    story.tick()
    data = story.emitted()[-2].data
    assert isinstance(data, ClockBreached)
    assert data.at == START + timedelta(hours=11)
    assert data.mark.due_at == START + timedelta(hours=10)


def test_nothing_is_due_after_a_stop() -> None:
    story = Story(HANDLE).begin()
    story.away(11)
    story.hand_back()
    assert story.told() == ["handle missed, due at 10 h"]
    assert story.next_due is None


def test_supervision_goes_on_until_the_case_is_closed() -> None:
    story = Story(HANDLE).begin()
    story.forward(11)
    story.hand_back()
    story.told()
    story.forward(1)
    story.close()
    assert story.told() == ["ordinary lifted: closed"]


def test_a_void_case_is_supervised_no_more() -> None:
    story = Story(HANDLE).begin()
    story.forward(16)
    story.told()
    story.void()
    assert story.told() == ["handle cancelled, due at 10 h", "yellow_card lifted: voided"]


def test_what_is_rejected_after_a_review_is_supervised_no_more() -> None:
    ladder = (step(Stage.FILING, 100, SupervisionLevel.ORDINARY),)
    story = Story(filing=hours(1), ladder=ladder)
    story.hold()
    story.forward(1)
    assert story.told()[1:] == ["filing approaching", "filing breached", f"ordinary from {TOWN}"]
    story.away(1)
    story.reject()
    assert story.told() == ["filing missed, due at 1 h", "ordinary lifted: closed"]


def test_orders_only_rise() -> None:
    ladder = (
        step(Stage.HANDLE, 100, SupervisionLevel.RED_CARD),
        step(Stage.HANDLE, 150, SupervisionLevel.ORDINARY),
        step(Stage.TOTAL, 100, SupervisionLevel.YELLOW_CARD),
    )
    story = Story(Limits(handle=hours(10), total=hours(12)), ladder=ladder).begin()
    story.forward(20)
    assert story.told() == [
        "handle approaching",
        "total approaching",
        "handle breached",
        f"red_card from {TOWN}",
        "total breached",
    ]
    assert story.next_due is None


def test_two_steps_at_one_mark_are_the_higher_one() -> None:
    ladder = (
        step(Stage.HANDLE, 100, SupervisionLevel.ORDINARY),
        step(Stage.HANDLE, 100, SupervisionLevel.YELLOW_CARD),
    )
    story = Story(HANDLE, ladder=ladder).begin()
    story.forward(10)
    assert story.told()[2:] == [f"yellow_card from {TOWN}"]


# A stop that arrives late


def test_a_late_stop_withdraws_what_was_answered_after_it() -> None:
    story = Story(HANDLE).begin()
    story.forward(11)
    story.told()
    story.hand_back(late=2)
    assert story.told() == [
        "handle met, due at 10 h",
        "handle 100 % withdrawn",
        "ordinary lifted: mark_withdrawn",
    ]


def test_what_was_due_before_the_stop_stays() -> None:
    story = Story(HANDLE).begin()
    story.forward(11)
    story.told()
    story.hand_back(late=0.5)
    assert story.told() == ["handle missed, due at 10 h"]
    assert story.watch.supervision is SupervisionLevel.ORDINARY


def test_a_mark_due_at_the_very_stop_is_withdrawn() -> None:
    story = Story(HANDLE).begin()
    story.forward(8)
    story.told()
    story.hand_back()
    assert story.told() == ["handle met, due at 10 h", "handle 80 % withdrawn"]


def test_of_supervision_the_level_that_is_still_earned_remains() -> None:
    story = Story(HANDLE).begin()
    story.forward(21)
    story.told()
    story.hand_back(late=8)
    assert story.told() == [
        "handle missed, due at 10 h",
        "handle 150 % withdrawn",
        "handle 200 % withdrawn",
        "red_card lifted: mark_withdrawn",
        f"ordinary from {TOWN}",
    ]
    last = story.emitted()[-1].data
    assert isinstance(last, SupervisionOrdered)
    assert (last.unit, last.previous) == (None, None), "its unit has handed it back"


def test_an_order_that_another_clock_has_earned_remains() -> None:
    ladder = (
        step(Stage.HANDLE, 100, SupervisionLevel.ORDINARY),
        step(Stage.TOTAL, 100, SupervisionLevel.ORDINARY),
    )
    story = Story(Limits(handle=hours(10), total=hours(10)), ladder=ladder).begin()
    story.forward(11)
    story.told()
    story.hand_back(late=2)
    assert story.told() == ["handle met, due at 10 h", "handle 100 % withdrawn"]
    assert story.watch.supervision is SupervisionLevel.ORDINARY


def test_a_lower_step_that_had_been_passed_over_is_taken_then() -> None:
    ladder = (
        step(Stage.HANDLE, 100, SupervisionLevel.RED_CARD),
        step(Stage.TOTAL, 120, SupervisionLevel.ORDINARY),
    )
    story = Story(Limits(handle=hours(10), total=hours(10)), ladder=ladder).begin()
    story.forward(13)
    story.hand_back(late=4)
    assert story.told()[-1] == "red_card lifted: mark_withdrawn"
    story.tick()
    assert story.told() == [f"ordinary from {TOWN}"]


def test_a_late_reassignment_withdraws_the_marks_of_the_unit_before() -> None:
    story = Story(Limits(accept=hours(2)))
    story.file()
    story.dispatch()
    story.forward(3)
    story.told()
    story.dispatch(late=2, unit="another")
    assert story.told() == [
        "accept cancelled, due at 2 h",
        "accept 2 running, due at 3 h",
        "accept 80 % withdrawn",
        "accept 100 % withdrawn",
    ]


def test_a_withdrawal_shows_the_clock_as_it_turned_out() -> None:
    story = Story(HANDLE).begin()
    story.forward(9)
    story.hand_back(late=2)
    data = story.emitted()[-1].data
    assert isinstance(data, MarkWithdrawn)
    assert data.clock.stopped_at == START + timedelta(hours=7)
    assert data.mark.due_at == START + timedelta(hours=8)


# Runs


def test_rework_goes_on_with_the_marks_too() -> None:
    story = Story(HANDLE).begin()
    story.forward(9)
    assert story.told() == ["handle approaching"]
    story.hand_back()
    story.forward(3)
    story.order_rework()
    story.told()
    story.forward(0.9)
    assert story.told() == []
    story.forward(0.1)
    assert story.told() == ["handle 2 breached", f"ordinary from {TOWN}"]
    story.forward(5)
    assert story.told() == [f"yellow_card from {COUNTY}"]


def test_rework_after_the_limit_answers_no_mark_again() -> None:
    story = Story(HANDLE).begin()
    story.forward(12)
    story.hand_back()
    story.order_rework()
    story.told()
    story.forward(2.9)
    assert story.told() == []
    story.forward(0.1)
    assert story.told() == [f"yellow_card from {COUNTY}"]


def test_rework_answers_at_once_what_was_passed_and_never_answered() -> None:
    story = Story(HANDLE).begin()
    story.away(11)
    story.hand_back()
    story.order_rework()
    story.told()
    story.tick()
    assert story.told() == ["handle 2 approaching", "handle 2 breached", f"ordinary from {TOWN}"]
    assert {mark.due_at for mark in story.watch.answered} == {START + timedelta(hours=11)}


def test_a_mark_withdrawn_is_answered_in_the_run_that_goes_on() -> None:
    story = Story(HANDLE).begin()
    story.forward(8)
    story.hand_back()
    story.order_rework()
    assert story.told()[-1] == "handle 2 running, due at 10 h"
    story.tick()
    assert story.told() == ["handle 2 approaching"]


def test_another_unit_begins_with_no_mark() -> None:
    story = Story(Limits(accept=hours(2), handle=hours(10))).begin()
    story.forward(11)
    story.grant_return()
    story.dispatch(unit="another")
    story.accept()
    story.told()
    story.forward(10)
    assert story.told() == ["handle 2 approaching", "handle 2 breached"]
    assert story.watch.supervision is SupervisionLevel.ORDINARY


def test_supervision_that_the_first_unit_earned_outlives_a_withdrawal_of_the_second() -> None:
    story = Story(HANDLE).begin()
    story.forward(11)
    story.grant_return()
    story.dispatch(unit="another")
    story.accept()
    story.forward(11)
    story.told()
    story.hand_back(late=2)
    assert story.told() == ["handle 2 met, due at 21 h", "handle 2 100 % withdrawn"]
    assert story.watch.supervision is SupervisionLevel.ORDINARY


def test_reopened_a_case_owes_nothing_for_what_closing_lifted() -> None:
    story = Story(HANDLE).begin()
    story.forward(11)
    story.hand_back()
    story.close()
    story.reopen()
    story.accept()
    story.told()
    story.forward(11)
    assert story.told()[1:] == ["handle 2 breached", f"ordinary from {TOWN}"]
    story.hand_back(late=2)
    assert story.told()[-1] == "ordinary lifted: mark_withdrawn"
    assert story.watch.supervision is None


def test_a_total_clock_that_was_over_when_the_case_was_reopened_says_so_once() -> None:
    story = Story(Limits(total=hours(10)), ladder=()).begin(Story.hand_back)
    story.forward(12)
    assert story.told() == ["total approaching", "total breached"]
    story.close()
    story.forward(1)
    story.reopen()
    assert story.told()[-1] == "total 2 running, due at 13 h"
    story.forward(100)
    assert story.told() == []


# Imported history, and days


def test_history_that_is_over_has_its_marks_at_once() -> None:
    story = Story(Limits(total=hours(8)), counts_from=START - timedelta(days=900))
    story.file()
    story.told()
    story.tick()
    assert story.told() == ["total approaching", "total breached"]
    assert story.next_due is None


def test_marks_of_natural_days_are_shares_of_the_limit_by_the_wall() -> None:
    # 2024-03-08 12:00 in New York, where the clocks go forward on the 10th.
    start = START.replace(year=2024, month=3, day=8, hour=17)
    limits = Limits(handle=days(5))
    story = Story(limits, zone="America/New_York", start=start, now=start).begin()
    assert story.next_due == start + timedelta(days=4) - timedelta(hours=1)
