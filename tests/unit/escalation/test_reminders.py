"""What is told again until somebody acknowledges it, told as a rule book with a moved clock."""

from datetime import timedelta
from functools import reduce

import pytest

from services.escalation.domain.folding import evolve
from services.escalation.domain.watch import Watch
from shared.contracts.base import Limit, Limits, Stage
from shared.contracts.cases_v1 import CaseFiled
from shared.contracts.escalations_v1 import SupervisionOrdered, Told
from shared.contracts.golden import story as golden
from shared.contracts.ladders import Colour, LadderStep, LiftedWhen, NoticeStep, Repeat, TellRule
from shared.contracts.levels import IssuerLevel, SupervisionLevel
from shared.contracts.reminders_v1 import SupervisionAcknowledged, SupervisionReminded
from shared.contracts.supervising_v1 import CaseRearmed
from tests.fakes.clock import START
from tests.unit.escalation.by_china import (
    BY_CHINA,
    CHINA,
    working_days,
    working_hours,
)
from tests.unit.escalation.story import (
    Story,
    days,
    hours,
)

HANDLE = Limits(handle=hours(10))
ORDINARY, YELLOW, RED = SupervisionLevel
BLUE, ORANGE, RED_NOTICE = Colour
TOWN, COUNTY = "town 990101002", "county 990101"
TWO_HOURLY = Repeat(every=hours(2), times=3)


def step(
    percent: int,
    level: SupervisionLevel,
    issuer: IssuerLevel = "town",
    repeat: Repeat | None = TWO_HOURLY,
    lifted_when: LiftedWhen = LiftedWhen.CLOSED,
) -> LadderStep:
    return LadderStep(
        clock=Stage.HANDLE, percent=percent, level=level, issuer=issuer, repeat=repeat,
        lifted_when=lifted_when,
    )  # fmt: skip


def notice(percent: int, colour: Colour, repeat: Repeat | None = None) -> NoticeStep:
    return NoticeStep(clock=Stage.HANDLE, percent=percent, colour=colour, repeat=repeat)


LADDER = (step(100, ORDINARY), step(200, YELLOW, "county"))


def ordered(ladder: tuple[LadderStep, ...] = LADDER) -> Story:
    """Handled late: the first order has just been given."""
    story = Story(HANDLE, ladder=ladder).begin()
    story.forward(10)
    story.told()
    return story


# An order is told again


def test_an_order_is_told_again_so_often_and_no_more() -> None:
    story = ordered((step(100, ORDINARY),))
    story.forward(1.9)
    assert story.told() == []
    story.forward(0.1)
    assert story.told() == ["ordinary reminder 1 of 3"]
    story.forward(4)
    assert story.told() == ["ordinary reminder 2 of 3", "ordinary reminder 3 of 3"]
    assert story.next_due is None


def late_in_review() -> Story:
    """It waits in review for longer than it may: the desk is told to hurry."""
    filing = step(100, ORDINARY).model_copy(update={"clock": Stage.FILING})
    story = Story(filing=hours(1), ladder=(filing,))
    story.hold()
    story.forward(1)
    assert story.told()[-1] == f"ordinary from {TOWN}"
    return story


def test_what_the_desk_has_acknowledged_is_told_no_more_and_stays_in_force() -> None:
    waiting = late_in_review()
    waiting.forward(6)
    assert waiting.told()[-1] == "ordinary reminder 3 of 3"
    seen = late_in_review()
    seen.acknowledge_in_review()
    (acknowledged,) = seen.emitted()[-1:]
    assert isinstance(acknowledged.data, SupervisionAcknowledged)
    assert (acknowledged.data.case_no, acknowledged.data.grid) == (None, seen.grid)
    seen.told()
    seen.forward(6)
    assert seen.told() == []
    assert seen.watch.supervision is ORDINARY


def test_a_reminder_says_of_which_order_it_is_and_whom_to_tell() -> None:
    story = ordered()
    given = next(one for one in story.emitted() if isinstance(one.data, SupervisionOrdered))
    story.away(2.5)
    story.tick()
    reminder = story.emitted()[-1].data
    assert isinstance(reminder, SupervisionReminded)
    assert (reminder.order, reminder.level) == (given.sequence, ORDINARY)
    assert (reminder.unit, reminder.tell) == (golden.UNIT.code, given.data.tell)
    assert reminder.due_at == START + timedelta(hours=12)
    assert reminder.at == START + timedelta(hours=12.5)


