"""What a service with timers tells the ledger; pure, so that domain modules may import it."""

from typing import ClassVar, Protocol, TypeVar

from shared.contracts.base import EventData, Instant

S_contra = TypeVar("S_contra", contravariant=True)


class Tick(EventData):
    """A document is due; never on a topic, an input of the rules only."""

    TYPE: ClassVar[str] = "cn.wangge.tick"

    until: Instant
    """The partition's time: all that is due up to then is to be answered."""


class Timer(Protocol[S_contra]):
    """What is due next in a document. Pure."""

    def due_mark(self, state: S_contra) -> tuple[object, ...] | None:
        """What names the mark that is due first, with its due instant; None for nothing."""
        ...
