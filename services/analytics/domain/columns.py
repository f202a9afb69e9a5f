"""The fields beside a timeline's state, for lists and counts to look up by."""

from datetime import datetime
from typing import Any

from services.analytics.domain import inboxes
from services.analytics.domain.timeline import NOTHING, Timeline
from shared.contracts.base import Stage

HANDLE = f"lead/{Stage.HANDLE.value}"


def columns(timeline: Timeline) -> dict[str, Any]:
    """Every column, if only set to nothing: a value from before must not stay.

    ``state_word``, ``open``, ``case_no`` (also of what was filed once), ``receipt_no``, ``grid``,
    ``matter``, ``unit``, ``source``, ``public`` (None where it is told in part), ``follows`` (the
    case that it is linked to), ``lon``, ``lat``, ``counts_from``,
    ``handle_due`` (of the handle clock of an open case, where it runs or was missed), ``inboxes``,
    ``todo_units``, ``lowest``, ``lowest_check``, ``rank``, ``due``, ``cc_units`` (of
    `domain.inboxes`), of an inspection ``plan``, ``plan_day``, ``findings`` (how many came with its
    turns), and ``on``: the days of `domain.facts`.
    """
    report = timeline.incident.report or NOTHING
    case, outcome = timeline.case.case, timeline.case.outcome
    source = case or outcome or report
    grid, matter, unit = timeline.case.place
    location = source.get("location")
    return {
        "state_word": timeline.state,
        "open": timeline.is_open,
        "case_no": timeline.case.filed.get("case_no"),
        "receipt_no": report.get("receipt_no"),
        "grid": grid,
        "matter": matter or report.get("matter"),
        "unit": unit,
        "source": source.get("source"),
        "public": timeline.case.public,
        "follows": outcome.get("case_id") if outcome else None,
        "lon": location[0] if location else None,
        "lat": location[1] if location else None,
        "counts_from": counts_from(timeline),
        "handle_due": timeline.escalation.due(HANDLE) if timeline.is_open else None,
        **inboxes.columns(timeline),
        **_of_plan(timeline),
        "on": {**timeline.incident.days, **timeline.case.days},
    }


def _of_plan(timeline: Timeline) -> dict[str, Any]:
    plan = (timeline.incident.report or NOTHING).get("plan")
    if plan is None:
        return {"plan": None, "plan_day": None, "findings": None}
    findings = sum(len(step.get("found", ())) for step in timeline.case.steps)
    return {"plan": plan["code"], "plan_day": plan["day"], "findings": findings}


def counts_from(timeline: Timeline) -> datetime | None:
    """From when the clocks count; None while only an echo of the incident has arrived."""
    if timeline.incident.report is not None:
        found = timeline.incident.report["counts_from"]
    elif timeline.case.case is not None:
        found = timeline.case.case["times"]["counts_from"]
    else:
        found = (timeline.case.outcome or NOTHING).get("counts_from")
    return found if isinstance(found, datetime) else None
