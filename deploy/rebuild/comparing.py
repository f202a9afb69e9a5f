"""Comparing two databases of analytics, document by document in the order of their ids."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from deploy.audit.log import KafkaLog, header
from deploy.rebuild.building import Offsets, ends, of_partition
from deploy.rebuild.judging import (
    Raw,
    Verdict,
    bucket_content,
    by_place,
    digest,
    document_content,
    judge_bucket,
    judge_document,
)
from deploy.rebuild.replacing import Replacing
from shared.contracts.topics import BUSY_PARTITIONS
from shared.platform.mongo import Database

BATCH = 500
SHOWN = 20
TIMELINES, ROLLUPS, ORDERS = "timelines", "rollups", "orders"
DOCUMENTS = (TIMELINES, ORDERS)
"""What is folded by the ledger; rollups are counted."""
Pair = tuple[Raw | None, Raw | None]
"""A live document and the rebuilt one, as far as they are there."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A document that is not what the log gives, and the first field that differs."""

    collection: str
    id: str
    detail: str
    replaced: bool


@dataclass(slots=True)
class Compared:
    """What came of comparing: counts by collection and verdict, and hashes of what could be.

    ``live`` and ``rebuilt`` are the documents' hashes, each xored into one; equal where all are
    the same.
    """

    counts: dict[str, Counter[str]] = field(
        default_factory=lambda: {one: Counter() for one in (TIMELINES, ROLLUPS, ORDERS)}
    )
    differences: list[Difference] = field(default_factory=list)
    live: int = 0
    rebuilt: int = 0

    @property
    def same(self) -> bool:
        """Whether everything that could be compared is the same, or has been replaced."""
        return all(one["differs"] == one["replaced"] for one in self.counts.values())


@dataclass(slots=True)
class Comparing:
    """One comparison; ``replacing`` mends what differs, where that is wanted."""

    log: KafkaLog
    live: Database
    side: Database
    until: Offsets
    advance: Callable[[int], None]
    replacing: Replacing | None = None
    found: Compared = field(default_factory=Compared)

    async def run(self) -> Compared:
        """Compare everything; raises KafkaError, PyMongoError when a server is away."""
        beyond: dict[tuple[str, str], frozenset[str]] = {}
        for collection in DOCUMENTS:
            async for name, live, rebuilt in paired(self.live, self.side, collection):
                verdict = judge_document(live, rebuilt)
                if verdict.what == "moved_on":
                    beyond[collection, name] = verdict.beyond
                await self._note(collection, name, (live, rebuilt), verdict)
        places = by_place(self.until)
        async for name, live, rebuilt in paired(self.live, self.side, ROLLUPS):
            verdict = judge_bucket(live, rebuilt, places)
            await self._note(ROLLUPS, name, (live, rebuilt), verdict)
        logged = await self._logged({one for taken in beyond.values() for one in taken})
        for (collection, name), taken in beyond.items():
            if made_up := taken - logged:
                await self._made_up(collection, name, made_up)
        return self.found

    async def _made_up(self, collection: str, name: str, made_up: frozenset[str]) -> None:
        """Note a document that has taken what is not in the log."""
        self.found.counts[collection]["moved_on"] -= 1
        first = min(made_up)
        live = await self.live[collection].find_one({"_id": name})
        rebuilt = await self.side[collection].find_one({"_id": name})
        # Where it has rightly taken more besides, what was rebuilt must not take its place.
        rest = judge_document(live, rebuilt).beyond - made_up
        verdict = Verdict("differs", f"it has taken {first}, which is not in the log", rest)
        await self._note(collection, name, (live, rebuilt), verdict)

    async def _note(self, collection: str, name: str, pair: Pair, verdict: Verdict) -> None:
        self.advance(1)
        counts = self.found.counts[collection]
        counts[verdict.what] += 1
        if verdict.what == "moved_on":
            return
        live, rebuilt = pair
        content = bucket_content if collection == ROLLUPS else document_content
        self.found.live ^= _number(None if live is None else content(live))
        self.found.rebuilt ^= _number(None if rebuilt is None else content(rebuilt))
        if verdict.what == "same":
            return
        replaced = False
        if self.replacing is not None and not verdict.beyond:
            replaced = await self.replacing.replace(collection, live, rebuilt)
        counts["replaced"] += replaced
        if len(self.found.differences) < SHOWN:
            self.found.differences.append(Difference(collection, name, verdict.detail, replaced))

    async def _logged(self, wanted: set[str]) -> set[str]:
        """Those of the events that stand in the log beyond the offsets that were rebuilt."""
        found: set[str] = set()
        if not wanted:
            return found
        now = await ends(self.log)
        for number in range(BUSY_PARTITIONS):
            starts = of_partition(self.until, number)
            async for records in self.log.read(number, of_partition(now, number), starts):
                found |= wanted & {header(record, "ce_id") for record in records}
        return found


def _number(content: dict[str, Any] | None) -> int:
    return 0 if content is None else int.from_bytes(digest(content), "big")


async def paired(
    live: Database, side: Database, collection: str
) -> AsyncIterator[tuple[str, Raw | None, Raw | None]]:
    """The documents of two databases by id, each with its counterpart or None."""
    ours, theirs = _sorted(live, collection), _sorted(side, collection)
    one, other = await anext(ours, None), await anext(theirs, None)
    while one is not None or other is not None:
        if other is None or (one is not None and one["_id"] < other["_id"]):
            assert one is not None  # noqa: S101 - the loop's condition
            yield one["_id"], one, None
            one = await anext(ours, None)
        elif one is None or other["_id"] < one["_id"]:
            yield other["_id"], None, other
            other = await anext(theirs, None)
        else:
            yield one["_id"], one, other
            one, other = await anext(ours, None), await anext(theirs, None)


async def _sorted(database: Database, collection: str) -> AsyncIterator[Raw]:
    found = database[collection].find({}, sort=[("_id", 1)], batch_size=BATCH)
    async for raw in found:
        yield raw
