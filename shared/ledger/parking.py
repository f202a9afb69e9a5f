"""Documents whose timer failed: out of the timers' way, and tried again now and then."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from shared.ledger.document import Raw
from shared.ledger.ports import Store
from shared.platform import telemetry

log = structlog.get_logger("ledger")

AGAIN = timedelta(minutes=10)
MOST = 500
"""So many are tried again at once; what failed for a fault of ours may be many."""


@dataclass(slots=True)
class Parking:
    """Parks and lets go. The next event of its case lets a document go, too."""

    store: Store
    service: str
    _owned: frozenset[int] = frozenset()
    _tried: datetime | None = None

    async def park(self, raw: Raw, error: str) -> None:
        """Out of the way, so that it blocks nobody. Raises TransientError."""
        log.error("watch_parked", document=raw["_id"], error=error[:300])
        telemetry.PARKED.labels(self.service).inc()
        await self.store.park(raw["_id"], raw["version"], error)

    async def try_again(self, owned: frozenset[int], now: datetime) -> int:
        """Make due what is parked in partitions that are new to this process, and now and then all.

        The process may be a newer one, whose rules no longer fail. How many there were. Raises
        TransientError.
        """
        again = self._tried is None or not timedelta(0) <= now - self._tried < AGAIN
        partitions = owned if again else owned - self._owned
        found = await self.store.unpark(partitions, now, MOST) if partitions else 0
        self._owned = owned
        if again:
            self._tried = now
        if found:
            log.info("parked_tried_again", documents=found)
        return found
