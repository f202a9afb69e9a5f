"""What dispatch reads of other documents of its own; the ledger alone writes them."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from services.dispatch.domain.lookups import Loads
from services.dispatch.domain.nearness import Sighting
from shared.contracts.base import Point
from shared.contracts.registry_v1 import Near
from shared.ledger.mongo_store import walk_index
from shared.ledger.translating import translated
from shared.platform.mongo import Database
from shared.registry.snapshot import Snapshot

CASES = "cases"
LOADS_S = 1.0
"""A count of loads is used for so long."""
MAX_TIME_MS = 5_000
STRING = {"$type": "string"}
REPORTER = "state.report.reporter.subject"
MAX_NEIGHBOURS = 20_000
"""Open cases around one batch that are looked at; more in a batch's cells is no city."""
SIGHTED = {
    "state.decided.case.matter.code": 1,
    "state.decided.case.location": 1,
    "state.decided.case.times.received_at": 1,
    "state.decided.case.case_no": 1,
}


class CaseReader:
    """Finds dossiers by their columns."""

    def __init__(self, database: Database) -> None:
        self._cases = database[CASES]

    async def prepare(self) -> None:
        """Create the indexes; safe to call again."""
        async with translated():
            for fields in (("cell",), ("first", REPORTER)):
                await self._cases.create_index(
                    [(one, 1) for one in fields],
                    name="_".join(fields).replace(".", "_"),
                    partialFilterExpression={fields[0]: STRING},
                )
            await self._cases.create_index(
                [("void", 1), ("_id", 1)], name="void", partialFilterExpression={"void": True}
            )

    async def prepare_sources(self) -> None:
        """Create the index for floods; only where a policy limits them is it worth its upkeep."""
        async with translated():
            await self._cases.create_index(
                [("source", 1), ("received_at", 1)],
                name="source",
                partialFilterExpression={"source": STRING},
            )

    async def open_in(self, cells: Collection[str]) -> list[Sighting]:
        """The open cases in these cells to which others may be linked."""
        if not cells:
            return []
        async with translated():
            found = await self._cases.find(
                {"cell": {**STRING, "$in": list(cells)}},
                SIGHTED,
                limit=MAX_NEIGHBOURS,
                max_time_ms=MAX_TIME_MS,
            ).to_list(None)
        return [sighting(raw) for raw in found]

    async def reporters(
        self, cases: Collection[str], subjects: Collection[str]
    ) -> set[tuple[str, str | None]]:
        """Which of these subjects have reported which of these cases, or what is linked to it.

        Pairs of a case and a subject.
        """
        if not cases or not subjects:
            return set()
        by = {REPORTER: {"$in": list(subjects)}}
        ids = list(cases)
        match = {"$or": [{"_id": {"$in": ids}, **by}, {"first": {**STRING, "$in": ids}, **by}]}
        pair = {"case": {"$ifNull": ["$first", "$_id"]}, "by": f"${REPORTER}"}
        async with translated():
            rows = await self._cases.aggregate(
                [{"$match": match}, {"$group": {"_id": pair}}], maxTimeMS=MAX_TIME_MS
            ).to_list(None)
        return {(row["_id"]["case"], row["_id"]["by"]) for row in rows}

    async def sent(
        self, sources: Iterable[str], since: datetime, minutes: int, without: Sequence[str]
    ) -> Mapping[tuple[str, datetime], int]:
        """How many reports sources have sent, by source and window of so many minutes.

        ``since`` is the beginning of a window; reports of the documents ``without`` do not count.
        """
        match = {
            "source": {**STRING, "$in": list(sources)},
            "received_at": {"$gte": since},
            "_id": {"$nin": list(without)},
        }
        window = {"$dateTrunc": {"date": "$received_at", "unit": "minute", "binSize": minutes}}
        grouped = {"_id": {"source": "$source", "window": window}, "n": {"$sum": 1}}
        async with translated():
            rows = await self._cases.aggregate(
                [{"$match": match}, {"$group": grouped}], maxTimeMS=MAX_TIME_MS
            ).to_list(None)
        return {(row["_id"]["source"], row["_id"]["window"]): row["n"] for row in rows}

    async def filed(self, ids: Collection[str]) -> list[tuple[Sighting, Near]]:
        """Of these the open cases to which others may be linked, with what counts as the same."""
        if not ids:
            return []
        query = {"_id": {"$in": list(ids)}, "cell": STRING}
        fields = {**SIGHTED, "state.decided.near": 1}
        async with translated():
            found = await self._cases.find(query, fields, max_time_ms=MAX_TIME_MS).to_list(None)
        return [
            (sighting(raw), Near.model_validate(raw["state"]["decided"]["near"])) for raw in found
        ]

    async def documents(self, ids: Collection[str]) -> list[dict[str, Any]]:
        """The documents with these ids, whole."""
        if not ids:
            return []
        async with translated():
            return await self._cases.find(
                {"_id": {"$in": list(ids)}}, max_time_ms=MAX_TIME_MS
            ).to_list(None)

    async def void_after(self, after: str, partitions: Collection[int], limit: int) -> list[str]:
        """Ids of documents in these partitions whose case is none any more, in order."""
        async with translated():
            found = await self._cases.find(
                {"void": True, "_id": {"$gt": after}, "partition": {"$in": list(partitions)}},
                {"_id": 1},
                sort=[("_id", 1)],
                limit=limit,
                max_time_ms=MAX_TIME_MS,
            ).to_list(None)
        return [raw["_id"] for raw in found]

    async def followers_of(self, firsts: Collection[str], limit: int) -> list[dict[str, Any]]:
        """Followers of these cases, whole."""
        query = {"first": {**STRING, "$in": list(firsts)}}
        async with translated():
            return await self._cases.find(query, limit=limit, max_time_ms=MAX_TIME_MS).to_list(None)


def sighting(raw: Mapping[str, Any]) -> Sighting:
    """An open case as it is looked for, from its document."""
    case = raw["state"]["decided"]["case"]
    return Sighting(
        id=raw["_id"],
        matter=case["matter"]["code"],
        location=Point.model_validate(case["location"]),
        received_at=case["times"]["received_at"],
        case_no=case["case_no"],
    )


class LoadCounter:
    """Counts the open cases of units and members, at most once a second and where it matters.

    The counts are of all processes; a decision freezes what it used of them in its event.
    """

    index = walk_index(("unit", "member"))
    """The walk of members has it; the count reads nothing else."""
    pipeline: ClassVar[list[dict[str, Any]]] = [
        {"$match": {"open": True, "unit": {"$type": "string"}}},
        {"$group": {"_id": {"unit": "$unit", "member": "$member"}, "count": {"$sum": 1}}},
    ]

    def __init__(self, database: Database, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._cases = database[CASES]
        self._monotonic = monotonic
        self._counted_at = float("-inf")
        self._loads = Loads()

    async def current(self, registry: Snapshot, now: datetime) -> Loads:
        """The loads, empty where nobody's matters; raises TransientError."""
        if not registry.loads_matter(now):
            return Loads()
        if self._monotonic() - self._counted_at >= LOADS_S:
            self._loads = await self._count()
            self._counted_at = self._monotonic()
        return self._loads

    async def _count(self) -> Loads:
        units: Counter[str] = Counter()
        members: Counter[str] = Counter()
        async with translated():
            counting = self._cases.aggregate(self.pipeline, hint=self.index, maxTimeMS=MAX_TIME_MS)
            async for one in counting:
                units[one["_id"]["unit"]] += one["count"]
                if (member := one["_id"].get("member")) is not None:
                    members[member] += one["count"]
        return Loads(units, members)
