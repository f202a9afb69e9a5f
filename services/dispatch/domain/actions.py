"""What an action that may be done does to the case."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from services.dispatch.domain.by import whoever_asked
from services.dispatch.domain.desk import AT_THE_DESK, Deciding
from services.dispatch.domain.dispatching import dispatched
from services.dispatch.domain.dossier import Decided, Dossier
from services.dispatch.domain.following import separate
from services.dispatch.domain.guards import MAX_RETURNS, Question
from services.dispatch.domain.lookups import Lookups
from services.dispatch.domain.permission import refusal, refused
from services.dispatch.domain.routes import Route, Routing
from services.dispatch.domain.routing import filed_under, route, to_named
from services.dispatch.domain.subject import Subject, subject_of
from shared.contracts.base import EventData
from shared.contracts.case_v1 import Case, CaseState
from shared.contracts.cases_v1 import (
    CaseAccepted,
    CaseClosed,
    CaseDispatched,
    CaseEvent,
    CaseHandled,
    CaseReopened,
    CaseVoided,
    ReturnGranted,
    ReturnRefused,
    ReturnRequested,
    ReworkOrdered,
    Rule,
)
from shared.contracts.choice_v1 import DispatchRule
from shared.contracts.incidents_v1 import ActionRequested, IncidentReported, Verb
from shared.registry.snapshot import Snapshot

E = TypeVar("E", bound=CaseEvent)


@dataclass(frozen=True, slots=True)
class Doing:
    """An action that may be done, on a case as it is."""

    asked: ActionRequested
    reported: IncidentReported
    case: Case
    decided: Decided
    registry: Snapshot
    lookups: Lookups

    @property
    def at(self) -> datetime:
        """When it takes effect: when intake received it."""
        return self.asked.received_at

    @property
    def subject(self) -> Subject:
        """What routing looks at, by the matter as it was when the case was filed."""
        matter = filed_under(self.registry, self.case.matter)
        return subject_of(self.reported, self.case, matter)

    def routing(self, returned_by: Collection[str] = ()) -> Routing:
        """What a route is found by at the instant of the action."""
        return Routing(self.registry, self.at, self.lookups.loads, returned_by)

    def dispatched(self, case: Case, route: Route) -> CaseDispatched:
        """The route's unit gets the case, by the actor."""
        return dispatched(self.asked.incident_id, case, route, self.at, whoever_asked(self.asked))

    def event(
        self,
        kind: type[E],
        change: dict[str, Any],
        times: dict[str, datetime | None] | None = None,
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


def act(
    dossier: Dossier, asked: ActionRequested, registry: Snapshot, lookups: Lookups
) -> Sequence[EventData]:
    """What follows from an action: what it does, or its refusal with the rule named."""
    decided, reported = dossier.decided, dossier.report
    rule = refusal(Question(asked, decided, reported, registry))
    if rule is not None:
        return [refused(asked, rule)]
    if reported is None:
        return [refused(asked, Rule.NOT_A_CASE)]
    if decided.follows is not None:
        return separate(dossier, asked, registry, lookups)
    if decided.case is None:
        return AT_THE_DESK[asked.request.action](
            Deciding(asked, reported, dossier, registry, lookups)
        )
    doing = Doing(asked, reported, decided.case, decided, registry, lookups)
    return EFFECTS[asked.request.action](doing)


def _accept(doing: Doing) -> Sequence[EventData]:
    change = {"state": CaseState.ACCEPTED}
    return [doing.event(CaseAccepted, change, {"accepted_at": doing.at})]


def _ask_return(doing: Doing) -> Sequence[EventData]:
    return [doing.event(ReturnRequested, {"return_pending": True})]


def _grant_return(doing: Doing) -> Sequence[EventData]:
    case = doing.case
    if case.unit is None:
        raise ValueError("a case that no unit has cannot be returned")
    granted = doing.event(
        ReturnGranted,
        {
            "state": CaseState.FILED,
            "unit": None,
            "member": None,
            "co_units": (),
            "cc": (),
            "return_pending": False,
            "returns": case.returns + 1,
        },
        {"dispatched_at": None, "accepted_at": None},
        returned_by=case.unit.code,
    )
    if doing.asked.request.unit is not None:
        return [granted, _dispatched_as_named(doing, granted.case)]
    if granted.case.returns >= MAX_RETURNS:
        return [granted]  # the rules were wrong twice: the duty head names the unit
    away = {*doing.decided.returned_by, case.unit.code}
    chosen = route(doing.subject, doing.routing(away))
    return [granted] if chosen.unit is None else [granted, doing.dispatched(granted.case, chosen)]


def _refuse_return(doing: Doing) -> Sequence[EventData]:
    change = {"return_pending": False, "refused_returns": doing.case.refused_returns + 1}
    return [doing.event(ReturnRefused, change)]


def _hand_back(doing: Doing) -> Sequence[EventData]:
    # A return that nobody had decided lapses: the unit has done the work.
    change = {"state": CaseState.HANDLED, "return_pending": False}
    return [doing.event(CaseHandled, change, {"handled_at": doing.at})]


def _verify(doing: Doing) -> Sequence[EventData]:
    if doing.asked.request.passed:
        return [doing.event(CaseClosed, {"state": CaseState.CLOSED}, {"closed_at": doing.at})]
    change = {"state": CaseState.ACCEPTED, "reworks": doing.case.reworks + 1}
    return [doing.event(ReworkOrdered, change, {"handled_at": None})]


def _reassign(doing: Doing) -> Sequence[EventData]:
    return [_dispatched_as_named(doing, doing.case)]


def _dispatched_as_named(doing: Doing, case: Case) -> EventData:
    named = doing.registry.unit(doing.asked.request.unit or "", doing.at)
    if named is None:
        raise ValueError(f"unit {doing.asked.request.unit} is not in force")
    by_hand = DispatchRule.NAMED_BY_DISPATCHER
    chosen = to_named(named, by_hand, case, doing.subject, doing.routing())
    return doing.dispatched(case, chosen)


def _reopen(doing: Doing) -> Sequence[EventData]:
    change = {"state": CaseState.DISPATCHED, "reopenings": doing.case.reopenings + 1}
    times = {
        "dispatched_at": doing.at,
        "accepted_at": None,
        "handled_at": None,
        "closed_at": None,
    }
    return [doing.event(CaseReopened, change, times)]


def _void(doing: Doing) -> Sequence[EventData]:
    change = {"state": CaseState.VOIDED, "return_pending": False}
    return [doing.event(CaseVoided, change, state_before=doing.case.state)]


EFFECTS: dict[Verb, Callable[[Doing], Sequence[EventData]]] = {
    Verb.ACCEPT: _accept,
    Verb.RETURN: _ask_return,
    Verb.APPROVE: _grant_return,
    Verb.DENY: _refuse_return,
    Verb.HANDLED: _hand_back,
    Verb.VERIFY: _verify,
    Verb.REASSIGN: _reassign,
    Verb.REOPEN: _reopen,
    Verb.VOID: _void,
}
