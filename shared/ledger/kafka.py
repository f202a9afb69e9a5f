"""The ledger's publisher and consumer on Kafka, through FastStream's broker and subscription."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import (
    CommitFailedError,
    IllegalStateError,
    KafkaError,
    MessageSizeTooLargeError,
)
from aiokafka.producer.message_accumulator import BatchBuilder
from faststream.exceptions import IncorrectState

from shared.ledger.document import Entry
from shared.ledger.ports import TransientError, UnansweredError
from shared.platform.broker import MAX_RECORD_BYTES, Broker
from shared.platform.consumer import CarefulConsumer
from shared.platform.faulty import broken

log = structlog.get_logger("ledger")
SEND_TIMEOUT_S = 15.0
ASK_TIMEOUT_S = 5.0
ASK_ANEW_AFTER = 6
"""After so many failures in a row it is asked over another connection."""


Sent = tuple[list[int], "asyncio.Future[Any]"]
"""The numbers of the entries that are in a batch, and what becomes of it."""


class KafkaPublisher:
    """Publishes outbox entries with their own keys, and waits for all of a wave.

    The entries of a partition go as one closed batch: that waits for no others (``linger_ms``),
    and takes a third of the time of records sent one by one.
    """

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    async def send(self, entries: Sequence[Entry]) -> list[bool]:
        """True for each entry that all in-sync replicas have."""
        renewals = self._broker.renewals
        sent: list[Sent] = []
        errors: list[BaseException] = []
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await self._start(entries, sent)
        except (KafkaError, IncorrectState, TimeoutError) as error:
            errors.append(error)
        if sent:
            await asyncio.wait([future for _, future in sent], timeout=SEND_TIMEOUT_S)
        results = [False] * len(entries)
        for numbers, future in sent:
            if _acknowledged(future, errors):
                for number in numbers:
                    results[number] = True
        if errors:
            said = f"{type(errors[0]).__name__}: {errors[0]}"[:300]
            log.warning("not_published", failed=results.count(False), of=len(results), error=said)
        if any(map(broken, errors)):
            await self._broker.renew_producer(renewals)
        return results

    async def _start(self, entries: Sequence[Entry], sent: list[Sent]) -> None:
        """Hand all to the producer; ``sent`` says how far that came."""
        producer = self._broker.producer
        places: dict[tuple[str, int], list[int]] = {}
        for number, entry in enumerate(entries):
            places.setdefault((entry.topic, entry.partition), []).append(number)
        for (topic, partition), numbers in places.items():
            left = numbers
            while left:
                batch = producer.create_batch()
                taken = _fill(batch, (entries[number] for number in left))
                future = await producer.send_batch(batch, topic, partition=partition)
                sent.append((left[:taken], future))
                left = left[taken:]


def _fill(batch: BatchBuilder, entries: Iterable[Entry]) -> int:
    """Put into a batch what it can hold, at least one, and close it; how many it holds.

    Raises MessageSizeTooLargeError: the producer does not look into a batch.
    """
    for entry in entries:
        taken = batch.append(
            timestamp=int(entry.at.timestamp() * 1000),
            key=entry.key.encode(),
            value=entry.value,
            headers=[(name, text.encode()) for name, text in entry.headers.items()],
        )
        if taken is None:
            break
    batch.close()
    if batch.size() > MAX_RECORD_BYTES:
        raise MessageSizeTooLargeError(f"{batch.size()} bytes, {MAX_RECORD_BYTES} at most")
    count: int = batch.record_count()
    return count


def _acknowledged(future: "asyncio.Future[Any]", errors: list[BaseException]) -> bool:
    if not future.done():
        future.cancel()
        errors.append(TimeoutError(f"no acknowledgement within {SEND_TIMEOUT_S:.0f} s"))
        return False
    error = asyncio.CancelledError() if future.cancelled() else future.exception()
    if error is not None:
        errors.append(error)
    return error is None


class KafkaConsumer:
    """The consumer behind FastStream's subscription; ``source`` gives it once it has started."""

    def __init__(self, source: Callable[[], AIOKafkaConsumer | None]) -> None:
        self._source = source
        self._unanswered = 0
        self.rests = 0
        """How often no record was known to wait, when asked."""

    @property
    def _consumer(self) -> AIOKafkaConsumer | None:
        return self._source()

    @property
    def polls(self) -> int:
        """How many polls have succeeded."""
        return self._careful.polls if self._careful else 0

    def problem(self) -> str | None:
        """Why nothing is fetched, if the last poll failed."""
        return self._careful.problem() if self._careful else None

    @property
    def _careful(self) -> CarefulConsumer | None:
        found = self._source()
        return found if isinstance(found, CarefulConsumer) else None

    def _assignment(self) -> frozenset[TopicPartition]:
        consumer = self._consumer
        return frozenset() if consumer is None else consumer.assignment()

    def owned(self) -> frozenset[int]:
        """Partition numbers that are ours now; Range keeps those of one number together."""
        return frozenset(tp.partition for tp in self._assignment())

    async def commit(self, offsets: Mapping[tuple[str, int], int]) -> bool:
        """Commit explicit offsets; False when a partition is someone else's now.

        Raises UnansweredError when the coordinator is away.
        """
        if (consumer := self._consumer) is None:
            return False
        wanted = {TopicPartition(*tp): offset for tp, offset in offsets.items()}
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await consumer.commit(wanted)
        except (CommitFailedError, IllegalStateError) as error:
            log.info("commit_refused", error=str(error)[:200])
            return False
        except (KafkaError, TimeoutError) as error:
            raise UnansweredError(f"commit: {type(error).__name__}: {error}"[:300]) from error
        return True

    def seek(self, offsets: Mapping[tuple[str, int], int]) -> None:
        """The next poll starts again from here, for what is still ours."""
        if (consumer := self._consumer) is None:
            return
        owned = self._assignment()
        for tp, offset in offsets.items():
            if (found := TopicPartition(*tp)) in owned:
                consumer.seek(found, offset)

    async def at_end(self) -> frozenset[int]:
        """Partition numbers whose every topic is consumed to its end; asked of the broker.

        Raises TransientError when it does not answer: then nobody knows, and nothing is due.
        """
        owned = self._assignment()
        consumer = self._consumer
        if consumer is None or not owned:
            self.rests += 1
            return frozenset()
        try:
            async with asyncio.timeout(ASK_TIMEOUT_S):
                ends = await consumer.end_offsets(list(owned))
                positions = {tp: await consumer.position(tp) for tp in owned}
        except (KafkaError, TimeoutError, IllegalStateError) as error:
            self.rests += 1
            await self._unanswering()
            raise TransientError(f"end offsets: {type(error).__name__}: {error}"[:300]) from error
        self._unanswered = 0
        behind = {tp.partition for tp in owned if positions[tp] < ends[tp]}
        self.rests += not behind
        return frozenset(tp.partition for tp in owned) - behind

    async def _unanswering(self) -> None:
        """Ask over another connection after some failures: this one may never be whole again."""
        self._unanswered += 1
        if self._careful is not None and not self._unanswered % ASK_ANEW_AFTER:
            await self._careful.ask_anew()
