"""One batch of records, from the bytes to the committed offsets: the ledger's six steps."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import structlog

from shared.contracts.reading import WHOLE, Readers
from shared.ledger.dead_letters import DeathWatch, Letter, TooManyDeadError
from shared.ledger.decoding import Decoded, Nothing, decode_all, of_some
from shared.ledger.health import Progress
from shared.ledger.partition_time import PartitionTimes
from shared.ledger.ports import Consumer, Record, TransientError, UnansweredError
from shared.ledger.retry import patiently
from shared.ledger.settling import Dead, Settler
from shared.ledger.steps import Step
from shared.platform import telemetry

S = TypeVar("S")

log = structlog.get_logger("ledger")
FAILURE_PAUSE_S = 1.0


@dataclass(slots=True)
class Processor(Generic[S]):
    """Handles the batches of one service, one after another.

    ``turn`` is held by whoever works on the documents: batches, timers and the sweeper take turns
    and never run beside one another. ``waiting`` are the partitions of a batch that was fetched
    and is not handled yet. Events of the types that ``passes`` names change no document here.
    Of the topics in ``checks`` nothing is handled: what is no event there becomes a dead letter.
    ``readers`` say what of an event's data is looked at, and what is ``nothing`` by what it says
    changes no document here either.
    """

    settler: Settler[S]
    consumer: Consumer
    times: PartitionTimes
    progress: Progress
    patience_s: float = 20.0
    watch: DeathWatch = field(default_factory=DeathWatch)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: frozenset[int] = frozenset()
    beats: int = 0
    """How many batches came to an end, done or handed back, but for those that ended because Kafka
    did not answer this client."""
    passes: frozenset[bytes] = frozenset()
    checks: frozenset[str] = frozenset()
    readers: Readers = field(default_factory=lambda: WHOLE)
    nothing: Nothing = of_some

    @property
    def service(self) -> str:
        """The name of the service that this ledger serves."""
        return self.settler.folder.service

    async def handle(self, records: Sequence[Record]) -> bool:
        """Handle a batch and commit it; False when it was handed back to be consumed again.

        Raises TooManyDeadError when consumption must stop; nothing was committed then.
        """
        self.waiting = frozenset(record.partition for record in records)
        try:
            async with self.turn:
                return await self._handle(records)
        finally:
            self.waiting = frozenset()

    async def _handle(self, records: Sequence[Record]) -> bool:
        try:
            await patiently(lambda: self._batch(records), self.patience_s, self.service)
        except TransientError as error:
            log.warning("batch_handed_back", records=len(records), error=str(error))
            self.beats += not isinstance(error, UnansweredError)
            self._hand_back(records, str(error))
            return False
        except TooManyDeadError as error:
            self.consumer.seek(_firsts(records))
            self.progress.halt(str(error))
            raise
        except Exception as error:
            # Whatever it is: a batch that is not done is consumed again, never passed over.
            log.exception("batch_failed", records=len(records))
            self.beats += 1
            self._hand_back(records, f"{type(error).__name__}: {error}")
            await asyncio.sleep(FAILURE_PAUSE_S)
            return False
        self.beats += 1
        self.progress.handled()
        return True

    def _hand_back(self, records: Sequence[Record], reason: str) -> None:
        telemetry.HANDED_BACK.labels(self.service).inc()
        self.progress.failed(reason)
        self.consumer.seek(_firsts(records))

    async def _batch(self, records: Sequence[Record]) -> None:
        started = time.perf_counter()
        decoded = decode_all(records, self.passes, self.checks, self.readers, self.nothing)
        self.settler.step(Step.DECODED)
        lost = await self._await_registry(decoded)
        settled = await self.settler.settle(decoded.events)
        dead = await self._put_away(records, decoded.letters, [*lost, *settled.dead])
        for event in decoded.events:
            if event.origin is not None:
                self.times.handled(event.origin.partition, event.time)
        committed = await self.consumer.commit(_nexts(records))
        self.settler.step(Step.COMMITTED)
        self.watch.count(len(records), dead)
        seconds = time.perf_counter() - started
        telemetry.batch(self.service, len(records), settled.taken, dead, seconds)
        log.info(
            "batch",
            records=len(records),
            taken=settled.taken,
            emitted=settled.emitted,
            dead=dead,
            unknown=decoded.unknown,
            passed=decoded.passed,
            races=settled.races,
            committed=committed,
            ms=round(seconds * 1000, 1),
        )

    async def _await_registry(self, decoded: Decoded) -> list[Dead]:
        """Wait for the registry that the producers had; what names one that never was is dead."""
        wanted = max((event.registry_version for event in decoded.events), default=-1)
        reached = await self.settler.registry.at_least(wanted)
        if reached >= wanted:
            return []
        lost = [
            Dead(event, "unknown_registry", f"{event.registry_version} was never published")
            for event in decoded.events
            if event.registry_version > reached
        ]
        decoded.events = [one for one in decoded.events if one.registry_version <= reached]
        return lost

    async def _put_away(
        self, records: Sequence[Record], letters: list[Letter], dead: Sequence[Dead]
    ) -> int:
        """Publish a letter for every record that died; how many."""
        by_origin = {(r.topic, r.partition, r.offset): r for r in records}
        for one in dead:
            if (origin := one.event.origin) is not None:
                record = by_origin[origin.topic, origin.partition, origin.offset]
                letters.append(Letter(record, one.code, one.error, one.event.subject))
        self.watch.admit(len(records), len(letters))
        now = self.settler.clock()
        entries = [letter.entry(self.service, now) for letter in letters]
        if entries and not all(await self.settler.publisher.send(entries)):
            raise TransientError("dead letters could not be published")
        for letter in letters:
            log.error(
                "dead_letter",
                topic=letter.record.topic,
                partition=letter.record.partition,
                offset=letter.record.offset,
                code=letter.code,
                error=letter.error[:300],
            )
        return len(letters)


def _nexts(records: Sequence[Record]) -> Mapping[tuple[str, int], int]:
    return {(r.topic, r.partition): r.offset + 1 for r in records}


def _firsts(records: Sequence[Record]) -> Mapping[tuple[str, int], int]:
    firsts: dict[tuple[str, int], int] = {}
    for record in records:
        firsts.setdefault((record.topic, record.partition), record.offset)
    return firsts
