"""Timers and the sweeper: documents that are due, and outboxes that stayed full."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

import structlog

from shared.contracts.envelope import SOURCE_BASE, Event
from shared.ledger.answered import Answered
from shared.ledger.document import Change, Document, Raw
from shared.ledger.due_queue import DueQueue
from shared.ledger.folding import NewerFoldError
from shared.ledger.parking import Parking
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
AT_WORK = 4
"""Pages that are decided, written and published at once; they stay in order but for these."""
CLEAR_EVERY_S = 1.0
HELD_S = 0.2
"""The sleep while a mark is due whose partition's time has not come yet."""


@dataclass(slots=True)
class Ticker(Generic[S]):
    """Lets due documents answer and sweeps outboxes, in turn with the batches.

    ``idle_s`` is the longest sleep; ``limit`` how many documents one round answers, in pages of
    ``page``.
    """

    processor: Processor[S]
    timer: Timer[S] | None = None
    idle_s: float = 1.0
    limit: int = 4000
    page: int = 250
    rounds: int = 0
    """How many have come to an end, well or not."""
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _next: datetime | None = None
    _answered: Answered = field(default_factory=Answered)
    _more: bool = False
    """Whether more may be due than the last round has answered."""
    _swept: float = float("-inf")
    _cleared: float = float("-inf")
    _parking: Parking = field(init=False)

    def __post_init__(self) -> None:
        self._parking = Parking(self.processor.settler.store, self.processor.service)

    def written(self, changes: Sequence[Change]) -> None:
        """Called for every write: a sooner instant wakes the ticker."""
        for change in changes:
            if (due := change.fields.get("next_due_at")) is not None:
                self._answered.written(change.fields["partition"], due)
                if self._note(due):
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
            self.rounds += 1
            try:
                # Not `wait_for`: before Python 3.12 that loses a cancellation which comes in the
                # moment in which it is woken, and whoever stops the service waits for ever.
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            except TimeoutError:
                continue
        # Nobody clears from now on, and commands may still be published.
        self.processor.settler.lingers = False
        with suppress(TransientError):
            await self.processor.settler.clear(everything=True)

    async def _once(self) -> float:
        """One round and one sweep; seconds to sleep."""
        self._wake.clear()
        try:
            # First: whatever stops the timers, what was published leaves its outbox.
            await self._clear_at_times()
            answered = await self.round()
            await self._sweep_at_times()
        except TransientError as error:
            log.warning("ticker_waits", error=str(error)[:300])
            return self.idle_s
        except Exception:
            # A loop that ends in silence would let every later mark pass.
            log.exception("ticker_failed")
            return self.idle_s
        self.processor.progress.moved()
        if self._more:
            return 0.0
        if self._next is None:
            return self.idle_s
        left = (self._next - self.processor.settler.clock()).total_seconds()
        return min(self.idle_s, max(SHORTEST_S, left) if left > 0 or answered else HELD_S)

    async def round(self) -> int:
        """Answer what is due, earliest first; how many documents there were.

        As many as ``limit``, or four pages where a batch waits for its turn: then it is theirs.
        """
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
            if await self._parking.try_again(owned, now):
                self._answered = Answered()
            self._answered.begin(owned, now)
            self._more = False
            found = await self._drain(until, self.timer) if until else 0
            if not self._more:
                # Writes beside this turn may name a sooner instant while the store is asked.
                self._next = None
                self._note(await store.next_due(owned, self._answered.up_to))
        return found

    async def _drain(self, until: Mapping[int, datetime], timer: Timer[S]) -> int:
        """Page by page; while one is written and published, the next is read and decided."""
        queue = DueQueue(self.processor.settler.store, until, self._answered.up_to)
        working: list[asyncio.Task[None]] = []
        try:
            while queue.more and queue.found < self._share():
                page = await queue.page(min(self.page, self.limit - queue.found))
                if page:
                    working.append(asyncio.create_task(self._answer(page, until, timer)))
                if len(working) >= AT_WORK:
                    await working[-AT_WORK]
        except asyncio.CancelledError:
            for task in working:
                task.cancel()
            raise
        finally:
            done = await asyncio.gather(*working, return_exceptions=True)
        if (error := next(filter(None, done), None)) is not None:
            raise error
        self._more = queue.more
        self._answered.reached(queue.read_up_to(until))
        return queue.found

    def _share(self) -> int:
        """How many documents a round answers: where a batch waits, what is at work at once."""
        return min(self.limit, AT_WORK * self.page) if self.processor.waiting else self.limit

    async def _answer(
        self, due: Sequence[Raw], until: Mapping[int, datetime], timer: Timer[S]
    ) -> None:
        settler = self.processor.settler
        ticks: list[Event[Any]] = []
        opened: dict[str, Document[S]] = {}
        times = {partition: Tick(until=time) for partition, time in until.items()}
        for raw in due:
            try:
                document = opened[raw["_id"]] = settler.folder.open(raw["_id"], raw)
                ticks.append(
                    self._tick(document, times[raw["partition"]], raw["next_due_at"], timer)
                )
            except NewerFoldError as error:
                raise TransientError(str(error)) from error
            except Exception as error:  # noqa: BLE001 - one bad watch must not stop the others
                await self._parking.park(raw, f"{type(error).__name__}: {error}")
        settled = await settler.settle(ticks, opened)
        failed = {one.event.subject: f"{one.code}: {one.error}" for one in settled.dead}
        for raw in due:
            key = raw["_id"]
            if key in failed:
                await self._parking.park(raw, failed[key])
            elif self._stuck(raw, settled):
                await self._parking.park(raw, "its mark was answered before and is still due")
            else:
                telemetry.lateness(self.processor.service, raw["next_due_at"], settler.clock())

    def _stuck(self, raw: Raw, settled: Settled[S]) -> bool:
        document = settled.documents.get(raw["_id"])
        return document is not None and not document.changed and document.version == raw["version"]

    def _tick(
        self, document: Document[S], tick: Tick, due: datetime, timer: Timer[S]
    ) -> Event[Any]:
        key, state = document.id, document.state
        mark = timer.due_mark(state) if state is not None else None
        return Event(
            id=caused_id("tick", key, *(mark or ("nothing", due))),
            source=SOURCE_BASE + self.processor.service,
            subject=key,
            time=tick.until,
            data=tick,
            correlation_id=key,
            causation_id=key,
            sequence=0,
        )

    async def _clear_at_times(self) -> None:
        """Take what was published one or two such times ago out of its outbox.

        Before its age would have it swept.
        """
        now = self.processor.progress.now()
        if now - self._cleared >= CLEAR_EVERY_S:
            self._cleared = now
            await self.processor.settler.clear()

    async def _sweep_at_times(self) -> None:
        """Not after every round of a long drain: what is looked for is some seconds old."""
        now = self.processor.progress.now()
        if now - self._swept >= self.idle_s or not self._more:
            await self.sweep()
            self._swept = now

    async def sweep(self) -> int:
        """Publish what owned outboxes have held for some seconds; how many documents."""
        processor = self.processor
        async with processor.turn:
            owned = processor.consumer.owned()
            return await sweep(processor.settler, owned) if owned else 0
