"""What is told of a case: to officials in full, to the public without people and their words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.analytics.domain.timeline import Step, Timeline
from shared.contracts.base import instant_text

PRIVATE_STEP = {"actor", "reason"}


def row(raw: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """A case in a list, from its columns and the case's own part."""
    case = raw["state"]["case"].get("case") or {}
    outcome = raw["state"]["case"].get("outcome") or {}
    times = case.get("times", {})
    due = raw.get("handle_due")
    return {
        "incident_id": raw["_id"],
        "case_no": raw.get("case_no"),
        "state": raw["state_word"],
        "reason": outcome.get("rule") if not case else None,
        "grid": raw.get("grid"),
        "matter": _named(case.get("matter")) or _bare(raw.get("matter")),
        "unit": _named(case.get("unit")),
        "source": raw.get("source"),
        "location": case.get("location") or outcome.get("location"),
        "counts_from": _text(raw.get("counts_from")),
        "filed_at": _text(times.get("filed_at")),
        "closed_at": _text(times.get("closed_at")),
        "due_at": _text(due),
        "overdue": due is not None and due < now,
        "supervision": raw["state"]["escalation"].get("supervision"),
    }


def whole(timeline: Timeline, official: bool) -> dict[str, Any]:  # noqa: FBT001 - one of two views
    """A case with all that happened to it, in the order of time."""
    case, outcome = timeline.case.case, timeline.case.outcome
    report = timeline.incident.report
    told: dict[str, Any] = {
        "incident_id": report.incident_id if report else None,
        "state": timeline.state,
        "case_no": case.case_no if case else None,
        "reason": outcome.rule if outcome and not case else None,
        "explanation": outcome.explanation.model_dump() if outcome and not case else None,
        "case": case.model_dump(mode="json", exclude_none=True) if case else None,
        "grid": case.grid if case else (outcome.grid if outcome else None),
        "matter": _named(case.matter.model_dump()) if case else None,
        "unit": _named(case.unit.model_dump()) if case and case.unit else None,
        "clocks": [
            clock.model_dump(mode="json", exclude_none=True)
            for clock in timeline.escalation.clocks.values()
        ],
        "supervision": timeline.escalation.supervision,
        "timeline": [_step(step, official) for step in _merged(timeline)],
    }
    if report is not None:
        told |= {
            "received_at": instant_text(report.received_at),
            "counts_from": instant_text(report.counts_from),
        }
        if official:
            told |= {
                "receipt_no": report.receipt_no,
                "description": report.report.description,
                "address": report.report.address,
                "external_id": report.report.external_id,
                "source": report.report.source,
            }
    return told


def _merged(timeline: Timeline) -> list[Step]:
    steps = (*timeline.incident.steps, *timeline.case.steps, *timeline.escalation.steps)
    # A stable sort: events of one instant stay in the order of their topic, causes first.
    return sorted(steps, key=lambda step: step.at)


def _step(step: Step, official: bool) -> dict[str, Any]:  # noqa: FBT001 - one of two views
    return step.model_dump(
        mode="json", exclude_none=True, exclude=None if official else PRIVATE_STEP
    )


def _named(entry: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if not entry else {"code": entry["code"], "names": entry["names"]}


def _bare(code: str | None) -> dict[str, Any] | None:
    return None if code is None else {"code": code, "names": None}


def _text(at: datetime | None) -> str | None:
    return None if at is None else instant_text(at)
