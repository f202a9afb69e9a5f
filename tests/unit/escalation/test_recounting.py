"""A work calendar changes, and the clocks that run are counted anew by it, with the reason.

Stories start on Monday, 2 March 2026, at 09:00; a working day has seven hours and a half.
"""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.escalation.domain.counting import since
from services.escalation.domain.watch import Watch
from services.intake.domain.entry_rules import examine
from shared.contracts.base import Limit, Limits, Names, Stage
from shared.contracts.calendars import Calendar, CalendarRef, Counting, SpecialDays, WorkPeriod
from shared.contracts.escalations_v1 import Clock, ClocksChanged, ClockState
from shared.contracts.golden import story as golden
from shared.registry.snapshot import Snapshot
from shared.worktime.calendar import Calendar as Compiled
from shared.worktime.limits import begin, elapsed, end, length, whole
from tests.registry.entries import alone, version
from tests.unit.escalation.by_china import (
    BY_CHINA,
    CHINA,
    china,
    working_days,
    working_hours,
)
from tests.unit.escalation.story import (
    RULES,
    Story,
    days,
)

HOUR_MS = 3_600_000
CITY = golden.CITY


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


def typhoon(*rest: str) -> Calendar:
    """China's calendar with days on which nobody works."""
    names = Names(zh="台风停工", en="Typhoon")
    return Calendar(
        code=CITY,
        country="CN",
        overrides=(SpecialDays(days=rest, working=False, names=names),),
    )


def nights(*rest: str) -> Calendar:
    """China's days worked by night, but for some of them."""
    shift = (WorkPeriod(begin="22:00", end="06:00"),)
    overrides = typhoon(*rest).overrides if rest else ()
    return Calendar(code=CITY, country="CN", periods=shift, overrides=overrides)


def begun(limits: Limits | None = None, registry: Snapshot = CHINA) -> Story:
    limits = limits or Limits(handle=working_days(1))
    return Story(limits, registry=registry, calendar=BY_CHINA).begin()


def wait_until(story: Story, text: str) -> None:
    story.forward((at(text) - story.now) / timedelta(hours=1))


def handling(story: Story) -> Clock:
    return story.clock(Stage.HANDLE)


def changes(story: Story) -> list[ClocksChanged]:
    found = (one.data for one in story.emitted())
    return [one for one in found if isinstance(one, ClocksChanged) and one.recounted]


def test_a_running_clock_is_due_by_the_new_calendar_and_the_event_says_why() -> None:
    story = begun()
    wait_until(story, "2026-03-02T11:00")
    story.registry = china(typhoon("2026-03-03"))
    story.walk()
    assert handling(story).due_at == at("2026-03-04T09:00")
    (told,) = changes(story)
    assert told.recounted is not None
    assert (told.cause, told.calendar) == (
        "cn.wangge.registry.calendar_set.v1", CalendarRef(code=CITY, n=2),
    )  # fmt: skip
    assert (told.recounted.change, told.recounted.calendar_before) == ("c2", BY_CHINA)
    assert [(one.task, one.clock, one.due_at) for one in told.recounted.due_before] == [
        ("lead", Stage.HANDLE, at("2026-03-03T09:00"))
    ]
    wait_until(story, "2026-03-04T10:00")
    assert story.told()[-2:] == ["handle breached", "ordinary from town 990101002"]


def test_what_follows_goes_by_the_new_calendar_although_the_case_names_the_old_one() -> None:
    story = begun()
    story.registry = china(typhoon("2026-03-03"))
    story.walk()
    wait_until(story, "2026-03-04T08:45")
    story.hand_back()
    assert handling(story).used_ms == 7.25 * HOUR_MS
    story.order_rework()
    assert handling(story).due_at == at("2026-03-04T09:00")


