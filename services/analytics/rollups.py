"""The rollups in MongoDB: each record counted once, without a transaction."""

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from services.analytics.domain.contributions import contributions
from services.analytics.domain.timeline import Timeline
from shared.ledger.decider import Taken
from shared.ledger.ports import TransientError
from shared.ledger.translating import translated
from shared.platform.mongo import NOT_VALID, PASSING_CODES, Database, demand

DUPLICATE_KEY = 11000
MAX_RACES = 20
ARRIVES: Mapping[str, Any] = {
    "$or": [
        {"to": {"$exists": False}},
        {"$expr": {"$setIsSubset": [{"$objectToArray": "$to"}, {"$objectToArray": "$at"}]}},
    ]
}
"""What a bucket must be: the marks that were moved last stand where they were to arrive."""
REMEMBERED = 4000
"""Buckets whose marks are kept in memory; some 12 MB."""
Counted = dict[str, dict[str, list[tuple[int, str, int]]]]
"""By bucket, by place in the log (``topic-partition``): offset, figure, how much."""


def place(topic: str, partition: int) -> str:
    """A partition of a topic, as a bucket names it."""
    return f"{topic.split('.')[1]}-{partition}"


def gather(taken: Iterable[Taken[Timeline]]) -> Counted:
    """What the events contribute, by bucket and by where they stand in the log."""
    found: Counted = defaultdict(lambda: defaultdict(list))
    for one in taken:
        origin = one.event.origin
        if origin is None or one.after is None:
            continue
        where = place(origin.topic, origin.partition)
        for bucket, figure, amount in contributions(one.before, one.after, one.event):
            found[bucket][where].append((origin.offset, figure, amount))
    return found


def update(
    bucket: str,
    counted: Mapping[str, list[tuple[int, str, int]]],
    marks: Mapping[str, int],
    *,
    compares: bool,
) -> UpdateOne | None:
    """The one guarded write that counts what lies beyond the bucket's marks; None for nothing.

    Where the collection ``compares``, each mark is moved by how far it is to go, and ``to`` says
    where it is then: a mark that stood elsewhere ends elsewhere, and is refused. The first ones
    of a partition are guarded by the filter, as all are where the collection does not compare.
    """
    amounts: Counter[str] = Counter()
    ends: dict[str, int] = {}
    for where, items in counted.items():
        mark = marks.get(where, -1)
        beyond = [item for item in items if item[0] > mark]
        if not beyond:
            continue
        for _, figure, amount in beyond:
            amounts[f"n.{figure}"] += amount
        ends[where] = max(offset for offset, _, _ in beyond)
    if not ends:
        return None
    guard: dict[str, Any] = {"_id": bucket}
    placed: dict[str, Any] = {"to": ends}
    moved = {name: amount for name, amount in amounts.items() if amount}
    # A mark that is not there is moved as one of 0.
    if compares and all(map(marks.get, ends)):
        moved |= {f"at.{where}": end - marks[where] for where, end in ends.items()}
    else:
        guard |= {f"at.{where}": marks.get(where, {"$exists": False}) for where in ends}
        placed |= {f"at.{where}": end for where, end in ends.items()}
    return UpdateOne(guard, {"$set": placed, **({"$inc": moved} if moved else {})}, upsert=True)


class Rollups:
    """Counts what timelines take; a ledger projection, written before the timelines.

    A bucket holds the last offset that it has counted of each partition. An update is guarded by
    those that it moves, so a record delivered again is counted once, and two processes, which
    never own one partition together, do not stand in each other's way. The guard is the
    collection's (``ARRIVES``) once it is prepared.
    """

    def __init__(self, database: Database) -> None:
        self._buckets = database["rollups"]
        self._marks: OrderedDict[str, dict[str, int]] = OrderedDict()
        """Of the buckets that were written last; a stale one loses its race."""
        self._compares = False

    async def prepare(self) -> None:
        """Let the collection compare marks; safe to call again. Raises TransientError."""
        async with translated():
            await demand(self._buckets, ARRIVES)
        self._compares = True

    async def write(self, taken: Iterable[Taken[Timeline]]) -> None:
        """Count what these events contribute. Raises TransientError when it cannot be done now."""
        pending: Counted = gather(taken)
        for _ in range(MAX_RACES):
            if not pending:
                return
            pending = await self._round(pending)
        raise TransientError(f"lost {MAX_RACES} races for {sorted(pending)[:3]}")

    async def _round(self, pending: Counted) -> Counted:
        async with translated():
            marks = await self._marks_of(pending)
            updates = {
                bucket: one
                for bucket, counted in pending.items()
                if (one := update(bucket, counted, marks[bucket], compares=self._compares))
            }
            if not updates:
                return {}
            try:
                await self._buckets.bulk_write(list(updates.values()), ordered=False)
            except BulkWriteError as error:
                lost = set(_lost(error, list(updates)))
            else:
                lost = set()
        self._remember(marks, {one: pending[one] for one in updates if one not in lost})
        return {bucket: pending[bucket] for bucket in lost}

    async def _marks_of(self, buckets: Collection[str]) -> dict[str, dict[str, int]]:
        """The marks of all these buckets: those known, which are taken out, and those stored."""
        known = {one: self._marks.pop(one) for one in buckets if one in self._marks}
        wanted = [one for one in buckets if one not in known]
        if wanted:
            found = self._buckets.find({"_id": {"$in": wanted}}, {"at": 1})
            stored = {raw["_id"]: raw["at"] async for raw in found}
            known |= {one: stored.get(one, {}) for one in wanted}
        return known

    def _remember(self, marks: Mapping[str, dict[str, int]], counted: Counted) -> None:
        """What has been counted, for the next round; the oldest go."""
        for bucket, places in counted.items():
            known = marks[bucket]
            for where, items in places.items():
                known[where] = max(known.get(where, -1), *(offset for offset, _, _ in items))
            self._marks[bucket] = known
        while len(self._marks) > REMEMBERED:
            self._marks.popitem(last=False)


def _lost(error: BulkWriteError, buckets: list[str]) -> list[str]:
    """The buckets whose race was lost; raises TransientError where the server vouches for less."""
    details: Mapping[str, Any] = error.details or {}
    others = {one["code"] for one in details["writeErrors"]} - {DUPLICATE_KEY, NOT_VALID}
    if details["writeConcernErrors"] or not others.isdisjoint(PASSING_CODES):
        raise TransientError(f"the figures are not vouched for: {details}"[:500]) from error
    if others:
        raise error
    return [buckets[one["index"]] for one in details["writeErrors"]]
