"""aiokafka's clients that are of no use any more: how that is seen, mended, and how they end.

Their own `stop` raises what a task of theirs has died of, and a producer may send on for ever.
"""

import asyncio
from itertools import chain

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.conn import CloseReason
from aiokafka.errors import (
    InvalidProducerEpoch,
    InvalidProducerIdMapping,
    KafkaError,
    KafkaTimeoutError,
    OutOfOrderSequenceNumber,
    ProducerFenced,
    UnknownProducerId,
)

log = structlog.get_logger("broker")
FLUSH_S = 5.0
"""So long a producer that is replaced has for what it still holds."""
DROP_S = 5.0
"""So long its task has to end when it is cancelled."""
AGAIN_S = 0.1
TASKS = (
    "_coordination_task",
    "_heartbeat_task",
    "_commit_refresh_task",
    "_reset_committed_task",
    "_fetch_task",
)
"""Those of a consumer's parts."""

BROKEN = (
    InvalidProducerEpoch,
    InvalidProducerIdMapping,
    OutOfOrderSequenceNumber,
    ProducerFenced,
    UnknownProducerId,
)
"""After one of these an idempotent producer never publishes into that partition again."""
STANDS = (TimeoutError, KafkaTimeoutError)
"""Nothing is acknowledged to it, or its buffer is full of what was not."""


def broken(error: BaseException) -> bool:
    """Whether the producer is of no use after this error and must be replaced.

    One that stands may be: another one that reaches the broker will tell.
    """
    return isinstance(error, (*BROKEN, *STANDS)) or type(error) is KafkaError


async def end_producer(producer: AIOKafkaProducer) -> None:
    """Stop a producer, whatever state it is in; raises nothing.

    What it still holds after some seconds is given up: it is published anew by another one.
    """
    _forget_dead(producer.client)
    try:
        async with asyncio.timeout(FLUSH_S):
            await producer.stop()
    except Exception as error:  # noqa: BLE001 - `stop` raises whatever its tasks have died of
        log.warning("producer_not_flushed", error=f"{type(error).__name__}: {error}"[:300])
        await _drop(producer)


async def _drop(producer: AIOKafkaProducer) -> None:
    """End its task, which would retry for ever, and let nobody wait for what it holds."""
    sender = producer._sender.sender_task  # noqa: SLF001 - no other door
    try:
        async with asyncio.timeout(DROP_S):
            while sender is not None and not sender.done():
                # Cancelled once, it waits for its requests, which may be retried for ever too.
                sender.cancel()
                await asyncio.wait([sender], timeout=AGAIN_S)
            await producer.client.close()
    except Exception as error:  # noqa: BLE001 - likewise
        log.warning("producer_not_ended", error=f"{type(error).__name__}: {error}"[:300])
    held = producer._message_accumulator  # noqa: SLF001
    for batch in (*chain(*held._batches.values()), *held._pending_batches):  # noqa: SLF001
        batch.future.cancel()


def revive(owner: AIOKafkaConsumer | AIOKafkaAdminClient) -> None:
    """Give a client whose task has died a new one: whoever asks that would wait for ever.

    The task keeps the client's picture of the cluster. A commit asks it when Kafka was away.
    """
    client = owner._client  # noqa: SLF001 - no other door
    if not _has_died(client):
        return
    # One that died in an update of its own accord left nobody's call, and whoever asks since then
    # only joins it: the new one would wait minutes for its time.
    if not client._md_update_waiter.done():  # noqa: SLF001
        client._md_update_waiter.set_result(None)  # noqa: SLF001
    client._sync_task = asyncio.create_task(client._md_synchronizer())  # noqa: SLF001


def hang_up(owner: AIOKafkaConsumer | AIOKafkaAdminClient) -> None:
    """Close the connections of a client that gave no answer: the next question opens others.

    Where the broker's machine has gone, nobody resets them. aiokafka closes one on which a request
    of its own times out, but not when whoever asks gives up first, as `end_offsets` always does:
    every later question would go the same way, until the kernel gives up, after many minutes.
    """
    for connection in list(owner._client._conns.values()):  # noqa: SLF001 - no other door
        connection.close(reason=CloseReason.CONNECTION_TIMEOUT)


async def end_consumer(consumer: AIOKafkaConsumer) -> None:
    """Stop a consumer without a group, whatever state it is in; raises nothing."""
    try:
        async with asyncio.timeout(FLUSH_S):
            await stop_wholly(consumer)
    except Exception as error:  # noqa: BLE001 - likewise
        log.warning("consumer_not_ended", error=f"{type(error).__name__}: {error}"[:300])


async def stop_wholly(consumer: AIOKafkaConsumer) -> None:
    """Stop a consumer; its connections are closed whatever its tasks have died of, which is logged.

    aiokafka's own `stop` lets the cancellation of a fetch that is being retried out, as if whoever
    stops it had been cancelled, or the error of a task, and closes nothing.
    """
    revive(consumer)  # or its group waits for the client, and whoever stops it for the group
    try:
        await AIOKafkaConsumer.stop(consumer)
    except asyncio.CancelledError:
        await _abandon(consumer)
        if (stopping := asyncio.current_task()) is not None and stopping.cancelling():
            raise
    except Exception as error:  # noqa: BLE001 - likewise
        log.warning("consumer_had_died", error=f"{type(error).__name__}: {error}"[:300])
        await _abandon(consumer)


async def _abandon(consumer: AIOKafkaConsumer) -> None:
    """End what its `stop` did not come to: heartbeats would keep partitions that nobody reads.

    Whoever stops it may be cancelled again and again: what ends at once comes first.
    """
    client, fetcher = consumer._client, consumer._fetcher  # noqa: SLF001 - no other door
    owners = (consumer._coordinator, fetcher)  # noqa: SLF001
    tasks = [task for owner in owners for name in TASKS if (task := getattr(owner, name, None))]
    for task in (*tasks, *getattr(fetcher, "_pending_tasks", ())):
        task.cancel()
    _forget_dead(client)
    await client.close()
    if tasks:
        await asyncio.wait(tasks, timeout=DROP_S)


def _forget_dead(client: AIOKafkaClient) -> None:
    """A client whose task has died raises what it died of when it is closed, and closes nothing."""
    if _has_died(client):
        client._sync_task = None  # noqa: SLF001


def _has_died(client: AIOKafkaClient) -> bool:
    task = client._sync_task  # noqa: SLF001 - no other door
    if task is None or not task.done() or task.cancelled():
        return False
    log.warning("client_had_died", error=repr(task.exception())[:300])
    return True
