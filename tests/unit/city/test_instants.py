"""Instants on the command line: shown with their zone, and refused where they have none."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from deploy.cli import case, dispatch, notice, order, order_view, spent
from deploy.cli.instants import shown, typed
from deploy.cli.main import build
from deploy.local.errors import StackError
from deploy.traffic.board import Line
from deploy.traffic.view import View

NOW = datetime(2027, 6, 1, 2, tzinfo=UTC)
AT = "2026-12-01T22:07:05.431Z"
MARKED = "2026-12-01 22:07:05Z"
NAMES = {"zh": "市容环卫作业队", "en": "Sanitation team"}
TASK: dict[str, Any] = {
    "case_no": "990101-20261201-000017", "matter": {"names": NAMES}, "due_at": AT,
    "overdue": True, "supervision": "yellow_card", "unacknowledged": True,
    "actions": ["accept", "return"], "reason": None, "flow": None, "tried": [],
}  # fmt: skip
ORDER: dict[str, Any] = {
    "order_no": "T0WJ-ZKAW-XC9D-2", "title": "清理楼道 Clear the stairways before tonight",
    "text": "", "deadline": AT, "state": "open", "overdue": True, "actions": ["read", "done"],
    "addressed": 450, "read": 449, "done": 448, "withdrawn_because": None,
    "units": [
        {
            "unit": "990101-team", "names": NAMES, "late": True, "overdue": False, "state": "done",
            "read_at": AT, "done_at": AT, "said": "all of them",
        },
    ],
}  # fmt: skip
SPAN = {
    "stage": "handle", "from": AT, "until": AT, "ms": 90_061_000, "unit": "990101-team",
    "names": NAMES, "note": {"code": "suspended", "zh": "挂账", "en": "suspended"},
    "suspension": {"n": 1, "until": AT, "reason": "parts"},
}  # fmt: skip
NOTICE = {
    "at": AT, "target": "demo", "state": "sent", "attempts": 1, "occasion": "breached",
    "case_no": "990101-1", "incident_id": None, "error": None,
}  # fmt: skip


def test_an_instant_is_shown_with_its_zone_whatever_zone_it_comes_with() -> None:
    assert shown(AT) == shown("2026-12-02T06:07:05+08:00") == MARKED
    assert shown(None) == "-"


@pytest.mark.parametrize(
    ("table", "count"),
    [
        (lambda: case._listed([TASK]), 1),
        (lambda: order_view.listed([ORDER]), 1),
        (lambda: order_view.tasks([ORDER]), 1),
        (lambda: order_view.one(ORDER)[-1], 2),
        (lambda: spent.spans({"spans": [SPAN], "running": False}), 2),
        (lambda: notice._table([NOTICE]), 1),
    ],
    ids=["inbox", "orders", "tasks", "order", "time", "notices"],
)
def test_every_table_marks_its_instants_and_fits_100_columns(
    table: Callable[[], Any], count: int
) -> None:
    page = Console(file=io.StringIO(), width=100, record=True, soft_wrap=True)
    page.print(table())
    text = page.export_text()
    assert text.count("22:07:05") == text.count("22:07:05Z") == count, text
    if count == 1:  # two in one row may be folded
        assert MARKED in text
    assert "…" not in text


def test_the_deadline_of_an_order_and_the_end_of_a_suspension_are_marked_too() -> None:
    assert any(MARKED in str(line) for line in order_view.one(ORDER)[:-1])
    (line,) = spent.notes({"spans": [SPAN]})
    assert MARKED in line


def test_the_latest_events_of_the_traffic_are_marked() -> None:
    line = Line(at=datetime.fromisoformat(AT), type="x", word="", case=None)
    assert next(iter(View._cells(View.__new__(View), line))) == "22:07:05Z"


def test_a_deadline_has_its_zone_or_counts_from_now() -> None:
    assert order.due("2027-06-01T18:00+08:00", NOW) == "2027-06-01T10:00:00+00:00"
    assert order.due("+8h", NOW) == order.due("2027-06-01T10:00Z", NOW)


@pytest.mark.parametrize("text", ["2027-06-01T18:00", "2027-06-01"])
def test_a_deadline_without_a_zone_is_refused_before_anybody_is_asked(text: str) -> None:
    wish = ("issue", "--to", "u", "--title", "t", "--deadline", text, "--intake", "http://x")
    error = CliRunner().invoke(build(["order"]), ["order", *wish]).exception
    assert isinstance(error, StackError)
    for said in (error.en, error.zh):
        assert text in said
        assert "2027-06-01T18:00+08:00" in said
        assert "+8h" in said
    assert "no zone" in error.en
    assert "没有时区" in error.zh


def test_what_is_no_instant_at_all_is_no_deadline() -> None:
    with pytest.raises(StackError, match="no deadline"):
        order.due("tomorrow", NOW)


def test_a_trial_takes_days_of_its_zone_and_only_instants_with_one(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("[]", encoding="utf-8")
    wish = ("try", "--rules", str(rules), "--from", "2026-03-01T08:00")
    error = CliRunner().invoke(build(["dispatch"]), ["dispatch", *wish]).exception
    assert isinstance(error, StackError)
    assert "2026-03-01T08:00 has no zone" in error.en
    day = dispatch._instant("2026-03-01", "Asia/Shanghai", whole_day=False)
    assert day == typed("2026-03-01T00:00+08:00")
