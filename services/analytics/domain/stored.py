"""A timeline as it lies in the database, and back."""

from collections.abc import Mapping
from typing import Any

from services.analytics.domain.timeline import Clocked, Decided, Reported, Timeline


def dump(timeline: Timeline) -> dict[str, Any]:
    """The shape of BSON; what is empty is left out, the three parts never are."""
    return {
        "incident": _incident(timeline.incident),
        "case": _case(timeline.case),
        "escalation": _escalation(timeline.escalation),
    }


def changed(before: Timeline, after: Timeline) -> dict[str, Any]:
    """Those of the three parts that an event has replaced, as `dump` has them."""
    found: dict[str, Any] = {}
    if after.incident is not before.incident:
        found["incident"] = _incident(after.incident)
    if after.case is not before.case:
        found["case"] = _case(after.case)
    if after.escalation is not before.escalation:
        found["escalation"] = _escalation(after.escalation)
    return found


def _incident(part: Reported) -> dict[str, Any]:
    return _kept({"report": part.report, "days": part.days, "steps": list(part.steps)})


def _case(part: Decided) -> dict[str, Any]:
    return _kept(
        {
            "latest": part.latest,
            "state": part.state,
            "case": part.case,
            "outcome": part.outcome,
            "days": part.days,
            "steps": list(part.steps),
        }
    )


def _escalation(part: Clocked) -> dict[str, Any]:
    return _kept(
        {
            "latest": part.latest,
            "clocks": part.clocks,
            "supervision": part.supervision,
            "order": part.order,
            "steps": list(part.steps),
        }
    )


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
