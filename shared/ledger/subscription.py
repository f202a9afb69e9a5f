"""A service's ledger as a whole: the subscription, the ticker, and their life to the drain."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar

import structlog
from aiokafka import ConsumerRecord

from shared.contracts.base import EventData
from shared.contracts.reading import WHOLE, Readers
from shared.contracts.topics import Topic
from shared.ledger.auditing import TOLERANCE_S, TimerAuditor
from shared.ledger.dead_letters import DEAD_SHARE, DeathWatch, TooManyDeadError
from shared.ledger.decoding import Nothing, of_some
from shared.ledger.document import Change
from shared.ledger.health import Progress
from shared.ledger.kafka import KafkaConsumer
from shared.ledger.partition_time import PartitionTimes
from shared.ledger.ports import Record
from shared.ledger.processing import Processor
from shared.ledger.settling import Settler
from shared.ledger.ticker import Ticker
from shared.ledger.timer import Timer
from shared.ledger.walk import Walk
from shared.ledger.walker import Walker
from shared.ledger.watchdog import Beats, Watchdog
from shared.platform.broker import Broker, subscribe

S = TypeVar("S")
log = structlog.get_logger("ledger")
MAX_RECORDS = 1000


class Subscription(Generic[S]):
    """Consumes all topics of a service into one settler, and lets its timers and walks run.

    Events of the types in ``passes`` change no document of this service: they are passed over. A
    fetch waits up to ``gather_ms`` for more, so that a document takes its events in one write.
    Topics in ``checks`` are consumed too, only to put away what is no event in them. ``readers``
    say what of an event's data is looked at, and ``nothing`` which events change no document by
    what they say. With a timer an auditor tells of what has been due, and unanswered, for
    ``tolerance_s``. Consumption stops when more than ``dead_share`` of the last records would
    become dead letters.
    """

    def __init__(  # noqa: PLR0913 - what a service is composed of, by name
        self,
        broker: Broker,
        topics: Sequence[Topic],
        settler: Settler[S],
        timer: Timer[S] | None = None,
        *,
        walks: Sequence[Walk[S]] = (),
        max_records: int = MAX_RECORDS,
        passes: Iterable[type[EventData]] = (),
        checks: Sequence[Topic] = (),
        readers: Readers = WHOLE,
        nothing: Nothing = of_some,
        gather_ms: int = 0,
        tolerance_s: float = TOLERANCE_S,
        dead_share: float = DEAD_SHARE,
    ) -> None:
        self.consumer = KafkaConsumer(lambda: self._subscriber.consumer)
        self.progress = Progress()
        self.processor: Processor[S] = Processor(
            settler,
            self.consumer,
            PartitionTimes(),
            self.progress,
            watch=DeathWatch(share=dead_share, service=settler.folder.service),
            passes=frozenset(model.TYPE.encode() for model in passes),
            checks=frozenset(topic.name for topic in checks),
            readers=readers,
            nothing=nothing,
        )
        self.ticker: Ticker[S] = Ticker(self.processor, timer)
        self.auditor = TimerAuditor(self.processor, tolerance_s) if timer is not None else None
        self.walker: Walker[S] | None = Walker(self.processor, walks) if walks else None
        settler.on_written = self._written
        settler.lingers = True
        self._subscriber = subscribe(
            broker, (*topics, *checks), self.processor.service, self._handle, max_records, gather_ms
        )
        self._reachable = broker.reachable
        self._tasks: list[asyncio.Task[Any]] = []
        self._watchdog: Watchdog | None = None

    def _written(self, changes: Sequence[Change]) -> None:
        self.ticker.written(changes)
        if self.walker is not None:
            self.walker.written(changes)

    async def _handle(self, records: "Sequence[ConsumerRecord[bytes, bytes]]") -> None:
        batch = [
            Record(r.topic, r.partition, r.offset, r.timestamp, r.key, r.value, r.headers)
            for r in records
        ]
        try:
            await self.processor.handle(batch)
        except TooManyDeadError as error:
            log.critical("consumption_stopped", error=str(error))
            # Stopped from within its handler, a subscriber cancels itself before its consumer has
            # left the group, and keeps partitions that nobody handles.
            self._subscriber.running = False
            self._tasks.append(asyncio.create_task(self._subscriber.stop(), name="stopping"))

    def start(self) -> None:
        """Let timers and walks run; the records flow as soon as the broker has been started."""
        self._tasks.append(asyncio.create_task(self.ticker.run(), name="ticker"))
        if self.walker is not None:
            self._tasks.append(asyncio.create_task(self.walker.run(), name="walker"))
        if self.auditor is not None:
            self._tasks.append(asyncio.create_task(self.auditor.run(), name="auditor"))
        self._watchdog = Watchdog(self.beats, self._reachable)
        self._watchdog.start()

    def beats(self) -> Beats:
        """How often timers, polls and records have come round; nothing after a deliberate stop.

        Records have when a batch came to an end, or when none was known to wait.
        """
        if self.progress.halted is not None:
            return {}
        beats = {"timers": self.ticker.rounds, "polls": self.consumer.polls}
        if self.ticker.timer is not None:
            # Only for timers it is asked whether records wait.
            beats["records"] = self.processor.beats + self.consumer.rests
        return beats

    def problem(self) -> str | None:
        """Why the service is not ready: nothing moves, no poll succeeds, or timers are overdue."""
        found = self.progress.problem() or self.consumer.problem()
        return self.auditor.problem() if found is None and self.auditor is not None else found

    async def stop(self) -> None:
        """Stop timers and walks; the batch that runs ends by itself when the broker is stopped."""
        if self._watchdog is not None:
            self._watchdog.stop()
        settler = self.processor.settler
        settler.lingers = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            await settler.clear(everything=True)
        except Exception:
            # Whoever comes next publishes it once more; the rest is to be stopped all the same.
            log.exception("outboxes_not_cleared")
