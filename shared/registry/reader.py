"""Reading the registry topic: from the start at boot, without a group; ready means caught up."""

import asyncio
import gc
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import Any, Protocol

import structlog
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaConnectionError, KafkaError

from shared.contracts.base import EventData, Names
from shared.contracts.envelope import Origin, decode
from shared.contracts.registry_v1 import EntrySet
from shared.contracts.topics import MAX_MESSAGE_BYTES, REGISTRY
from shared.ledger.ports import TransientError
from shared.ledger.watchdog import Beats
from shared.platform import telemetry
from shared.platform.broker import DELIVERY_TIMEOUT_MS, IDLE_WAIT_MS
from shared.platform.consumer import CarefulConsumer
from shared.registry.changes import ChangeGatherer
from shared.registry.slim import slim
from shared.registry.snapshot import Snapshot

log = structlog.get_logger("registry")
SWAP_S = 1.0
"""A snapshot is swapped at most this often once the reader has started."""
WAIT_S = 10.0
BATCH = 500
TURN = 25
"""After so many records, a few milliseconds, others get their turn on the event loop."""
TYPE_HEADER, SUBJECT_HEADER = "ce_type", "ce_subject"
_TP = TopicPartition(REGISTRY.name, 0)


class RegistryView(Protocol):
    """What the ledger asks of the registry."""

    def current(self) -> Snapshot:
        """The snapshot in use."""
        ...

    async def at_least(self, version: int) -> int:
        """Wait until the snapshot has this version, or all that there is; its version then.

        Raises TransientError after a while.
        """
        ...


class NoRegistry:
    """For a service whose events carry all that it needs."""

    _empty = Snapshot()

    def current(self) -> Snapshot:
        """An empty snapshot."""
        return self._empty

    async def at_least(self, version: int) -> int:
        """Nothing to wait for: this service decides nothing by the registry."""
        return version


def consume(bootstrap: str, service: str) -> CarefulConsumer:
    """A consumer that reads the topic from the start, without a group."""
    return CarefulConsumer(
        bootstrap_servers=bootstrap.split(","),
        client_id=f"wangge-{service}-registry",
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        request_timeout_ms=DELIVERY_TIMEOUT_MS,
        fetch_max_wait_ms=IDLE_WAIT_MS,
        max_partition_fetch_bytes=MAX_MESSAGE_BYTES,
    )


