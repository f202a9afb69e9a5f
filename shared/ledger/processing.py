"""One batch of records, from the bytes to the committed offsets: the ledger's six steps."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import structlog

from shared.contracts.base import extra_fields
from shared.contracts.envelope import Event, Origin, UndecodableError, UnknownTypeError, decode
from shared.ledger.dead_letters import DeathWatch, TooManyDeadError, dead_letter
from shared.ledger.health import Progress
from shared.ledger.partition_time import PartitionTimes
from shared.ledger.ports import Consumer, Record, TransientError
from shared.ledger.retry import patiently
from shared.ledger.settling import Settled, Settler
from shared.ledger.steps import Step
from shared.platform import telemetry

S = TypeVar("S")
Coordinates = tuple[str, int, int]

log = structlog.get_logger("ledger")
FAILURE_PAUSE_S = 1.0


@dataclass(slots=True)
class Decoded:
    """The events of a batch in order, the letters of what is no event, and what was passed over."""

    events: list[Event[Any]] = field(default_factory=list)
    dead: list[tuple[Record, str, str, str | None]] = field(default_factory=list)
    unknown: int = 0


@dataclass(slots=True)
class Processor(Generic[S]):
    """Handles the batches of one service, one after another.

    ``turn`` is held by whoever works on the documents: batches, timers and the sweeper take turns
    and never run beside one another. ``waiting`` are the partitions of a batch that was fetched
    and is not handled yet.
    """

    settler: Settler[S]
    consumer: Consumer
    times: PartitionTimes
    progress: Progress
    patience_s: float = 20.0
    watch: DeathWatch = field(default_factory=DeathWatch)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: frozenset[int] = frozenset()

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
            telemetry.HANDED_BACK.labels(self.service).inc()
            self.consumer.seek(_firsts(records))
            return False
        except TooManyDeadError as error:
            self.consumer.seek(_firsts(records))
            self.progress.halt(str(error))
            raise
        except Exception:
            # Whatever it is: a batch that is not done is consumed again, never passed over.
            log.exception("batch_failed", records=len(records))
            telemetry.HANDED_BACK.labels(self.service).inc()
            self.consumer.seek(_firsts(records))
            await asyncio.sleep(FAILURE_PAUSE_S)
            return False
        self.progress.moved()
        return True

    async def _batch(self, records: Sequence[Record]) -> None:
        started = time.perf_counter()
        decoded = decode_all(records)
        self.settler.step(Step.DECODED)
        if decoded.events:
            version = max(event.registry_version for event in decoded.events)
            await self.settler.registry.at_least(version)
        settled = await self.settler.settle(decoded.events)
        dead = await self._put_away(records, decoded, settled)
        for event in decoded.events:
            if event.origin is not None:
                self.times.handled(event.origin.partition, event.time)
        committed = await self.consumer.commit(_nexts(records))
        self.settler.step(Step.COMMITTED)
        seconds = time.perf_counter() - started
        telemetry.batch(self.service, len(records), settled.taken, dead, seconds)
        log.info(
            "batch",
            records=len(records),
            taken=settled.taken,
            emitted=settled.emitted,
            dead=dead,
            unknown=decoded.unknown,
            races=settled.races,
            committed=committed,
            ms=round(seconds * 1000, 1),
        )

    async def _put_away(
        self, records: Sequence[Record], decoded: Decoded, settled: Settled[S]
    ) -> int:
        dead = list(decoded.dead)
        by_origin = {(r.topic, r.partition, r.offset): r for r in records}
        for one in settled.dead:
            origin = one.event.origin
            if origin is not None:
                record = by_origin[origin.topic, origin.partition, origin.offset]
                dead.append((record, one.code, one.error, one.event.subject))
        self.watch.admit(len(records), len(dead))
        if dead:
            now = self.settler.clock()
            letters = [
                dead_letter(self.service, record, code, error, now, document)
                for record, code, error, document in dead
            ]
            if not all(await self.settler.publisher.send(letters)):
                message = "dead letters could not be published"
                raise TransientError(message)
            for record, code, error, _ in dead:
                log.error(
                    "dead_letter",
                    topic=record.topic,
                    partition=record.partition,
                    offset=record.offset,
                    code=code,
                    error=error[:300],
                )
        return len(dead)


def decode_all(records: Sequence[Record]) -> Decoded:
    """Step 1: what is an event, what is of an unknown type, and what is neither."""
    decoded = Decoded()
    for record in records:
        try:
            event = decode(
                record.headers,
                record.value,
                Origin(record.topic, record.partition, record.offset),
            )
        except UnknownTypeError as unknown:
            decoded.unknown += 1
            telemetry.UNKNOWN_TYPES.labels(record.topic, str(unknown)[:100]).inc()
        except UndecodableError as error:
            decoded.dead.append((record, "undecodable", str(error), None))
        else:
            if extra := extra_fields(event.data):
                telemetry.UNKNOWN_FIELDS.labels(record.topic, event.type).inc(len(extra))
            decoded.events.append(event)
    return decoded


def _nexts(records: Sequence[Record]) -> Mapping[tuple[str, int], int]:
    return {(r.topic, r.partition): r.offset + 1 for r in records}


def _firsts(records: Sequence[Record]) -> Mapping[tuple[str, int], int]:
    firsts: dict[tuple[str, int], int] = {}
    for record in records:
        firsts.setdefault((record.topic, record.partition), record.offset)
    return firsts