def test_after_an_outage_the_latest_is_told_and_its_number_says_what_was_passed_over() -> None:
    story = ordered()
    story.away(5)
    story.tick()
    assert story.told() == ["ordinary reminder 2 of 3"]
    story.forward(1)
    assert story.told() == ["ordinary reminder 3 of 3"]


def test_once_acknowledged_it_is_told_no_more_and_stays_in_force() -> None:
    story = ordered()
    story.forward(2)
    story.acknowledge()
    assert story.told() == ["ordinary reminder 1 of 3", "ordinary acknowledged"]
    seen = story.emitted()[-1].data
    assert isinstance(seen, SupervisionAcknowledged)
    assert (seen.actor, seen.at) == (golden.MEMBER, story.now)
    assert story.watch.supervision is ORDINARY
    story.forward(7)
    assert story.told() == []


def test_what_was_acknowledged_is_not_acknowledged_again() -> None:
    story = ordered()
    story.acknowledge()
    story.told()
    story.acknowledge()
    assert story.told() == []


def test_a_higher_order_is_told_again_as_its_own_step_says() -> None:
    story = ordered((step(100, ORDINARY), step(130, YELLOW, "county")))
    story.forward(3)
    assert story.told() == ["ordinary reminder 1 of 3", f"yellow_card from {COUNTY}"]
    story.forward(2)
    assert story.told() == ["yellow_card reminder 1 of 3"]


def test_whoever_has_seen_the_lower_order_has_not_seen_the_higher() -> None:
    story = ordered()
    lower = story.watch.order
    assert lower is not None
    story.forward(10)
    story.told()
    story.acknowledge(orders=(lower.n,))
    assert story.told() == []
    story.forward(2)
    assert story.told() == ["yellow_card reminder 1 of 3"]


def test_in_the_turn_in_which_a_higher_order_is_given_the_lower_is_not_told_again() -> None:
    story = ordered()
    story.away(10)
    story.tick()
    assert story.told() == [f"yellow_card from {COUNTY}"]


@pytest.mark.parametrize("end", [Story.release, Story.void])
def test_what_is_lifted_is_told_no_more(end: object) -> None:
    story = ordered()
    end(story)  # type: ignore[operator]
    story.told()
    story.forward(5)
    assert story.told() == []
    assert story.watch.order is None


def test_an_order_is_told_again_after_the_hand_back_until_the_case_is_closed() -> None:
    story = ordered()
    story.forward(1)
    story.hand_back()
    story.told()
    story.forward(2)
    assert story.told() == ["ordinary reminder 1 of 3"]
    story.close()
    assert story.told() == ["ordinary lifted: closed"]
    story.forward(9)
    assert story.told() == []


def test_an_order_waits_with_its_reminders_while_the_clocks_of_its_case_stand() -> None:
    story = ordered()
    story.forward(1)
    story.suspend()
    story.told()
    assert story.next_due is None
    story.forward(3.5)
    assert story.told() == []
    story.resume()
    story.told()
    story.forward(0)
    assert story.told() == ["ordinary reminder 2 of 3"], "the latest, as after an outage"
    story.forward(1.5)
    assert story.told() == ["ordinary reminder 3 of 3"]


def test_an_order_that_is_acknowledged_while_its_case_is_suspended_is_told_no_more() -> None:
    story = ordered()
    story.forward(1)
    story.suspend()
    story.away(3)
    story.acknowledge()
    story.resume()
    story.told()
    story.forward(8)
    assert story.told() == []


def test_an_order_by_hand_waits_too() -> None:
    story = Story(HANDLE, ladder=LADDER).begin()
    story.supervise(level=YELLOW)
    story.suspend()
    story.told()
    story.forward(5)
    assert story.told() == []


def test_an_order_to_make_it_safe_does_not_wait_although_its_case_is_suspended() -> None:
    story = Story(HANDLE, ladder=LADDER, make_safe=hours(1)).begin()
    story.forward(1)
    assert story.told()[-1] == f"ordinary from {TOWN}"
    story.suspend()
    story.told()
    story.forward(1.9)
    assert story.told() == [f"yellow_card from {COUNTY}"]
    story.forward(2)
    assert story.told() == ["yellow_card reminder 1 of 3"]


