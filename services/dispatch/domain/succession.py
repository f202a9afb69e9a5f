"""What the withdrawal of a unit means for its open cases: its successor gets them, or the rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.dispatch.domain.dispatching import given
from services.dispatch.domain.dossier import Dossier
from services.dispatch.domain.requests import own_limits
from services.dispatch.domain.routes import Route, Routing
from services.dispatch.domain.routing import filed_under, route, to_named
from services.dispatch.domain.subject import subject_of
from services.dispatch.domain.timing import resumed, reviewed
from shared.contracts.base import EventData
from shared.contracts.case_v1 import MAX_RETURNS, CaseState
from shared.contracts.choice_v1 import DispatchRule
from shared.contracts.registry_v1 import EntrySet, Unit
from shared.contracts.rule_v1 import Rule
from shared.ledger.walk import Group
from shared.registry.snapshot import Snapshot
from shared.registry.validity import in_force

AT_WORK = frozenset({CaseState.DISPATCHED, CaseState.ACCEPTED})
"""States in which a unit may still owe something; what it has handed back is verified as it is."""
MAX_SUCCESSIONS = 10
"""How many withdrawn units in a row are followed: a ring of them ends somewhere."""


@dataclass(frozen=True, slots=True)
class Heir:
    """By which change somebody takes over, and who, found how."""

    change: str
    route: Route


class Succession:
    """The walk by which open cases leave units that were withdrawn."""

    name = "units"
    columns = ("unit", "member")
    """Members have a walk of their own: one index for both."""

    def concerns(self, group: Group, registry: Snapshot, at: datetime) -> bool:
        """Whether the unit is withdrawn."""
        return group["unit"] is not None and _withdrawn(registry, group["unit"], at) is not None

    def cause(self, state: Dossier, registry: Snapshot, at: datetime) -> tuple[object, ...] | None:
        """The withdrawal, and who takes over."""
        found = heir(state, Routing(registry, at, returned_by=state.decided.returned_by))
        return (found.change,) if found else None

    def follows(self, incident_id: str, dossier: Dossier, routing: Routing) -> Sequence[EventData]:
        """Its dispatch to who takes over; none where nobody does: it stays, for a dispatcher."""
        case, found = dossier.decided.case, heir(dossier, routing)
        if case is None or found is None:
            return []
        follows: list[EventData] = []
        if case.suspension is not None:
            over = reviewed(incident_id, case, routing.at)
            ended = over or resumed(incident_id, case, routing.at, Rule.STATE_CHANGES)
            case = ended.case
            follows.append(ended)
        case = case.model_copy(update={"limits": own_limits(case, dossier.decided)})
        if found.route.rule is not DispatchRule.SUCCESSOR:
            # Whom the duty head named is gone: whom the rules find instead may return it.
            case = case.model_copy(update={"returns": min(case.returns, MAX_RETURNS - 1)})
        return [*follows, *given(incident_id, case, found.route, routing.at)]


def heir(dossier: Dossier, routing: Routing) -> Heir | None:
    """Who takes over an open case of a withdrawn unit.

    The successor that the withdrawal names, or that one's, whatever either has returned: it was
    named by a person; else whoever the rules find.
    """
    case = dossier.decided.case
    if case is None or dossier.report is None or case.unit is None or case.state not in AT_WORK:
        return None
    if case.lead_done_at is not None:
        return None  # it waits for others only; done again, it is looked at again
    registry, at = routing.registry, routing.at
    gone = _withdrawn(registry, case.unit.code, at)
    if gone is None:
        return None
    subject = subject_of(dossier.report, case, filed_under(registry, case.matter))
    named = _successor(registry, gone, at)
    if named is not None:
        taken = to_named(named, DispatchRule.SUCCESSOR, case, subject, routing)
        return Heir(gone.change.id, taken)
    chosen = route(subject, routing)
    return Heir(gone.change.id, chosen) if chosen.unit is not None else None


def _successor(registry: Snapshot, gone: EntrySet, at: datetime) -> Unit | None:
    for _ in range(MAX_SUCCESSIONS):
        if gone.successor is None:
            return None
        if (unit := registry.unit(gone.successor, at)) is not None:
            return unit
        after = _withdrawn(registry, gone.successor, at)
        if after is None:
            return None
        gone = after
    return None


def _withdrawn(registry: Snapshot, unit: str, at: datetime) -> EntrySet | None:
    """The version by which a unit is withdrawn, if it is."""
    newest = registry.begun(f"unit/{unit}", at)
    return None if newest is None or in_force(newest, at) else newest
