"""Working time by the rules: golden rows, which days count, what is provisional or refused."""

import csv
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from shared.contracts.base import Limit, LimitUnit, Names
from shared.contracts.calendars import Counting
from shared.worktime.calendar import (
    STANDARD,
    Calendar,
    CalendarError,
    Period,
    Why,
    of_zone,
    period,
)
from shared.worktime.index import BeyondCalendarError
from shared.worktime.limits import (
    begin,
    due,
    elapsed,
    end,
    is_provisional,
    length,
    whole,
)
from shared.worktime.natural import UnsupportedLimitError
from shared.worktime.public_days import (
    PublicDays,
    Special,
    UnknownCountryError,
    public_days,
    weekend,
)

ROWS = list(csv.DictReader((Path(__file__).parent / "golden.csv").read_text().splitlines()))
SHANGHAI = "Asia/Shanghai"
CHINA = public_days("CN", None, 2018, 2040)
CALENDAR = Calendar(SHANGHAI, public=CHINA)
HOURS, DAYS = LimitUnit.WORKING_HOUR, LimitUnit.WORKING_DAY
MS = timedelta(milliseconds=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


def days(amount: float) -> Limit:
    return Limit(amount=amount, unit=DAYS)


def hours(amount: float) -> Limit:
    return Limit(amount=amount, unit=HOURS)


def name(row: dict[str, str]) -> str:
    return f"{row['limit']} {row['unit']} from {row['start']}"


@pytest.mark.parametrize("row", ROWS, ids=name)
def test_the_golden_rows_hold(row: dict[str, str]) -> None:
    calendar = Calendar(row["zone"], public=CHINA)
    limit = Limit(amount=float(row["limit"]), unit=LimitUnit(row["unit"]))
    start = datetime.fromisoformat(row["start"])
    found = due(start, limit, calendar)
    assert found == datetime.fromisoformat(row["due"])
    assert found.tzinfo is UTC
    assert elapsed(start, found, limit.unit, calendar) == length(limit, calendar)


@pytest.mark.parametrize(
    ("start", "limit", "expected"),
    [
        ("2024-03-01T10:00", days(3), "2024-03-06T10:00"),  # a Friday
        ("2024-03-01T20:00", days(1), "2024-03-04T17:30"),
        ("2024-03-01T12:00", days(0.2), "2024-03-01T15:00"),  # a share of 7.5 h
        ("2024-03-01T08:30", hours(3.5), "2024-03-01T12:00"),  # used up as the morning ends
        ("2024-03-01T08:30", days(1), "2024-03-01T17:30"),
        ("2024-02-03T10:00", days(2), "2024-02-05T17:30"),  # Sunday the 4th is worked (调休)
    ],
)
def test_a_limit_ends_at_the_earliest_instant(start: str, limit: Limit, expected: str) -> None:
    assert due(at(start), limit, CALENDAR) == at(expected)


@pytest.mark.parametrize(
    ("start", "amount", "expected"),
    [
        ("2024-03-01T10:00", 1, "2024-03-04T17:30"),
        ("2024-03-01T20:00", 1, "2024-03-04T17:30"),
        ("2024-03-02T10:00", 1, "2024-03-04T17:30"),  # from a rest day
        ("2024-03-04T00:00", 1, "2024-03-05T17:30"),
        ("2024-03-04T10:00", 2.5, "2024-03-07T13:45"),
    ],
)
def test_from_the_next_day_until_close(start: str, amount: float, expected: str) -> None:
    calendar = Calendar(SHANGHAI, public=CHINA, counting=Counting.FROM_NEXT_DAY)
    found = due(at(start), days(amount), calendar)
    assert found == at(expected)
    begun = begin(at(start), DAYS, calendar)
    assert elapsed(begun, found, DAYS, calendar) == length(days(amount), calendar)
    assert begin(at(start), HOURS, calendar) == at(start)


def test_a_day_made_working_or_resting_by_the_area_is_one() -> None:
    typhoon = Names(zh="台风停工", en="typhoon")
    own = {
        date(2024, 3, 4): Special(working=False, names=typhoon),
        date(2024, 3, 2): Special(working=True, names=None),
    }
    calendar = Calendar(SHANGHAI, public=CHINA, overrides=own)
    assert due(at("2024-03-01T10:00"), days(2), calendar) == at("2024-03-05T10:00")
    assert calendar.day(date(2024, 3, 4)) == (False, Why.OVERRIDE, typhoon, False)
    assert calendar.day(date(2024, 3, 2)).working


@pytest.mark.parametrize(
    ("day", "working", "why", "zh"),
    [
        (date(2024, 2, 12), False, Why.HOLIDAY, "春节"),
        (date(2024, 2, 18), True, Why.MAKE_UP, "春节"),
        (date(2024, 3, 2), False, Why.REST_DAY, None),
        (date(2024, 3, 4), True, Why.WORKDAY, None),
        (date(2027, 10, 1), False, Why.HOLIDAY, "国庆节"),
    ],
)
def test_a_day_says_why_it_counts_or_not(
    day: date,
    working: bool,  # noqa: FBT001 - a column
    why: Why,
    zh: str | None,
) -> None:
    kind = CALENDAR.day(day)
    assert (kind.working, kind.why, kind.names and kind.names.zh) == (working, why, zh)
    assert kind.provisional == (day.year > 2026)


def test_the_next_day_begins_as_the_shift_of_the_night_is_over() -> None:
    night = Calendar(
        SHANGHAI, (period("22:00", "06:00"),), public=CHINA, counting=Counting.FROM_NEXT_DAY
    )
    start = at("2024-03-04T10:00")  # a Monday
    assert begin(start, DAYS, night) == at("2024-03-05T06:00")
    assert due(start, days(1), night) == at("2024-03-06T06:00")
    friday = at("2024-03-08T23:00")
    assert begin(friday, DAYS, night) == at("2024-03-09T06:00")
    assert due(friday, days(1), night) == at("2024-03-12T06:00")
    sunday = at("2024-03-10T10:00")
    assert begin(sunday, DAYS, night) == at("2024-03-11T00:00")
    assert due(sunday, days(1), night) == at("2024-03-12T06:00")


def test_a_year_that_is_not_published_counts_fixed_holidays_and_is_provisional() -> None:
    assert due(at("2027-09-30T10:00"), days(1), CALENDAR) == at("2027-10-04T10:00")
    start = at("2026-12-30T10:00")
    for amount, provisional in ((1, False), (5, True)):
        found = due(start, days(amount), CALENDAR)
        assert is_provisional(start, found, DAYS, CALENDAR) == provisional
    assert is_provisional(at("2017-12-29T10:00"), start, HOURS, CALENDAR)
    assert not is_provisional(start, at("2030-01-01T00:00"), LimitUnit.NATURAL_DAY, CALENDAR)


def test_a_new_year_published_changes_the_days_and_nothing_else() -> None:
    law = {day: one for day, one in CHINA.days.items() if day.year != 2024}
    before = Calendar(SHANGHAI, public=PublicDays(2018, 2023, law))
    start = at("2024-02-09T10:00")
    assert is_provisional(start, start, DAYS, before)
    assert not is_provisional(start, start, DAYS, CALENDAR)
    assert due(start, days(3), before) == at("2024-02-14T10:00")
    assert due(start, days(3), CALENDAR) == at("2024-02-20T10:00")


def test_other_countries_have_their_own_holidays_and_weekends() -> None:
    new_york = public_days("US", "NY", 2024, 2024)
    assert new_york.days[date(2024, 7, 4)].names == Names(
        zh="Independence Day", en="Independence Day"
    )
    assert date(2024, 2, 12) in new_york.days
    assert date(2024, 2, 12) not in public_days("US", None, 2024, 2024).days
    assert public_days("HU", None, 2024, 2024).days[date(2024, 8, 3)].working
    assert [weekend(one) for one in ("SA", "CN")] == [frozenset({5, 6}), frozenset({6, 7})]


@pytest.mark.parametrize(("country", "subdivision"), [("XX", None), ("US", "QQ")])
def test_nobody_knows_the_holidays_of_a_country(country: str, subdivision: str | None) -> None:
    with pytest.raises(UnknownCountryError, match=subdivision or country):
        public_days(country, subdivision, 2024, 2024)


def test_working_time_needs_a_calendar() -> None:
    with pytest.raises(UnsupportedLimitError, match="working_day"):
        due(at("2024-03-01T10:00"), days(1), of_zone(SHANGHAI))
    with pytest.raises(UnsupportedLimitError, match="working_hour"):
        elapsed(at("2024-03-01T10:00"), at("2024-03-01T10:00"), HOURS, of_zone(SHANGHAI))
    found = due(
        at("2024-03-01T10:00"), Limit(amount=1, unit=LimitUnit.NATURAL_DAY), of_zone(SHANGHAI)
    )
    assert found == at("2024-03-02T10:00")


def test_working_time_is_counted_near_our_time_only() -> None:
    assert due(at("2024-03-01T10:00"), days(10_000), CALENDAR).year == 2063
    for start in ("1905-01-01T10:00", "2199-12-30T10:00", "9999-12-31T10:00"):
        with pytest.raises(BeyondCalendarError, match="1970 to 2200"):
            due(at(start), days(300), Calendar(SHANGHAI))
    never = Calendar(SHANGHAI, rest_days=frozenset(range(1, 8)))
    with pytest.raises(BeyondCalendarError):
        due(at("2024-03-01T10:00"), days(1), never)


@pytest.mark.parametrize(
    "periods",
    [
        (period("08:30", "12:00"), period("11:30", "17:30")),
        (period("08:30", "12:00"), period("20:00", "09:00")),  # into the next day's morning
    ],
)
def test_periods_that_overlap_are_refused(periods: tuple[Period, ...]) -> None:
    with pytest.raises(CalendarError, match="overlap"):
        Calendar(SHANGHAI, periods)


@pytest.mark.parametrize("text", ["8:30", "24:00", "12:60", "noon!", "-1:00"])
def test_what_is_no_time_of_the_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"08:30|invalid literal"):
        period(text, "17:30")


