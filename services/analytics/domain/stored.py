"""A timeline as it lies in the database, and back."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from services.analytics.domain.timeline import Clocked, Decided, Reported, Timeline

PARTS: Mapping[str, type[Reported | Decided | Clocked]] = {
    "incident": Reported,
    "case": Decided,
    "escalation": Clocked,
}
"""The parts of a timeline, one a topic; an event replaces the one of its topic."""
FIELDS = {part: tuple(one.name for one in fields(part)) for part in PARTS.values()}


def dump(timeline: Timeline) -> dict[str, Any]:
    """The shape of BSON; what is empty is left out, the three parts never are."""
    return {name: _kept(getattr(timeline, name)) for name in PARTS}


def changed(before: Timeline, after: Timeline) -> dict[str, Any]:
    """Those of the three parts that events have replaced, as `dump` has them."""
    return {
        name: _kept(part)
        for name in PARTS
        if (part := getattr(after, name)) is not getattr(before, name)
    }


def load(raw: Mapping[str, Any]) -> Timeline:
    """The timeline that was dumped; raises TypeError or KeyError for what was not."""
    return Timeline(
        incident=Reported(**_read(raw["incident"])),
        case=Decided(**_read(raw["case"])),
        escalation=Clocked(**_read(raw["escalation"])),
    )


def _kept(part: Reported | Decided | Clocked) -> dict[str, Any]:
    return {name: value for name in FIELDS[type(part)] if (value := getattr(part, name))}


def _read(part: Mapping[str, Any]) -> dict[str, Any]:
    return {**part, "steps": tuple(part.get("steps", ()))}
