"""The decider of analytics: it folds what others publish, and decides nothing."""

from collections.abc import Mapping
from typing import Any

from services.analytics.domain import facts
from services.analytics.domain.folding import evolve
from services.analytics.domain.timeline import Timeline
from shared.contracts.base import Stage
from shared.contracts.cases_v1 import CaseState
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import ClockState
from shared.ledger.decider import Context, Draft

SERVICE = "analytics"
CLOSED_STATES = frozenset({CaseState.CLOSED, CaseState.VOIDED})
HANDLE = f"lead/{Stage.HANDLE}"


class Projecting:
    """The rules of one incident's timeline."""

    fold_version = 1

    def evolve(self, state: Timeline | None, event: Event[Any]) -> Timeline:
        """The timeline after the event."""
        return evolve(state, event)

    def decide(
        self,
        state: Timeline | None,  # noqa: ARG002 - the ledger asks every decider alike
        event: Event[Any],  # noqa: ARG002
        context: Context,  # noqa: ARG002
    ) -> list[Draft]:
        """Nothing follows: analytics publishes nothing."""
        return []

    def dump(self, state: Timeline) -> dict[str, Any]:
        """As stored."""
        return state.model_dump(exclude_none=True)

    def load(self, raw: Mapping[str, Any]) -> Timeline:
        """As read."""
        return Timeline.model_validate(raw)

    def columns(self, state: Timeline) -> dict[str, Any]:
        """What lists and counts look up by; every column is set, if only to nothing."""
        grid, matter, unit = facts.place_of(state.case)
        report, case, outcome = state.incident.report, state.case.case, state.case.outcome
        source = case or outcome or (report.report if report else None)
        location = source.location if source else None
        is_open = case is not None and case.state not in CLOSED_STATES
        counted = facts.of_report(state.incident) | facts.of_case(state.case)
        return {
            "state_word": state.state,
            "open": is_open,
            "case_no": case.case_no if case else None,
            "receipt_no": report.receipt_no if report else None,
            "grid": grid,
            "matter": matter or (report.report.matter if report else None),
            "unit": unit,
            "source": str(source.source) if source else None,
            "public": case.matter.public if case else True,
            "lon": location.coordinates[0] if location else None,
            "lat": location.coordinates[1] if location else None,
            "counts_from": _counts_from(state),
            "handle_due": _handle_due(state) if is_open else None,
            "on": {
                name: counted.get(name)
                for name in ("reported", "located", "filed", "rejected", "closed", "voided")
            },
        }


def _counts_from(state: Timeline) -> Any:  # noqa: ANN401 - an instant or nothing
    if state.incident.report is not None:
        return state.incident.report.counts_from
    if state.case.case is not None:
        return state.case.case.times.counts_from
    return state.case.outcome.counts_from if state.case.outcome else None


def _handle_due(state: Timeline) -> Any:  # noqa: ANN401 - an instant or nothing
    clock = state.escalation.clocks.get(HANDLE)
    return clock.due_at if clock is not None and clock.state is ClockState.RUNNING else None
