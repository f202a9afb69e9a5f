"""``wangge due``: the golden rows from the command line, the days it shows, and what it refuses."""

import csv
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.cli.main import build
from deploy.local.errors import StackError

ROWS = list(csv.DictReader((Path(__file__).parent / "golden.csv").read_text().splitlines()))
HOLIDAYS = ("2024-02-09T10:00+08:00", "3", "working_day")


def run(*arguments: str) -> Any:  # noqa: ANN401 - a result of the runner
    return CliRunner().invoke(build(["due"]), ["due", *arguments])


def told(*arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize(
    "row", ROWS, ids=lambda row: f"{row['limit']} {row['unit']} {row['start']}"
)
def test_the_golden_rows_hold_on_the_command_line(row: dict[str, str]) -> None:
    arguments = (row["start"], row["limit"], row["unit"], "--calendar", "CN", "--zone", row["zone"])
    assert datetime.fromisoformat(told(*arguments)["due"]) == datetime.fromisoformat(row["due"])


def test_it_says_the_instant_by_the_wall_of_the_place() -> None:
    result = run(*HOLIDAYS)
    assert (result.exit_code, result.stdout) == (0, "2024-02-20T10:00:00+08:00\n")


def test_it_explains_each_day_and_what_of_it_counts() -> None:
    days = told(*HOLIDAYS, "--explain")["days"]
    assert [(one["day"], one["used"]) for one in days if one["used"]] == [
        ("2024-02-09", 0.8),
        ("2024-02-18", 1.0),
        ("2024-02-19", 1.0),
        ("2024-02-20", 0.2),
    ]
    assert {one["why"] for one in days} == {"workday", "holiday", "make_up"}
    shown = run(*HOLIDAYS, "--explain").stdout
    for words in (
        "2024-02-10",
        "节假日 holiday: 春节 Spring Festival",
        "调休上班 make-up",
        "0.8 d",
    ):
        assert words in shown


def test_hours_are_explained_in_hours() -> None:
    days = told("2024-03-01T16:30", "8", "working_hour", "--explain")["days"]
    assert [one["used"] for one in days] == [1.0, 0, 0, 7.0]


def test_an_unpublished_year_is_provisional() -> None:
    start = "2037-12-30T10:00"
    assert told(start, "5", "working_day")["provisional"]
    assert not told(start, "5", "natural_day")["provisional"]
    assert "provisional" in run(start, "5", "working_day").stderr
    assert not told(*HOLIDAYS)["provisional"]


def test_other_places_have_other_days_and_periods() -> None:
    new_york = ("2024-07-03T10:00-04:00", "1", "working_day", "--zone", "America/New_York")
    assert told(*new_york, "--calendar", "us-ny")["due"] == "2024-07-05T10:00:00-04:00"
    assert told("2024-03-14T10:00", "1", "working_day", "--calendar", "HU")["zone"] == (
        "Europe/Budapest"
    )
    night = told("2024-03-01T23:00", "8", "working_hour", "--periods", "22:00-06:00")
    assert night["due"] == "2024-03-04T23:00:00+08:00"


def test_the_next_day_may_be_the_first() -> None:
    found = told("2024-03-01T10:00", "1", "working_day", "--from-next-day")
    assert found["due"] == "2024-03-04T17:30:00+08:00"


def test_what_counts_from_the_next_day_is_explained_from_there() -> None:
    next_day = ("2024-03-01T10:00", "1", "working_day", "--from-next-day", "--explain")
    days = told(*next_day)["days"]
    assert [(one["day"][-2:], one["used"]) for one in days] == [
        ("01", 0), ("02", 0), ("03", 0), ("04", 1.0),
    ]  # fmt: skip
    assert "0.8 d" not in run(*next_day).stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("tomorrow", "3", "working_day"), "2024-02-09T10:00+08:00"),
        (("2024-02-09T10:00", "3", "weeks"), "working_day"),
        (("2024-02-09T10:00", "nan", "working_day"), "finite"),
        (("2024-02-09T10:00", "0", "working_day"), "greater than 0"),
        ((*HOLIDAYS, "--zone", "Mars/Olympus"), "Asia/Shanghai"),
        ((*HOLIDAYS, "--calendar", "US"), "--zone"),
        ((*HOLIDAYS, "--calendar", "XX", "--zone", "UTC"), "XX"),
        ((*HOLIDAYS, "--calendar", "CN-QQ"), "QQ"),
        ((*HOLIDAYS, "--periods", "8-9"), "08:30-12:00"),
        ((*HOLIDAYS, "--periods", "08:00-12:00,11:00-17:00"), "overlap"),
    ],
)
def test_what_cannot_be_read_is_refused_with_status_2(
    arguments: tuple[str, ...], says: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert says in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    "arguments",
    [("9998-02-09T10:00", "3", "working_day"), ("9998-12-31T10:00", "9999", "natural_day")],
)
def test_what_lies_beyond_every_calendar_is_an_error_in_two_languages(
    arguments: tuple[str, ...],
) -> None:
    error = run(*arguments).exception
    assert isinstance(error, StackError)
    assert "起止时刻" in error.zh
