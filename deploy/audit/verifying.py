"""Pure: whoever took part in the handling of a case, and whoever is of its unit, never verifies.

Who took part is found in the events, and not in what dispatch has noted of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from deploy.audit.case_events import broken
from deploy.audit.problems import Problem
from shared.contracts.base import Actor
from shared.contracts.case_v1 import CaseEvent
from shared.contracts.cases_v1 import (
    CaseAccepted,
    CaseClosed,
    CaseHandled,
    CaseMadeSafe,
    FirstTaken,
    HandledOnSite,
    LeadDone,
    ReworkOrdered,
)
from shared.contracts.envelope import Event
from shared.contracts.incidents_v1 import IncidentReported
from shared.contracts.steps_v1 import FlowEvent
from shared.contracts.tasks_v1 import TaskAccepted, TaskDone

OF_THE_LEAD = (CaseAccepted, LeadDone, CaseHandled, HandledOnSite)


@dataclass(slots=True)
class Handlers:
    """Who has taken part so far, and of which units."""

    subjects: set[str] = field(default_factory=set)
    units: set[str] = field(default_factory=set)

    def add(self, actor: Actor | None, unit: str | None) -> None:
        """Somebody of a unit takes part."""
        if actor is not None:
            self.subjects.add(actor.subject)
        if unit is not None:
            self.units.add(unit)

    def reported(self, data: IncidentReported) -> None:
        """Whoever reports what it has put right on the spot has taken part."""
        if data.report.handled_on_site is not None:
            self.add(data.reporter, data.reporter.unit)

    def take(self, data: CaseEvent) -> None:
        """A turn of a flow may be a checker's, who handles nothing: only a unit's own counts."""
        turn = isinstance(data, FlowEvent | LeadDone | CaseHandled) and data.case.flow is not None
        if turn:
            if data.actor is not None and data.actor.unit in self.units:
                self.add(data.actor, None)
        elif isinstance(data, TaskAccepted | TaskDone):
            self.add(data.actor, data.task.unit.code)
        elif isinstance(data, CaseMadeSafe):
            self.add(data.actor, data.unit)
        elif isinstance(data, FirstTaken):
            self.add(data.actor, data.case.first.code if data.case.first else None)
        elif isinstance(data, OF_THE_LEAD):
            self.add(data.actor, data.case.unit.code if data.case.unit else None)

    def barred(self, actor: Actor | None) -> str:
        """What forbids somebody to verify; nothing where he may, or is not named."""
        if actor is None:
            return ""
        if actor.subject in self.subjects:
            return f"{actor.subject} took part in the handling"
        if actor.unit is not None and actor.unit in self.units:
            return f"{actor.unit} took part in the handling"
        return ""


def check(
    subject: str, incidents: Sequence[Event[Any]], events: Sequence[Event[Any]]
) -> list[Problem]:
    """Verifications by those who handled; ``events`` are whole, in their order."""
    handlers = Handlers()
    for event in incidents:
        if isinstance(event.data, IncidentReported):
            handlers.reported(event.data)
    problems: list[Problem] = []
    before: Event[Any] | None = None
    for event in events:
        data = event.data
        verified = isinstance(data, CaseClosed | ReworkOrdered) and not _by_its_flow(before, event)
        if verified and (wrong := handlers.barred(data.actor)):
            problems.append(broken("handler_verified", subject, event, wrong))
        if isinstance(data, CaseEvent):
            handlers.take(data)
        before = event
    return problems


def _by_its_flow(before: Event[Any] | None, event: Event[Any]) -> bool:
    """Whether the end of its flow closed it at once: nothing was to be verified."""
    flow = event.data.case.flow
    if before is None or flow is None or flow.end is None:
        return False
    return isinstance(before.data, CaseHandled) and before.causation_id == event.causation_id
