"""Notices that wait, and the lanes in which they are sent: one a target."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import ReturnDocument, UpdateOne
from pymongo.errors import DuplicateKeyError

from services.escalation.domain.notices import Notice
from shared.ledger.translating import translated
from shared.platform.mongo import Database

PENDING, SENT, EXPIRED, GIVEN_UP = "pending", "sent", "expired", "given_up"
STATES = (PENDING, SENT, EXPIRED, GIVEN_UP)
REMEMBERED = timedelta(days=90)
"""So long is a notice kept; one that is read again is known for much longer than it is sent."""
MAX_TARGETS = 2_000
MAX_TIME_MS = 10_000
IN_ORDER = [("at", 1), ("_id", 1)]
INDEX = "pending"
"""Of notices that wait; those of ninety days that do not are never looked at for them."""
WAITING: list[dict[str, Any]] = [
    {"$match": {"state": PENDING, "target": {"$gt": ""}}},
    {"$group": {"_id": "$target", "count": {"$sum": 1}, "oldest": {"$min": "$at"}}},
    {"$sort": {"oldest": 1}},
    {"$limit": MAX_TARGETS},
]
Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for a target."""

    target: str
    count: int
    oldest: datetime
    """When happened what the first of them tells."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that waits, and how often it was tried."""

    notice: Notice
    attempts: int


class NoticeStore:
    """Every method raises TransientError while the database is away."""

    def __init__(self, database: Database) -> None:
        self._notices = database["notices"]
        self._lanes = database["notice_lanes"]

    async def prepare(self) -> None:
        """Create the indexes; safe to call again."""
        async with translated():
            await self._notices.create_index(
                [("target", 1), *IN_ORDER],
                name=INDEX,
                partialFilterExpression={"state": PENDING},
            )
            await self._notices.create_index([("at", -1), ("_id", -1)], name="newest")
            await self._notices.create_index(
                "at", name="forgotten", expireAfterSeconds=int(REMEMBERED.total_seconds())
            )

    async def add(self, notices: Sequence[Notice]) -> set[str]:
        """Add those that are new; the ids of these."""
        if not notices:
            return set()
        writes = [
            UpdateOne({"_id": one.id}, {"$setOnInsert": _stored(one)}, upsert=True)
            for one in notices
        ]
        async with translated():
            done = await self._notices.bulk_write(writes, ordered=False)
        return {notices[number].id for number in done.upserted_ids or {}}

    async def queues(self) -> list[Queue]:
        """What waits, by target."""
        async with translated():
            found = await self._notices.aggregate(
                WAITING, hint=INDEX, maxTimeMS=MAX_TIME_MS
            ).to_list(MAX_TARGETS)
        return [Queue(one["_id"], one["count"], one["oldest"]) for one in found]

    async def resting(self, now: datetime) -> frozenset[str]:
        """Targets that failed, and are left alone for a while."""
        async with translated():
            found = await self._lanes.find({"next_at": {"$gt": now}}, {"_id": 1}).to_list(
                MAX_TARGETS
            )
        return frozenset(one["_id"] for one in found)

    async def claim(self, target: str, owner: str, now: datetime, until: datetime) -> int | None:
        """Take a target's lane: how often it has failed in a row; None: it is another's."""
        mine = {"$or": [{"claimed_until": {"$lte": now}}, {"claimed_by": owner}]}
        claimed = {"claimed_by": owner, "claimed_until": until}
        async with translated():
            try:
                lane = await self._lanes.find_one_and_update(
                    {"_id": target, **mine},
                    {"$set": claimed},
                    upsert=True,
                    return_document=ReturnDocument.AFTER,
                )
            except DuplicateKeyError:
                return None
        return int((lane or {}).get("failures", 0))

    async def release(self, target: str, owner: str, now: datetime) -> None:
        """Let go of a lane."""
        async with translated():
            await self._lanes.update_one(
                {"_id": target, "claimed_by": owner}, {"$set": {"claimed_until": now}}
            )

    async def rest(self, target: str, failures: int, next_at: datetime, error: str | None) -> None:
        """Note how often a target has failed in a row, and until when it is left alone."""
        said = {"failures": failures, "next_at": next_at, "error": error}
        async with translated():
            await self._lanes.update_one({"_id": target}, {"$set": said})

    async def hurry(self, target: str, now: datetime) -> None:
        """Have a target that is left alone tried now."""
        async with translated():
            await self._lanes.update_one({"_id": target}, {"$set": {"next_at": now}})

    async def head(self, target: str, limit: int) -> list[Waiting]:
        """The first notices that wait for a target."""
        async with translated():
            found = await self._notices.find(
                {"target": target, "state": PENDING}, sort=IN_ORDER, limit=limit
            ).to_list(limit)
        return [Waiting(_notice(one), one["attempts"]) for one in found]

    async def expire(self, target: str, now: datetime) -> int:
        """Put away what is too old to be sent; how many."""
        return await self._put_away(
            {"target": target, "expires_at": {"$lte": now}}, {"state": EXPIRED, "ended_at": now}
        )

    async def give_up(self, target: str, why: str, now: datetime) -> int:
        """Put away all that waits for a target; how many."""
        return await self._put_away(
            {"target": target}, {"state": GIVEN_UP, "error": why, "ended_at": now}
        )

    async def _put_away(self, which: Mapping[str, Any], said: Mapping[str, Any]) -> int:
        async with translated():
            done = await self._notices.update_many({**which, "state": PENDING}, {"$set": said})
        return int(done.modified_count)

    async def attempted(
        self, notice: str, state: str, now: datetime, error: str | None = None
    ) -> None:
        """Note an attempt, and in which state it left a notice."""
        said: dict[str, Any] = {"state": state, "error": error, "tried_at": now}
        if state != PENDING:
            said["ended_at"] = now
        async with translated():
            await self._notices.update_one({"_id": notice}, {"$set": said, "$inc": {"attempts": 1}})

    async def get(self, notice: str) -> Raw | None:
        """A notice as it is stored."""
        async with translated():
            found: Raw | None = await self._notices.find_one({"_id": notice})
        return found

    async def page(
        self, limit: int, target: str | None, state: str | None, area: str | None
    ) -> Sequence[Raw]:
        """The newest notices, of targets within an area (None: of all)."""
        asked: dict[str, Any] = {"target": target, "state": state}
        query = {name: value for name, value in asked.items() if value is not None}
        if area is not None:
            query["area"] = {"$gte": area, "$lt": area + ":"}  # the sign after 9
        async with translated():
            found: Sequence[Raw] = await self._notices.find(
                query, sort=[("at", -1), ("_id", -1)], limit=limit, max_time_ms=MAX_TIME_MS
            ).to_list(limit)
        return found


def _stored(notice: Notice) -> dict[str, Any]:
    told = notice.model_dump(exclude={"id"}, exclude_none=True)
    return {**told, "state": PENDING, "attempts": 0, "error": None}


def _notice(raw: Raw) -> Notice:
    return Notice.model_validate({**raw, "id": raw["_id"]})