def test_an_order_by_hand_is_told_again_as_the_ladder_says_of_its_level() -> None:
    story = Story(HANDLE, ladder=LADDER).begin()
    story.supervise(level=YELLOW)
    story.told()
    story.forward(2)
    assert story.told() == ["yellow_card reminder 1 of 3"]


def test_an_order_by_hand_of_a_level_that_the_ladder_has_not_is_told_once() -> None:
    story = Story(HANDLE, ladder=LADDER).begin()
    story.supervise(level=RED)
    assert story.watch.order is not None
    assert story.watch.order.reminders == ()


def test_an_order_that_is_given_again_is_to_be_acknowledged_again() -> None:
    story = ordered()
    story.acknowledge()
    story.forward(10)
    story.told()
    story.hand_back(late=1)
    assert story.told()[-2:] == ["yellow_card lifted: mark_withdrawn", f"ordinary from {TOWN}"]
    story.forward(1)
    assert story.told() == ["ordinary reminder 1 of 3"]


# In which time


@pytest.mark.parametrize(
    ("every", "first", "second"),
    [
        (hours(2), "2026-03-02T11:00", "2026-03-02T13:00"),
        (days(1), "2026-03-03T09:00", "2026-03-04T09:00"),
        (working_hours(3), "2026-03-02T12:00", "2026-03-02T16:30"),
        (working_days(1), "2026-03-03T09:00", "2026-03-04T09:00"),
        (working_days(4), "2026-03-06T09:00", "2026-03-12T09:00"),
    ],
)
def test_repeats_count_in_each_of_the_four_units(every: Limit, first: str, second: str) -> None:
    ladder = (step(100, ORDINARY, repeat=Repeat(every=every, times=2)),)
    story = Story(HANDLE, ladder=ladder, registry=CHINA, calendar=BY_CHINA).begin()
    story.supervise(level=ORDINARY)
    order = story.watch.order
    assert order is not None
    east = timedelta(hours=8)
    found = [(one + east).isoformat()[:16] for one in order.reminders]
    assert found == [first, second]


def test_repeats_in_working_time_where_there_is_no_calendar_do_not_hold_up_the_order() -> None:
    ladder = (step(100, ORDINARY, repeat=Repeat(every=working_hours(1), times=2)),)
    story = Story(HANDLE, ladder=ladder).begin()
    story.forward(11)
    assert story.told()[-1] == f"ordinary from {TOWN}"
    assert story.next_due is None


# Lifted as it is handed back


HANDLED = (
    step(100, ORDINARY),
    step(150, YELLOW, "county", lifted_when=LiftedWhen.HANDLED),
)


def until_yellow(ladder: tuple[LadderStep, ...] = HANDLED) -> Story:
    story = ordered(ladder)
    story.forward(6)
    story.told()
    assert story.watch.supervision is YELLOW
    return story


def test_an_order_that_is_lifted_by_the_hand_back_leaves_what_outlives_that() -> None:
    story = until_yellow()
    story.hand_back()
    assert story.told() == [
        "handle missed, due at 10 h", "yellow_card satisfied", f"ordinary from {TOWN}",
    ]  # fmt: skip
    story.close()
    assert story.told() == ["ordinary lifted: closed"]


def test_rework_is_ordered_again_by_further_marks_only() -> None:
    ladder = tuple(
        one.model_copy(update={"lifted_when": LiftedWhen.HANDLED, "repeat": None})
        for one in (*HANDLED, step(200, RED, "city"))
    )
    story = until_yellow(ladder)
    story.hand_back()
    assert story.told()[-1] == "yellow_card satisfied"
    assert story.watch.supervision is None
    story.order_rework()
    story.told()
    story.forward(3)
    assert story.told() == []
    story.forward(1)
    assert story.told() == ["red_card from city 9901"]


def test_an_order_by_hand_is_not_lifted_by_the_hand_back() -> None:
    story = until_yellow()
    story.supervise(level=RED, area=golden.CITY)
    story.told()
    story.hand_back()
    assert story.told() == ["handle missed, due at 10 h"]
    assert story.watch.supervision is RED


