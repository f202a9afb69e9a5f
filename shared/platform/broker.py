"""Kafka through FastStream: every option that correctness hangs on is written here.

FastStream's and aiokafka's defaults lose data (at most once, latest, acks=1, no idempotence).
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from types import TracebackType
from typing import Any, cast

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord
from aiokafka.conn import collect_hosts
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka.message import FAKE_CONSUMER
from faststream.kafka.publisher.state import RealProducer
from faststream.kafka.subscriber.usecase import BatchSubscriber

from shared.contracts.topics import MAX_LETTER_BYTES, MAX_MESSAGE_BYTES, Topic
from shared.platform.consumer import CarefulConsumer
from shared.platform.faulty import end_producer

MAX_POLL_INTERVAL_MS = 120_000
IDLE_WAIT_MS = 500
"""A fetch is answered as soon as there is a record, or after so long."""
MAX_RECORD_BYTES = MAX_LETTER_BYTES - 65_536
"""A little less than the topics take: what the broker refuses breaks the producer."""
GATHERED_BYTES = 1024 * 1024
"""So many bytes end the wait of a fetch that gathers."""
SESSION_TIMEOUT_MS = 6_000
HEARTBEAT_INTERVAL_MS = 500
DELIVERY_TIMEOUT_MS = 10_000
DRAIN_S = 15.0
STOP_S = 25.0
CONNECT_S = 15.0
"""So long a new producer has to reach the broker."""
REACH_S = 2.0

log = structlog.get_logger("broker")
Records = tuple["ConsumerRecord[bytes, bytes]", ...]


class Broker(KafkaBroker):
    """FastStream's broker, with a careful consumer, a replaceable producer and a stop that ends."""

    def __init__(self, *servers: Any, **options: Any) -> None:  # noqa: ANN401 - FastStream's own
        super().__init__(*servers, **options)
        self.renewals = 0
        self._renewing = False
        self._stopping = False
        self._ending: set[asyncio.Task[None]] = set()

    async def _connect(self) -> Callable[..., AIOKafkaConsumer]:
        await super()._connect()
        config = self.config.broker_config
        config.builder = partial(CarefulConsumer, **cast("Any", config.builder).keywords)
        return config.builder

    @property
    def producer(self) -> AIOKafkaProducer:
        """The producer behind FastStream's ``publish``. Raises IncorrectState while there is none.

        FastStream gives every record of a batch the same headers, and of single records each takes
        as long as twenty in a batch.
        """
        return cast("Any", self.config.producer)._producer.producer  # noqa: SLF001 - no other door

    async def renew_producer(self, seen: int) -> None:
        """Replace a producer that is broken, once for all who saw it when ``renewals`` was this.

        The new one takes its place when it has reached the broker. Until then the old one stays,
        is found broken again, and whoever finds it so tries once more; nobody waits meanwhile.
        """
        if seen != self.renewals or self._renewing or self._stopping:
            return
        self._renewing = True
        try:
            await self._renew()
        finally:
            self._renewing = False

    async def _renew(self) -> None:
        old, new = self.producer, AIOKafkaProducer(**self._connection_kwargs)
        try:
            async with asyncio.timeout(CONNECT_S):
                await new.start()
        except (KafkaError, TimeoutError) as error:
            log.warning("producer_not_renewed", error=f"{type(error).__name__}: {error}"[:300])
            self._let_go(new)
            return
        except BaseException:
            self._let_go(new)
            raise
        if self._stopping:
            self._let_go(new)
            return
        cast("Any", self.config.producer)._producer = RealProducer(new)  # noqa: SLF001 - started
        self.renewals += 1
        log.warning("producer_renewed", renewals=self.renewals)
        self._let_go(old)

    def _let_go(self, producer: AIOKafkaProducer) -> None:
        """End a producer beside what goes on; whoever stops the broker waits for it."""
        task = asyncio.create_task(end_producer(producer), name="producer-end")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    def reachable(self) -> bool:
        """Whether any of the brokers takes a connection; blocks, for threads other than the loop's.

        Their names are resolved each time.
        """
        servers = collect_hosts(self._connection_kwargs["bootstrap_servers"])
        return any(_takes_connection(host, port) for host, port, _ in servers)

    async def start(self) -> None:
        """As FastStream's."""
        self._stopping = False
        await super().start()

    async def stop(
        self,
        exc_type: type[BaseException] | None = None,
        exc_val: BaseException | None = None,
        exc_tb: TracebackType | None = None,
    ) -> None:
        """Drain and stop, in bounded time: while Kafka is away a drain has no end."""
        self._stopping = True
        try:
            async with asyncio.timeout(STOP_S):
                await super().stop(exc_type, exc_val, exc_tb)
        except TimeoutError:
            log.warning("broker_not_drained", seconds=STOP_S)
        await asyncio.gather(*self._ending)


