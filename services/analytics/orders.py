"""Orders as they are read for answers; the ledger alone writes them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.analytics.domain.filters import OrderPage, OrderScope
from services.analytics.domain.order import Order
from services.analytics.order_queries import counting, listing, seen_by
from services.analytics.queries import STRING
from services.analytics.store import MAX_TIME_MS
from shared.contracts.order_sight import Caller
from shared.ledger.translating import translated
from shared.platform.ids import normalize_receipt_no
from shared.platform.mongo import Database

COLLECTION = "orders"
NEWEST = [("issued_at", -1), ("_id", -1)]
URGENT = [("deadline", 1), ("_id", 1)]
Found = tuple[str, Order]


class OrderReader:
    """Finds, lists and counts orders."""

    def __init__(self, database: Database) -> None:
        self._orders = database[COLLECTION]

    async def prepare(self) -> None:
        """Create the indexes; safe to call again. Raises TransientError."""
        async with translated():
            await self._orders.create_index(
                "order_no", name="order_no", partialFilterExpression={"order_no": STRING}
            )
            await self._orders.create_index(NEWEST, name="newest")
            await self._orders.create_index([("standing", 1), *NEWEST], name="standing_newest")
            await self._orders.create_index([("shares.unit", 1), *NEWEST], name="unit_newest")
            await self._orders.create_index(
                [("state.issued.area", 1), *NEWEST], name="issuer_newest"
            )
            await self._orders.create_index(
                [("waiting", 1), *URGENT],
                name="waiting",
                partialFilterExpression={"waiting": STRING},
            )

    async def find(self, name: str) -> Found | None:
        """The order of an id or an order number."""
        order_no = normalize_receipt_no(name)
        query = {"_id": name} if order_no is None else {"order_no": {**STRING, "$eq": order_no}}
        async with translated():
            raw = await self._orders.find_one(query, {"state": 1}, max_time_ms=MAX_TIME_MS)
        return None if raw is None or raw["state"] is None else _read(raw)

    async def page(self, asked: OrderPage, now: datetime, caller: Caller) -> Sequence[Found]:
        """One page of what a caller is told of, newest first. Raises BadCursorError."""
        return await self._list(listing(asked, now, caller), NEWEST, asked.limit)

    async def of_unit(self, unit: str, limit: int, caller: Caller) -> Sequence[Found]:
        """What a unit has still to do, as far as a caller is told; the earliest deadline first."""
        return await self._list(_waiting(unit, caller), URGENT, limit)

    async def count_of_unit(self, unit: str, caller: Caller) -> int:
        """How many orders those are."""
        async with translated():
            return await self._orders.count_documents(_waiting(unit, caller), maxTimeMS=MAX_TIME_MS)

    async def counted(self, scope: OrderScope, now: datetime) -> Mapping[str, Any]:
        """The figures of a scope; nothing where there are no orders."""
        async with translated():
            grouped = self._orders.aggregate(counting(scope, now), maxTimeMS=MAX_TIME_MS)
            rows = await grouped.to_list(1)
        return rows[0] if rows else {}

    async def _list(
        self, query: dict[str, Any], sort: list[tuple[str, int]], limit: int
    ) -> Sequence[Found]:
        async with translated():
            found = self._orders.find(
                query, {"state": 1}, sort=sort, limit=limit, max_time_ms=MAX_TIME_MS
            )
            return [_read(raw) for raw in await found.to_list(limit)]


def _waiting(unit: str, caller: Caller) -> dict[str, Any]:
    return {"waiting": {**STRING, "$eq": unit}, **seen_by(caller)}


def _read(raw: Mapping[str, Any]) -> Found:
    return raw["_id"], Order.model_validate(raw["state"])