def test_below_an_order_that_the_hand_back_lifts_an_order_by_hand_is_in_force_again() -> None:
    story = Story(HANDLE, ladder=HANDLED[1:]).begin()
    story.supervise(level=ORDINARY)
    story.forward(16)
    story.told()
    story.hand_back()
    assert story.told()[-2:] == ["yellow_card satisfied", f"ordinary from {COUNTY}"]


def test_a_hand_back_that_arrives_late_withdraws_what_should_not_have_been() -> None:
    story = until_yellow()
    story.hand_back(late=2)
    assert story.told() == [
        "handle missed, due at 10 h", "handle 150 % withdrawn",
        "yellow_card lifted: mark_withdrawn", f"ordinary from {TOWN}",
    ]  # fmt: skip


# Notices


COLOURS = (
    notice(50, BLUE, TWO_HOURLY),
    notice(90, ORANGE, TWO_HOURLY),
    notice(120, RED_NOTICE, TWO_HOURLY),
)


def noticed() -> Story:
    return Story(HANDLE, ladder=(), notice_ladder=COLOURS).begin()


def test_blue_orange_and_red_are_told_and_nothing_is_ordered() -> None:
    story = noticed()
    story.forward(12)
    assert story.told() == [
        "handle blue at 50 %",
        "blue reminder 1 of 3",
        "handle approaching",
        "handle orange at 90 %",
        "handle breached",
        "orange reminder 1 of 3",
        "handle red at 120 %",
    ]
    assert story.watch.supervision is None


def test_all_that_is_due_is_told_in_order_and_repeated_by_the_last() -> None:
    story = noticed()
    story.away(12)
    story.tick()
    assert [one for one in story.told() if "%" in one] == [
        "handle blue at 50 %", "handle orange at 90 %", "handle red at 120 %",
    ]  # fmt: skip
    story.forward(2)
    assert story.told() == ["red reminder 1 of 3"]


@pytest.mark.parametrize("end", [Story.hand_back, Story.suspend, Story.dispatch, Story.void])
def test_a_notice_is_told_again_only_while_its_clock_runs(end: object) -> None:
    story = noticed()
    story.forward(5.5)
    end(story)  # type: ignore[operator]
    story.told()
    story.forward(3)
    assert [one for one in story.told() if "reminder" in one] == []


def test_an_acknowledged_notice_is_told_no_more() -> None:
    story = noticed()
    story.forward(5)
    story.acknowledge()
    assert story.told()[-1] == "blue acknowledged"
    story.forward(4)
    assert story.told() == ["handle approaching", "handle orange at 90 %"]
    story.forward(2)
    assert story.told()[-1] == "orange reminder 1 of 3"


def test_a_stop_that_arrives_late_withdraws_a_notice() -> None:
    story = noticed()
    story.forward(7)
    story.told()
    story.hand_back(late=3)
    assert story.told() == ["handle met, due at 10 h", "handle 50 % withdrawn"]
    assert story.watch.notices == ()


def test_a_notice_and_an_order_are_acknowledged_together() -> None:
    story = Story(HANDLE, ladder=LADDER, notice_ladder=COLOURS).begin()
    story.forward(12)
    story.told()
    story.acknowledge()
    assert story.told() == [
        "ordinary acknowledged", "blue acknowledged", "orange acknowledged", "red acknowledged",
    ]  # fmt: skip
    story.forward(7)
    assert story.told() == []


# Whom a step tells


def test_a_step_says_whom_it_tells() -> None:
    rules = (TellRule(role="unit_member", whose="unit"), TellRule(role="leader", whose="city"))
    ladder = (step(100, ORDINARY).model_copy(update={"tell": rules}),)
    colours = (notice(50, BLUE).model_copy(update={"tell": rules[1:]}),)
    story = Story(HANDLE, ladder=ladder, notice_ladder=colours).begin()
    story.forward(12)
    told = {event.data.TYPE.split(".", 2)[2]: event.data.tell for event in story.emitted()[-5:]}
    leader = Told(role="leader", area=golden.CITY)
    unit = Told(role="unit_member", unit=golden.UNIT.code)
    assert told["notice.raised.v1"] == (leader,)
    assert told["supervision.ordered.v1"] == (unit, leader)
    assert told["supervision.reminded.v1"] == (unit, leader)
    story.hand_back()
    story.close()
    assert leader in story.emitted()[-1].data.tell


