"""A timeline as it lies in the database, and back."""

from collections.abc import Mapping
from typing import Any

from services.analytics.domain.timeline import Clocked, Decided, Reported, Timeline


def dump(timeline: Timeline) -> dict[str, Any]:
    """The shape of BSON; what is empty is left out, the three parts never are."""
    incident, case, escalation = timeline.incident, timeline.case, timeline.escalation
    return {
        "incident": _kept(
            {"report": incident.report, "days": incident.days, "steps": list(incident.steps)}
        ),
        "case": _kept(
            {
                "latest": case.latest,
                "state": case.state,
                "case": case.case,
                "outcome": case.outcome,
                "days": case.days,
                "steps": list(case.steps),
            }
        ),
        "escalation": _kept(
            {
                "latest": escalation.latest,
                "clocks": escalation.clocks,
                "supervision": escalation.supervision,
                "order": escalation.order,
                "steps": list(escalation.steps),
            }
        ),
    }


def load(raw: Mapping[str, Any]) -> Timeline:
    """The timeline that was dumped; raises TypeError or KeyError for what was not."""
    return Timeline(
        incident=Reported(**_read(raw["incident"])),
        case=Decided(**_read(raw["case"])),
        escalation=Clocked(**_read(raw["escalation"])),
    )


def _kept(part: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if value}


def _read(part: Mapping[str, Any]) -> dict[str, Any]:
    return {**part, "steps": tuple(part.get("steps", ()))}
