"""Pure: gathering the parts of changes; a change is applied only when it is whole."""

from dataclasses import dataclass, field

from shared.contracts.registry_v1 import EntrySet
from shared.registry.snapshot import Snapshot


@dataclass(slots=True)
class ChangeGatherer:
    """Takes the registry's events in the order of their offsets.

    ``position`` is the last offset taken; ``whole`` are the entries of changes that are complete
    and not yet in a snapshot. The same part twice is one part.
    """

    position: int = -1
    whole: list[EntrySet] = field(default_factory=list)
    _parts: dict[str, dict[int, EntrySet]] = field(default_factory=dict)
    _done: set[str] = field(default_factory=set)

    def take(self, entry: EntrySet, offset: int) -> None:
        """Take one event."""
        self.position = offset
        change = entry.change
        if change.id in self._done:
            return
        parts = self._parts.setdefault(change.id, {})
        parts.setdefault(change.part, entry)
        if len(parts) == change.count:
            self.whole.extend(parts[number] for number in sorted(parts))
            del self._parts[change.id]
            self._done.add(change.id)

    def apply(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot up to the last offset taken; the same one when nothing became whole."""
        if not self.whole:
            if self.position == snapshot.version:
                return snapshot
            return snapshot.with_changes((), self.position)
        after = snapshot.with_changes(self.whole, self.position)
        self.whole = []
        return after
