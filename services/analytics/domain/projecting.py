"""The decider of analytics: it folds what others publish, and decides nothing."""

from collections.abc import Mapping
from typing import Any

from services.analytics.domain import stored
from services.analytics.domain.columns import columns
from services.analytics.domain.folding import evolve
from services.analytics.domain.timeline import Timeline
from shared.contracts.envelope import Event
from shared.ledger.decider import Context, Draft

SERVICE = "analytics"


class Projecting:
    """The rules of one incident's timeline."""

    fold_version = 8

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
        return stored.dump(state)

    def load(self, raw: Mapping[str, Any]) -> Timeline:
        """As read."""
        return stored.load(raw)

    def columns(self, state: Timeline) -> dict[str, Any]:
        """What lists and counts look up by."""
        return columns(state)
