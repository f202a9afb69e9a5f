"""Which event starts, stops, resumes and cancels which clock."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from services.escalation.domain import clock_table
from services.escalation.domain.clock_table import EVERY, TABLE, TASKS, Turn
from shared.contracts.base import Limit, Limits, LimitUnit, Stage
from shared.contracts.case_v1 import CaseState
from shared.contracts.cases_v1 import (
    EVENTS,
    ActionRefused,
    CaseCopied,
    CasePrioritised,
    CaseRegridded,
    CaseUrged,
    MemberChanged,
)
from shared.contracts.escalations_v1 import (
    ClockBreached,
    ClocksChanged,
    ClockState,
    SupervisionOrdered,
)
from shared.contracts.golden.story import GRID, IN_FLOW, MATTER, TEAM, UNIT
from shared.contracts.outcomes_v1 import IncidentSeparated
from shared.contracts.rule_v1 import Rule
from shared.contracts.supervising_v1 import (
    CaseAcknowledged,
    CaseReleased,
    CaseSupervised,
    IncidentAcknowledged,
)
from shared.worktime.natural import UnsupportedLimitError
from tests.fakes.clock import START
from tests.unit.escalation.story import ALL, Story, days, hours

OTHER_GRID = f"{GRID[:-1]}9"


def test_every_event_of_a_case_turns_clocks_or_is_known_not_to() -> None:
    turning = {model.TYPE for model in EVENTS} - set(TABLE)
    assert turning == {
        CaseUrged.TYPE,
        CasePrioritised.TYPE,
        CaseCopied.TYPE,
        ActionRefused.TYPE,
        IncidentSeparated.TYPE,
        MemberChanged.TYPE,
        CaseSupervised.TYPE,
        CaseReleased.TYPE,
        CaseAcknowledged.TYPE,
        IncidentAcknowledged.TYPE,
    }


def test_every_clock_is_started_and_stopped_by_something() -> None:
    turns = {turn for row, _ in TABLE.values() for turn in row}
    assert {timed.stage for _, timed in turns} == set(Stage)
    for timed in {timed for _, timed in turns} - {EVERY, TASKS}:
        assert (Turn.START, timed) in turns
        assert (Turn.STOP, timed) in turns
    assert (Turn.CANCEL, EVERY) in turns


def test_filing_is_met_and_total_runs_from_the_receipt() -> None:
    story = Story(ALL, filing=hours(0.5))
    story.away(0.25)
    story.file()
    assert story.told() == [
        "filing met, due at 0.5 h",
        "dispatch running, due at 1.25 h",
        "total running, due at 100 h",
    ]


def test_filing_later_than_its_limit_is_missed() -> None:
    story = Story(ALL, filing=hours(0.5))
    story.away(0.75)
    story.file()
    assert story.told()[0] == "filing missed, due at 0.5 h"


def test_without_a_filing_limit_filing_has_no_clock() -> None:
    story = Story(ALL)
    story.file()
    assert [clock.clock for clock in story.watch.clocks.values()] == [Stage.DISPATCH, Stage.TOTAL]


def test_what_waits_in_review_runs_against_the_filing_limit() -> None:
    story = Story(ALL, filing=hours(2))
    story.hold()
    assert story.told() == ["filing running, due at 2 h"]
    story.away(1)
    story.reject()
    assert story.told() == ["filing met, due at 2 h"]


def test_what_is_filed_after_a_review_stops_the_same_clock() -> None:
    story = Story(ALL, filing=hours(2))
    story.hold()
    story.told()
    story.away(3)
    story.file()
    assert story.told()[0] == "filing missed, due at 2 h"
    assert story.clock(Stage.FILING).used_ms == 3 * 3_600_000


def test_what_is_rejected_at_once_has_no_clock() -> None:
    story = Story(ALL, filing=hours(2))
    story.reject()
    assert story.emitted() == []


def test_each_stage_hands_over_to_the_next() -> None:
    story = Story(ALL)
    story.file()
    story.told()
    story.away(0.5)
    story.dispatch()
    assert story.told() == ["dispatch met, due at 1 h", "accept running, due at 2.5 h"]
    story.away(0.5)
    story.accept()
    assert story.told() == ["accept met, due at 2.5 h", "handle running, due at 11 h"]
    story.away(11)
    story.hand_back()
    assert story.told() == ["handle missed, due at 11 h", "verify running, due at 17 h"]
    story.away(1)
    story.close()
    assert story.told() == ["verify met, due at 17 h", "total met, due at 100 h"]
    assert story.next_due is None


def test_changes_by_one_cause_are_one_event() -> None:
    story = Story(ALL)
    story.begin()
    (*_, last) = story.emitted()
    assert isinstance(last.data, ClocksChanged)
    assert len(last.data.clocks) == 2
    assert last.data.cause == "cn.wangge.case.accepted.v1"
    assert last.data.at == last.time == START


def test_a_clock_says_whose_it_is() -> None:
    story = Story(ALL).begin()
    clocks = story.watch.clocks
    assert {clock.grid for clock in clocks.values()} == {GRID}
    assert {clock.matter for clock in clocks.values()} == {MATTER.code}
    whose = {clock.clock: clock.unit for clock in clocks.values()}
    assert whose == {
        Stage.DISPATCH: None,
        Stage.TOTAL: None,
        Stage.ACCEPT: UNIT.code,
        Stage.HANDLE: UNIT.code,
    }


def test_a_stop_at_the_due_instant_is_in_time() -> None:
    story = Story(ALL).begin()
    story.away(10)
    story.hand_back()
    assert story.clock(Stage.HANDLE).state is ClockState.MET


def test_a_stop_a_millisecond_after_it_is_not() -> None:
    story = Story(ALL).begin()
    story.away(10)
    story.now += timedelta(milliseconds=1)
    story.hand_back()
    assert story.clock(Stage.HANDLE).state is ClockState.MISSED


def test_a_granted_return_charges_nobody_and_the_next_unit_begins_anew() -> None:
    story = Story(ALL).begin()
    story.away(4)
    story.grant_return()
    assert story.told() == ["handle cancelled, due at 10 h", "dispatch 2 running, due at 5 h"]
    story.dispatch(unit="another")
    story.away(1)
    story.accept()
    assert story.told() == [
        "dispatch 2 met, due at 5 h",
        "accept 2 running, due at 6 h",
        "accept 2 met, due at 6 h",
        "handle 2 running, due at 15 h",
    ]


def test_reassigned_both_runs_are_told() -> None:
    story = Story(ALL)
    story.file()
    story.dispatch()
    story.told()
    story.away(1)
    story.dispatch(unit="another")
    assert story.told() == ["accept cancelled, due at 2 h", "accept 2 running, due at 3 h"]
    assert story.clock(Stage.ACCEPT).unit == "another"


@pytest.mark.parametrize("taken_away", [Story.dispatch, Story.hand_up])
@pytest.mark.parametrize(("held", "state"), [(2, "cancelled"), (2.5, "missed")])
def test_what_a_unit_has_missed_stays_missed_when_the_case_is_taken_from_it(
    taken_away: Callable[[Story], None], held: float, state: str
) -> None:
    story = Story(ALL)
    story.file()
    story.dispatch()
    story.told()
    story.away(held)
    taken_away(story)
    assert story.told()[0] == f"accept {state}, due at 2 h"


def test_what_the_lead_has_missed_stays_missed_when_another_has_the_case() -> None:
    story = Story(ALL).begin()
    story.forward(13)
    story.told()
    story.dispatch(unit="another")
    story.forward(1)
    story.dispatch()
    told = story.told()
    assert [one for one in told if one.startswith("handle")] == ["handle missed, due at 10 h"]


def test_of_what_was_never_his_nothing_is_missed() -> None:
    story = Story(ALL).begin()
    story.forward(13)
    story.ask()
    story.told()
    story.grant_return()
    assert "handle cancelled, due at 10 h" in story.told()


def test_rework_goes_on_with_what_was_left() -> None:
    story = Story(ALL).begin()
    story.away(7)
    story.hand_back()
    story.away(4)
    story.told()
    story.order_rework()
    assert story.told() == ["verify met, due at 12 h", "handle 2 running, due at 14 h"]
    story.away(1)
    story.hand_back()
    assert story.clock(Stage.HANDLE).used_ms == 8 * 3_600_000
    story.away(1)
    story.order_rework()
    assert story.told()[-1] == "handle 3 running, due at 15 h"


def test_rework_with_nothing_left_is_overdue_at_once_and_missed() -> None:
    story = Story(ALL).begin()
    story.away(12)
    story.hand_back()
    story.away(1)
    story.told()
    story.order_rework()
    assert story.told()[-1] == "handle 2 running, due at 13 h"
    story.hand_back()
    assert story.told()[0] == "handle 2 missed, due at 13 h"


def test_what_is_left_of_natural_days_ends_by_the_wall() -> None:
    # 2024-03-08 12:00 in New York, where the clocks go forward on the 10th.
    start = START.replace(year=2024, month=3, day=8, hour=17)
    limits = Limits(handle=days(4))
    story = Story(limits, zone="America/New_York", start=start, now=start).begin()
    story.away(24)
    story.hand_back()
    story.order_rework()
    assert story.clock(Stage.HANDLE).due_at == start + timedelta(hours=24 + 71)
    story.away(71)
    story.hand_back()
    assert story.clock(Stage.HANDLE).used_ms == 4 * 86_400_000
    assert story.clock(Stage.HANDLE).state is ClockState.MET


def test_reopened_total_goes_on_and_the_unit_begins_anew() -> None:
    story = Story(ALL).begin(Story.hand_back)
    story.away(30)
    story.close()
    story.away(48)
    story.told()
    story.reopen()
    assert story.told() == ["accept 2 running, due at 80 h", "total 2 running, due at 148 h"]
    story.accept()
    assert story.told()[-1] == "handle 2 running, due at 88 h"


def test_void_cancels_what_runs() -> None:
    story = Story(ALL).begin()
    story.away(1)
    story.void()
    assert story.told() == ["handle cancelled, due at 10 h", "total cancelled, due at 100 h"]
    assert story.next_due is None


def test_imported_history_runs_from_its_own_instant() -> None:
    story = Story(ALL, counts_from=START - timedelta(hours=90))
    story.file()
    assert story.told() == ["dispatch running, due at 1 h", "total running, due at 10 h"]


def test_a_step_received_before_the_one_it_follows_uses_no_time() -> None:
    story = Story(ALL).begin()
    story.hand_back(late=0.001)
    clock = story.clock(Stage.HANDLE)
    assert clock.stopped_at == clock.started_at
    assert clock.used_ms == 0


def test_a_limit_in_working_time_is_an_error_and_changes_nothing() -> None:
    story = Story(Limits(accept=hours(1), handle=Limit(amount=1, unit=LimitUnit.WORKING_DAY)))
    story.file()
    story.dispatch()
    before = story.watch
    with pytest.raises(UnsupportedLimitError, match="working_day"):
        story.accept()
    assert story.watch == before


def test_the_readme_has_the_table() -> None:
    readme = Path(clock_table.__file__).parents[1] / "README.md"
    assert clock_table.as_markdown() in readme.read_text()


def test_clocks_that_run_move_with_their_case_and_run_on() -> None:
    story = Story(ALL).begin()
    story.forward(8.5)  # approaching
    before = {one.clock: one for one in story.watch.clocks.values()}
    story.move(OTHER_GRID)
    (changed,) = [
        one.data
        for one in story.emitted()
        if isinstance(one.data, ClocksChanged) and one.data.cause == CaseRegridded.TYPE
    ]
    assert {one.clock for one in changed.clocks} == {Stage.HANDLE, Stage.TOTAL}
    for stage, clock in before.items():
        runs = clock.state is ClockState.RUNNING
        after = clock.model_copy(update={"grid": OTHER_GRID}) if runs else clock
        assert story.clock(stage) == after
    story.told()
    story.forward(2)
    breached = story.emitted()[-2].data
    assert isinstance(breached, ClockBreached)
    assert breached.clock.grid == OTHER_GRID, "answered once, under the grid of the day"


def test_a_case_that_stays_where_it_was_turns_no_clock() -> None:
    story = Story(ALL).begin()
    story.move(GRID)
    assert story.told() == []


def test_a_clock_that_is_resumed_counts_in_the_grid_of_its_case() -> None:
    story = Story(ALL).begin(Story.hand_back)
    story.move(OTHER_GRID, CaseState.HANDLED)
    story.order_rework()
    assert story.clock(Stage.HANDLE).grid == OTHER_GRID


def test_nobody_climbs_a_ladder_for_a_request_that_waits() -> None:
    story = Story(Limits()).begin(Story.ask)
    story.forward(13)
    assert story.told() == ["request handle approaching", "request handle breached"]
    assert story.watch.supervision is None


def test_what_is_handed_up_is_charged_to_nobody() -> None:
    story = Story(ALL).begin(Story.ask)
    story.away(2)
    story.hand_up()
    assert story.told() == [
        "handle cancelled, due at 10 h",
        "request handle cancelled, due at 6 h",
        "dispatch 2 running, due at 3 h",
    ]


def test_each_state_of_a_flow_has_a_clock_of_its_own() -> None:
    story = Story(ALL).begin(Story.ask)
    story.away(2)
    story.step(limit=hours(5))
    assert story.told() == [
        "request handle cancelled, due at 6 h",
        "handle met, due at 10 h",
        "handle 2 running, due at 7 h",
    ]
    story.away(6)
    story.step(limit=hours(3))
    assert story.told()[:2] == ["handle 2 missed, due at 7 h", "handle 3 running, due at 11 h"]


def test_a_state_in_which_only_an_inspector_can_go_on_is_charged_to_no_unit() -> None:
    story = Story(ALL).begin()
    assert story.clock(Stage.HANDLE).unit == UNIT.code
    there = IN_FLOW.model_copy(update={"end": None})
    story.flow = there.model_copy(update={"others": True})
    story.step(limit=hours(5))
    assert story.clock(Stage.HANDLE).unit is None
    story.suspend()
    story.resume()
    assert story.clock(Stage.HANDLE).unit is None
    story.flow = there
    story.step(limit=hours(5))
    assert story.clock(Stage.HANDLE).unit == UNIT.code


def test_making_it_safe_is_charged_to_whoever_has_it_until_somebody_is_first_there() -> None:
    story = Story(ALL, make_safe=hours(0.5))
    story.file()
    assert story.clock(Stage.HANDLE, "safe").unit is None
    story.dispatch()
    assert story.clock(Stage.HANDLE, "safe").unit == UNIT.code
    story.grant_return()
    assert story.clock(Stage.HANDLE, "safe").unit is None
    story.take_first()
    story.dispatch()
    clock = story.clock(Stage.HANDLE, "safe")
    assert (clock.unit, clock.run, clock.due_at) == (TEAM.code, 1, START + timedelta(hours=0.5))


def test_the_ladder_watches_whether_it_is_made_safe() -> None:
    story = Story(ALL, make_safe=hours(0.5))
    story.file()
    story.take_first()
    story.told()
    story.forward(0.75)
    ordered = [one.data for one in story.emitted() if isinstance(one.data, SupervisionOrdered)]
    assert [(one.level, one.unit) for one in ordered] == [
        ("ordinary", TEAM.code), ("yellow_card", TEAM.code),
    ]  # fmt: skip
    story.secure()
    story.forward(2)
    assert not [one for one in story.told() if "red_card" in one]


def test_the_marks_of_a_state_begin_anew() -> None:
    story = Story(ALL).begin()
    story.forward(8.5)
    story.step(limit=hours(10))
    story.told()
    story.forward(8.5)
    assert "handle 2 approaching" in story.told()


def test_what_is_passed_on_is_judged_and_somebody_is_to_be_found() -> None:
    story = Story(ALL).begin()
    story.away(2)
    story.pass_on()
    assert story.told() == ["handle met, due at 10 h", "dispatch 2 running, due at 3 h"]
    story.dispatch(unit="court-9901")
    assert story.clock(Stage.ACCEPT).unit == "court-9901"


def test_at_an_end_the_last_state_is_judged_and_reworked_it_goes_on_with_what_was_left() -> None:
    story = Story(ALL).begin()
    story.step(limit=hours(5))
    story.away(2)
    story.told()
    story.end_flow()
    assert story.told()[0] == "handle 2 met, due at 5 h"
    story.away(1)
    story.order_rework()
    assert story.told()[-1] == "handle 3 running, due at 6 h"


def test_an_appeal_has_a_filing_clock_of_its_own() -> None:
    story = Story(ALL, filing=hours(1))
    story.reject()
    story.away(5)
    story.hold(rule=Rule.APPEALED)
    assert story.told() == ["filing running, due at 6 h"]
    story.file()
    assert story.told()[0] == "filing met, due at 6 h"
    again = Story(ALL, filing=hours(1))
    again.hold()
    again.reject()
    again.away(5)
    again.told()
    again.hold(rule=Rule.APPEALED)
    assert again.told() == ["filing 2 running, due at 6 h"]


def test_a_co_operating_unit_has_clocks_of_its_own() -> None:
    story = Story(ALL).begin()
    story.away(1)
    story.call()
    assert story.told() == ["co-1 accept running, due at 3 h"]
    story.away(1)
    story.come()
    assert story.told() == ["co-1 accept met, due at 3 h", "co-1 handle running, due at 12 h"]
    charged = story.watch.clocks["co-1/handle"]
    assert charged.unit == TEAM.code
    story.away(3)
    story.lead_done()
    assert story.told() == ["handle met, due at 10 h"]
    story.away(8)
    story.help_out()
    story.hand_back()
    assert story.told() == ["co-1 handle missed, due at 12 h", "verify running, due at 18 h"]


def test_whoever_declines_is_judged_for_nothing() -> None:
    story = Story(ALL).begin(Story.call)
    story.away(1)
    story.refuse_help()
    assert story.told() == ["co-1 accept cancelled, due at 2 h"]


def test_a_suspension_stands_all_shares_and_resumes_only_those_that_stood() -> None:
    story = Story(ALL).begin(Story.call, Story.come)
    story.away(1)
    story.suspend()
    assert [line.split(",")[0] for line in story.told()] == [
        "handle paused", "co-1 handle paused", "total paused",
    ]  # fmt: skip
    story.away(5)
    story.resume()
    assert story.told() == [
        "handle 2 running, due at 15 h",
        "co-1 handle 2 running, due at 15 h",
        "total 2 running, due at 105 h",
    ]


def test_whoever_co_operates_climbs_the_ladder_too() -> None:
    story = Story(Limits(handle=hours(10))).begin(Story.call, Story.come, Story.lead_done)
    story.forward(10.5)
    assert story.told() == [
        "co-1 handle approaching", "co-1 handle breached", "ordinary from town 990101002",
    ]  # fmt: skip
    order = story.emitted()[-1].data
    assert isinstance(order, SupervisionOrdered)
    assert order.unit == TEAM.code


def test_a_share_that_is_done_while_the_case_is_suspended_runs_no_more() -> None:
    story = Story(ALL).begin(Story.call, Story.come)
    story.away(1)
    story.suspend()
    story.away(1)
    story.told()
    story.help_out()
    assert story.told() == ["co-1 handle met, due at 10 h"]
    story.away(1)
    story.resume()
    assert [line.split(" running")[0] for line in story.told()] == ["handle 2", "total 2"]