# Armed anew


def test_the_policy_of_a_case_is_the_one_that_it_was_filed_or_armed_with() -> None:
    story = Story(HANDLE, ladder=()).begin()
    story.forward(9)
    assert story.told() == ["handle approaching"]
    story.rearm(ladder=(step(100, ORDINARY),), notice_ladder=(notice(85, ORANGE),))
    assert story.told() == []
    story.tick()
    assert story.told() == ["handle orange at 85 %"]
    story.forward(1)
    assert story.told() == ["handle breached", f"ordinary from {TOWN}"]


def test_what_was_answered_is_not_answered_again_and_an_order_in_force_stays() -> None:
    story = ordered()
    story.rearm(ladder=(step(100, RED), step(150, YELLOW, "county")), notice_ladder=COLOURS[:1])
    story.tick()
    assert story.told() == ["handle blue at 50 %"]
    assert story.watch.supervision is ORDINARY
    story.forward(5)
    assert story.told()[-1] == f"yellow_card from {COUNTY}"


@pytest.mark.parametrize("older", [False, True])
def test_armed_anew_without_a_ladder_nothing_more_is_ordered(older: bool) -> None:  # noqa: FBT001
    story = Story(HANDLE, ladder=LADDER, older=older).begin()
    story.rearm()
    story.forward(1000)
    assert story.told() == ["handle approaching", "handle breached"]


def test_what_an_older_version_filed_goes_by_the_ladder_that_arms_it_anew() -> None:
    story = Story(HANDLE, ladder=LADDER, older=True).begin()
    story.older = False
    story.rearm(ladder=(step(150, YELLOW, "county"),))
    story.forward(16)
    assert story.told()[:3] == [
        "handle approaching", "handle breached", f"yellow_card from {COUNTY}",
    ]  # fmt: skip


def test_a_filing_that_is_replayed_late_does_not_undo_what_has_armed_it_since() -> None:
    story = Story(HANDLE, ladder=LADDER).begin()
    story.rearm(ladder=(step(150, YELLOW, "county"),))
    filed = next(one for one in story.inputs if isinstance(one.data, CaseFiled))
    late = evolve(story.watch, filed)
    assert late.facts.ladder == story.watch.facts.ladder
    others = [one for one in story.inputs if not isinstance(one.data, CaseFiled | CaseRearmed)]
    put_away = reduce(evolve, others, Watch())
    assert put_away.facts.ladder == ()
    assert evolve(put_away, filed).facts.ladder == LADDER


def test_an_order_in_force_outlives_the_ladder_that_gave_it() -> None:
    story = ordered()
    story.rearm()
    story.extend(late=3)
    assert "ordinary lifted: mark_withdrawn" in story.told()
    again = ordered()
    again.forward(1)
    again.rearm()
    again.hand_back()
    assert again.told() == ["handle missed, due at 10 h"]
    assert again.watch.supervision is ORDINARY


def test_an_order_in_force_outlives_the_withdrawal_of_another_mark() -> None:
    story = Story(Limits(handle=hours(10), total=hours(13)), ladder=LADDER).begin()
    story.forward(11)
    story.rearm()
    story.told()
    story.extend(late=0.8)
    assert story.told() == ["total running, due at 17 h", "total 80 % withdrawn"]
    assert story.watch.supervision is ORDINARY


def test_clocks_in_working_time_have_the_marks_of_the_new_steps_and_stay_due() -> None:
    limits = Limits(handle=working_hours(10))
    story = Story(limits, ladder=(), registry=CHINA, calendar=BY_CHINA).begin()
    before = story.clock(Stage.HANDLE)
    story.rearm(ladder=(step(150, ORDINARY),), notice_ladder=(notice(50, BLUE),))
    after = story.clock(Stage.HANDLE)
    assert after.marks is not None
    assert [one.percent for one in after.marks] == [50, 80, 100, 150]
    assert after.model_copy(update={"marks": before.marks}) == before
    story.told()
    story.rearm(ladder=(step(150, ORDINARY),), notice_ladder=(notice(50, BLUE),))
    assert story.told() == [], "nothing has changed"
    story.forward(24 * 7)
    assert "handle blue at 50 %" in story.told()
