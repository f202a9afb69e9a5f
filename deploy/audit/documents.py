"""The owners' documents in MongoDB, as an audit reads them."""

import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from motor.motor_asyncio import AsyncIOMotorCollection

from deploy.audit.bucket import Bucket
from deploy.audit.owner import ANALYTICS, INTAKE, Owner
from shared.platform.mongo import Client, database

BATCH = 500
MAX_TIME_MS = 600_000
RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
Parse = Callable[[Mapping[str, Any]], Bucket]
"""Reads a bucket as analytics stores it."""
AT_WORK = timedelta(minutes=10)
"""A change that was decided longer ago and is not published is no longer at work."""


def database_of(service: str) -> str:
    """The name of a service's database: as its own settings have it."""
    return os.environ.get(f"WANGGE_{service.upper()}_DATABASE") or f"wangge_{service}"


class MongoDocuments:
    """Documents of all services in one MongoDB."""

    def __init__(self, client: Client, parse: Parse) -> None:
        self._client = client
        self._changes = database(client, database_of(INTAKE))["changes"]
        self._buckets = database(client, database_of(ANALYTICS))["rollups"]
        self._parse = parse

    def _of(self, owner: Owner) -> "AsyncIOMotorCollection[dict[str, Any]]":
        return database(self._client, database_of(owner.service))[owner.collection]

    async def read(self, owner: Owner, partition: int) -> AsyncIterator[list[bytes]]:
        """The documents of one partition number, as BSON."""
        collection: Any = self._of(owner).with_options(codec_options=RAW)
        found = collection.find({"partition": partition}, batch_size=BATCH, max_time_ms=MAX_TIME_MS)
        while batch := await found.to_list(BATCH):
            yield [one.raw for one in batch]

    async def buckets(self) -> AsyncIterator[list[Bucket]]:
        """The rollups' buckets."""
        found = self._buckets.find({}, batch_size=BATCH, max_time_ms=MAX_TIME_MS)
        while batch := await found.to_list(BATCH):
            yield [self._parse(raw) for raw in batch]

    async def sequences(self, owner: Owner, ids: Sequence[str]) -> dict[str, int]:
        """The numbers of the last events of these documents, now."""
        found: dict[str, int] = {}
        for first in range(0, len(ids), BATCH):
            query = {"_id": {"$in": list(ids[first : first + BATCH])}}
            cursor = self._of(owner).find(query, {"sequence": 1}, max_time_ms=MAX_TIME_MS)
            found |= {raw["_id"]: raw["sequence"] for raw in await cursor.to_list(BATCH)}
        return found

    async def unpublished(self, owner: Owner, before: datetime) -> int:
        """How many documents have an outbox entry older than this."""
        query = {"outbox.at": {"$lt": before}}
        return await self._of(owner).count_documents(query, maxTimeMS=MAX_TIME_MS)

    async def overdue(self, owner: Owner, before: datetime) -> int:
        """How many documents were due before this."""
        query = {"next_due_at": {"$type": "date", "$lt": before}}
        return await self._of(owner).count_documents(query, maxTimeMS=MAX_TIME_MS)

    async def changes_going_on(self, since: datetime) -> frozenset[str]:
        """The registry changes that intake is at work on, or has published since an instant."""
        at_work = {"state": "decided", "decided_at": {"$gte": since - AT_WORK}}
        query = {"$or": [at_work, {"published_at": {"$gte": since}}]}
        return frozenset(map(str, await self._changes.distinct("_id", query)))
