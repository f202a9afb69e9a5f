"""Timers and the sweeper: documents that are due, and outboxes that stayed full."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

import structlog

from shared.contracts.envelope import SOURCE_BASE, Event
from shared.ledger.document import Change, Raw
from shared.ledger.ports import TransientError
from shared.ledger.processing import Processor
from shared.ledger.settling import Settled
from shared.ledger.sweeping import sweep
from shared.ledger.timer import Tick, Timer
from shared.platform import telemetry
from shared.platform.ids import caused_id

S = TypeVar("S")
log = structlog.get_logger("ledger")

SHORTEST_S = 0.02
HELD_S = 0.2
"""The sleep while a mark is due whose partition's time has not come yet."""


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
            if self._note(change.fields.get("next_due_at")):
                self._wake.set()

    def _note(self, due: datetime | None) -> bool:
        """Whether this instant is sooner than the one known; it is the next one then."""
        sooner = due is not None and (self._next is None or due < self._next)
        if sooner:
            self._next = due
        return sooner

    async def run(self) -> None:
        """Until cancelled: answer what is due, sweep, sleep until the next instant."""
        while self.processor.progress.halted is None:
            pause = await self._once()
            try:
                # Not `wait_for`: before Python 3.12 that loses a cancellation which comes in the
                # moment in which it is woken, and whoever stops the service waits for ever.
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _once(self) -> float:
        """One round and one sweep; seconds to sleep."""
        self._wake.clear()
        try:
            answered = await self.round()
            await self.sweep()
        except TransientError as error:
            log.warning("ticker_waits", error=str(error)[:300])
            return self.idle_s
        except Exception:
            # A loop that ends in silence would let every later mark pass.
            log.exception("ticker_failed")
            return self.idle_s
        self.processor.progress.moved()
        if answered >= self.limit:
            return 0.0
        if self._next is None:
            return self.idle_s
        left = (self._next - self.processor.settler.clock()).total_seconds()
        return min(self.idle_s, max(SHORTEST_S, left) if left > 0 or answered else HELD_S)

    async def round(self) -> int:
        """Answer one bounded batch of due documents, earliest first; how many there were."""
        if self.timer is None:
            return 0
        processor = self.processor
        store = processor.settler.store
        async with processor.turn:
            now = processor.settler.clock()
            owned = processor.consumer.owned()
            # Read after the broker answered: a batch that was fetched meanwhile waits here.
            at_end = await processor.consumer.at_end() - processor.waiting
            until = processor.times.until(owned, at_end, now)
            due = await store.due(until, self.limit) if until else []
            if due:
                await self._answer(due, until, self.timer)
            # Writes beside this turn may name a sooner instant while the store is asked.
            self._next = None
            self._note(await store.next_due(owned))
        return len(due)

    async def _answer(
        self, due: Sequence[Raw], until: Mapping[int, datetime], timer: Timer[S]
    ) -> None:
        settler = self.processor.settler
        ticks: list[Event[Any]] = []
        for raw in due:
            try:
                ticks.append(self._tick(raw, until[raw["partition"]], timer))
            except Exception as error:  # noqa: BLE001 - one bad watch must not stop the others
                await self._park(raw, f"{type(error).__name__}: {error}")
        settled = await settler.settle(ticks, {raw["_id"]: raw for raw in due})
        failed = {one.event.subject: f"{one.code}: {one.error}" for one in settled.dead}
        for raw in due:
            key = raw["_id"]
            if key in failed:
                await self._park(raw, failed[key])
            elif self._stuck(raw, settled):
                await self._park(raw, "its mark was answered before and is still due")
            else:
                telemetry.lateness(self.processor.service, raw["next_due_at"], settler.clock())

    def _stuck(self, raw: Raw, settled: Settled[S]) -> bool:
        document = settled.documents.get(raw["_id"])
        return document is not None and not document.changed and document.version == raw["version"]

    async def _park(self, raw: Raw, error: str) -> None:
        """Out of the way until the next event of its case, so that it blocks nobody."""
        log.error("watch_parked", document=raw["_id"], error=error[:300])
        telemetry.PARKED.labels(self.processor.service).inc()
        await self.processor.settler.store.park(raw["_id"], raw["version"], error)

    def _tick(self, raw: Raw, until: datetime, timer: Timer[S]) -> Event[Any]:
        folder = self.processor.settler.folder
        mark = timer.due_mark(folder.decider.load(raw["state"]))
        return Event(
            id=caused_id("tick", raw["_id"], *(mark or ("nothing", raw["next_due_at"]))),
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
            owned = processor.consumer.owned()
            return await sweep(processor.settler, owned) if owned else 0
