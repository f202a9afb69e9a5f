"""An import is read entry by entry: what is wrong is named by index, and then nothing is taken."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from services.intake.http import import_body
from services.intake.http.import_body import Gathered, gather
from shared.platform.http import ProblemError
from tests.unit.intake.entries import area, grid, matter, policy, unit

DAY = {"amount": 1, "unit": "working_day"}


def as_json(*entries: object, **more: object) -> bytes:
    return orjson.dumps({"entries": entries, **more})


def as_lines(*entries: object) -> bytes:
    return b"\n".join(map(orjson.dumps, entries))


def read(*entries: object, within: str | None = None) -> Gathered:
    return gather(as_json(*entries), "application/json", "", within, "Asia/Shanghai")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"valid_from": "soon"}, "valid_from"),
        ({"valid_until": 20270301}, "valid_until"),
        ({"valid_until": "2027-03-01T00:00:00"}, "valid_until"),
        ({"valid_until": "2027-02-30"}, "valid_until"),
        ({"valid_from": "0001-01-01"}, "valid_from"),
        ({"valid_from": "2027-03-01", "valid_until": "2027-03-01"}, "valid_until"),
        ({"valid_from": "2027-03-01", "valid_until": "2026-03-01"}, "valid_until"),
    ],
)
def test_a_validity_that_is_none_is_refused_by_entry(fields: dict[str, Any], said: str) -> None:
    gathered = read(unit("u-1"), matter(**fields))
    (fault,) = gathered.faults
    assert (fault["index"], fault["code"]) == (1, "invalid_validity")
    assert fault["detail"].startswith(f"{said}: ")


DEEP = b'{"kind":"unit","a":' + b"[" * 300 + b"]" * 300 + b"}"


@pytest.mark.parametrize(
    ("body", "media"),
    [
        (b'{"entries":[' + orjson.dumps(unit("u-1")) + b"," + DEEP + b"]}", "json"),
        (as_lines(unit("u-1")) + b"\n" + DEEP[:-1] + b',"valid_from":"2027-03-01"}', "x-ndjson"),
    ],
    ids=["a document", "lines"],
)
def test_an_entry_without_a_bottom_is_named_as_any_other(body: bytes, media: str) -> None:
    (fault,) = gather(body, f"application/{media}", "", None, "Asia/Shanghai").faults
    assert (fault["index"], fault["code"]) == (1, "invalid")


def test_days_are_those_of_the_city() -> None:
    body = as_lines(unit("u-1", valid_until="2027-03-28"))
    paris, shanghai = (
        gather(body, "application/x-ndjson", "", None, zone).candidates[0].span.until
        for zone in ("Europe/Paris", "Asia/Shanghai")
    )
    assert paris is not None
    assert shanghai is not None
    assert paris.isoformat() == "2027-03-27T23:00:00+00:00"
    assert shanghai.isoformat() == "2027-03-27T16:00:00+00:00"


def test_both_forms_say_the_same() -> None:
    city = (area(), policy(), grid(), matter(), unit())
    lines = gather(
        as_lines(*city) + b"\n\n", "application/x-ndjson", "spring", None, "Asia/Shanghai"
    )
    whole = gather(
        as_json(*city, change={"note": "spring"}), "application/json", "", None, "Asia/Shanghai"
    )
    assert lines.candidates == whole.candidates
    assert [one.key for one in whole.candidates] == [
        "area/9901", "policy/9901", "grid/990101001001001", "matter/litter", "unit/u-1",
    ]  # fmt: skip
    assert lines.change == whole.change
    assert whole.change.note == "spring"
    whole.check()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (matter(unit="working_hour"), "no_calendar"),
        (matter(unit="working_day"), "no_calendar"),
        (policy(filing_limit=DAY), "no_calendar"),
        (policy(zone="Mars/Olympus"), "unknown_zone"),
        (policy(zone="../etc/passwd"), "unknown_zone"),
        (grid(geometry={"type": "Point", "coordinates": [1, 1]}), "invalid_polygon"),
        (grid(code="99010100100100"), "invalid"),
        (matter(conditions=[]), "invalid"),
        (matter(colour="red"), "invalid"),
        (matter(conditions=matter()["conditions"] * 2), "duplicate_condition"),
        ({**unit(), "kind": "dragon"}, "invalid"),
        ({"code": "x"}, "invalid"),
        (7, "invalid"),
        (unit("u-9"), "duplicate_key"),
        (unit("u-2", area="990102"), "not_your_area"),
        (matter(), "not_your_area"),
    ],
)  # fmt: skip
def test_each_wrong_entry_is_named_by_its_index(wrong: object, code: str) -> None:
    within = "990101" if code == "not_your_area" else None
    found = read(unit("u-9"), wrong, within=within)
    assert [(one["index"], one["code"]) for one in found.faults] == [(1, code)]
    assert [one.key for one in found.candidates] == ["unit/u-9"]
    with pytest.raises(ProblemError) as raised:
        found.check()
    assert raised.value.code == code
    assert raised.value.status == (403 if code == "not_your_area" else 422)


def test_the_matter_with_a_working_limit_is_named() -> None:
    found = read(matter("street-lamp", unit="working_hour"))
    assert "matter street-lamp, condition any, handle" in found.faults[0]["detail"]


def test_several_kinds_of_faults_have_one_code_and_all_are_counted() -> None:
    found = read(*[policy(f"{1000 + n}", zone="Nowhere") for n in range(150)], {"kind": "x"})
    assert (found.faulty, len(found.faults)) == (151, 100)
    mixed = read(policy(zone="Nowhere"), {"kind": "x"})
    with pytest.raises(ProblemError) as raised:
        mixed.check()
    assert raised.value.code == "invalid_entries"


def test_too_large_an_entry_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.intake.domain.entry_rules.MAX_ENTRY_BYTES", 100)
    assert read(matter()).faults[0]["code"] == "entry_too_large"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "bad_json"),
        (b"[]", 422, "invalid"),
        (b'{"entries": 1}', 422, "invalid"),
        (b'{"entries": [], "more": 1}', 422, "invalid"),
        (b'{"entries": [], "change": {"who": 1}}', 422, "invalid"),
        (b'{"entries": [], "change": {"valid_from": "2026-01-01"}}', 422, "invalid"),
    ],
)
def test_what_is_no_import_at_all_is_refused(body: bytes, status: int, code: str) -> None:
    with pytest.raises(ProblemError) as raised:
        gather(body, "application/json", "", None, "Asia/Shanghai")
    assert (raised.value.status, raised.value.code) == (status, code)


def test_a_line_that_is_not_json_is_a_fault_of_that_line() -> None:
    found = gather(b"{\n" + as_lines(unit()), "application/x-ndjson", "", None, "Asia/Shanghai")
    assert [(one["index"], one["code"]) for one in found.faults] == [(0, "bad_json")]
    assert len(found.candidates) == 1


@pytest.mark.parametrize("form", [as_json, as_lines])
def test_entries_are_counted(form: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_body, "MAX_ENTRIES", 1)
    media = "application/json" if form is as_json else "application/x-ndjson"
    with pytest.raises(ProblemError) as raised:
        gather(form(unit("u-1"), unit("u-2")), media, "", None, "Asia/Shanghai")
    assert raised.value.status == 413


def test_a_city_administrator_may_change_matters_and_what_lies_below() -> None:
    assert read(matter(), grid(), unit(), policy(), area("990101"), within="9901").faults == []
    assert read(grid(), unit(), within="990101").faults == []