def test_a_share_of_a_day_that_a_change_shortens_is_exact() -> None:
    night = Calendar("Europe/Berlin", (period("22:00", "06:00"),), frozenset())
    start = datetime(2024, 3, 30, 21, tzinfo=UTC)  # 7 h long instead of 8
    found = end(start, timedelta(milliseconds=1001), DAYS, night)
    assert found == start + timedelta(microseconds=875_875)
    assert elapsed(start, found, DAYS, night) == timedelta(milliseconds=1001)
    assert whole(found) == start + timedelta(milliseconds=876)
    assert due(start, days(1), night) == datetime(2024, 3, 31, 4, tzinfo=UTC)


def test_the_order_of_questions_makes_no_difference() -> None:
    early, late = at("2019-04-30T10:00"), at("2031-04-30T10:00")
    asked = [Calendar(SHANGHAI, STANDARD, public=CHINA) for _ in range(2)]
    first = [due(one, days(20), asked[0]) for one in (early, late)]
    second = [due(one, days(20), asked[1]) for one in (late, early)]
    assert first == second[::-1]
    assert asked[0] == asked[1]


def test_nothing_counts_from_before_its_start_where_a_day_begins_twice() -> None:
    """In St. John's clocks went back from one minute past midnight, to the evening before."""
    calendar = Calendar("America/St_Johns", (Period(0, 1440),), frozenset())
    calendar = replace(calendar, counting=Counting.FROM_NEXT_DAY)
    start = datetime(2006, 10, 29, 2, 31, tzinfo=UTC)
    assert begin(start, DAYS, calendar) == start
    assert begin(start + timedelta(hours=2), DAYS, calendar) > start + timedelta(hours=2)