def test_what_counts_from_the_next_day_still_does_by_the_new_calendar() -> None:
    by = CalendarRef(code=CITY, n=2, counting=Counting.FROM_NEXT_DAY)
    night = china(nights())
    story = Story(Limits(handle=working_days(1)), registry=night, calendar=by).begin()
    assert handling(story).due_at == at("2026-03-04T06:00")
    wait_until(story, "2026-03-02T22:00")
    story.suspend()
    wait_until(story, "2026-03-03T02:00")  # the shift of the day before goes on until six
    story.resume()
    assert handling(story).counted_from == at("2026-03-03T06:00")
    assert handling(story).due_at == at("2026-03-04T06:00")
    story.registry = china(nights(), nights("2026-03-03"))
    story.walk()
    assert handling(story).counted_from == at("2026-03-03T06:00")
    assert handling(story).due_at == at("2026-03-05T06:00")


def test_a_breach_that_by_the_new_calendar_is_none_is_withdrawn() -> None:
    story = begun()
    wait_until(story, "2026-03-03T10:00")
    story.told()
    story.registry = china(typhoon("2026-03-02"))
    story.walk()
    assert story.told() == [
        "handle running, due at 32.5 h",
        "handle 80 % withdrawn",
        "handle 100 % withdrawn",
        "ordinary lifted: mark_withdrawn",
    ]
    wait_until(story, "2026-03-03T17:30")
    assert story.told() == [
        "handle approaching", "handle breached", "ordinary from town 990101002",
    ]  # fmt: skip


def test_a_suspended_clock_has_left_what_the_new_calendar_says() -> None:
    story = begun()
    wait_until(story, "2026-03-03T08:45")
    story.suspend()
    assert handling(story).used_ms == 7.25 * HOUR_MS
    story.registry = china(typhoon("2026-03-02"))
    story.walk()
    clock = handling(story)
    assert (clock.state, clock.used_ms) == (ClockState.PAUSED, 0.25 * HOUR_MS)
    wait_until(story, "2026-03-04T08:30")
    story.resume()
    assert handling(story).due_at == at("2026-03-04T17:15")


def test_what_was_used_before_a_suspension_is_counted_anew_too() -> None:
    story = begun(Limits(handle=working_hours(10)))
    wait_until(story, "2026-03-02T17:30")  # seven hours
    story.suspend()
    wait_until(story, "2026-03-04T08:30")
    story.resume()
    assert handling(story).due_at == at("2026-03-04T11:30")
    wait_until(story, "2026-03-04T09:00")
    story.registry = china(typhoon("2026-03-02"))
    story.told()
    story.walk()
    clock = handling(story)
    assert (clock.run, clock.used_ms, clock.due_at) == (2, 0, at("2026-03-05T11:00"))
    wait_until(story, "2026-03-05T11:00")
    assert story.told() == [
        "handle 2 running, due at 74 h", "handle 2 approaching", "handle 2 breached",
        "ordinary from town 990101002",
    ]  # fmt: skip


def test_what_an_earlier_run_has_told_is_withdrawn_where_it_comes_later_by_the_new_one() -> None:
    story = begun(Limits(handle=working_hours(10)))
    wait_until(story, "2026-03-03T10:00")
    assert story.told() == ["handle approaching"]
    story.suspend()
    wait_until(story, "2026-03-04T08:30")
    story.resume()
    story.told()
    story.registry = china(typhoon("2026-03-02"))
    story.walk()
    assert story.told() == ["handle 2 running, due at 72.5 h", "handle 2 80 % withdrawn"]
    wait_until(story, "2026-03-04T16:29")
    assert story.told() == []
    wait_until(story, "2026-03-04T16:30")
    assert story.told() == ["handle 2 approaching"]


def test_what_by_the_new_calendar_was_used_up_before_a_suspension_was_due_then() -> None:
    off = typhoon("2026-03-03")
    by = CalendarRef(code=CITY, n=2)
    story = Story(Limits(handle=working_hours(10)), registry=china(off), calendar=by).begin()
    wait_until(story, "2026-03-04T09:00")  # 7.5 hours by the old calendar, 15 by the new one
    story.suspend()
    wait_until(story, "2026-03-06T09:00")
    story.told()
    story.registry = china(off, Calendar(code=CITY, country="CN"))
    story.walk()
    assert (handling(story).state, handling(story).due_at) == (
        ClockState.PAUSED, at("2026-03-03T11:30"),
    )  # fmt: skip
    wait_until(story, "2026-03-09T09:00")
    assert story.told()[1:] == [
        "handle approaching", "handle breached", "ordinary from town 990101002",
    ]  # fmt: skip
    story.resume()
    assert handling(story).due_at == at("2026-03-03T11:30")


