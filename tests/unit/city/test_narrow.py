"""Tables on a terminal of 80 columns: what is shown is folded, never cut."""

import io
from typing import Any

from rich.console import Console, RenderableType

from deploy.cli import order_view, plan

ORDER: dict[str, Any] = {
    "order_no": "T0WJ-ZKAW-XC9D-2", "title": "清理楼道 Clear the stairways before tonight",
    "deadline": "2026-12-01T05:16:54.431Z", "state": "withdrawn",
    "addressed": 450, "read": 449, "done": 448, "overdue": 447,
}  # fmt: skip
PLAN: dict[str, Any] = {
    "names": {"zh": "消防安全专项检查", "en": "Fire safety campaign"}, "code": "fire-campaign",
    "first_day": "2026-01-01", "last_day": "2026-12-31", "planned": 1460, "done": 1400,
    "missed": 98, "open": 60, "overdue": 59, "findings": 388,
    "findings_became": {"filed": 380, "linked": 7},
    "ends": {"hazards_found": 300, "in_order": 1000, "not_inspected": 100},
}  # fmt: skip


def shown(what: RenderableType) -> str:
    page = Console(file=io.StringIO(), width=80, record=True, soft_wrap=True)
    page.print(what)
    return page.export_text()


def test_of_an_order_everything_is_legible() -> None:
    text = shown(order_view.listed([ORDER]))
    assert "…" not in text
    for one in ("T0WJ-ZKAW-XC9D-2", "2026-12-01 05:16:54Z", "withdrawn 已撤回", "450", "447"):
        assert one in text, one


def test_of_a_plan_days_numbers_and_ends_are_legible() -> None:
    text = shown(plan.listed([PLAN]))
    assert "…" not in text
    for one in (
        "2026-01-01",
        "2026-12-31",
        "1460",
        "98",
        "388",
        "filed 380",
        "hazards_found 300",
        "in_order 1000",
    ):
        assert one in text, one
