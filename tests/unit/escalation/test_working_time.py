"""Clocks in working time: by the calendar that the case names, whatever else happens to it.

A story starts on Monday, 2 March 2026, at 09:00; a working day has seven hours and a half.
"""

from datetime import UTC, datetime, timedelta

import pytest

from shared.contracts.base import Limits, LimitUnit, Stage
from shared.contracts.calendars import Calendar, Counting, WorkPeriod
from shared.contracts.escalations_v1 import Clock, ClocksChanged, ClockState
from shared.contracts.golden import story as golden
from shared.worktime.natural import UnsupportedLimitError
from tests.unit.escalation.by_china import (
    BY_CHINA,
    CHINA,
    china,
    working_days,
    working_hours,
)
from tests.unit.escalation.story import (
    Story,
    days,
)

HOUR_MS = 3_600_000


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


def working(handle: float = 1, **fields: object) -> Story:
    """Handled within so many working days."""
    told = {"limits": Limits(handle=working_days(handle)), "registry": CHINA, "calendar": BY_CHINA}
    return Story(**told | fields)  # type: ignore[arg-type]


def wait_until(story: Story, text: str) -> None:
    story.forward((at(text) - story.now) / timedelta(hours=1))


def handling(story: Story) -> Clock:
    return story.clock(Stage.HANDLE)


def test_a_working_day_from_nine_ends_at_nine_and_approaches_at_four_fifths() -> None:
    story = working().begin()
    assert handling(story).due_at == at("2026-03-03T09:00")
    wait_until(story, "2026-03-02T16:29")
    assert story.told() == []
    wait_until(story, "2026-03-02T16:30")
    assert story.told() == ["handle approaching"]
    wait_until(story, "2026-03-03T09:00")
    assert story.told() == ["handle breached", "ordinary from town 990101002"]


def test_the_ladder_climbs_in_working_time() -> None:
    story = working().begin()
    wait_until(story, "2026-03-03T14:14")
    story.told()
    wait_until(story, "2026-03-03T14:15")  # one day and a half
    assert story.told() == ["yellow_card from county 990101"]
    wait_until(story, "2026-03-04T09:00")
    assert story.told() == ["red_card from city 9901"]


def test_nights_weekends_and_holidays_use_nothing() -> None:
    story = working(start=at("2026-02-13T15:30"), now=at("2026-02-13T15:30")).begin()
    # Saturday the 14th is worked (调休), then the Spring Festival until the 23rd.
    assert handling(story).due_at == at("2026-02-14T15:30")
    wait_until(story, "2026-02-14T12:30")
    story.hand_back()
    assert handling(story).used_ms == 5.5 * HOUR_MS
    story.order_rework()
    assert handling(story).due_at == at("2026-02-14T15:30")
    wait_until(story, "2026-02-14T15:00")
    story.hand_back()
    wait_until(story, "2026-02-20T10:00")
    story.order_rework()  # half an hour is left
    assert handling(story).due_at == at("2026-02-24T09:00")


def test_what_is_handed_back_in_the_evening_of_the_last_day_is_late() -> None:
    story = working(start=at("2026-03-06T20:00"), now=at("2026-03-06T20:00")).begin()
    assert handling(story).due_at == at("2026-03-09T17:30")
    story.away(24 * 2.9)  # Monday, 17:36
    story.hand_back()
    clock = handling(story)
    assert (clock.state, clock.used_ms) == (ClockState.MISSED, 7.5 * HOUR_MS)


def test_a_suspended_clock_has_what_it_had_left() -> None:
    story = working().begin()
    wait_until(story, "2026-03-02T11:00")
    story.ask()
    story.suspend()
    assert handling(story).used_ms == 2 * HOUR_MS
    wait_until(story, "2026-03-13T16:30")  # a Friday: one hour until it closes, 4.5 are left then
    story.resume()
    assert handling(story).due_at == at("2026-03-16T14:30")
    assert [one.due_at for one in handling(story).marks or ()][:2] == [
        at("2026-03-16T11:30"),
        at("2026-03-16T14:30"),
    ]
    wait_until(story, "2026-03-16T14:30")
    assert story.told()[-2:] == ["handle 2 breached", "ordinary from town 990101002"]


def test_what_is_missed_in_working_time_climbs_no_further_while_its_case_is_suspended() -> None:
    story = working().begin()
    wait_until(story, "2026-03-03T10:00")  # it was due at nine
    story.suspend()
    story.told()
    wait_until(story, "2026-03-13T16:30")  # a Friday: one hour until it closes
    assert story.told() == []
    story.resume()
    clock = handling(story)
    assert (clock.due_at, clock.used_ms) == (at("2026-03-03T09:00"), 8.5 * HOUR_MS)
    assert [one.due_at for one in clock.marks or ()] == [
        at("2026-03-02T16:30"), at("2026-03-03T09:00"), at("2026-03-16T10:15"),
        at("2026-03-16T15:30"),
    ]  # fmt: skip
    story.told()
    wait_until(story, "2026-03-16T10:14")
    assert story.told() == []
    wait_until(story, "2026-03-16T10:15")
    assert story.told() == ["yellow_card from county 990101"]


def test_a_suspension_over_the_weekend_uses_nothing_wherever_it_begins() -> None:
    story = working().begin()
    wait_until(story, "2026-03-02T12:45")  # at noon nothing is used
    story.ask()
    story.suspend()
    wait_until(story, "2026-03-07T10:00")
    story.resume()
    assert handling(story).due_at == at("2026-03-09T14:30")


