"""A partition's own time: what the timers may believe.

While records wait in a partition, its time is that of the last record handled; at its end, now.
So a consumer that was away for an hour punishes nobody for what was done in that hour.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class PartitionTimes:
    """The time of the last record handled, by partition number."""

    _handled: dict[int, datetime] = field(default_factory=dict)

    def handled(self, partition: int, time: datetime) -> None:
        """A record that took effect at ``time`` was handled."""
        self._handled[partition] = time

    def until(
        self, owned: Iterable[int], at_end: Iterable[int], now: datetime
    ) -> dict[int, datetime]:
        """Up to when marks are due, by owned partition; one nothing is known of is left out."""
        ended = frozenset(at_end)
        times: dict[int, datetime] = {}
        for partition in owned:
            if partition in ended:
                times[partition] = now
            elif partition in self._handled:
                times[partition] = min(self._handled[partition], now)
        return times
