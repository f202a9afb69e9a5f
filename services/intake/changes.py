"""Changes of the registry while they are made: staged in chunks, decided by one document."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo.errors import DuplicateKeyError

from services.intake.domain.change import Candidate
from services.intake.store import MAX_TIME_MS
from shared.contracts.base import Contract, Instant
from shared.ledger.translating import translated
from shared.platform.mongo import Database
from shared.registry.spans import Span

ABANDONED_AFTER = timedelta(hours=1)
"""What was staged and not decided by then never will be."""


class ChangeRecord(Contract):
    """A change that is decided; ``serial`` orders all changes, without a gap."""

    id: str
    staged: str
    """Under which name its parts are staged; each attempt has its own."""
    serial: int
    count: int
    """How many parts it has."""
    unchanged: int
    """How many entries of the input were so already."""
    digest: str
    """SHA-256 of the request, to tell a repetition from another request under one key."""
    actor: str
    note: str = ""
    valid_from: Instant
    decided_at: Instant
    published_at: Instant | None = None
    """When its last part was on the topic."""


Staged = bytes | str
"""A part of a change as it waits: an entry's JSON, or the key of an entry that is to end."""


class AnotherDecidedError(Exception):
    """This change, or another one in its place, was decided first."""


class ChangeStore:
    """Collections ``changes`` and ``registry_staging``."""

    def __init__(self, database: Database) -> None:
        self._changes = database["changes"]
        self._staging = database["registry_staging"]

    async def prepare(self, now: datetime) -> None:
        """Create the indexes, and clear away what was staged and never decided."""
        async with translated():
            await self._changes.create_index("serial", name="serial", unique=True)
            await self._changes.create_index(
                "state", name="undone", partialFilterExpression={"state": "decided"}
            )
            await self._staging.create_index("staged", name="staged")
            await self._clear_away(now - ABANDONED_AFTER)

    async def _clear_away(self, before: datetime) -> None:
        for staged in await self._staging.distinct("staged", {"at": {"$lt": before}}):
            waiting = {"staged": staged, "state": "decided"}
            if await self._changes.find_one(waiting, {"_id": 1}) is None:
                await self._staging.delete_many({"staged": staged})

    async def get(self, change: str) -> ChangeRecord | None:
        """A change that was decided."""
        async with translated():
            raw = await self._changes.find_one({"_id": change}, max_time_ms=MAX_TIME_MS)
        return None if raw is None else _record(raw)

    async def undone(self) -> list[ChangeRecord]:
        """Changes that are decided and not yet published, in their order."""
        async with translated():
            found = await self._changes.find(
                {"state": "decided"}, sort=[("serial", 1)], max_time_ms=MAX_TIME_MS
            ).to_list(None)
        return [_record(raw) for raw in found]

    async def head(self) -> int:
        """The serial of the latest change, 0 before the first."""
        async with translated():
            raw = await self._changes.find_one(
                {}, {"serial": 1}, sort=[("serial", -1)], max_time_ms=MAX_TIME_MS
            )
        return raw["serial"] if raw else 0

    async def stage(
        self, staged: str, first: int, some: Sequence[Candidate], now: datetime
    ) -> None:
        """Put a chunk (its first part, and all) where the applier will find it."""
        raw = {
            "_id": f"{staged}/{first}",
            "staged": staged,
            "at": now,
            "entries": [one.key if one.ends else one.raw for one in some],
            "spans": [list(one.span) for one in some],
        }
        async with translated():
            await self._staging.insert_one(raw)

    async def chunk(self, staged: str, first: int) -> list[tuple[Staged, Span]] | None:
        """The parts of the chunk that begins with a part; None when it is not there."""
        async with translated():
            raw = await self._staging.find_one({"_id": f"{staged}/{first}"})
        if raw is None:
            return None
        spans = (Span(*span) for span in raw["spans"])
        return list(zip(raw["entries"], spans, strict=True))

    async def decide(self, record: ChangeRecord) -> None:
        """The one write that decides a change; raises AnotherDecidedError."""
        raw = record.model_dump(exclude_none=True) | {"_id": record.id, "state": "decided"}
        try:
            async with translated():
                await self._changes.insert_one(raw)
        except DuplicateKeyError as error:
            raise AnotherDecidedError(record.id) from error

    async def published(self, record: ChangeRecord, at: datetime) -> None:
        """Note that every part is on the topic; what was staged is not needed any more."""
        async with translated():
            await self._changes.update_one(
                {"_id": record.id}, {"$set": {"state": "published", "published_at": at}}
            )
        await self.drop(record.staged)

    async def drop(self, staged: str) -> None:
        """Clear away what was staged and is not needed."""
        async with translated():
            await self._staging.delete_many({"staged": staged})


def _record(raw: dict[str, Any]) -> ChangeRecord:
    return ChangeRecord.model_validate(raw)
