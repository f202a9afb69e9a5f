"""The one writer of the registry: what is decided is applied, and published, to its end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import structlog
from pydantic import TypeAdapter

from services.intake.changes import ChangeRecord, ChangeStore, Staged
from services.intake.domain.commands import EndEntry, SetEntry, command
from shared.contracts.envelope import Event
from shared.contracts.registry_v1 import Change, Entry, EntrySet, entry_key
from shared.ledger.commands import BusyError, RefusedCommandError
from shared.ledger.ports import TransientError
from shared.ledger.settling import Settler
from shared.ledger.sweeping import sweep
from shared.registry.spans import Span

log = structlog.get_logger("registry")
TURN_PATIENCE_S = 5.0
IDLE_S = 2.0
END_OF_TOPIC = 1 << 62
"""Beyond every offset: whatever version the registry has."""
ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)


class Stage(StrEnum):
    """What has just been done, so that tests can stop the world exactly there."""

    CHUNK_STAGED = "chunk_staged"
    STAGED = "staged"
    DECIDED = "decided"
    CHUNK_APPLIED = "chunk_applied"
    APPLIED = "applied"
    PUBLISHED = "published"


def no_hook(_stage: Stage) -> None:
    """Nobody watches."""


class StuckChangeError(Exception):
    """A decided change cannot be applied; nothing else may be changed until it is."""


@dataclass(slots=True)
class RegistryWriter:
    """Changes of the registry, one after another.

    Whoever changes it holds ``turn`` and has first applied what was decided before, so that
    versions come in the order of the decisions. ``trouble`` says what keeps it from that.
    """

    settler: Settler[EntrySet]
    changes: ChangeStore
    hook: Callable[[Stage], None] = no_hook
    trouble: str | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def taking_turn(self) -> AsyncIterator[None]:
        """Hold the turn, everything decided before being published.

        Raises BusyError when another change takes too long, TransientError when a server is away.
        """
        try:
            async with asyncio.timeout(TURN_PATIENCE_S):
                await self.turn.acquire()
        except TimeoutError as error:
            raise BusyError("another change of the registry is being made") from error
        try:
            await self.apply_decided()
            yield
        finally:
            self.turn.release()

    async def make_one(self, key: str, one: SetEntry | EndEntry) -> EntrySet:
        """Make a change of one part; the latest version after it, whoever made that.

        To be called while taking the turn. Raises RefusedCommandError, TransientError.
        """
        settled = await self.settler.write([command(key, one, one.decided_at, one.change.id)])
        if settled.dead:
            raise RefusedCommandError(settled.dead[0].error)
        try:
            await self.settler.publish(settled.documents.values())
            await self._in_use()
        except TransientError as error:
            log.warning("entry_unpublished", key=key, error=str(error)[:200])
            self._wake.set()
        state = settled.documents[key].state
        if state is None:
            raise RefusedCommandError(f"{key} has no version, and got none")
        return state

    async def finish(self, patience_s: float) -> None:
        """Publish what is decided, within a bounded time; what is left is done behind.

        Stopping in the middle is harmless: parts that were applied are known as such.
        """
        try:
            async with asyncio.timeout(patience_s), self.taking_turn():
                await self._in_use()
        except (BusyError, StuckChangeError, TimeoutError, TransientError) as error:
            log.warning("change_not_yet_published", error=str(error)[:200])
            self._wake.set()

    async def _in_use(self) -> None:
        """Wait until reports are taken down under all that is published now.

        Else whoever reports right after a change would still be judged without it.
        """
        await self.settler.registry.at_least(END_OF_TOPIC)

    async def apply_decided(self) -> None:
        """Apply every decided change that is not published; to be called while taking the turn."""
        for record in await self.changes.undone():
            await self._apply(record)

    async def _apply(self, record: ChangeRecord) -> None:
        first = 1
        while first <= record.count:
            chunk = await self.changes.chunk(record.staged, first)
            if not chunk:
                message = f"change {record.id}: part {first} of {record.count} is not staged"
                raise StuckChangeError(message)
            settled = await self.settler.settle(
                [_part(record, number, *one) for number, one in enumerate(chunk, first)]
            )
            if settled.dead:
                dead = settled.dead[0]
                message = f"change {record.id}: {dead.event.subject}: {dead.code}: {dead.error}"
                raise StuckChangeError(message)
            self.hook(Stage.CHUNK_APPLIED)
            first += len(chunk)
        self.hook(Stage.APPLIED)
        await self.changes.published(record, self.settler.clock())
        self.hook(Stage.PUBLISHED)
        log.info("change_published", change=record.id, parts=record.count)

    async def run(self) -> None:
        """Until cancelled: apply what a request left behind, sweep outboxes, sleep."""
        while True:
            try:
                async with self.turn:
                    await self.apply_decided()
                    await sweep(self.settler, [0])
                self.trouble = None
            except TransientError as error:
                log.warning("registry_writer_waits", error=str(error)[:200])
            except Exception as error:
                self.trouble = f"the registry cannot be changed: {error}"[:500]
                log.exception("registry_writer_failed")
            self._wake.clear()
            try:
                async with asyncio.timeout(IDLE_S):
                    await self._wake.wait()
            except TimeoutError:
                continue


def _part(record: ChangeRecord, number: int, one: Staged, span: Span) -> Event[Any]:
    change = Change(id=record.id, part=number, count=record.count)
    data: SetEntry | EndEntry
    if isinstance(one, str):
        key = one
        data = EndEntry.model_construct(
            change=change, decided_at=record.decided_at, valid_until=record.valid_from
        )
    else:
        entry = ENTRY.validate_json(one)
        key = entry_key(entry)
        data = SetEntry.model_construct(
            change=change,
            entry=entry,
            decided_at=record.decided_at,
            valid_from=span.since or record.valid_from,
            valid_until=span.until,
        )
    return command(key, data, record.decided_at, record.id)
