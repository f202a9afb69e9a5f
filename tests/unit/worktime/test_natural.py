"""When natural time is used up: the golden rows, changes of daylight saving, and what holds."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.contracts.base import Limit, LimitUnit, to_instant
from shared.worktime.natural import (
    UnsupportedLimitError,
    due,
    elapsed,
    end,
    length,
)

ROWS = list(csv.DictReader((Path(__file__).parent / "natural_time.csv").read_text().splitlines()))
NEW_YORK = "America/New_York"
BERLIN = "Europe/Berlin"
ZONES = ("Asia/Shanghai", NEW_YORK, BERLIN, "Australia/Lord_Howe", "Pacific/Apia")
URGENT, NATURAL = LimitUnit.URGENT_HOUR, LimitUnit.NATURAL_DAY
MS = timedelta(milliseconds=1)
DAY = timedelta(days=1)

zones = st.sampled_from(ZONES)
units = st.sampled_from([URGENT, NATURAL])
seconds = st.floats(datetime(2007, 1, 1, tzinfo=UTC).timestamp(), 2**31 - 2)
starts = seconds.map(lambda number: to_instant(datetime.fromtimestamp(number, UTC)))
lengths = st.integers(0, 40 * 86_400_000).map(lambda ms: ms * MS)
CHANGES = (
    (BERLIN, "2024-03-31T01"), (BERLIN, "2024-10-27T01"),
    (NEW_YORK, "2024-03-10T07"), (NEW_YORK, "2024-11-03T06"),
    ("Australia/Lord_Howe", "2024-04-06T15"), ("Australia/Lord_Howe", "2024-10-05T15"),
)  # fmt: skip
near_changes = st.tuples(st.sampled_from(CHANGES), st.integers(-72 * 60, 60)).map(
    lambda drawn: (
        datetime.fromisoformat(f"{drawn[0][1]}:00+00:00") + drawn[1] * timedelta(minutes=1),
        drawn[0][0],
    )
)
"""A minute in the days before a change of daylight saving, and the zone."""


def name(row: dict[str, str]) -> str:
    return f"{row['limit']} {row['unit']} from {row['start']}"


@pytest.mark.parametrize("row", ROWS, ids=name)
def test_a_limit_ends_where_the_calendar_on_the_wall_says(row: dict[str, str]) -> None:
    limit = Limit(amount=float(row["limit"]), unit=LimitUnit(row["unit"]))
    expected = datetime.fromisoformat(row["due"])
    found = due(datetime.fromisoformat(row["start"]), limit, row["zone"])
    assert found == expected
    assert found.tzinfo is UTC


@pytest.mark.parametrize("unit", [LimitUnit.WORKING_HOUR, LimitUnit.WORKING_DAY])
def test_working_time_is_refused_by_name(unit: LimitUnit) -> None:
    with pytest.raises(UnsupportedLimitError, match=unit.value):
        due(datetime(2026, 3, 2, tzinfo=UTC), Limit(amount=1, unit=unit), "Asia/Shanghai")


def test_a_length_is_whole_milliseconds_of_limit_time() -> None:
    assert length(Limit(amount=0.01, unit=URGENT)) == timedelta(seconds=36)
    assert length(Limit(amount=1.5, unit=NATURAL)) == timedelta(hours=36)
    assert length(Limit(amount=1 / 7, unit=URGENT)) == timedelta(milliseconds=514_285)


@given(starts, lengths, units, zones)
def test_elapsed_takes_back_what_end_did(
    start: datetime, used: timedelta, unit: LimitUnit, zone: str
) -> None:
    until = end(start, used, unit, zone)
    whole = timedelta(days=used // timedelta(days=1) + 1)
    if unit is NATURAL and until == end(start, whole, unit, zone):
        # The end of a day that a change shortens: its last part is over with the whole day.
        assert until - end(start, whole - timedelta(days=1), unit, zone) < timedelta(days=1)
        used = whole
    assert elapsed(start, until, unit, zone) == used


@given(near_changes, lengths, units)
@example((datetime(2024, 10, 25, 8, tzinfo=UTC), BERLIN), timedelta(hours=48.1), NATURAL)
@example((datetime(2024, 11, 2, 14, tzinfo=UTC), NEW_YORK), timedelta(hours=24.5), NATURAL)
def test_what_is_used_until_an_instant_ends_no_later(
    begun: tuple[datetime, str], real: timedelta, unit: LimitUnit
) -> None:
    start, zone = begun
    until = start + real
    used = elapsed(start, until, unit, zone)
    assert end(start, used, unit, zone) <= until
    # A day is used up with its end, not before: also one that a change makes longer.
    assert until < end(start, (used // DAY + 1) * DAY, unit, zone)


@given(near_changes, lengths)
@example((datetime(2024, 3, 30, 9, tzinfo=UTC), BERLIN), timedelta(hours=23.5))
def test_only_what_a_change_cuts_off_a_day_is_over_with_the_whole_day(
    begun: tuple[datetime, str], used: timedelta
) -> None:
    start, zone = begun
    until = end(start, used, NATURAL, zone)
    whole = used - used % DAY
    last = end(start, whole, NATURAL, zone)
    cut_off = used % DAY >= end(start, whole + DAY, NATURAL, zone) - last
    assert elapsed(start, until, NATURAL, zone) == (whole + DAY if cut_off else used)


@given(starts, lengths, lengths, units, zones)
@example(
    datetime(2024, 3, 9, 15, tzinfo=UTC), timedelta(hours=23.5), timedelta(0), NATURAL, NEW_YORK
)
def test_more_of_a_limit_never_ends_earlier(
    start: datetime, used: timedelta, more: timedelta, unit: LimitUnit, zone: str
) -> None:
    assert start <= end(start, used, unit, zone) <= end(start, used + more, unit, zone)
    whole = timedelta(days=used // timedelta(days=1) + 1)
    assert end(start, used, unit, zone) <= end(start, whole, unit, zone)


@given(starts, lengths, lengths, units, zones)
@example(
    datetime(2024, 11, 2, 14, tzinfo=UTC),
    timedelta(hours=24.5),
    timedelta(hours=0.5),
    NATURAL,
    NEW_YORK,
)
def test_later_is_never_less_used(
    start: datetime, real: timedelta, more: timedelta, unit: LimitUnit, zone: str
) -> None:
    first = elapsed(start, start + real, unit, zone)
    assert timedelta(0) <= first <= elapsed(start, start + real + more, unit, zone)


@given(starts, st.integers(1, 40), zones)
def test_natural_days_end_at_the_same_time_by_the_wall(
    start: datetime, count: int, zone: str
) -> None:
    local, there = start.astimezone(ZoneInfo(zone)), ZoneInfo(zone)
    found = due(start, Limit(amount=count, unit=NATURAL), zone).astimezone(there)
    wall = local.replace(tzinfo=None) + timedelta(days=count)
    exists = wall.replace(tzinfo=there).astimezone(UTC).astimezone(there).replace(tzinfo=None)
    assert found.replace(tzinfo=None) == exists
