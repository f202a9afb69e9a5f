"""Accepting reports and actions: the rules of a receipt."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.intake.domain import standing
from services.intake.domain.commands import ReportIncident, RequestAction, UrgeByReport
from services.intake.domain.receipt import UNKNOWN, Receipt, Standing
from shared.contracts.base import EventData
from shared.contracts.case_v1 import OPEN_STATES, CaseEvent, CaseState
from shared.contracts.cases_v1 import EVENTS as CASE_EVENTS
from shared.contracts.cases_v1 import ActionRefused
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import (
    ClockApproaching,
    ClockBreached,
    ClocksChanged,
    MarkWithdrawn,
    SupervisionLifted,
    SupervisionOrdered,
    SupervisionReleased,
    SupervisionSatisfied,
)
from shared.contracts.incidents_v1 import ActionRequested, IncidentReported
from shared.contracts.outcomes_v1 import IncidentLinked, IncidentSeparated, Outcome
from shared.contracts.reminders_v1 import EVENTS as REMINDERS
from shared.contracts.supervising_v1 import IncidentAcknowledged
from shared.ledger.decider import Context, Draft
from shared.platform.ids import receipt_no

OVER = frozenset({CaseState.CLOSED, CaseState.VOIDED, IncidentLinked.ENDING})
Step = Callable[[Receipt, Event[Any]], Receipt]


def _reported(receipt: Receipt, event: Event[IncidentReported]) -> Receipt:
    return receipt.model_copy(update={"reported": event.data})


def _asked(receipt: Receipt, event: Event[ActionRequested]) -> Receipt:
    actions = {**receipt.actions, event.data.action_id: event.data}
    return receipt.model_copy(update={"actions": actions})


STEPS: Mapping[type[EventData], Step] = {
    IncidentReported: _reported,
    ActionRequested: _asked,
    ActionRefused: standing.refused,
    IncidentSeparated: standing.done,
    IncidentAcknowledged: standing.done,
    ClocksChanged: standing.clocks,
    SupervisionOrdered: standing.supervision,
    SupervisionLifted: standing.supervision,
    SupervisionReleased: standing.supervision,
    SupervisionSatisfied: standing.supervision,
    **{model: standing.case for model in CASE_EVENTS if issubclass(model, CaseEvent)},
    **{model: standing.outcome for model in CASE_EVENTS if issubclass(model, Outcome)},
}
"""What each event does to a receipt; what is not here changes nothing."""


PASSES: tuple[type[EventData], ...] = (ClockApproaching, ClockBreached, MarkWithdrawn, *REMINDERS)
"""What of escalation changes no receipt: whoever reported is not told of marks and notices."""


def is_nothing(event: Event[Any]) -> bool:
    """Of clocks a receipt tells one only; a change of others says nothing to it."""
    return isinstance(event.data, ClocksChanged) and standing.told(event.data) is None


@dataclass(slots=True)
class Acceptance:
    """The decider of receipts; ``zone`` is the IANA zone where no policy names one."""

    zone: str
    fold_version: int = 5

    def evolve(self, state: Receipt | None, event: Event[Any]) -> Receipt | None:
        """The receipt after the event; commands change nothing by themselves."""
        step = STEPS.get(type(event.data))
        return state if step is None else step(state or Receipt(), event)

    def decide(self, state: Receipt | None, event: Event[Any], context: Context) -> Sequence[Draft]:
        """A report is accepted once; an action where its incident was reported, and once."""
        data = event.data
        if isinstance(data, ReportIncident):
            if state is None or state.reported is None:
                return (Draft(self._report(data, context), data.received_at),)
        elif (
            isinstance(data, RequestAction)
            and state is not None
            and state.reported is not None
            and data.action_id not in state.actions
            and not (isinstance(data, UrgeByReport) and _is_over(state))
        ):
            return (Draft(_action(data), data.received_at),)
        return ()

    def _report(self, command: ReportIncident, context: Context) -> IncidentReported:
        policy = context.registry.policy(command.report.area, context.now)
        return IncidentReported.model_construct(
            incident_id=command.incident_id,
            receipt_no=receipt_no(command.incident_id),
            received_at=command.received_at,
            zone=policy.zone if policy is not None else self.zone,
            reporter=command.reporter,
            report=command.report,
        )

    def dump(self, state: Receipt) -> dict[str, Any]:
        """The receipt as stored."""
        return state.model_dump(exclude_none=True)

    def load(self, raw: Mapping[str, Any]) -> Receipt:
        """The receipt as read."""
        return Receipt.model_validate(raw)

    def columns(self, state: Receipt) -> dict[str, Any]:
        """By what else a receipt is found."""
        found: dict[str, Any] = {}
        if state.reported is not None:
            found["receipt_no"] = state.reported.receipt_no
        if state.standing is not None:
            if state.standing.case_no is not None:
                found["case_no"] = state.standing.case_no
            # Set also when nothing is open any more: a column that is left out keeps its value.
            found["open_of"] = _open_of(state.standing)
        return found


def _is_over(receipt: Receipt) -> bool:
    """Whether its case is known to be none, or none any more."""
    return receipt.standing is not None and receipt.standing.state in OVER


def _open_of(standing: Standing) -> list[str]:
    if standing.state not in OPEN_STATES:
        return []
    return [UNKNOWN] if standing.holders is None else list(standing.holders)


def _action(command: RequestAction) -> ActionRequested:
    return ActionRequested.model_construct(
        incident_id=command.incident_id,
        action_id=command.action_id,
        received_at=command.received_at,
        actor=command.actor,
        request=command.request,
        follower=command.follower,
    )
