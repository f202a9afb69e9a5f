"""The store on MongoDB: one collection of ledger documents."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError, PyMongoError

from shared.ledger.document import Change, Raw
from shared.ledger.ports import TransientError, Written
from shared.platform.mongo import passing

DUPLICATE_KEY = 11000
EPOCH = datetime.fromtimestamp(0, UTC)
MAX_TIME_MS = 10_000


class MongoStore:
    """Ledger documents of one kind in one collection."""

    def __init__(self, collection: "AsyncIOMotorCollection[dict[str, Any]]") -> None:
        self._documents = collection

    async def prepare(self, *, timers: bool = False) -> None:
        """Create the indexes that the ledger needs; safe to call again.

        Raises TransientError when the database is away.
        """
        async with _translated():
            await self._documents.create_index("outbox.at", name="unsent", sparse=True)
            if timers:
                await self._documents.create_index(
                    [("partition", 1), ("next_due_at", 1)],
                    name="due",
                    partialFilterExpression={"next_due_at": {"$type": "date"}},
                )

    async def load(self, ids: Sequence[str]) -> dict[str, Raw]:
        """The documents that exist among ids, in one query."""
        if not ids:
            return {}
        async with _translated():
            found = await self._documents.find(
                {"_id": {"$in": list(ids)}}, max_time_ms=MAX_TIME_MS
            ).to_list(None)
        return {raw["_id"]: raw for raw in found}

    async def write(self, changes: Sequence[Change]) -> Written:
        """One unordered bulk write of guarded upserts.

        A version that is no longer there makes the upsert insert, which meets the ``_id``: a
        duplicate key on ``_id`` is the lost race, anything else is a refusal of that document.
        """
        if not changes:
            return Written(frozenset(), {})
        operations = [
            UpdateOne(
                {"_id": change.id, "version": change.version},
                {
                    "$set": change.fields,
                    "$push": {
                        "seen": {"$each": change.seen},
                        "outbox": {"$each": change.entries},
                    },
                },
                upsert=True,
            )
            for change in changes
        ]
        async with _translated():
            try:
                await self._documents.bulk_write(operations, ordered=False)
            except BulkWriteError as error:
                return _sorted_out(error, changes)
        return Written(frozenset(), {})

    async def pull(self, published: Mapping[str, Sequence[str]]) -> None:
        """Take exactly these entries out: no version, no assignment, another may have pushed."""
        operations = [
            UpdateOne({"_id": key}, {"$pull": {"outbox": {"id": {"$in": list(entries)}}}})
            for key, entries in published.items()
        ]
        async with _translated():
            await self._documents.bulk_write(operations, ordered=False)

    async def unsent(
        self, partitions: Iterable[int], before: datetime, limit: int
    ) -> list[Raw]:
        """Documents of these partitions with an outbox entry older than ``before``."""
        query = {
            "outbox.at": {"$gt": EPOCH, "$lt": before},
            "partition": {"$in": list(partitions)},
        }
        async with _translated():
            found = self._documents.find(query, limit=limit, max_time_ms=MAX_TIME_MS)
            return await found.to_list(limit)

    async def due(self, until: Mapping[int, datetime], limit: int) -> list[Raw]:
        """Due documents over the partitions, earliest first."""
        query = {
            "$or": [
                {"partition": partition, "next_due_at": {"$type": "date", "$lte": time}}
                for partition, time in until.items()
            ]
        }
        async with _translated():
            found = self._documents.find(
                query, sort=[("next_due_at", 1)], limit=limit, max_time_ms=MAX_TIME_MS
            )
            return await found.to_list(limit)

    async def next_due(self, partitions: Iterable[int]) -> datetime | None:
        """The earliest due instant in these partitions."""
        query = {"partition": {"$in": list(partitions)}, "next_due_at": {"$type": "date"}}
        async with _translated():
            raw = await self._documents.find_one(
                query, {"next_due_at": 1}, sort=[("next_due_at", 1)], max_time_ms=MAX_TIME_MS
            )
        return raw["next_due_at"] if raw else None

    async def park(self, document_id: str, error: str) -> None:
        """Out of the timers' way, with the reason; the next event of the case takes it back."""
        async with _translated():
            await self._documents.update_one(
                {"_id": document_id}, {"$set": {"next_due_at": None, "parked": error[:2000]}}
            )


def _sorted_out(error: BulkWriteError, changes: Sequence[Change]) -> Written:
    details: Mapping[str, Any] = error.details or {}
    if details.get("writeConcernErrors"):
        raise TransientError(str(details["writeConcernErrors"])[:500]) from error
    lost: set[str] = set()
    refused: dict[str, str] = {}
    for one in details["writeErrors"]:
        key = changes[one["index"]].id
        if one["code"] == DUPLICATE_KEY and list(one.get("keyPattern", ())) == ["_id"]:
            lost.add(key)
        else:
            refused[key] = f"{one['code']}: {one['errmsg'][:500]}"
    return Written(frozenset(lost), refused)


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    try:
        yield
    except PyMongoError as error:
        if passing(error):
            raise TransientError(f"{type(error).__name__}: {error}"[:500]) from error
        raise
