"""The decider of dispatch: from reports and actions to what becomes of the cases."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.dispatch.domain.actions import act
from services.dispatch.domain.dossier import Dossier
from services.dispatch.domain.filing import file
from services.dispatch.domain.flooding import source_of
from services.dispatch.domain.folding import evolve
from services.dispatch.domain.looking_again import LookAgain, looked_again
from services.dispatch.domain.lookups import lookups
from services.dispatch.domain.nearness import cell
from shared.contracts.base import EventData
from shared.contracts.cases_v1 import CaseEvent, CaseState
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import (
    ClockApproaching,
    ClockBreached,
    ClocksChanged,
    MarkWithdrawn,
)
from shared.contracts.incidents_v1 import ActionRequested, IncidentReported
from shared.ledger.decider import Context, Draft

SERVICE = "dispatch"

PASSES = (ClocksChanged, ClockApproaching, ClockBreached, MarkWithdrawn)
"""What of escalation changes no dossier: only supervision does."""


class Dispatching:
    """The rules of one incident's dossier."""

    fold_version = 1

    def evolve(self, state: Dossier | None, event: Event[Any]) -> Dossier:
        """The dossier after the event."""
        return evolve(state, event)

    def decide(self, state: Dossier | None, event: Event[Any], context: Context) -> list[Draft]:
        """Filing and dispatch for a report, the effect or the refusal for an action."""
        dossier, data, found = state or Dossier(), event.data, lookups(context.found)
        if isinstance(data, IncidentReported):
            if not dossier.decided.undecided or event.origin is None:
                return []
            follows = file(data, event.origin, context.registry, context.now, found)
            return [Draft(one, context.now) for one in follows]
        if isinstance(data, ActionRequested):
            return _drafts(act(dossier, data, context.registry), data)
        if isinstance(data, LookAgain):
            follows = looked_again(dossier, data, context.registry, context.now, found)
            return [Draft(one, context.now) for one in follows]
        return []

    def dump(self, state: Dossier) -> dict[str, Any]:
        """As stored."""
        return state.model_dump(exclude_none=True)

    def load(self, raw: Mapping[str, Any]) -> Dossier:
        """As read."""
        return Dossier.model_validate(raw)

    def columns(self, state: Dossier) -> dict[str, Any]:
        """By what other decisions find it.

        ``cell`` of an open case to which others may be linked, ``first`` of a follower, ``void``
        of a case that is none any more, ``source`` and ``received_at`` of what is no follower.
        """
        decided, report = state.decided, state.report
        case, near = decided.open_case, decided.near
        void = decided.case is not None and decided.case.state is CaseState.VOIDED
        return {
            "cell": cell(case.matter.code, case.location, near.metres) if case and near else None,
            "first": decided.follows.case_id if decided.follows else None,
            "void": True if void else None,
            "source": source_of(report) if report and not decided.follows else None,
            "received_at": report.received_at if report else None,
        }


def _drafts(follows: Sequence[EventData], asked: ActionRequested) -> list[Draft]:
    return [
        Draft(one, one.at if isinstance(one, CaseEvent) else asked.received_at) for one in follows
    ]