class RegistryReader:
    """Keeps a snapshot of the registry topic up to date."""

    def __init__(
        self,
        bootstrap: str,
        service: str,
        consumer: Callable[[str, str], CarefulConsumer] = consume,
        only: Sequence[type[EntrySet]] | None = None,
        named: Collection[str] = (),
    ) -> None:
        """``only``: the types of event that this service needs; the rest is passed over.

        ``named``: kinds of which it needs the names all the same, and nothing else.
        """
        self._bootstrap = bootstrap
        self._service = service
        self._make = consumer
        self._only = None if only is None else frozenset(one.TYPE.encode() for one in only)
        self._named = frozenset(one.encode() for one in named)
        self.names: dict[str, Names] = {}
        """By ``kind/code``, those of the newest version; of parts of changes, too."""
        self._consumer: CarefulConsumer | None = None
        self._gatherer = ChangeGatherer()
        self._snapshot = Snapshot()
        self._swapped = asyncio.Event()
        self._hurry = asyncio.Event()
        self._swap_at = 0.0
        self._task: asyncio.Task[Any] | None = None
        self._rounds = 0

    def current(self) -> Snapshot:
        """The snapshot in use; a decision keeps the one that it began with."""
        return self._snapshot

    async def at_least(self, version: int) -> int:
        """Wait until the snapshot has this version, or all that there is; its version then.

        A version beyond the end of the topic never was: nobody waits for it. Raises
        TransientError when the broker does not answer or the reader does not get there.
        """
        if self._snapshot.version >= version:
            return self._snapshot.version
        try:
            async with asyncio.timeout(WAIT_S):
                wanted = min(version, await self._end() - 1)
                while self._snapshot.version < wanted:
                    self._hurry.set()
                    self._swapped.clear()
                    await self._swapped.wait()
        except (TimeoutError, KafkaError) as error:
            message = f"registry at {self._snapshot.version}, an event needs {version}"
            raise TransientError(message) from error
        return self._snapshot.version

    async def start(self) -> None:
        """Read all that is there; returns when caught up with the end of the topic.

        Raises KafkaError when the broker does not answer; it can then be started again.
        """
        self._consumer = self._make(self._bootstrap, self._service)
        try:
            await self._consumer.start()
            self._consumer.assign([_TP])
            await self._consumer.seek_to_beginning(_TP)
            end = await self._end()
            while self._gatherer.position < end - 1:
                await self._poll()
                _keep()
        except BaseException:
            await self._consumer.stop()
            raise
        await self._swap()
        _keep()
        self._task = asyncio.create_task(self._run(), name="registry")

    def beats(self) -> Beats:
        """How often what has come since has been taken in."""
        return {"registry": self._rounds}

    def problem(self) -> str | None:
        """Why no change of the registry is heard of, if the last poll failed."""
        found = self._consumer.problem() if self._consumer is not None else None
        return None if found is None else f"registry: {found}"

    async def stop(self) -> None:
        """Stop reading."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        if self._consumer is not None:
            await self._consumer.stop()

    async def _run(self) -> None:
        while True:
            try:
                await self._poll()
                if self._gatherer.position > self._snapshot.version and self._may_swap():
                    await self._swap()
                    self._hurry.clear()
                    self._swap_at = asyncio.get_running_loop().time() + SWAP_S
                    if not self._behind():
                        await self._pause()
                self._rounds += 1
            except KafkaError as error:
                log.warning("registry_waits", error=str(error)[:200])
                await asyncio.sleep(SWAP_S)
            except Exception:
                # A reader that ends in silence would let every later change pass.
                log.exception("registry_failed")
                await asyncio.sleep(SWAP_S)

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(SWAP_S):
                await self._hurry.wait()

    def _may_swap(self) -> bool:
        """While much is still to be read it is gathered, and swapped now and then only."""
        return not self._behind() or asyncio.get_running_loop().time() >= self._swap_at

    def _behind(self) -> bool:
        end = self._consumer.highwater(_TP) if self._consumer is not None else None
        return end is not None and self._gatherer.position < end - 1

    async def _poll(self) -> None:
        if self._consumer is None:
            return
        for records in (await self._consumer.getmany(timeout_ms=200, max_records=BATCH)).values():
            for number, record in enumerate(records, start=1):
                self._take(record)
                if number % TURN == 0:
                    await asyncio.sleep(0)

    def _take(self, record: "ConsumerRecord[bytes, bytes]") -> None:
        told = dict(record.headers)
        if self._only is None or told.get(TYPE_HEADER) in self._only:
            data = _read(record)
            if isinstance(data, EntrySet):
                self._gatherer.take(slim(data), record.offset)
                return
        elif (told.get(SUBJECT_HEADER) or b"").partition(b"/")[0] in self._named:
            self._note_names(_read(record))
        self._gatherer.pass_over(record.offset)

    def _note_names(self, data: EventData | None) -> None:
        names = getattr(data.entry, "names", None) if isinstance(data, EntrySet) else None
        if isinstance(data, EntrySet) and isinstance(names, Names):
            self.names[data.key] = names

    async def _swap(self) -> None:
        if self._gatherer.position > self._snapshot.version:
            # Nothing is taken meanwhile: whoever polls also swaps.
            after = await asyncio.to_thread(lambda: self._gatherer.snapshot().prepare())
            self._snapshot = after
            log.info("registry", version=after.version, entries=after.count)
            for code in after.grids.unusable:
                log.error("grid_unusable", grid=code)
        self._swapped.set()

    async def _end(self) -> int:
        if self._consumer is None:
            raise KafkaConnectionError("the reader has not been started")
        return int((await self._consumer.end_offsets([_TP]))[_TP])


def _read(record: "ConsumerRecord[bytes, bytes]") -> EventData | None:
    try:
        origin = Origin(record.topic, record.partition, record.offset)
        return decode(record.headers, record.value, origin).data
    except Exception as error:  # noqa: BLE001 - whatever the bytes are, no reader stops there
        # Passed over and counted here; the topic's owner puts it away as a dead letter.
        log.warning("registry_record", offset=record.offset, error=str(error)[:200])
        telemetry.UNKNOWN_TYPES.labels(record.topic, "undecodable").inc()
        return None


def _keep() -> None:
    """What was read stays: looking through it for garbage would stop everything, for seconds."""
    gc.freeze()
