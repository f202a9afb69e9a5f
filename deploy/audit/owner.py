"""Who owns which documents: the same rules that made them are used to prove them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.contracts.base import EventData
from shared.contracts.envelope import Event
from shared.contracts.topics import Topic
from shared.ledger.decider import Decider
from shared.ledger.decoding import Nothing, of_some

INTAKE, DISPATCH, ESCALATION, ANALYTICS = "intake", "dispatch", "escalation", "analytics"


@dataclass(frozen=True, slots=True)
class Owner:
    """One collection of ledger documents: whose it is, its rules, what it reads and emits.

    ``emits`` is None for documents that only fold what others publish; events of the
    types in ``passes``, and what is ``nothing`` to them by what it says, they are not told of;
    those in ``foreign`` of what they emit to another collection of the service does.
    """

    service: str
    collection: str
    decider: Decider[Any]
    home: Topic
    reads: tuple[Topic, ...]
    emits: Topic | None
    passes: tuple[type[EventData], ...] = ()
    nothing: Nothing = of_some
    foreign: tuple[type[EventData], ...] = ()

    def spares(self, event: Event[Any]) -> bool:
        """Whether the documents are not told of this event."""
        return isinstance(event.data, self.passes) or self.nothing(event)

    @property
    def name(self) -> str:
        """``service.collection``."""
        return f"{self.service}.{self.collection}"

    @property
    def group(self) -> str:
        """The service's consumer group."""
        return f"wangge-{self.service}"


@dataclass(frozen=True, slots=True)
class Taken:
    """What an owner's consumers had committed before its documents were read, and put away.

    ``committed`` is the next offset by topic, in this partition; ``letters`` the coordinates of
    records that its service put into the dead letters.
    """

    committed: Mapping[str, int]
    letters: frozenset[tuple[str, int, int]] = frozenset()

    def must(self, topic: str, partition: int, offset: int) -> bool:
        """Whether a record must have been handled: committed, and not put away."""
        done = offset < self.committed.get(topic, 0)
        return done and (topic, partition, offset) not in self.letters
