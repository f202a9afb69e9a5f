"""Commands from outside (HTTP): concurrent ones share a write, each waits until it is durable."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import structlog

from shared.contracts.envelope import Event
from shared.ledger.document import Document
from shared.ledger.ports import TransientError
from shared.ledger.settling import Settled, Settler

S = TypeVar("S")
log = structlog.get_logger("ledger")


class BusyError(Exception):
    """It cannot be made durable now: the queue is full, or the database is away."""


class RefusedCommandError(Exception):
    """The rules failed on this command, or its document takes no more events."""


@dataclass(slots=True)
class _Waiting(Generic[S]):
    event: Event[Any]
    done: "asyncio.Future[S | None]"


@dataclass(slots=True)
class CommandWriter(Generic[S]):
    """Gathers commands into shared writes; what follows is published behind the answers.

    ``bound`` commands wait at most, ``batch`` go into one write, a caller waits ``patience_s``
    seconds at most. After a write the next one waits ``each_s`` seconds for each command that it
    took, ``pace_s`` at most, from its beginning: under load writes are shared and few, for each
    costs some milliseconds of its own; whoever comes alone, or one after another, does not wait.
    What could not be published stays in the outbox for the sweeper.
    """

    settler: Settler[S]
    bound: int = 2000
    batch: int = 250
    patience_s: float = 5.0
    pace_s: float = 0.1
    each_s: float = 0.008
    _queue: "asyncio.Queue[_Waiting[S]]" = field(init=False)
    _unpublished: "asyncio.Queue[list[Document[S]]]" = field(init=False)
    _tasks: list["asyncio.Task[None]"] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self._queue = asyncio.Queue(self.bound)
        self._unpublished = asyncio.Queue(16)

    async def submit(self, event: Event[Any]) -> S | None:
        """The state of the document after the command, once that is durable.

        Raises BusyError when it is not durable in time (it may become so later: the same command
        again gives the same answer), RefusedCommandError when the rules fail on it.
        """
        waiting = _Waiting[S](event, asyncio.get_running_loop().create_future())
        try:
            self._queue.put_nowait(waiting)
        except asyncio.QueueFull as error:
            raise BusyError("too many requests wait for the database") from error
        try:
            return await asyncio.wait_for(waiting.done, self.patience_s)
        except TimeoutError as error:
            raise BusyError("the database did not answer in time") from error

    def start(self) -> None:
        """Start writing and publishing."""
        self._tasks = [
            asyncio.create_task(self._write(), name="commands"),
            asyncio.create_task(self._publish(), name="command-outbox"),
        ]

    async def stop(self) -> None:
        """Stop; who still waits is told to come again, what is unpublished is the sweeper's."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while not self._queue.empty():
            _fail([self._queue.get_nowait()], BusyError("the service is being stopped"))

    async def _write(self) -> None:
        now = asyncio.get_running_loop().time
        due = now()
        while True:
            await self._pace(due - now())
            batch = [await self._queue.get()]
            begun = now()
            while len(batch) < self.batch and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            due = begun + min(self.pace_s, self.each_s * len(batch))
            # Nobody waits for those any more, and they were told to come again.
            batch = [one for one in batch if not one.done.done()]
            try:
                settled = await self._written([one.event for one in batch])
            except TransientError as error:
                log.warning("commands_not_durable", commands=len(batch), error=str(error)[:300])
                _fail(batch, BusyError(str(error)))
            except asyncio.CancelledError:
                _fail(batch, BusyError("the service is being stopped"))
                raise
            except Exception as error:
                log.exception("commands_failed", commands=len(batch))
                _fail(batch, error)
            else:
                _answer(batch, settled)
                with suppress(asyncio.QueueFull):  # the sweeper finds them in their outboxes
                    self._unpublished.put_nowait(list(settled.documents.values()))

    async def _written(self, events: Sequence[Event[Any]]) -> Settled[S]:
        """Decided and durable. Raises TransientError.

        Once more where that failed: a connection that the server has closed shows at its next use.
        """
        try:
            return await self.settler.write(events)
        except TransientError as error:
            log.info("commands_again", commands=len(events), error=str(error)[:300])
            return await self.settler.write(events)

    async def _pace(self, seconds: float) -> None:
        if seconds > 0 and self._queue.qsize() < self.batch:
            await asyncio.sleep(seconds)

    async def _publish(self) -> None:
        while True:
            documents = await self._unpublished.get()
            while not self._unpublished.empty():
                documents += self._unpublished.get_nowait()
            # A document written twice since has its later outbox last, and that holds all.
            latest = {document.id: document for document in documents}
            try:
                await self.settler.publish(latest.values())
            except TransientError as error:
                log.warning("commands_unpublished", documents=len(latest), error=str(error)[:300])
            except Exception:
                log.exception("commands_unpublished", documents=len(latest))


def _answer(batch: Sequence[_Waiting[S]], settled: Settled[S]) -> None:
    dead = {one.event.id: f"{one.code}: {one.error}" for one in settled.dead}
    for one in batch:
        document = settled.documents.get(one.event.subject)
        if one.done.done():
            continue
        if one.event.id in dead or document is None:
            reason = dead.get(one.event.id, "its document could not be written")
            one.done.set_exception(RefusedCommandError(reason))
        else:
            one.done.set_result(document.state)


def _fail(batch: Sequence[_Waiting[S]], error: Exception) -> None:
    for one in batch:
        if not one.done.done():
            one.done.set_exception(error)
