"""Reading the registry topic: from the start at boot, without a group; ready means caught up."""

import asyncio
from contextlib import suppress
from typing import Any, Protocol

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shared.contracts.envelope import Origin, UndecodableError, UnknownTypeError, decode
from shared.contracts.registry_v1 import EntrySet
from shared.contracts.topics import MAX_MESSAGE_BYTES, REGISTRY
from shared.ledger.ports import TransientError
from shared.platform import telemetry
from shared.registry.changes import ChangeGatherer
from shared.registry.snapshot import Snapshot

log = structlog.get_logger("registry")
SWAP_S = 1.0
"""A snapshot is swapped at most this often once the reader has caught up."""
WAIT_S = 10.0
BATCH = 2000
_TP = TopicPartition(REGISTRY.name, 0)


class RegistryView(Protocol):
    """What the ledger asks of the registry."""

    def current(self) -> Snapshot:
        """The snapshot in use."""
        ...

    async def at_least(self, version: int) -> None:
        """Wait until the snapshot has this version; raises TransientError after a while."""
        ...


class NoRegistry:
    """For a service whose events carry all that it needs."""

    _empty = Snapshot()

    def current(self) -> Snapshot:
        """An empty snapshot."""
        return self._empty

    async def at_least(self, version: int) -> None:
        """Nothing to wait for: this service decides nothing by the registry."""


class RegistryReader:
    """Keeps a snapshot of the registry topic up to date."""

    def __init__(self, bootstrap: str, service: str) -> None:
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap.split(","),
            client_id=f"wangge-{service}-registry",
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            fetch_max_wait_ms=200,
            max_partition_fetch_bytes=MAX_MESSAGE_BYTES,
        )
        self._gatherer = ChangeGatherer()
        self._snapshot = Snapshot()
        self._swapped = asyncio.Event()
        self._hurry = asyncio.Event()
        self._task: asyncio.Task[Any] | None = None

    def current(self) -> Snapshot:
        """The snapshot in use; a decision keeps the one that it began with."""
        return self._snapshot

    async def at_least(self, version: int) -> None:
        """Wait until the snapshot has this version; raises TransientError after a while."""
        try:
            async with asyncio.timeout(WAIT_S):
                while self._snapshot.version < version:
                    self._hurry.set()
                    self._swapped.clear()
                    await self._swapped.wait()
        except TimeoutError as error:
            message = f"registry at {self._snapshot.version}, an event needs {version}"
            raise TransientError(message) from error

    async def start(self) -> None:
        """Read all that is there; returns when caught up with the end of the topic."""
        await self._consumer.start()
        self._consumer.assign([_TP])
        await self._consumer.seek_to_beginning(_TP)
        end = (await self._consumer.end_offsets([_TP]))[_TP]
        while self._gatherer.position < end - 1:
            await self._poll()
            if await self._consumer.position(_TP) >= end:
                break
        await self._swap()
        self._task = asyncio.create_task(self._run(), name="registry")

    async def stop(self) -> None:
        """Stop reading."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._consumer.stop()

    async def _run(self) -> None:
        while True:
            try:
                await self._poll()
            except KafkaError as error:
                log.warning("registry_waits", error=str(error)[:200])
                await asyncio.sleep(SWAP_S)
                continue
            if self._gatherer.position > self._snapshot.version:
                await self._swap()
                self._hurry.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._hurry.wait(), SWAP_S)

    async def _poll(self) -> None:
        for records in (await self._consumer.getmany(timeout_ms=200, max_records=BATCH)).values():
            for record in records:
                origin = Origin(record.topic, record.partition, record.offset)
                try:
                    event = decode(record.headers, record.value, origin)
                except (UndecodableError, UnknownTypeError) as error:
                    # Passed over and counted: a reader without a group has no dead letters.
                    log.warning("registry_record", offset=record.offset, error=str(error)[:200])
                    telemetry.UNKNOWN_TYPES.labels(record.topic, "undecodable").inc()
                    self._gatherer.position = record.offset
                    continue
                if isinstance(event.data, EntrySet):
                    self._gatherer.take(event.data, record.offset)

    async def _swap(self) -> None:
        before = self._snapshot
        after = self._gatherer.apply(before)
        if after is not before:
            self._snapshot = await asyncio.to_thread(after.prepare)
            log.info("registry", version=after.version, entries=len(after.versions))
        self._swapped.set()
