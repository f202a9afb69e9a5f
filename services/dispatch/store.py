"""What dispatch looks up in its own documents beside those of a batch."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from services.dispatch.domain.lookups import NOTHING, Loads, Lookups
from shared.contracts.envelope import Event
from shared.ledger.translating import translated
from shared.platform.mongo import Database
from shared.registry.snapshot import Snapshot

CASES = "cases"
LOADS_S = 1.0
"""A count of loads is used for so long."""
MAX_TIME_MS = 5_000


class LoadCounter:
    """Counts the open cases of units and members, at most once a second and where it matters.

    The counts are of all processes; a decision freezes what it used of them in its event.
    """

    index = "open_by_unit"
    pipeline: ClassVar[list[dict[str, Any]]] = [
        {"$match": {"unit": {"$type": "string"}}},
        {"$group": {"_id": {"unit": "$unit", "member": "$member"}, "count": {"$sum": 1}}},
    ]

    def __init__(self, database: Database, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._cases = database[CASES]
        self._monotonic = monotonic
        self._counted_at = float("-inf")
        self._loads = Loads()

    async def prepare(self) -> None:
        """Create the index; raises TransientError when the database is away."""
        async with translated():
            await self._cases.create_index(
                [("unit", 1), ("member", 1)],
                name=self.index,
                partialFilterExpression={"unit": {"$type": "string"}},
            )

    async def look_up(
        self, events: Sequence[Event[Any]], registry: Snapshot, now: datetime
    ) -> Lookups:
        """The loads for a batch; raises TransientError when the database is away."""
        if not events or not registry.loads_matter(now):
            return NOTHING
        if self._monotonic() - self._counted_at >= LOADS_S:
            self._loads = await self._count()
            self._counted_at = self._monotonic()
        return Lookups(self._loads)

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
