"""Working time against a count minute by minute: China's real years, and changes of the clocks."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

import chinese_calendar
import holidays
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.contracts.base import Limit, LimitUnit
from shared.contracts.calendars import Counting
from shared.worktime.calendar import NOTHING_PUBLISHED, Calendar, Period, period
from shared.worktime.limits import due, elapsed, end, unit_length
from shared.worktime.public_days import public_days
from tests.unit.worktime.oracle import (
    MINUTE,
    Oracle,
    days_between,
    due_days,
    due_hours,
    from_next_day,
    worked_between,
)

HOURS, DAYS = LimitUnit.WORKING_HOUR, LimitUnit.WORKING_DAY
SOME = settings(max_examples=60, deadline=None)
MS = timedelta(milliseconds=1)
STANDARD = (period("08:30", "12:00"), period("13:30", "17:30"))
NIGHT = (period("22:00", "06:00"),)
ALL_DAY = (period("00:00", "08:00"), period("08:00", "16:00"), period("16:00", "00:00"))
ODD = (period("00:15", "00:45"), period("01:30", "02:20"), period("02:40", "23:40"))
NEW_YORK = holidays.country_holidays("US", subdiv="NY", years=range(2023, 2027))


class Place(NamedTuple):
    """Where it is counted, and around which instants: changes of the clocks, or long holidays."""

    calendar: Calendar
    oracle: Oracle
    around: tuple[datetime, ...]


def not_tuesday(day: date) -> bool:
    return day.isoweekday() != 2


def place(zone: str, periods: tuple[Period, ...], *around: str) -> Place:
    """Tuesdays are free: the clocks change on other days."""
    calendar = Calendar(zone, periods, frozenset({2}), NOTHING_PUBLISHED)
    at = tuple(datetime.fromisoformat(f"{one}:00+00:00") for one in around)
    return Place(calendar, Oracle(zone, periods, not_tuesday), at)


def new_york(day: date) -> bool:
    return day.isoweekday() < 6 and day not in NEW_YORK


CHINA = Place(
    Calendar("Asia/Shanghai", STANDARD, public=public_days("CN", None, 2020, 2026)),
    Oracle("Asia/Shanghai", STANDARD, chinese_calendar.is_workday),
    (),
)
CHANGES = (
    place("Europe/Berlin", NIGHT, "2024-03-30T22", "2024-10-26T22"),
    place("Europe/Berlin", ODD, "2025-03-29T22", "2025-10-25T22", "2023-10-28T23"),
    place("America/New_York", ODD, "2024-03-10T03", "2024-11-03T04"),
    place("Australia/Lord_Howe", ALL_DAY, "2024-04-06T14", "2024-10-05T14"),
    place("America/Havana", ALL_DAY, "2024-03-10T03", "2024-11-03T03"),
    place("America/St_Johns", ALL_DAY, "2006-10-29T02", "2006-04-02T02"),
    place("Pacific/Apia", STANDARD, "2011-12-30T08"),
    Place(
        Calendar("America/New_York", STANDARD, public=public_days("US", "NY", 2023, 2026)),
        Oracle("America/New_York", STANDARD, new_york),
        (datetime(2023, 12, 22, tzinfo=UTC), datetime(2026, 7, 2, tzinfo=UTC)),
    ),
)

a_minute_of_china = st.integers(0, 7 * 365 * 24 * 60 - 60 * 24 * 60).map(
    lambda minutes: datetime(2020, 1, 2, tzinfo=UTC) + minutes * MINUTE
)

quarters = st.integers(1, 16).map(lambda number: Fraction(number, 4))
"""Of a working day."""


@st.composite
def somewhere(draw: st.DrawFn) -> tuple[Place, datetime]:
    """A place and a minute there, near one of its changes."""
    found = draw(st.sampled_from(CHANGES))
    near = draw(st.sampled_from(found.around))
    return found, near + draw(st.integers(-48 * 60, 24 * 60)) * MINUTE


def judged(where: Place, start: datetime, ms: int, unit: LimitUnit) -> None:
    """A due instant beside the count of minutes, and the way back."""
    calendar, used = where.calendar, ms * MS
    if unit is HOURS:
        used -= used % MINUTE
    found = end(start, used, unit, calendar)
    minutes = where.oracle.minutes(start - timedelta(days=3), found + timedelta(days=3))
    if used:
        expected = (
            due_hours(minutes, start, used // MINUTE)
            if unit is HOURS
            else due_days(minutes, start, Fraction(used // MS, unit_length(unit, calendar) // MS))
        )
        assert found == expected
    assert elapsed(start, found, unit, calendar) == used


def way_back(where: Place, start: datetime, passed: int, unit: LimitUnit) -> None:
    """What is used until a minute, beside the count, and when so much is used up."""
    calendar, until = where.calendar, start + passed * MINUTE
    minutes = where.oracle.minutes(start - timedelta(days=3), until + timedelta(days=3))
    used = elapsed(start, until, unit, calendar)
    if unit is HOURS:
        assert used == worked_between(minutes, start, until) * MINUTE
    else:
        whole = unit_length(unit, calendar) // MS
        assert used // MS == days_between(minutes, start, until) * whole // 1
    assert end(start, used, unit, calendar) <= until


def judged_from_next_day(where: Place, start: datetime, share: Fraction) -> None:
    """A due instant where working days count from the next day on, beside the count of minutes."""
    calendar = replace(where.calendar, counting=Counting.FROM_NEXT_DAY)
    found = due(start, Limit(amount=float(share), unit=DAYS), calendar)
    minutes = where.oracle.minutes(start - timedelta(days=3), found + timedelta(days=3))
    counted = from_next_day(minutes, start, calendar.zone)
    assert found == due_days(counted, start, share)


@SOME
@given(a_minute_of_china, quarters)
@example(datetime(2024, 3, 4, 2, tzinfo=UTC), Fraction(1))
def test_what_counts_from_the_next_day_in_china_ends_where_counting_minutes_ends(
    start: datetime, share: Fraction
) -> None:
    for periods in (STANDARD, NIGHT):
        calendar = replace(CHINA.calendar, periods=periods)
        oracle = replace(CHINA.oracle, periods=periods)
        judged_from_next_day(Place(calendar, oracle, ()), start, share)


@settings(max_examples=150, deadline=None)
@given(somewhere(), quarters)
def test_what_counts_from_the_next_day_is_right_where_the_clocks_change(
    where: tuple[Place, datetime], share: Fraction
) -> None:
    judged_from_next_day(*where, share)


@SOME
@given(a_minute_of_china, st.integers(0, 9 * 27_000_000), st.sampled_from([HOURS, DAYS]))
@example(datetime(2024, 2, 9, 2, tzinfo=UTC), 3 * 27_000_000, DAYS)
@example(datetime(2020, 1, 23, 9, tzinfo=UTC), 27_000_000, DAYS)
@example(datetime(2025, 9, 28, 9, 30, tzinfo=UTC), 27_000_000, HOURS)
def test_a_limit_in_china_ends_where_counting_minutes_ends(
    start: datetime, ms: int, unit: LimitUnit
) -> None:
    judged(CHINA, start, ms, unit)


@SOME
@given(a_minute_of_china, st.integers(0, 20 * 24 * 60), st.sampled_from([HOURS, DAYS]))
def test_what_is_used_in_china_is_what_counting_minutes_finds(
    start: datetime, passed: int, unit: LimitUnit
) -> None:
    way_back(CHINA, start, passed, unit)


@settings(max_examples=150, deadline=None)
@given(somewhere(), st.integers(0, 40_000_000), st.sampled_from([HOURS, DAYS]))
def test_a_limit_ends_right_where_the_clocks_change(
    where: tuple[Place, datetime], ms: int, unit: LimitUnit
) -> None:
    judged(*where, ms, unit)


@settings(max_examples=150, deadline=None)
@given(somewhere(), st.integers(0, 4 * 24 * 60), st.sampled_from([HOURS, DAYS]))
def test_what_is_used_is_right_where_the_clocks_change(
    where: tuple[Place, datetime], passed: int, unit: LimitUnit
) -> None:
    way_back(*where, passed, unit)
