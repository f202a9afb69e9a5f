"""Inspections planned and done, of each plan (巡查、排查、专项)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from shared.contracts.case_v1 import CaseState

ADDED = ("planned", "done", "missed", "open", "overdue")
FILED = frozenset(set(CaseState) - {CaseState.VOIDED})


def by_plan(
    rows: Iterable[Mapping[str, Any]], became: Mapping[tuple[str, str | None], int]
) -> list[dict[str, Any]]:
    """Of each plan, by code: how many were planned, are done, open and overdue, and what was found.

    ``rows`` are figures by plan and by the end to which inspections came; ``ends`` counts those.
    ``done`` is what was made and handed back, ``missed`` what came to an end without: one that says
    so, void, or without a case. ``findings`` are incidents of their own, also those that came with
    a turn that was refused; ``became`` are their numbers by plan and state, and ``findings_became``
    says how many were filed, and what else.
    """
    plans: dict[str, dict[str, Any]] = {}
    for row in rows:
        code, end = row["_id"]["plan"], row["_id"].get("end")
        plan = plans.setdefault(
            code,
            {
                "code": code, "names": row["names"], "kind": row["kind"],
                **dict.fromkeys(ADDED, 0), "findings": 0,
                "findings_became": Counter(), "ends": Counter(),
                "first_day": row["first"], "last_day": row["last"],
            },
        )  # fmt: skip
        for name in ADDED:
            plan[name] += row[name]
        if end is not None:
            plan["ends"][end] += row["planned"]
        plan["first_day"] = min(plan["first_day"], row["first"])
        plan["last_day"] = max(plan["last_day"], row["last"])
    for (code, state), count in became.items():
        if (known := plans.get(code)) is not None:
            known["findings"] += count
            known["findings_became"][_word(state)] += count
    counts = ("findings_became", "ends")
    return [
        plans[code] | {name: dict(sorted(plans[code][name].items())) for name in counts}
        for code in sorted(plans)
    ]


def _word(state: str | None) -> str:
    """What became of a finding, in a word: all that is a case is filed."""
    return "filed" if state in FILED else state or "reported"