def test_a_mark_that_by_the_new_calendar_comes_as_its_clock_stands_is_told_after_that() -> None:
    later = Calendar(
        code=CITY,
        country="CN",
        periods=(
            WorkPeriod(begin="09:30", end="12:00"),
            WorkPeriod(begin="13:30", end="17:30"),
        ),
    )
    story = begun(Limits(handle=working_hours(10)))
    wait_until(story, "2026-03-03T11:00")  # 9.5 hours by the old calendar, 8 by the new one
    story.suspend()
    story.told()
    story.registry = china(later)
    story.walk()
    assert story.told()[1:] == ["handle 80 % withdrawn"]
    wait_until(story, "2026-03-05T10:00")
    story.resume()
    story.tick()
    assert story.told() == ["handle 2 running, due at 75 h", "handle 2 approaching"]


def test_what_a_run_has_told_is_not_told_again_where_it_has_used_nothing_after_all() -> None:
    limits = Limits(handle=working_hours(8))
    story = Story(limits, ladder=(), registry=CHINA, calendar=BY_CHINA).begin()
    wait_until(story, "2026-03-02T17:30")
    assert story.told() == ["handle approaching"]
    story.suspend()
    wait_until(story, "2026-03-03T08:30")
    story.resume()
    wait_until(story, "2026-03-04T08:00")
    story.registry = china(typhoon("2026-03-02"))
    story.told()
    story.walk()
    assert story.told()[1:] == ["handle 2 100 % withdrawn"]
    story.forward(0)
    assert story.told() == []


def test_a_breach_is_told_again_where_a_calendar_that_had_withdrawn_it_is_taken_back() -> None:
    story = begun()
    wait_until(story, "2026-03-03T10:00")
    story.registry = china(typhoon("2026-03-02"))
    story.walk()
    assert story.told()[-1] == "ordinary lifted: mark_withdrawn"
    story.registry = china(typhoon("2026-03-02"), Calendar(code=CITY, country="CN"))
    story.walk()
    story.tick()
    assert story.told() == [
        "handle running, due at 24 h", "handle approaching", "handle breached",
        "ordinary from town 990101002",
    ]  # fmt: skip


def test_of_working_days_the_share_that_was_used_counts_when_days_become_shorter() -> None:
    short = Calendar(
        code=CITY, country="CN", periods=(WorkPeriod(begin="09:00", end="12:00"),)
    )  # three hours instead of seven and a half
    story = begun(Limits(handle=working_days(2)))
    wait_until(story, "2026-03-02T17:30")
    story.hand_back()
    story.order_rework()  # of two days 8/7.5 are left
    wait_until(story, "2026-03-02T18:00")
    assert handling(story).used_ms == 7 * HOUR_MS + HOUR_MS / 2 - HOUR_MS / 2
    story.registry = china(short)
    story.walk()
    assert handling(story).used_ms == 7 * HOUR_MS * 3 / 7.5
    assert handling(story).due_at == at("2026-03-04T09:12")


def test_a_year_that_is_published_makes_what_was_provisional_sure() -> None:
    published = examine(Calendar(code=CITY, country="CN"), None).entry
    assert isinstance(published, Calendar)
    of_2025 = published.model_copy(
        update={
            "known_until": 2025,
            "public": tuple(
                one.model_copy(update={"days": tuple(day for day in one.days if day < "2026")})
                for one in published.public
            ),
        }
    )
    before = Snapshot().with_changes([version(of_2025, alone("c1"))], 1)
    after = before.with_changes([version(published, alone("autumn"), 2)], 2)
    start = at("2026-02-13T15:30")
    story = Story(
        Limits(handle=working_days(2)), registry=before, calendar=BY_CHINA, start=start, now=start
    ).begin()
    assert handling(story).provisional
    assert handling(story).due_at == at("2026-02-17T15:30")
    story.registry = after
    story.walk()
    assert not handling(story).provisional
    assert handling(story).due_at == at("2026-02-24T15:30")  # the 14th is worked, then a holiday


