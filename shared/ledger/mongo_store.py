"""The store on MongoDB: one collection of ledger documents."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bson import encode
from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import InsertOne, UpdateOne
from pymongo.errors import BulkWriteError, OperationFailure

from shared.ledger.document import NOT_BSON, Change, Raw
from shared.ledger.ports import Overdue, Written
from shared.ledger.translating import translated
from shared.platform.mongo import NOT_VALID, demand

DUPLICATE_KEY = 11000
MAX_TIME_MS = 10_000
PULLED_AT_ONCE = 250
"""Documents, as many as are written together; each has a thousand events at most, of some 50 bytes
an id, so the statement stays below 16 MB."""
MAX_BSON_BYTES = 16 * 1024 * 1024 - 65_536
NOTHING = Written(frozenset(), {})
NOWHERE: Mapping[int, datetime] = {}
FOLLOWS: Mapping[str, Any] = {
    "$or": [
        {"decided_on": {"$exists": False}},
        {"$expr": {"$eq": ["$version", {"$add": ["$decided_on", 1]}]}},
    ]
}
"""What a ledger's collection demands of every document: that its version is the next after the one
on which it was decided. A write that was decided on another version, or on a document that is gone,
is refused by the database itself.
"""


class MongoStore:
    """Ledger documents of one kind in one collection.

    A document is updated by its id, which costs the database a third less than an update by id and
    version: that it plans anew each time. The versions are compared by the collection
    (``FOLLOWS``); where nobody has prepared it, the update's filter compares them.
    """

    def __init__(self, collection: "AsyncIOMotorCollection[dict[str, Any]]") -> None:
        self._documents = collection
        self._compares = False
        """Whether the collection compares versions."""

    async def prepare(self, *, timers: bool = False, walks: Iterable[Sequence[str]] = ()) -> None:
        """Create the collection and the indexes that the ledger needs; safe to call again.

        ``walks`` are the columns of each walk. Raises TransientError when the database is away.
        """
        async with translated():
            await self._compare()
            await self._documents.create_index("outbox.at", name="unsent", sparse=True)
            if timers:
                await self._documents.create_index(
                    [("partition", 1), ("next_due_at", 1)],
                    name="due",
                    partialFilterExpression={"next_due_at": {"$type": "date"}},
                )
                await self._documents.create_index(
                    "partition",
                    name="parked",
                    partialFilterExpression={"parked": {"$type": "string"}},
                )
            for columns in walks:
                # All that is asked lies in the index: no document is read to find the groups.
                names = ("open", *columns, "partition", "_id")
                await self._documents.create_index(
                    [(name, 1) for name in names],
                    name=walk_index(columns),
                    partialFilterExpression={"open": True},
                )

    async def _compare(self) -> None:
        """Let the collection compare versions, also one that an older version has made."""
        await demand(self._documents, FOLLOWS)
        self._compares = True

    async def load(self, ids: Sequence[str]) -> dict[str, Raw]:
        """The documents that exist among ids, in one query."""
        if not ids:
            return {}
        async with translated():
            found = await self._documents.find(
                {"_id": {"$in": list(ids)}}, max_time_ms=MAX_TIME_MS
            ).to_list(None)
        return {raw["_id"]: raw for raw in found}

    async def versions(self, ids: Sequence[str]) -> Mapping[str, int]:
        """The versions of the documents that exist among ids, in one query."""
        async with translated():
            found = await self._documents.find(
                {"_id": {"$in": list(ids)}}, {"version": 1}, max_time_ms=MAX_TIME_MS
            ).to_list(None)
        return {raw["_id"]: raw["version"] for raw in found}

    async def write(self, changes: Sequence[Change]) -> Written:
        """One unordered bulk write of inserts and guarded upserts.

        A race is lost where a new document's ``_id`` is there already, and where the version is not
        the one that the change was decided on: the collection finds it not valid, or, where it does
        not compare, the upsert inserts and meets the ``_id``. Anything else is a refusal of that
        document.
        """
        if not changes:
            return NOTHING
        operations = [_operation(change, compares=self._compares) for change in changes]
        try:
            async with translated():
                await self._documents.bulk_write(operations, ordered=False)
        except BulkWriteError as error:
            return _sorted_out(error, changes)
        except (OperationFailure, *NOT_BSON) as error:
            return await self._write_rest(changes, error)
        return NOTHING

    async def _write_rest(self, changes: Sequence[Change], error: Exception) -> Written:
        """The bulk failed as a whole: refuse what is no document or too large, write the others.

        Some may have been written before the bad one was met: they lose their race now, and are
        found to be done when they are decided again.
        """
        refused = {change.id: said for change in changes if (said := _unencodable(change))}
        if not refused:
            raise error
        rest = [change for change in changes if change.id not in refused]
        written = await self.write(rest)
        return Written(written.lost, refused | dict(written.refused))

    async def pull(self, published: Mapping[str, Sequence[str]]) -> None:
        """Take exactly these entries out: no version, no assignment, another may have pushed.

        An entry's id is the event's, which no other document has: one statement does for all.
        """
        keys = list(published)
        for start in range(0, len(keys), PULLED_AT_ONCE):
            some = keys[start : start + PULLED_AT_ONCE]
            entries = [entry for key in some for entry in published[key]]
            async with translated():
                await self._documents.update_many(
                    {"_id": {"$in": some}}, {"$pull": {"outbox": {"id": {"$in": entries}}}}
                )

    async def unsent(
        self, partitions: Iterable[int], before: datetime, limit: int
    ) -> Sequence[Raw]:
        """Documents of these partitions with an outbox entry older than ``before``."""
        query = {"outbox.at": {"$lt": before}, "partition": {"$in": list(partitions)}}
        fields = {"partition": 1, "outbox": 1}
        async with translated():
            found = self._documents.find(query, fields, limit=limit, max_time_ms=MAX_TIME_MS)
            return await found.to_list(limit)

    async def due(
        self,
        until: Mapping[int, datetime],
        limit: int,
        since: Mapping[int, datetime] = NOWHERE,
        without: Collection[str] = (),
    ) -> Sequence[Raw]:
        """Due documents over the partitions, earliest first."""
        query = _due(until, since)
        if without:
            query["_id"] = {"$nin": list(without)}
        async with translated():
            found = self._documents.find(
                query, sort=[("next_due_at", 1)], limit=limit, max_time_ms=MAX_TIME_MS
            )
            return await found.to_list(limit)

    async def next_due(
        self, partitions: Iterable[int], since: Mapping[int, datetime] = NOWHERE
    ) -> datetime | None:
        """The earliest due instant in these partitions."""
        query = _due(dict.fromkeys(partitions), since)
        if not query["$or"]:
            return None
        async with translated():
            raw = await self._documents.find_one(
                query, {"next_due_at": 1}, sort=[("next_due_at", 1)], max_time_ms=MAX_TIME_MS
            )
        return raw["next_due_at"] if raw else None

    async def open_groups(
        self, partitions: Iterable[int], columns: Sequence[str]
    ) -> Sequence[Mapping[str, Any]]:
        """The values of these columns among open documents."""
        pipeline: list[dict[str, Any]] = [
            {"$match": {"open": True, "partition": {"$in": list(partitions)}}},
            {"$group": {"_id": {name: f"${name}" for name in columns}}},
        ]
        async with translated():
            grouped = self._documents.aggregate(
                pipeline, hint=walk_index(columns), maxTimeMS=MAX_TIME_MS
            )
            found = await grouped.to_list(None)
        return [{name: raw["_id"].get(name) for name in columns} for raw in found]

    async def open_in(
        self, partitions: Iterable[int], group: Mapping[str, Any], after: str, limit: int
    ) -> Sequence[Raw]:
        """Open documents of a group, by id."""
        query = {
            "open": True,
            **group,
            "partition": {"$in": list(partitions)},
            "_id": {"$gt": after},
        }
        async with translated():
            found = self._documents.find(
                query,
                sort=[("_id", 1)],
                limit=limit,
                hint=walk_index(list(group)),
                max_time_ms=MAX_TIME_MS,
            )
            return await found.to_list(limit)

    async def park(self, document_id: str, version: int, error: str) -> None:
        """Out of the timers' way, with the reason; the next event of the case takes it back."""
        async with translated():
            await self._documents.update_one(
                {"_id": document_id, "version": version},
                {"$set": {"next_due_at": None, "parked": error[:2000]}},
            )

    async def unpark(self, partitions: Iterable[int], due: datetime, limit: int) -> int:
        """Found by an index of these alone; one that was written meanwhile is parked no more."""
        query = _parked(partitions)
        async with translated():
            found = await self._documents.find(
                query, {"_id": 1}, hint="parked", limit=limit, max_time_ms=MAX_TIME_MS
            ).to_list(limit)
            if not found:
                return 0
            done = await self._documents.update_many(
                {"_id": {"$in": [raw["_id"] for raw in found]}, **query},
                {"$set": {"next_due_at": due, "parked": None}},
            )
        return done.modified_count

    async def overdue(self, until: Mapping[int, datetime], limit: int) -> Overdue:
        """What was due by these instants; all that is asked lies in the index."""
        pipeline: list[dict[str, Any]] = [
            {"$match": _due(until)},
            {"$sort": {"next_due_at": 1}},
            {"$limit": limit},
            {
                "$group": {
                    "_id": None,
                    "count": {"$sum": 1},
                    "oldest": {"$first": "$next_due_at"},
                    "partition": {"$first": "$partition"},
                }
            },
        ]
        async with translated():
            found = await self._documents.aggregate(pipeline, maxTimeMS=MAX_TIME_MS).to_list(1)
        return (
            Overdue(found[0]["count"], found[0]["oldest"], found[0]["partition"])
            if found
            else Overdue()
        )

    async def parked(self, partitions: Iterable[int], limit: int) -> int:
        """How many are parked; by an index of these alone."""
        async with translated():
            return await self._documents.count_documents(
                _parked(partitions), limit=limit, hint="parked", maxTimeMS=MAX_TIME_MS
            )


