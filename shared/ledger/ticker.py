"""Timers and the sweeper: documents that are due, and outboxes that stayed full."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import structlog

from shared.contracts.envelope import SOURCE_BASE, Event
from shared.ledger.document import Change, Raw
from shared.ledger.ports import TransientError
from shared.ledger.processing import Processor
from shared.ledger.timer import Tick, Timer
from shared.platform import telemetry
from shared.platform.ids import caused_id

S = TypeVar("S")
log = structlog.get_logger("ledger")

SWEEP_AFTER = timedelta(seconds=3)
"""An outbox entry older than this was left behind by somebody."""
SWEEP_LIMIT = 500
SHORTEST_S = 0.02
"""The shortest sleep, also where a mark is due in a partition whose time has not come yet."""


@dataclass(slots=True)
class Ticker(Generic[S]):
    """Lets due documents answer and sweeps outboxes, in turn with the batches.

    ``idle_s`` is the longest sleep; ``limit`` how many documents one round answers.
    """

    processor: Processor[S]
    timer: Timer[S] | None = None
    idle_s: float = 1.0
    limit: int = 500
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _next: datetime | None = None

    def written(self, changes: Sequence[Change]) -> None:
        """Called for every write: a sooner instant wakes the ticker."""
        for change in changes:
            due = change.fields.get("next_due_at")
            if due is not None and (self._next is None or due < self._next):
                self._next = due
                self._wake.set()

    async def run(self) -> None:
        """Until cancelled: answer what is due, sweep, sleep until the next instant."""
        settler = self.processor.settler
        while self.processor.progress.halted is None:
            answered = 0
            try:
                answered = await self.round()
                await self.sweep()
                self.processor.progress.moved()
            except TransientError as error:
                log.warning("ticker_waits", error=str(error)[:300])
            if answered >= self.limit:
                continue
            pause = self.idle_s
            if self._next is not None:
                pause = min(pause, max(SHORTEST_S, (self._next - settler.clock()).total_seconds()))
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), pause)
            except TimeoutError:
                continue

    async def round(self) -> int:
        """Answer one bounded batch of due documents, earliest first; how many there were."""
        if self.timer is None:
            return 0
        processor = self.processor
        async with processor.turn:
            now = processor.settler.clock()
            owned = processor.consumer.owned()
            at_end = await processor.consumer.at_end() - processor.waiting
            until = processor.times.until(owned, at_end, now)
            store = processor.settler.store
            due = await store.due(until, self.limit) if until else []
            if due:
                await self._answer(due, until)
            self._next = await store.next_due(owned) if len(due) < self.limit else now
        return len(due)

    async def _answer(self, due: Sequence[Raw], until: dict[int, datetime]) -> None:
        settler = self.processor.settler
        ticks = [self._tick(raw, until[raw["partition"]]) for raw in due]
        settled = await settler.settle(ticks, {raw["_id"]: raw for raw in due})
        for dead in settled.dead:
            log.error("watch_parked", document=dead.event.subject, error=dead.error[:300])
            telemetry.PARKED.labels(self.processor.service).inc()
            await settler.store.park(dead.event.subject, f"{dead.code}: {dead.error}")
        for raw in due:
            telemetry.lateness(self.processor.service, raw["next_due_at"], settler.clock())

    def _tick(self, raw: Raw, until: datetime) -> Event[Any]:
        folder = self.processor.settler.folder
        mark = self.timer.due_mark(folder.decider.load(raw["state"])) if self.timer else None
        return Event(
            id=caused_id("tick", raw["_id"], *(mark or (raw["next_due_at"], "nothing"))),
            source=SOURCE_BASE + folder.service,
            subject=raw["_id"],
            time=until,
            data=Tick(until=until),
            correlation_id=raw["_id"],
            causation_id=raw["_id"],
            sequence=0,
        )

    async def sweep(self) -> int:
        """Publish what owned outboxes have held for some seconds; how many documents."""
        processor = self.processor
        async with processor.turn:
            settler = processor.settler
            owned = processor.consumer.owned()
            before = settler.clock() - SWEEP_AFTER
            mine = await settler.store.unsent(owned, before, SWEEP_LIMIT) if owned else []
            if mine:
                log.info("sweep", documents=len(mine))
                telemetry.SWEPT.labels(processor.service).inc(len(mine))
                await settler.publish([settler.folder.open(raw["_id"], raw) for raw in mine])
        return len(mine)
