"""The decider of escalation: from the events of cases and from time to clocks and orders."""

from collections.abc import Mapping
from typing import Any

from services.escalation.domain.acknowledging import acknowledged
from services.escalation.domain.by_hand import by_hand
from services.escalation.domain.folding import evolve
from services.escalation.domain.marks import first_mark
from services.escalation.domain.moment import Moment
from services.escalation.domain.recounting import Recounting, columns, recount
from services.escalation.domain.repeating import next_reminder
from services.escalation.domain.ticking import tick
from services.escalation.domain.turning import turn
from services.escalation.domain.watch import Watch
from shared.contracts.base import instant_text
from shared.contracts.case_v1 import CaseEvent
from shared.contracts.envelope import Event
from shared.contracts.outcomes_v1 import Outcome
from shared.contracts.supervising_v1 import (
    CaseAcknowledged,
    CaseReleased,
    CaseSupervised,
    IncidentAcknowledged,
)
from shared.ledger.decider import Context, Draft
from shared.ledger.timer import Tick
from shared.ledger.walk import Walked

SERVICE = "escalation"
WALKS = (Recounting(),)
"""How clocks follow the registry."""


class Watching:
    """The rules of one case's watch, and what is due next in it."""

    fold_version = 6

    def evolve(self, state: Watch | None, event: Event[Any]) -> Watch:
        """The watch after the event."""
        return evolve(state, event)

    def decide(self, state: Watch | None, event: Event[Any], context: Context) -> list[Draft]:
        """Clocks for a case's event, answers for a tick."""
        watch, data = state or Watch(), event.data
        calendar = context.registry.working_time(watch.calendar, watch.facts.zone)
        if isinstance(data, CaseSupervised | CaseReleased):
            return [Draft(one, data.at) for one in by_hand(watch, data, calendar)]
        if isinstance(data, CaseAcknowledged | IncidentAcknowledged):
            return [Draft(one, data.at) for one in acknowledged(watch, data)]
        if isinstance(data, CaseEvent | Outcome):
            at = data.at if isinstance(data, CaseEvent) else event.time
            return [Draft(one, at) for one in turn(watch, data, at, calendar)]
        if isinstance(data, Walked):
            follows = recount(watch, event.subject, context.registry, context.now)
            return [Draft(one, context.now) for one in follows]
        if isinstance(data, Tick):
            moment = Moment(watch, event.subject, data.until, calendar)
            return [Draft(one, data.until) for one in tick(moment)]
        return []

    def dump(self, state: Watch) -> dict[str, Any]:
        """As stored."""
        return state.model_dump(exclude_none=True)

    def load(self, raw: Mapping[str, Any]) -> Watch:
        """As read."""
        return Watch.model_validate(raw)

    def columns(self, state: Watch) -> dict[str, Any]:
        """When a mark or a reminder is due next, and what a change of calendars asks."""
        first, again = first_mark(state), next_reminder(state)
        due = [] if first is None else [first.due_at]
        due += [] if again is None else [again.due_at]
        return {"next_due_at": min(due, default=None), **columns(state)}

    def due_mark(self, state: Watch) -> tuple[object, ...] | None:
        """The mark or the reminder that is due first, by name and instant.

        Of clocks that were counted anew also by what: a mark that was withdrawn by one calendar may
        be due by the next one as it was before.
        """
        first, again = first_mark(state), next_reminder(state)
        if again is not None and (first is None or again.due_at < first.due_at):
            return "reminder", again.of.n, again.number, instant_text(again.due_at)
        if first is None:
            return None
        by = () if state.recounted is None else (state.recounted.code, state.recounted.n)
        return first.task, first.clock, first.run, first.percent, instant_text(first.due_at), *by
