"""An entry of the registry: nothing is overwritten, each change makes a new version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.intake.domain.commands import EndEntry, SetEntry
from shared.contracts.envelope import Event
from shared.contracts.registry_v1 import EntrySet, entry_key, read_version, set_type
from shared.ledger.decider import Context, Draft


@dataclass(slots=True)
class Entries:
    """The decider of entries; a document's state is its latest version."""

    fold_version: int = 1

    def evolve(self, state: EntrySet | None, event: Event[Any]) -> EntrySet | None:
        """The latest version after the event."""
        return event.data if isinstance(event.data, EntrySet) else state

    def decide(
        self, state: EntrySet | None, event: Event[Any], _context: Context
    ) -> Sequence[Draft]:
        """A new version, unless another one than expected is the latest."""
        command = event.data
        if not isinstance(command, SetEntry | EndEntry):
            return ()
        n = state.n if state is not None else 0
        if command.expected_n is not None and command.expected_n != n:
            return ()
        version = _set(command, n + 1) if isinstance(command, SetEntry) else _end(command, state)
        if version is None:
            return ()
        return (Draft(version, command.decided_at, key=f"{version.key}/{version.n}"),)

    def dump(self, state: EntrySet) -> dict[str, Any]:
        """The version as stored."""
        return state.model_dump(exclude_none=True)

    def load(self, raw: Mapping[str, Any]) -> EntrySet:
        """The version as read."""
        return read_version(raw)

    def columns(self, state: EntrySet) -> dict[str, Any]:
        """For lists: the kind and the code."""
        return {"kind": state.entry.kind, "code": state.entry.code}


def _set(command: SetEntry, n: int) -> EntrySet:
    entry: Any = command.entry  # of the kind that the type carries
    return set_type(command.entry.kind).model_construct(
        key=entry_key(command.entry),
        n=n,
        valid_from=command.valid_from,
        valid_until=command.valid_until,
        change=command.change,
        entry=entry,
    )


def _end(command: EndEntry, latest: EntrySet | None) -> EntrySet | None:
    """The latest version with an end: it held from when it did.

    What was to hold only later never does; its end must rule from when it is to, not from later.
    An entry that ended already gets a version all the same: a change has all its parts.
    """
    if latest is None:
        return None
    return type(latest).model_construct(
        key=latest.key,
        n=latest.n + 1,
        valid_from=min(latest.valid_from, command.valid_until),
        valid_until=command.valid_until,
        change=command.change,
        successor=command.successor,
        entry=latest.entry,
    )
