"""What a timeline is after an event."""

from typing import Any

from services.analytics.domain.timeline import Clocked, Decided, Reported, Step, Timeline
from shared.contracts.base import EventData
from shared.contracts.cases_v1 import ActionRefused, CaseEvent, IncidentHeld, Outcome
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import (
    ClocksChanged,
    MarkEvent,
    SupervisionEvent,
    SupervisionLifted,
)
from shared.contracts.incidents_v1 import ActionRequested, IncidentReported


def evolve(state: Timeline | None, event: Event[Any]) -> Timeline:
    """The timeline after the event; only the part of the event's topic changes."""
    before, data = state or Timeline(), event.data
    if isinstance(data, IncidentReported | ActionRequested):
        return before.model_copy(update={"incident": _reported(before.incident, event)})
    if isinstance(data, CaseEvent | Outcome | ActionRefused):
        return before.model_copy(update={"case": _decided(before.case, event)})
    if isinstance(data, ClocksChanged | MarkEvent | SupervisionEvent):
        return before.model_copy(update={"escalation": _clocked(before.escalation, event)})
    return before


def _reported(before: Reported, event: Event[Any]) -> Reported:
    data = event.data
    update: dict[str, Any] = {"steps": (*before.steps, _step(event, data))}
    if isinstance(data, IncidentReported):
        update["report"] = data
    return before.model_copy(update=update)


def _decided(before: Decided, event: Event[Any]) -> Decided:
    data = event.data
    update: dict[str, Any] = {"steps": (*before.steps, _step(event, data))}
    if isinstance(data, CaseEvent):
        update["case"] = data.case
    if isinstance(data, Outcome):
        update |= {
            "outcome": Outcome(**{name: getattr(data, name) for name in Outcome.model_fields}),
            "ending": "in_review" if isinstance(data, IncidentHeld) else "rejected",
            "decided_at": event.time,
        }
    return before.model_copy(update=update)


def _clocked(before: Clocked, event: Event[Any]) -> Clocked:
    data = event.data
    update: dict[str, Any] = {"steps": (*before.steps, _step(event, data))}
    if isinstance(data, ClocksChanged):
        changed = {f"{clock.task}/{clock.clock}": clock for clock in data.clocks}
        update["clocks"] = {**before.clocks, **changed}
    if isinstance(data, SupervisionEvent):
        lifted = isinstance(data, SupervisionLifted)
        update["supervision"] = None if lifted else str(data.level)
    return before.model_copy(update=update)


def _step(event: Event[Any], data: EventData) -> Step:
    facts: dict[str, Any] = {}
    if isinstance(data, CaseEvent):
        unit = data.case.unit.code if data.case.unit else None
        facts = {"actor": data.actor, "reason": data.reason or None, "unit": unit}
    elif isinstance(data, Outcome):
        facts = {"rule": str(data.rule)}
    elif isinstance(data, ActionRefused):
        facts = {"actor": data.actor, "action": data.action, "rule": str(data.rule)}
    elif isinstance(data, ActionRequested):
        request = data.request
        facts = {
            "actor": data.actor,
            "action": str(request.action),
            "reason": request.reason or None,
        }
    elif isinstance(data, MarkEvent | SupervisionEvent):
        facts = _marked(data)
    return Step(sequence=event.sequence, type=event.type, at=event.time, **facts)


def _marked(data: MarkEvent | SupervisionEvent) -> dict[str, Any]:
    mark = data.mark
    facts: dict[str, Any] = {}
    if mark is not None:
        facts = {"clock": f"{mark.task}/{mark.clock}/{mark.run}", "percent": mark.percent}
    if isinstance(data, SupervisionEvent):
        facts["level"] = str(data.level)
    return facts
