"""The auditor of timers: what has been due for long, and nobody has answered.

It asks the database by itself, not the ticker: it sees a ticker that is stuck, documents that were
parked because their timer failed, and whatever the ticker passes over.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from shared.contracts.base import instant_text
from shared.ledger.ports import Overdue, TransientError
from shared.ledger.processing import Processor
from shared.platform import telemetry

log = structlog.get_logger("ledger")

TOLERANCE_S = 60.0
EVERY_S = 5.0
REST = 20
"""An audit rests so many times as long as it took: it takes a twentieth of the time at most."""
MOST = 10_000
"""What is counted; more is told as so many or more."""
NONE = Overdue()


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found: what is overdue, by how long the oldest, and how many are parked."""

    overdue: Overdue = NONE
    behind_s: float = 0.0
    parked: int = 0


@dataclass(slots=True)
class TimerAuditor:
    """Looks at the partitions of this process every few seconds.

    A document is overdue when it was due by the time that its partition had ``tolerance_s`` ago.
    Where records wait that is the time of the last one handled, so a backlog makes nothing overdue;
    and of a partition that has only just become this process's nothing is said yet.
    """

    processor: Processor[Any]
    tolerance_s: float = TOLERANCE_S
    every_s: float = EVERY_S
    last: Audit = field(default_factory=Audit)
    before: Audit = field(default_factory=Audit)
    _times: deque[tuple[float, Mapping[int, datetime]]] = field(default_factory=deque)

    async def run(self) -> None:
        """Until cancelled, or until consumption has stopped for good: that is told already."""
        progress, now = self.processor.progress, self.processor.progress.now
        while progress.halted is None:
            began = now()
            try:
                await self.audit()
            except TransientError as error:
                log.warning("auditor_waits", error=str(error)[:300])
            except Exception:
                # An auditor that ends in silence would call every ticker well.
                log.exception("auditor_failed")
            await asyncio.sleep(max(min(self.every_s, self.tolerance_s), REST * (now() - began)))

    async def audit(self) -> Audit:
        """Look once, note it and tell the metrics. Raises TransientError."""
        consumer, store = self.processor.consumer, self.processor.settler.store
        owned, clock = consumer.owned(), self.processor.settler.clock()
        at_end = await consumer.at_end() - self.processor.waiting
        times = self.processor.times.until(owned, at_end, clock)
        answerable = {one: until for one, until in self._then(times).items() if one in times}
        overdue = await store.overdue(answerable, MOST) if answerable else NONE
        parked = await store.parked(owned, MOST) if owned else 0
        behind = timedelta(0)
        if overdue.oldest is not None and overdue.partition is not None:
            behind = times[overdue.partition] - overdue.oldest
        self.before, self.last = self.last, Audit(overdue, behind.total_seconds(), parked)
        telemetry.audited(
            self.processor.service, overdue.count, self.last.behind_s, self.last.parked
        )
        return self.last

    def _then(self, times: Mapping[int, datetime]) -> Mapping[int, datetime]:
        """What the partitions' times were ``tolerance_s`` ago; nothing, where nobody looked yet."""
        now = self.processor.progress.now()
        self._times.append((now, times))
        while len(self._times) > 1 and now - self._times[1][0] >= self.tolerance_s:
            self._times.popleft()
        since, then = self._times[0]
        return then if now - since >= self.tolerance_s else {}

    def problem(self) -> str | None:
        """What is overdue and what to do, or None.

        Found by two audits in a row: a clock that starts in the past is due as it is written.
        """
        told = [self._overdue(), self._parked()]
        return "; ".join(one for one in told if one is not None) or None

    def _overdue(self) -> str | None:
        found, before = self.last.overdue, self.before.overdue
        if found.oldest is None or before.oldest is None:
            return None
        what = "they are being answered, in the order in which they were due: wait"
        if found.oldest <= before.oldest:
            what = "nobody answers them: see ticker_failed, ticker_waits in the log, and restart"
        return (
            f"{_many(found.count)} timers are overdue, the oldest by {self.last.behind_s:.0f} s "
            f"(due at {instant_text(found.oldest)}, partition {found.partition}); {what}"
        )

    def _parked(self) -> str | None:
        if not self.last.parked or not self.before.parked:
            return None
        return (
            f"{_many(self.last.parked)} timers are parked, because they failed: see watch_parked "
            "in the log; they are tried again every ten minutes, at a start, and with the next "
            "event of their case"
        )


def _many(count: int) -> str:
    return f"{count:,}{' or more' if count >= MOST else ''}"
