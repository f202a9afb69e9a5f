"""Timelines and buckets as they are read for answers; the ledger alone writes them."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.analytics.domain import stored
from services.analytics.domain.buckets import Series
from services.analytics.domain.facts import LOCATED
from services.analytics.domain.filters import InboxOf, Listing, OfPlans, Page, Period, Scope
from services.analytics.domain.inboxes import Inbox
from services.analytics.domain.timeline import Timeline
from services.analytics.queries import (
    ARISES_FROM,
    DATE,
    STRING,
    WATCHERS,
    Query,
    copied,
    days_between,
    findings,
    inbox,
    inspections,
    listing,
    named,
    planned,
    scoped,
)
from shared.ledger.translating import translated
from shared.platform.mongo import Database

MAX_TIME_MS = 10_000
NEWEST = [("counts_from", -1), ("_id", -1)]
FLOWS = (
    "reported", "filed", "inspections", "rejected", "linked", "answered", "transferred", "on_site",
    "closed", "voided",
)  # fmt: skip
LOOKED_UP = 5_000
"""Of so many inspections the findings are looked up together."""
MAX_FOLLOWERS = 1_000
"""Of one case, so many are found."""
ROW = (
    "state_word", "public", "case_no", "receipt_no", "grid", "matter", "source", "lon", "lat",
    "counts_from", "handle_due", "state.case.case", "state.case.outcome",
    "state.case.steps.sequence",
    "state.escalation.supervision",
)  # fmt: skip
"""What a row of a list is made of."""
URGENT = [("rank", -1), ("due", 1), ("_id", 1)]
TASK = (
    *ROW, "due", "state.case.state", "state.incident.report", "state.escalation.clocks",
    "state.escalation.order",
    *(f"state.case.steps.{name}" for name in ("ending", "rule", "explanation", "also", "roles")),
)  # fmt: skip
"""What a row of an inbox is made of."""
Raw = Mapping[str, Any]


class TimelineReader:
    """Finds, lists and counts timelines."""

    def __init__(self, database: Database) -> None:
        self._timelines = database["timelines"]

    async def prepare(self) -> None:
        """Create the indexes; safe to call again. Raises TransientError."""
        async with translated():
            for name in ("case_no", "receipt_no", "follows"):
                await self._timelines.create_index(
                    name, name=name, partialFilterExpression={name: STRING}
                )
            await self._timelines.create_index(NEWEST, name="newest")
            for name in ("grid", "unit", "matter", "state_word"):
                await self._timelines.create_index([(name, 1), *NEWEST], name=f"{name}_newest")
            await self._timelines.create_index(
                [("inboxes", 1), ("grid", 1), *URGENT],
                name="inbox",
                partialFilterExpression={"inboxes": STRING},
            )
            await self._timelines.create_index(
                [("todo_units", 1), *URGENT],
                name="todo_units",
                partialFilterExpression={"todo_units": STRING},
            )
            await self._timelines.create_index(
                [("cc_units", 1), *NEWEST],
                name="cc_units",
                partialFilterExpression={"cc_units": STRING},
            )
            await self._timelines.create_index(
                [(WATCHERS, 1), *NEWEST],
                name="watchers",
                partialFilterExpression={WATCHERS: STRING},
            )
            await self._timelines.create_index(
                [("plan", 1), ("plan_day", 1)],
                name="plan",
                partialFilterExpression={"plan": STRING},
            )
            await self._timelines.create_index(
                ARISES_FROM, name="arises_from", partialFilterExpression={ARISES_FROM: STRING}
            )
            await self._timelines.create_index([("lon", 1), ("lat", 1)], name="place")
            # Whatever counts ask for lies in the index, so that no document is read for them.
            scope = [("grid", 1), ("matter", 1), ("unit", 1)]
            await self._timelines.create_index(
                [("handle_due", 1), *scope],
                name="handle_due",
                partialFilterExpression={"handle_due": DATE},
            )
            await self._timelines.create_index(
                [("open", 1), *scope], name="open", partialFilterExpression={"open": True}
            )

    async def find(self, name: str) -> tuple[str, Timeline] | None:
        """The id and the timeline of an incident id, receipt number or case number."""
        async with translated():
            raw = await self._timelines.find_one(named(name), {"state": 1}, max_time_ms=MAX_TIME_MS)
        return None if raw is None else (raw["_id"], stored.load(raw["state"]))

    async def followers(self, incident_id: str) -> list[str]:
        """The ids of the incidents that are linked to a case, MAX_FOLLOWERS at most."""
        query = {"follows": {**STRING, "$eq": incident_id}}
        async with translated():
            found = await self._timelines.find(
                query, {"_id": 1}, limit=MAX_FOLLOWERS, max_time_ms=MAX_TIME_MS
            ).to_list(MAX_FOLLOWERS)
        return [raw["_id"] for raw in found]

    async def page(self, asked: Page, now: datetime, *, official: bool) -> Sequence[Raw]:
        """One page of a list, newest first. Raises BadCursorError."""
        query = listing(asked, now, official=official, after=asked.cursor)
        async with translated():
            found = self._timelines.find(
                query, ROW, sort=NEWEST, limit=asked.limit, max_time_ms=MAX_TIME_MS
            )
            return await found.to_list(asked.limit)

    async def each(
        self, asked: Listing, now: datetime, bound: int, *, official: bool
    ) -> AsyncIterator[Raw]:
        """All of a list, newest first, ``bound`` rows at most."""
        query = listing(asked, now, official=official)
        async with translated():
            async for raw in self._timelines.find(
                query, ROW, sort=NEWEST, limit=bound, batch_size=500, allow_disk_use=True
            ):
                yield raw

    async def how_many(self, asked: Listing, now: datetime, bound: int, *, official: bool) -> int:
        """How many rows a list has, counted up to ``bound``."""
        query = listing(asked, now, official=official)
        async with translated():
            return await self._timelines.count_documents(query, limit=bound, maxTimeMS=MAX_TIME_MS)

    async def inbox(self, box: Inbox, of: InboxOf, unit: str | None) -> Sequence[Raw]:
        """What lies in an inbox: supervised first, then by when it is due."""
        async with translated():
            return await self._timelines.find(
                inbox(box, of.area, unit),
                TASK,
                sort=URGENT,
                limit=of.limit,
                max_time_ms=MAX_TIME_MS,
            ).to_list(of.limit)

    async def inbox_count(self, box: Inbox, of: InboxOf, unit: str | None) -> int:
        """How much lies in an inbox."""
        return await self._count(inbox(box, of.area, unit))

    async def copied(self, of: InboxOf, unit: str) -> Sequence[Raw]:
        """The open cases that a unit was told of and owes nothing for, newest first."""
        async with translated():
            return await self._timelines.find(
                copied(unit, of.area), ROW, sort=NEWEST, limit=of.limit, max_time_ms=MAX_TIME_MS
            ).to_list(of.limit)

    async def copied_count(self, of: InboxOf, unit: str) -> int:
        """How many they are."""
        return await self._count(copied(unit, of.area))

    async def standing(self, scope: Scope, now: datetime) -> dict[str, int]:
        """What stands now: undecided, in_review, open, and overdue (its handle clock past due).

        What is undecided has no place, matter or unit yet, and is counted with everything only.
        """
        where, no_outcome = scoped(scope), {"state_word": "reported", "counts_from": DATE}
        return {
            "undecided": 0 if where else await self._count(no_outcome),
            "in_review": await self._count({**where, "state_word": "in_review"}),
            "open": await self._count({**where, "open": True}),
            # Only open cases have a due instant.
            "overdue": await self._count({**where, "handle_due": {**DATE, "$lt": now}}),
        }

    async def inspections(self, of: OfPlans, now: datetime) -> Sequence[Raw]:
        """The figures of plans, by plan and by the end to which inspections came."""
        pipeline = inspections(of, now)
        async with translated():
            return await self._timelines.aggregate(pipeline, maxTimeMS=MAX_TIME_MS).to_list(None)

    async def became(self, of: OfPlans) -> Counter[tuple[str, str | None]]:
        """How many findings of inspections there are, by plan and by the state that they have.

        So many inspections are looked up together: a join in the database looks up one by one, and
        takes seven times as long.
        """
        counts: Counter[tuple[str, str | None]] = Counter()
        async with translated():
            rows = self._timelines.find(planned(of), {"plan": 1}, max_time_ms=MAX_TIME_MS)
            while some := await rows.to_list(LOOKED_UP):
                plans = {raw["_id"]: raw["plan"] for raw in some}
                found = self._timelines.find(
                    findings(plans), {ARISES_FROM: 1, "state_word": 1}, max_time_ms=MAX_TIME_MS
                )
                async for raw in found:
                    inspection = raw["state"]["incident"]["report"]["arises_from"]
                    counts[plans[inspection], raw["state_word"]] += 1
        return counts

    async def _count(self, query: Query) -> int:
        async with translated():
            return await self._timelines.count_documents(query, maxTimeMS=MAX_TIME_MS)

    async def days(self, period: Period) -> dict[str, Counter[str]]:
        """Flows by local day, counted from the timelines: for what no bucket is kept of."""
        found: dict[str, Counter[str]] = {}
        for flow in FLOWS:
            # A report has a place, a matter and a unit only once its case says so.
            field = f"on.{LOCATED}" if flow == "reported" else f"on.{flow}"
            match = {**scoped(period), **days_between(field, period)}
            pipeline = [{"$match": match}, {"$group": {"_id": f"${field}", "n": {"$sum": 1}}}]
            async with translated():
                grouped = self._timelines.aggregate(pipeline, maxTimeMS=MAX_TIME_MS)
                rows = await grouped.to_list(None)
            for one in rows:
                found.setdefault(one["_id"], Counter())[flow] += one["n"]
        return found


class RollupReader:
    """Reads buckets."""

    def __init__(self, database: Database) -> None:
        self._buckets = database["rollups"]

    async def days(self, series: Series, period: Period) -> dict[str, Counter[str]]:
        """The figures of a series by local day, within the period."""
        first, last = period.first or "", period.last or "~"  # before and after every day
        query = {"_id": {"$gte": series.bucket(first), "$lte": series.bucket(last)}}
        async with translated():
            found = self._buckets.find(query, {"n": 1}, max_time_ms=MAX_TIME_MS)
            rows = await found.to_list(None)
        return {raw["_id"].rsplit("|", 1)[1]: Counter(raw.get("n", {})) for raw in rows}
