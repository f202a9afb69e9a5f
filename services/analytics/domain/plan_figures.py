"""Inspections planned and done, of each plan (巡查、排查、专项)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

ADDED = ("planned", "done", "open", "overdue", "findings")


def by_plan(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Of each plan, by code: how many were planned, are done, open and overdue, and what was found.

    ``rows`` are figures by plan and by the end to which inspections came; ``ends`` counts those.
    ``done`` is what was made and handed back, whatever the end; ``findings`` are incidents of their
    own.
    """
    plans: dict[str, dict[str, Any]] = {}
    for row in rows:
        code, end = row["_id"]["plan"], row["_id"].get("end")
        plan = plans.setdefault(
            code,
            {
                "code": code, "names": row["names"], "kind": row["kind"],
                **dict.fromkeys(ADDED, 0), "ends": Counter(),
                "first_day": row["first"], "last_day": row["last"],
            },
        )  # fmt: skip
        for name in ADDED:
            plan[name] += row[name]
        if end is not None:
            plan["ends"][end] += row["planned"]
        plan["first_day"] = min(plan["first_day"], row["first"])
        plan["last_day"] = max(plan["last_day"], row["last"])
    return [plans[code] | {"ends": dict(plans[code]["ends"])} for code in sorted(plans)]
