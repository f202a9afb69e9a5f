"""The decider of dispatch: from reports and actions to what becomes of the cases."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.dispatch.domain.actions import act
from services.dispatch.domain.columns import columns
from services.dispatch.domain.dossier import Dossier
from services.dispatch.domain.filing import file
from services.dispatch.domain.folding import charged, evolve
from services.dispatch.domain.hearing import heard
from services.dispatch.domain.looking_again import LookAgain, looked_again
from services.dispatch.domain.lookups import lookups
from services.dispatch.domain.routes import Routing
from services.dispatch.domain.timing import due_mark, ticked
from services.dispatch.domain.walking import BY_NAME
from shared.casetime.shares import timed
from shared.contracts.base import EventData
from shared.contracts.case_v1 import CaseEvent
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import (
    ClockApproaching,
    ClocksChanged,
    SupervisionLifted,
    SupervisionOrdered,
    SupervisionReleased,
    SupervisionSatisfied,
)
from shared.contracts.incidents_v1 import ActionRequested, IncidentReported
from shared.contracts.orders_v1 import EVENTS as ORDER_EVENTS
from shared.contracts.reminders_v1 import (
    NoticeConveyed,
    NoticeReminded,
    NoticesAcknowledged,
    SupervisionAcknowledged,
    SupervisionConveyed,
    SupervisionReminded,
)
from shared.ledger.decider import Context, Draft
from shared.ledger.timer import Tick
from shared.ledger.walk import Walked

SERVICE = "dispatch"

PASSES: tuple[type[EventData], ...] = (
    ClockApproaching,
    SupervisionReminded,
    NoticeReminded,
    SupervisionConveyed,
    NoticeConveyed,
    SupervisionAcknowledged,
    NoticesAcknowledged,
    *ORDER_EVENTS,
)
"""What changes no dossier: of escalation all but supervision, notices, breaches and clocks (what
was acknowledged dispatch has said itself), and orders, which are no incidents."""


def is_nothing(event: Event[Any]) -> bool:
    """Of clocks a dossier keeps those that a unit is charged with; most changes name none."""
    return isinstance(event.data, ClocksChanged) and not charged(event.data)


class Dispatching:
    """The rules of one incident's dossier."""

    fold_version = 5

    def evolve(self, state: Dossier | None, event: Event[Any]) -> Dossier:
        """The dossier after the event."""
        return evolve(state, event)

    def decide(self, state: Dossier | None, event: Event[Any], context: Context) -> list[Draft]:
        """What a report comes to, an action's effect or refusal, what another look makes of it."""
        dossier, data, found = state or Dossier(), event.data, lookups(context.found)
        registry, now, case = context.registry, context.now, dossier.decided.case
        match data:
            case IncidentReported():
                if not dossier.decided.undecided or event.origin is None:
                    return []
                follows = file(data, event.origin, registry, now, found)
            case ActionRequested():
                follows = act(dossier, data, registry, found)
                return _drafts(timed(case, follows), data.received_at)
            case (
                SupervisionOrdered()
                | SupervisionLifted()
                | SupervisionReleased()
                | SupervisionSatisfied()
            ):
                return _drafts(timed(case, heard(dossier, data)), data.at)
            case Tick():
                follows = ticked(event.subject, dossier, data.until)
                return _drafts(timed(case, follows), data.until)
            case Walked():
                routing = Routing(registry, now, found.loads, dossier.decided.returned_by)
                follows = BY_NAME[data.walk].follows(event.subject, dossier, routing)
            case LookAgain():
                follows = looked_again(dossier, data, registry, now, found)
            case _:
                return []
        return [Draft(one, now) for one in timed(case, follows)]

    def dump(self, state: Dossier) -> dict[str, Any]:
        """As stored."""
        return state.model_dump(exclude_none=True)

    def load(self, raw: Mapping[str, Any]) -> Dossier:
        """As read."""
        return Dossier.model_validate(raw)

    def columns(self, state: Dossier) -> dict[str, Any]:
        """What open cases are found and counted by."""
        return columns(state)

    def due_mark(self, state: Dossier) -> tuple[object, ...] | None:
        """What happens next by itself, by name and instant."""
        return due_mark(state)


def _drafts(follows: Sequence[EventData], at: datetime) -> list[Draft]:
    """Events of a case are dated as they took effect: at the request, or when they were due."""
    return [Draft(one, one.at if isinstance(one, CaseEvent) else at) for one in follows]
