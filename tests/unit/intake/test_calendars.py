"""Work calendars are checked, completed and kept; without one no limit is in working time."""

from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest

from services.intake.domain.entry_rules import as_json, examine
from services.intake.domain.working_limits import Around, still_needed
from services.intake.http.import_body import gather
from shared.contracts.base import Limit, LimitUnit
from shared.contracts.calendars import Calendar
from shared.contracts.registry_v1 import ENTRIES, Entry
from shared.registry.snapshot import Snapshot
from shared.worktime.compiled import compiled
from shared.worktime.limits import due, is_provisional
from tests.registry.entries import alone, version
from tests.unit.intake.entries import matter, policy, unit

NOW = datetime(2026, 11, 2, tzinfo=UTC)
DAY = {"amount": 1, "unit": "working_day"}


def calendar(code: str = "9901", **fields: object) -> dict[str, Any]:
    return {"kind": "calendar", "code": code, "country": "CN", **fields}


def entry(raw: dict[str, Any]) -> Entry:
    found: Entry = ENTRIES[raw["kind"]].model_validate(raw)  # type: ignore[assignment]
    return found


def around(*raws: dict[str, Any]) -> Around:
    versions = [version(entry(raw), alone(str(n)), since=datetime(2020, 1, 1, tzinfo=UTC))
                for n, raw in enumerate(raws)]  # fmt: skip
    return Around(Snapshot().with_changes(versions, len(raws)), NOW)


def codes(raw: dict[str, Any], there: Around) -> list[str]:
    return [fault.code for fault in examine(entry(raw), None, there).faults]


def test_a_calendar_is_kept_with_the_public_days_of_its_country() -> None:
    kept = examine(entry(calendar()), None).entry
    assert isinstance(kept, Calendar)
    assert (kept.known_from, kept.known_until) == (2018, 2026)
    counted = compiled(kept, "Asia/Shanghai")
    start = datetime.fromisoformat("2024-02-09T10:00+08:00")
    three = Limit(amount=3, unit=LimitUnit.WORKING_DAY)
    assert due(start, three, counted) == datetime.fromisoformat("2024-02-20T10:00+08:00")
    late = datetime.fromisoformat("2026-12-30T10:00+08:00")
    assert is_provisional(late, due(late, three, counted), three.unit, counted)


def test_whoever_sends_public_days_does_not_decide_on_them() -> None:
    forged = calendar(public=[{"days": ["2026-11-02"], "working": False}], known_until=2099)
    assert examine(entry(forged), None).entry == examine(entry(calendar()), None).entry
    kept = examine(entry(calendar()), None).entry
    assert as_json(examine(kept, None).entry) == as_json(kept)
    assert len(as_json(kept)) < 20_000


def test_overrides_stand_above_the_country() -> None:
    own = [{"days": ["2026-10-01", "2026-10-11"], "working": True, "names": None}]
    kept = examine(entry(calendar(overrides=own)), None).entry
    assert isinstance(kept, Calendar)
    counted = compiled(kept, "Asia/Shanghai")
    assert [counted.day(date(2026, 10, day)).working for day in (1, 2, 11)] == [True, False, True]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"country": "XX"}, "unknown_country"),
        ({"country": "US", "subdivision": "QQ"}, "unknown_country"),
        ({"zone": "Mars/Olympus"}, "unknown_zone"),
        ({"rest_days": [1, 2, 3, 4, 5, 6, 7]}, "no_working_day"),
        (
            {"periods": [{"begin": "08:00", "end": "12:00"}, {"begin": "11:00", "end": "17:00"}]},
            "overlapping_periods",
        ),
        ({"overrides": [{"days": ["2026-10-01", "2026-10-01"], "working": True}]}, "duplicate_day"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused(fields: dict[str, Any], code: str) -> None:
    assert codes(calendar(**fields), around()) == [code]


@pytest.mark.parametrize(
    ("wrong", "within", "code"),
    [
        (calendar("990102"), "990101", "not_your_area"),
        (calendar(country="China"), None, "invalid"),
        (calendar(periods=[]), None, "invalid"),
        (calendar(periods=[{"begin": "8:30", "end": "12:00"}]), None, "invalid"),
        (calendar(rest_days=[8]), None, "invalid"),
        (calendar(overrides=[{"days": ["2026-02-30"], "working": True}]), None, "invalid"),
    ],
)
def test_a_calendar_of_another_form_is_refused(
    wrong: dict[str, Any], within: str | None, code: str
) -> None:
    body = orjson.dumps({"entries": [wrong]})
    found = gather(body, "application/json", "", within, "Asia/Shanghai")
    assert [one["code"] for one in found.faults] == [code]


def test_limits_in_working_time_need_a_calendar_wherever_cases_are_filed() -> None:
    working = matter(unit="working_day")
    assert codes(working, around()) == ["no_calendar"]
    assert codes(working, around(calendar())) == []
    assert codes(working, around(calendar(), policy())) == []
    assert codes(working, around(calendar("990101"), policy())) == ["no_calendar"]
    assert codes(working, around(calendar("990101"), policy("990101"))) == []
    assert codes(working, around(calendar("990101"), policy("990101"), policy("990102"))) == [
        "no_calendar"
    ]
    assert codes(matter(), around(policy())) == []


def test_a_policy_needs_a_calendar_for_its_own_limits_and_for_those_of_matters() -> None:
    within = {"appeal_within": {"amount": 3, "unit": "working_day"}}
    for fields in ({"filing_limit": DAY}, {"requests": within}):
        assert codes(policy(**fields), around()) == ["no_calendar"]
        assert codes(policy(**fields), around(calendar())) == []
    working = matter(unit="working_hour")
    assert codes(policy("990102"), around(working, calendar("990101"))) == ["no_calendar"]
    assert codes(policy("990101"), around(working, calendar("990101"))) == []


def test_calendars_come_in_a_change_of_their_own() -> None:
    mixed = orjson.dumps({"entries": [unit(), calendar()]})
    found = gather(mixed, "application/json", "", None, "Asia/Shanghai")
    assert [(one["index"], one["code"]) for one in found.faults] == [(1, "calendars_apart")]
    own = orjson.dumps({"entries": [calendar(), calendar("990101")]})
    gather(own, "application/json", "", None, "Asia/Shanghai").check()


def test_the_only_calendar_of_limits_in_working_time_is_not_withdrawn() -> None:
    there = (policy(), calendar(), matter(unit="working_day"))
    found = entry(calendar())
    assert isinstance(found, Calendar)
    assert "9901 would be left without" in (still_needed(found, around(*there)) or "")
    assert still_needed(found, around(policy(), calendar(), matter())) is None
    county = entry(calendar("990101"))
    assert isinstance(county, Calendar)
    assert still_needed(county, around(*there, calendar("990101"))) is None
