"""Plans as they are listed: with those that have made no inspection yet."""

from collections.abc import Iterable, Sequence
from typing import Any

from services.intake.domain.planning import days_of
from shared.contracts.plans import Plan

NOTHING = ("planned", "done", "missed", "open", "overdue", "findings")


def with_waiting(
    rows: Sequence[dict[str, Any]],
    plans: Iterable[Plan],
    first: str | None = None,
    last: str | None = None,
) -> list[dict[str, Any]]:
    """Rows of ``/v1/plans``, and one of zeros for each plan in force that has none, by code.

    Of those only plans with a day from ``first`` to ``last``; none: open ends.
    """
    known = {row["code"] for row in rows}
    waiting = [
        _waiting(plan, days)
        for plan in plans
        if plan.code not in known and (days := _within(plan, first or "", last or "~"))
    ]
    return sorted([*rows, *waiting], key=lambda row: str(row["code"]))


def _within(plan: Plan, first: str, last: str) -> list[str]:
    return [day for day in days_of(plan) if first <= day <= last]


def _waiting(plan: Plan, days: Sequence[str]) -> dict[str, Any]:
    return {
        "code": plan.code, "names": plan.names.model_dump(), "kind": plan.plan_kind.value,
        **dict.fromkeys(NOTHING, 0), "findings_became": {}, "ends": {},
        "first_day": days[0], "last_day": days[-1],
    }  # fmt: skip