def test_a_nearer_calendar_takes_over_and_when_it_ends_the_wider_one_again() -> None:
    story = begun()
    county = Calendar(
        code=golden.COUNTY, country="CN", periods=(WorkPeriod(begin="09:00", end="12:00"),)
    )
    kept = examine(county, None).entry
    there = CHINA.with_changes([version(kept, alone("county"))], 5)
    story.registry = there
    story.walk()
    assert handling(story).due_at == at("2026-03-02T12:00")
    for n, until in ((2, story.now), (3, None), (4, story.now)):  # ended, there again, ended
        there = there.with_changes([version(kept, alone(f"n{n}"), n, until=until)], 5 + n)
        story.registry = there
        story.walk()
        hour = "2026-03-02T12:00" if until is None else "2026-03-03T09:00"
        assert handling(story).due_at == at(hour)
    assert story.watch.calendar == BY_CHINA


def test_it_is_told_once_and_a_change_that_moves_nothing_names_no_clock() -> None:
    story = begun()
    story.registry = china(typhoon("2026-06-01"))
    story.walk()
    story.walk()
    (told,) = changes(story)
    assert told.clocks == ()
    assert story.watch.calendar == CalendarRef(code=CITY, n=2)


def test_the_clock_of_a_request_stays_and_natural_time_is_not_looked_for() -> None:
    story = begun(Limits(handle=days(1)))
    assert not RULES.columns(story.watch)["open"]
    story = begun(Limits(handle=working_hours(4)))
    wait_until(story, "2026-03-02T10:00")
    story.ask(limit=working_hours(6))
    asked = {key: one for key, one in story.watch.clocks.items() if one.task == "request"}
    story.registry = china(typhoon("2026-03-02"))
    story.walk()
    assert [one.due_at for one in asked.values()] == [at("2026-03-02T17:30")]
    assert {key: story.watch.clocks[key] for key in asked} == asked
    assert handling(story).due_at == at("2026-03-03T14:00")


def test_a_request_is_due_as_it_lapses_although_its_case_goes_by_another_calendar() -> None:
    """No clock of such a case moves with the calendar: nobody has counted it anew."""
    story = begun(Limits(handle=days(9)))
    wait_until(story, "2026-03-02T16:30")
    lapses_at = at("2026-03-04T10:00")  # by the calendar of now: nobody works on the third
    story.ask(limit=working_hours(2.5), lapses_at=lapses_at)
    assert story.clock(Stage.HANDLE, "request").due_at == lapses_at
    wait_until(story, "2026-03-04T09:59")
    assert story.told()[-1] == "request handle approaching"
    wait_until(story, "2026-03-04T10:01")
    assert story.told() == ["request handle breached"]


def test_a_request_stays_as_it_was_promised_as_its_case_is_armed_anew() -> None:
    story = begun(Limits(handle=working_hours(4)))
    wait_until(story, "2026-03-02T10:00")
    story.ask(limit=working_hours(6), lapses_at=at("2026-03-02T17:30"))
    asked = story.clock(Stage.HANDLE, "request")
    story.registry = china(typhoon("2026-03-02"))
    story.walk()
    story.rearm(ladder=golden.LADDER)
    assert story.clock(Stage.HANDLE, "request") == asked


def test_a_case_that_is_over_is_not_looked_for() -> None:
    story = begun()
    assert RULES.columns(story.watch) | {"next_due_at": None} == {
        "next_due_at": None, "open": True, "area": "990101002003", "calendar": CITY,
        "calendar_n": 1,
    }  # fmt: skip
    story.hand_back()
    story.close()
    assert not RULES.columns(story.watch)["open"]
    story.registry = china(typhoon("2026-03-03"))
    story.walk()
    assert changes(story) == []


