"""Rules that decide nothing any more: every report becomes the case that the first one did."""

from collections.abc import Mapping
from typing import Any

from services.dispatch.domain.deciding import Dispatching
from services.dispatch.domain.dossier import Dossier
from shared.contracts.cases_v1 import CaseDispatched
from shared.contracts.envelope import Event
from shared.ledger.decider import Context, Draft


class Decided:
    """The rules of dispatch for the first report that a unit gets, and what they said for all.

    What is left of a decision is what the six steps take: as large a document, as many events.
    """

    fold_version = Dispatching.fold_version

    def __init__(self) -> None:
        self._rules = Dispatching()
        self._states: dict[str, Dossier] = {}
        self._drafts: list[Draft] = []
        self._dumped: dict[str, Any] = {}
        self._columns: dict[str, Any] = {}

    def evolve(self, state: Dossier | None, event: Event[Any]) -> Dossier:
        """The dossier after the first event of this type."""
        if not self._drafts:
            return self._rules.evolve(state, event)
        if event.type not in self._states:
            self._states[event.type] = self._rules.evolve(state, event)
        return self._states[event.type]

    def decide(self, state: Dossier | None, event: Event[Any], context: Context) -> list[Draft]:
        """The filing and the dispatch of the first report that had both."""
        if self._drafts:
            return self._drafts
        found = self._rules.decide(state, event, context)
        if any(isinstance(one.data, CaseDispatched) for one in found):
            self._drafts = found
        return found

    def dump(self, state: Dossier) -> dict[str, Any]:
        """As stored, of the first."""
        if not self._drafts:
            return self._rules.dump(state)
        self._dumped = self._dumped or self._rules.dump(state)
        return self._dumped

    def load(self, raw: Mapping[str, Any]) -> Dossier:
        """As read."""
        return self._rules.load(raw)

    def columns(self, state: Dossier) -> dict[str, Any]:
        """What the first is found by."""
        if not self._drafts:
            return self._rules.columns(state)
        self._columns = self._columns or self._rules.columns(state)
        return self._columns

    def due_mark(self, state: Dossier) -> tuple[object, ...] | None:
        """What happens next by itself."""
        return self._rules.due_mark(state)
