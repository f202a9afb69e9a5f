"""Up to when all that was due in a partition has been answered.

A database keeps the index entries of what it has changed for a while, so whoever asks for the
earliest of a queue from its beginning walks past all that has just left it: behind 60,000 marks a
page took 4 to 26 ms instead of one, and it grows. So the next question begins where the last answer
ended.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

AGAIN = timedelta(seconds=10)
"""So often all is forgotten and the next question asks from the beginning: another process may have
written in a partition that was only then lost to it."""


@dataclass(slots=True)
class Answered:
    """The instants by partition; what is written and is due earlier takes its partition back."""

    _up_to: dict[int, datetime] = field(default_factory=dict)
    _written: dict[int, datetime] = field(default_factory=dict)
    _begun: datetime | None = None

    def written(self, partition: int, due: datetime) -> None:
        """A document of the partition was written, and is due then."""
        self._written[partition] = min(due, self._written.get(partition, due))
        if partition in self._up_to:
            self._up_to[partition] = min(due, self._up_to[partition])

    @property
    def up_to(self) -> Mapping[int, datetime]:
        """From when on it is to be asked in each partition; one that is left out from the start."""
        return self._up_to

    def begin(self, partitions: Iterable[int], now: datetime) -> None:
        """A round begins, with these partitions."""
        if self._begun is None or not timedelta(0) <= now - self._begun < AGAIN:
            self._up_to, self._begun = {}, now
        mine = frozenset(partitions)
        self._up_to = {one: up_to for one, up_to in self._up_to.items() if one in mine}
        self._written.clear()

    def reached(self, up_to: Mapping[int, datetime]) -> None:
        """All that was due before these instants, and was there when it was asked, is answered."""
        for partition, instant in up_to.items():
            self._up_to[partition] = min(instant, self._written.get(partition, instant))