def _parked(partitions: Iterable[int]) -> dict[str, Any]:
    return {"partition": {"$in": list(partitions)}, "parked": {"$type": "string"}}


def _due(
    until: Mapping[int, datetime | None], since: Mapping[int, datetime] = NOWHERE
) -> dict[str, Any]:
    """One range of the index a partition, which the server merges in the order of instants."""
    ranges = []
    for partition, time in until.items():
        bounds: dict[str, Any] = {"$type": "date"}
        if time is not None:
            bounds["$lte"] = time
        if partition in since:
            bounds["$gte"] = since[partition]
        ranges.append({"partition": partition, "next_due_at": bounds})
    return {"$or": ranges}


def walk_index(columns: Sequence[str]) -> str:
    """The name of the index over open documents by these columns."""
    return f"open_{'_'.join(columns)}"


def _operation(change: Change, *, compares: bool) -> "InsertOne[dict[str, Any]] | UpdateOne":
    """A new document is inserted: half the work of an upsert, and the same meeting at its id."""
    if change.version == 0:
        begun = {"seen": change.seen, "outbox": change.entries}
        return InsertOne({"_id": change.id, **change.fields, **begun})
    left = {"version", *change.unchanged}
    fields = {name: value for name, value in change.fields.items() if name not in left}
    pushed: dict[str, Any] = {"seen": {"$each": change.seen}}
    if change.replaces:
        fields["outbox"] = change.entries
    else:
        pushed["outbox"] = {"$each": change.entries}
    return UpdateOne(
        {"_id": change.id} if compares else {"_id": change.id, "version": change.version},
        {
            "$set": {**fields, "decided_on": change.version},
            "$inc": {"version": 1},
            "$push": pushed,
        },
        upsert=True,
    )


def _unencodable(change: Change) -> str | None:
    """Why a change is no BSON, or None."""
    whole = {"_id": change.id, "fields": change.fields, "entries": change.entries}
    try:
        size = len(encode(whole))
    except NOT_BSON as error:
        return f"{type(error).__name__}: {error}"[:500]
    return f"{size} bytes are too large for a document" if size > MAX_BSON_BYTES else None


def _sorted_out(error: BulkWriteError, changes: Sequence[Change]) -> Written:
    lost: set[str] = set()
    refused: dict[str, str] = {}
    for one in error.details["writeErrors"]:
        key = changes[one["index"]].id
        met = one["code"] == DUPLICATE_KEY and list(one.get("keyPattern", ())) == ["_id"]
        if met or one["code"] == NOT_VALID:
            lost.add(key)
        else:
            refused[key] = f"{one['code']}: {one['errmsg'][:500]}"
    return Written(frozenset(lost), refused)
