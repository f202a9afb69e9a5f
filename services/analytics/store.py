"""Timelines and buckets as they are read for answers; the ledger alone writes them."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.analytics.domain.buckets import Series
from services.analytics.domain.filters import Listing, Period, Scope
from services.analytics.domain.paging import position
from services.analytics.domain.timeline import Timeline
from shared.ledger.translating import translated
from shared.platform.ids import normalize_receipt_no
from shared.platform.mongo import Database

MAX_TIME_MS = 10_000
NEWEST = [("counts_from", -1), ("_id", -1)]
DATE = {"$type": "date"}
STRING = {"$type": "string"}
FIRST_DAY, LAST_DAY = "0000-00-00", "9999-99-99"
FLOWS = ("reported", "filed", "rejected", "closed")
Raw = Mapping[str, Any]
Query = dict[str, Any]


class TimelineReader:
    """Finds, lists and counts timelines."""

    def __init__(self, database: Database) -> None:
        self._timelines = database["timelines"]

    async def prepare(self) -> None:
        """Create the indexes; safe to call again. Raises TransientError."""
        newest: tuple[tuple[str, int], ...] = (("counts_from", -1), ("_id", -1))
        async with translated():
            for name in ("case_no", "receipt_no"):
                await self._timelines.create_index(
                    name, name=name, partialFilterExpression={name: STRING}
                )
            await self._timelines.create_index(list(newest), name="newest")
            for name in ("grid", "unit", "state_word"):
                await self._timelines.create_index([(name, 1), *newest], name=f"{name}_newest")
            await self._timelines.create_index(
                [("handle_due", 1), ("grid", 1)],
                name="handle_due",
                partialFilterExpression={"handle_due": DATE},
            )
            await self._timelines.create_index(
                [("open", 1), ("grid", 1)], name="open", partialFilterExpression={"open": True}
            )

    async def find(self, name: str) -> tuple[str, Timeline] | None:
        """The timeline of an incident id, receipt number or case number."""
        async with translated():
            raw = await self._timelines.find_one(
                _named(name), {"state": 1}, max_time_ms=MAX_TIME_MS
            )
        return None if raw is None else (raw["_id"], Timeline.model_validate(raw["state"]))

    async def page(self, asked: Listing, now: datetime, *, public_only: bool) -> Sequence[Raw]:
        """One page of a list, newest first."""
        query = listing(asked, now, public_only=public_only)
        async with translated():
            found = self._timelines.find(
                query, sort=NEWEST, limit=asked.limit, max_time_ms=MAX_TIME_MS
            )
            return await found.to_list(asked.limit)

    async def each(
        self, asked: Listing, now: datetime, bound: int, *, public_only: bool
    ) -> AsyncIterator[Raw]:
        """All of a list, newest first, ``bound`` rows at most."""
        query = listing(asked, now, public_only=public_only)
        async with translated():
            async for raw in self._timelines.find(query, sort=NEWEST, limit=bound, batch_size=500):
                yield raw

    async def standing(self, scope: Scope, now: datetime) -> dict[str, int]:
        """What stands now: open, in_review, and overdue (open, its handle clock past due)."""
        where = scoped(scope)
        return {
            "open": await self._count({**where, "open": True}),
            "in_review": await self._count({**where, "state_word": "in_review"}),
            "overdue": await self._count(
                {**where, "open": True, "handle_due": {**DATE, "$lt": now}}
            ),
        }

    async def _count(self, query: Query) -> int:
        async with translated():
            return await self._timelines.count_documents(query, maxTimeMS=MAX_TIME_MS)

    async def days(self, period: Period) -> dict[str, Counter[str]]:
        """Flows by local day, counted from the timelines: for what no bucket is kept of."""
        found: dict[str, Counter[str]] = {}
        first, last = period.first or FIRST_DAY, period.last or LAST_DAY
        for flow in FLOWS:
            # A report has a place only once its case says so.
            field = "on.reported" if flow == "reported" and period.area is None else f"on.{flow}"
            if flow == "reported" and (period.area or period.matter or period.unit):
                field = "on.located"
            match = {**scoped(period), field: {"$gte": first, "$lte": last}}
            pipeline = [{"$match": match}, {"$group": {"_id": f"${field}", "n": {"$sum": 1}}}]
            async with translated():
                rows = await self._timelines.aggregate(pipeline, maxTimeMS=MAX_TIME_MS).to_list(
                    None
                )
            for one in rows:
                found.setdefault(one["_id"], Counter())[flow] += one["n"]
        return found


class RollupReader:
    """Reads buckets."""

    def __init__(self, database: Database) -> None:
        self._buckets = database["rollups"]

    async def days(
        self, series: Series, first: str | None, last: str | None
    ) -> dict[str, Counter[str]]:
        """The figures of a series by local day, within the period."""
        ends = {
            "$gte": series.bucket(first or FIRST_DAY),
            "$lte": series.bucket(last or LAST_DAY),
        }
        async with translated():
            found = await self._buckets.find(
                {"_id": ends}, {"n": 1}, max_time_ms=MAX_TIME_MS
            ).to_list(None)
        return {raw["_id"].rsplit("|", 1)[1]: Counter(raw.get("n", {})) for raw in found}


def scoped(scope: Scope) -> Query:
    """The query for an area or grid, a matter and a unit."""
    query: Query = {}
    if scope.area is not None:
        # Codes are digits, and ":" follows "9": a range over the prefix, which an index serves.
        query["grid"] = {"$gte": scope.area, "$lt": f"{scope.area}:"}
    if scope.matter is not None:
        query["matter"] = scope.matter
    if scope.unit is not None:
        query["unit"] = scope.unit
    return query


def listing(asked: Listing, now: datetime, *, public_only: bool) -> Query:
    """The query of a list; raises BadCursorError."""
    query = scoped(asked) | _in_state(asked, now) | _in_period(asked)
    if public_only:
        query["public"] = True
    if asked.source is not None:
        query["source"] = asked.source
    if asked.bbox is not None:
        west, south, east, north = map(float, asked.bbox.split(","))
        query |= {"lon": {"$gte": west, "$lte": east}, "lat": {"$gte": south, "$lte": north}}
    if asked.cursor is not None:
        at, incident_id = position(asked.cursor)
        query["$or"] = [
            {"counts_from": {"$lt": at}},
            {"counts_from": at, "_id": {"$lt": incident_id}},
        ]
    return query


def _in_state(asked: Listing, now: datetime) -> Query:
    query: Query = {}
    if asked.state == "open":
        query["open"] = True
    elif asked.state is not None:
        query["state_word"] = asked.state
    if asked.overdue:
        query |= {"open": True, "handle_due": {**DATE, "$lt": now}}
    return query


def _in_period(asked: Listing) -> Query:
    if asked.first is None and asked.last is None:
        return {}
    return {"on.reported": {"$gte": asked.first or FIRST_DAY, "$lte": asked.last or LAST_DAY}}


def _named(name: str) -> Query:
    try:
        return {"_id": str(UUID(name))}
    except ValueError:
        receipt_no = normalize_receipt_no(name)
        if receipt_no is not None:
            return {"receipt_no": {**STRING, "$eq": receipt_no}}
        return {"case_no": {**STRING, "$eq": name}}