def test_the_watch_is_the_fold_of_the_log_in_whatever_order_the_topics_come() -> None:
    story = begun()
    wait_until(story, "2026-03-03T10:00")
    story.registry = china(typhoon("2026-03-02"))
    story.walk()
    story.hand_back()
    own = story.emitted()
    for log in (story.log, [*own, *(one for one in story.log if one not in own)]):
        state: Watch | None = None
        for event in log:
            state = RULES.evolve(state, event)
        assert state == story.watch


CALENDARS = (
    Calendar(code=CITY, country="CN"),
    typhoon("2026-03-02", "2026-03-04"),
    nights(),
    nights("2026-03-03"),
    Calendar(code=CITY, country="CN", periods=(WorkPeriod(begin="10:00", end="13:00"),)),
)


def from_scratch(runs: list[Clock], calendar: Compiled, limit: Limit) -> datetime:
    """When a limit is used up in the times that counted; the last of them has no end."""
    first, left = begin(runs[0].started_at, limit.unit, calendar), length(limit, calendar)
    for run in runs:
        begun = max(run.started_at, first)
        due_at = whole(end(begun, left, limit.unit, calendar))
        if run is runs[-1] or (run.stopped_at and due_at < run.stopped_at):
            return due_at
        assert run.stopped_at is not None
        left -= elapsed(begun, max(run.stopped_at, begun), limit.unit, calendar)
    raise AssertionError("there is a last run")


HOURS = st.floats(0, 150)


@settings(max_examples=150, deadline=None)
@given(
    by=st.lists(st.sampled_from(CALENDARS), min_size=2, max_size=3),
    limited=st.tuples(
        st.sampled_from((working_days(1), working_days(2.3), working_hours(11))),
        st.sampled_from(Counting),
    ),
    begins=st.integers(0, 3 * 24 * 60),
    turns=st.lists(HOURS, max_size=7),
    changes=st.tuples(HOURS, HOURS),
)
def test_whenever_calendars_change_a_clock_is_due_as_if_the_last_one_had_held_from_its_start(
    by: list[Calendar],
    limited: tuple[Limit, Counting],
    begins: int,
    turns: list[float],
    changes: tuple[float, float],
) -> None:
    (limit, counting), start = limited, at("2026-03-02T00:00") + timedelta(minutes=begins)
    changing = [(hours, n) for n, hours in enumerate(sorted(changes)[: len(by) - 1], 2)]

    def told(known: int) -> Story:
        """What happened where so many of the versions of the calendar were known from the start."""
        story = Story(
            Limits(handle=limit), registry=china(*by[:known]), start=start, now=start,
            calendar=CalendarRef(code=CITY, n=1 + known, counting=counting),
        ).begin()  # fmt: skip
        for hours, n in sorted([*((one, 0) for one in turns), *changing]):
            story.forward(hours - (story.now - start) / timedelta(hours=1))
            if n > known:
                story.registry = china(*by[:n])
                story.walk()
            elif n == 0:
                paused = handling(story).state is ClockState.PAUSED
                (Story.resume if paused else Story.suspend)(story)
        story.tick()
        return story

    story, last = told(1), told(len(by))
    assert story.watch.calendar == last.watch.calendar
    calendar = story.registry.working_time(story.watch.calendar, story.zone)
    runs = {
        one.run: one
        for event in story.emitted()
        if isinstance(event.data, ClocksChanged)
        for one in event.data.clocks
        if one.clock is Stage.HANDLE
    }
    assert handling(story).due_at == from_scratch(list(runs.values()), calendar, limit)
    assert as_counted(story) == as_counted(last)
    assert passed(story) == passed(last)


def passed(story: Story) -> tuple[list[int], object]:
    """The marks that were answered and stay so, and the order in force."""
    return sorted(one.percent for one in story.watch.answered), story.watch.supervision


def as_counted(story: Story) -> tuple[object, ...]:
    """All of a clock that is counted."""
    clock = handling(story)
    began = [*(since(one) for one in clock.ran or ()), since(clock)]
    return clock.state, clock.run, clock.due_at, clock.used_ms, clock.marks, began
