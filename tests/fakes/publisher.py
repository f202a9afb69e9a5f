"""A publisher into the in-memory log that fails, delays and doubles as it is told."""

from collections.abc import Callable, Sequence
from enum import Enum, auto

from shared.ledger.document import Entry
from tests.fakes.log import FakeLog


class Fate(Enum):
    """What becomes of a record that is sent."""

    ACKNOWLEDGED = auto()
    LOST = auto()
    """Not in the log, not acknowledged."""
    UNKNOWN = auto()
    """In the log, not acknowledged: the answer was lost."""
    TWICE = auto()
    """In the log two times, acknowledged."""
    LATE = auto()
    """Not acknowledged, and in the log only when `FakePublisher.deliver_late` is called."""


def acknowledge(_entry: Entry) -> Fate:
    """All goes well."""
    return Fate.ACKNOWLEDGED


class FakePublisher:
    """Appends to the log; ``fate`` decides on each entry. ``sent`` are the waves, ids in order."""

    def __init__(self, log: FakeLog, fate: Callable[[Entry], Fate] = acknowledge) -> None:
        self.log = log
        self.fate = fate
        self.sent: list[list[str]] = []
        self._late: list[Entry] = []

    async def send(self, entries: Sequence[Entry]) -> list[bool]:
        """Publish entries; True for each that was acknowledged."""
        self.sent.append([entry.id for entry in entries])
        return [self._publish(entry, self.fate(entry)) for entry in entries]

    def deliver_late(self) -> None:
        """What was delayed comes into the log now."""
        late, self._late = self._late, []
        for entry in late:
            self._append(entry)

    def _publish(self, entry: Entry, fate: Fate) -> bool:
        if fate is Fate.LATE:
            self._late.append(entry)
        if fate in {Fate.ACKNOWLEDGED, Fate.UNKNOWN, Fate.TWICE}:
            self._append(entry)
        if fate is Fate.TWICE:
            self._append(entry)
        return fate in {Fate.ACKNOWLEDGED, Fate.TWICE}

    def _append(self, entry: Entry) -> None:
        self.log.append(
            entry.topic,
            entry.partition,
            key=entry.key.encode(),
            value=entry.value,
            headers=[(name, text.encode()) for name, text in entry.headers.items()],
            timestamp=int(entry.at.timestamp() * 1000),
        )