def test_an_extension_adds_working_time() -> None:
    story = working().begin()
    wait_until(story, "2026-03-02T17:00")
    assert story.told() == ["handle approaching"]
    story.ask()
    story.extend(amount=2)  # of the unit
    assert handling(story).due_at == at("2026-03-05T09:00")
    story.told()
    wait_until(story, "2026-03-05T08:59")
    assert story.told() == ["handle approaching"]  # of the longer limit
    wait_until(story, "2026-03-05T09:00")
    assert story.told() == ["handle breached", "ordinary from town 990101002"]


def test_an_extension_of_a_suspended_clock_is_there_when_it_runs_on() -> None:
    story = working().begin()
    wait_until(story, "2026-03-02T10:00")
    story.suspend()
    story.extend(amount=1)
    wait_until(story, "2026-03-03T10:00")
    story.resume()
    assert handling(story).due_at == at("2026-03-05T09:00")


def test_rework_has_what_was_left_and_from_the_weekend_on_counts_from_monday() -> None:
    story = working(2).begin()
    wait_until(story, "2026-03-03T10:00")
    story.hand_back()
    wait_until(story, "2026-03-07T12:00")
    story.order_rework()
    # Two days less a day and one hour: six hours and a half from Monday on.
    assert handling(story).due_at == at("2026-03-09T16:30")
    assert handling(story).used_ms == 8.5 * HOUR_MS


def test_from_the_next_day_until_close() -> None:
    by = BY_CHINA.model_copy(update={"counting": Counting.FROM_NEXT_DAY})
    story = working(calendar=by).begin()
    clock = handling(story)
    assert (clock.started_at, clock.counted_from) == (story.start, at("2026-03-03T00:00"))
    assert clock.due_at == at("2026-03-03T17:30")
    wait_until(story, "2026-03-02T16:00")
    story.hand_back()
    assert (handling(story).state, handling(story).used_ms) == (ClockState.MET, 0)
    story.order_rework()  # the next day is still to come
    assert handling(story).counted_from == at("2026-03-03T00:00")
    assert handling(story).due_at == at("2026-03-03T17:30")


BY_NEXT_DAY = BY_CHINA.model_copy(update={"counting": Counting.FROM_NEXT_DAY})


def test_a_suspension_before_the_day_from_which_it_counts_shortens_nothing() -> None:
    start = at("2026-03-06T08:40")  # a Friday
    story = working(calendar=BY_NEXT_DAY, start=start, now=start).begin()
    assert handling(story).due_at == at("2026-03-09T17:30")
    wait_until(story, "2026-03-06T08:46")
    story.suspend()
    wait_until(story, "2026-03-06T09:16")
    story.resume()
    assert handling(story).due_at == at("2026-03-09T17:30")
    story.suspend()
    wait_until(story, "2026-03-10T10:00")  # what is resumed later counts at once
    story.resume()
    assert handling(story).counted_from is None
    assert handling(story).due_at == at("2026-03-11T10:00")


def test_rework_before_the_day_from_which_it_counts_shortens_nothing() -> None:
    story = working(3, calendar=BY_NEXT_DAY).begin()
    assert handling(story).due_at == at("2026-03-05T17:30")
    wait_until(story, "2026-03-02T12:00")
    story.hand_back()
    story.order_rework()
    assert handling(story).due_at == at("2026-03-05T17:30")


def test_what_is_due_in_a_year_that_is_not_published_is_provisional() -> None:
    story = working(start=at("2026-12-31T10:00"), now=at("2026-12-31T10:00")).begin()
    assert handling(story).provisional
    assert handling(story).due_at == at("2027-01-04T10:00")
    story = working().begin()
    assert not handling(story).provisional


def test_the_event_names_the_calendar_of_clocks_in_working_time() -> None:
    story = Story(
        Limits(accept=days(1), handle=working_hours(4)), registry=CHINA, calendar=BY_CHINA
    ).begin()
    named = [one.data.calendar for one in story.emitted() if isinstance(one.data, ClocksChanged)]
    assert named == [None, BY_CHINA]  # the acceptance begins; it is met, and handling begins
    (accept, handle) = (story.clock(Stage.ACCEPT), handling(story))
    assert accept.marks is None
    assert [one.percent for one in handle.marks or ()] == [80, 100, 150, 200]


def test_the_desk_has_working_time_too() -> None:
    story = Story(
        filing=working_hours(4), start=at("2026-03-06T16:30"), now=at("2026-03-06T16:30"),
        registry=CHINA, calendar=BY_CHINA,
    )  # fmt: skip
    story.hold()
    assert story.clock(Stage.FILING).due_at == at("2026-03-09T11:30")
    story.away(24)
    story.reject()
    assert story.clock(Stage.FILING).used_ms == HOUR_MS
    assert story.clock(Stage.FILING).state is ClockState.MET


def test_a_newer_version_of_the_calendar_moves_no_clock_by_itself() -> None:
    night = Calendar(
        code=golden.CITY, country="CN", periods=(WorkPeriod(begin="22:00", end="06:00"),)
    )
    story = working().begin()
    story.registry = china(night)
    wait_until(story, "2026-03-02T11:00")
    story.hand_back()
    assert handling(story).used_ms == 2 * HOUR_MS


@pytest.mark.parametrize("unit", [LimitUnit.WORKING_HOUR, LimitUnit.WORKING_DAY])
def test_without_a_calendar_working_time_is_an_error_by_name(unit: LimitUnit) -> None:
    limit = working_days(1).model_copy(update={"unit": unit})
    story = Story(Limits(handle=limit))
    story.file()
    story.dispatch()
    with pytest.raises(UnsupportedLimitError, match=unit.value):
        story.accept()
