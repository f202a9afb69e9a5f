"""Pure: gathering the parts of changes; a change is applied only when it is whole."""

from dataclasses import dataclass, field

from shared.contracts.registry_v1 import EntrySet
from shared.registry.components import ComponentVersion, packed
from shared.registry.snapshot import Snapshot


@dataclass(slots=True)
class ChangeGatherer:
    """Takes the registry's events in the order of their offsets.

    ``position`` is the last offset taken or passed over. The same part twice is one part, and a
    change that is whole takes no more parts.
    """

    position: int = -1
    _snapshot: Snapshot = field(default_factory=Snapshot)
    _whole: list[EntrySet | ComponentVersion] = field(default_factory=list)
    _parts: dict[str, dict[int, EntrySet | ComponentVersion]] = field(default_factory=dict)
    _done: set[str] = field(default_factory=set)

    def take(self, entry: EntrySet, offset: int) -> None:
        """Take one event."""
        self.position = offset
        change = entry.change
        if change.id in self._done:
            return
        parts = self._parts.setdefault(change.id, {})
        parts.setdefault(change.part, packed(entry))
        if len(parts) == change.count:
            self._whole.extend(parts[number] for number in sorted(parts))
            del self._parts[change.id]
            self._done.add(change.id)

    def pass_over(self, offset: int) -> None:
        """Note a record that is no entry."""
        self.position = offset

    def snapshot(self) -> Snapshot:
        """The snapshot up to ``position``; the same object until that has moved."""
        if self.position > self._snapshot.version:
            self._snapshot = self._snapshot.with_changes(self._whole, self.position)
            self._whole = []
        return self._snapshot