def _takes_connection(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=REACH_S).close()
    except OSError:
        return False
    return True


def build_broker(bootstrap: str, service: str) -> Broker:
    """A broker whose producer is idempotent and waits for all in-sync replicas."""
    return Broker(
        bootstrap.split(","),
        client_id=f"wangge-{service}",
        acks="all",
        enable_idempotence=True,
        # Level 3 of zstd; aiokafka packs lz4 at its level 9, in ten times the time and less well.
        compression_type="zstd",
        linger_ms=2,
        max_batch_size=262_144,
        max_request_size=MAX_RECORD_BYTES,
        request_timeout_ms=DELIVERY_TIMEOUT_MS,
        retry_backoff_ms=100,
        allow_auto_create_topics=False,
        graceful_timeout=DRAIN_S,
        # A drawn id in a header would give the same event other bytes each time it is published.
        id_generator=str,
        # No injection of dependencies: it would take turns with other tasks, and a thread, between
        # the poll and the ledger, and timers would not see what has been fetched.
        apply_types=False,
        logger=None,
    )


async def parse_raw(records: Records) -> KafkaMessage:
    """A batch as it came: FastStream's own parser fails on headers that are not UTF-8."""
    return KafkaMessage(
        raw_message=records,
        body=records,
        message_id=f"{records[0].offset}-{records[-1].offset}",
        correlation_id="batch",
        consumer=FAKE_CONSUMER,
    )


async def decode_raw(message: KafkaMessage) -> Any:  # noqa: ANN401 - FastStream's own signature
    """Nothing to decode: the ledger does it, record by record."""
    return message.body


def subscribe(  # noqa: PLR0913, PLR0917 - what a subscription is made of
    broker: KafkaBroker,
    topics: Sequence[Topic],
    service: str,
    handler: Callable[[Records], Awaitable[None]],
    max_records: int,
    gather_ms: int = 0,
) -> BatchSubscriber:
    """One subscription: one group, all topics, the partitions of one number kept together.

    With ``gather_ms`` the broker answers a fetch when it has much, or after so long.
    """
    subscriber = broker.subscriber(
        *(topic.name for topic in topics),
        batch=True,
        max_records=max_records,
        batch_timeout_ms=200,
        group_id=f"wangge-{service}",
        ack_policy=AckPolicy.MANUAL,
        auto_offset_reset="earliest",
        partition_assignment_strategy=[RangePartitionAssignor],
        isolation_level="read_committed",
        max_poll_interval_ms=MAX_POLL_INTERVAL_MS,
        session_timeout_ms=SESSION_TIMEOUT_MS,
        heartbeat_interval_ms=HEARTBEAT_INTERVAL_MS,
        fetch_max_wait_ms=gather_ms or IDLE_WAIT_MS,
        fetch_min_bytes=GATHERED_BYTES if gather_ms else 1,
        fetch_max_bytes=16 * 1024 * 1024,
        max_partition_fetch_bytes=MAX_MESSAGE_BYTES,
        parser=parse_raw,
        decoder=decode_raw,
        no_reply=True,
        title=f"{service}",
        description="Batches of raw records; the ledger decodes them.",
    )

    @subscriber
    async def handle(records: Records) -> None:
        await handler(records)

    return subscriber
