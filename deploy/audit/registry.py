"""Pure: the registry's changes are whole, and its entries are the fold of their versions."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from deploy.audit import numbering
from deploy.audit.history import History, gather
from deploy.audit.problems import Problem
from shared.contracts.registry_v1 import EntrySet
from shared.contracts.topics import REGISTRY
from shared.ledger.ports import Record


@dataclass(slots=True)
class Gathered:
    """The parts of one change that are on the log."""

    count: int
    parts: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Changes:
    """All changes seen so far, by id."""

    found: dict[str, Gathered] = field(default_factory=dict)

    def entry(self, key: str, records: Sequence[Record]) -> tuple[History, list[Problem]]:
        """Check the versions of one entry (``kind/code``), and note of which changes they are."""
        history, problems = gather(key, records)
        events = history.of(REGISTRY.name)
        problems += numbering.check(key, events)
        for event in events:
            data = event.data
            if not isinstance(data, EntrySet):
                continue
            problems += self._note(data)
            if data.key != key or data.n != event.sequence:
                detail = f"version {data.n} of {data.key} is event {event.sequence} of {key}"
                problems.append(Problem("wrong_place", key, detail))
        return history, problems

    def _note(self, data: EntrySet) -> list[Problem]:
        change = data.change
        gathered = self.found.setdefault(change.id, Gathered(change.count))
        problems: list[Problem] = []
        if change.part in gathered.parts or gathered.count != change.count:
            detail = f"part {change.part} of {change.count} stands beside one of {gathered.count}"
            problems.append(Problem("change_not_whole", change.id, detail))
        gathered.parts.add(change.part)
        return problems

    def incomplete(self, going_on: frozenset[str]) -> tuple[list[Problem], int]:
        """Changes that are not whole, and how many of them intake is still at work on."""
        problems: list[Problem] = []
        waiting = 0
        for change, gathered in self.found.items():
            if gathered.parts == set(range(1, gathered.count + 1)):
                continue
            if change in going_on:
                waiting += 1
                continue
            detail = f"{len(gathered.parts)} of {gathered.count} parts are on the log"
            problems.append(Problem("change_not_whole", change, detail))
        return problems, waiting
