"""An action that may be done, on a case as it is, and the events that it makes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from services.dispatch.domain.by import whoever_asked
from services.dispatch.domain.dispatching import given
from services.dispatch.domain.dossier import Decided, Dossier
from services.dispatch.domain.lookups import Lookups
from services.dispatch.domain.routes import Route, Routing
from services.dispatch.domain.routing import filed_under, to_named
from services.dispatch.domain.subject import Subject, subject_of
from services.dispatch.domain.working_time import calendar_then
from shared.contracts.base import EventData
from shared.contracts.case_v1 import Case, CaseEvent
from shared.contracts.choice_v1 import DispatchRule
from shared.contracts.incidents_v1 import ActionRequested, IncidentReported
from shared.contracts.registry_v1 import Unit
from shared.registry.snapshot import Snapshot
from shared.worktime.calendar import Calendar

E = TypeVar("E", bound=CaseEvent)


@dataclass(frozen=True, slots=True)
class Doing:
    """An action that may be done, on a case as it is."""

    asked: ActionRequested
    reported: IncidentReported
    case: Case
    dossier: Dossier
    registry: Snapshot
    lookups: Lookups

    @property
    def decided(self) -> Decided:
        """What dispatch decided so far."""
        return self.dossier.decided

    @property
    def at(self) -> datetime:
        """When it takes effect: when intake received it."""
        return self.asked.received_at

    @property
    def calendar(self) -> Calendar:
        """By which what begins with the action is counted."""
        return calendar_then(self.case, self.registry, self.at)

    @property
    def subject(self) -> Subject:
        """What routing looks at, by the matter as it was when the case was filed."""
        matter = filed_under(self.registry, self.case.matter)
        return subject_of(self.reported, self.case, matter)

    def routing(self, returned_by: Collection[str] = ()) -> Routing:
        """What a route is found by at the instant of the action."""
        return Routing(self.registry, self.at, self.lookups.loads, returned_by)

    def given(self, case: Case, route: Route) -> list[EventData]:
        """The route's unit gets the case, by the actor; whoever co-operates a task."""
        return given(self.asked.incident_id, case, route, self.at, whoever_asked(self.asked))

    @property
    def named(self) -> Unit:
        """The unit that the request names. Raises ValueError: a guard has asked for it before."""
        code = self.asked.request.unit or ""
        unit = self.registry.unit(code, self.at)
        if unit is None:
            raise ValueError(f"unit {code} is not in force")
        return unit

    def given_as_named(self, case: Case) -> list[EventData]:
        """The unit that the request names gets the case."""
        by_hand = DispatchRule.NAMED_BY_DISPATCHER
        return self.given(case, to_named(self.named, by_hand, case, self.subject, self.routing()))

    def event(
        self,
        kind: type[E],
        change: Mapping[str, Any],
        times: Mapping[str, datetime | None] | None = None,
        **more: Any,  # noqa: ANN401 - the event's own fields
    ) -> E:
        """An event with the case changed like that."""
        after = dict(change)
        if times is not None:
            after["times"] = self.case.times.model_copy(update=times)
        return kind(
            incident_id=self.asked.incident_id,
            at=self.at,
            actor=self.asked.actor,
            action_id=self.asked.action_id,
            reason=self.asked.request.reason,
            case=self.case.model_copy(update=after),
            **more,
        )
