"""Receipts, orders and entries as they are read for answers; the ledger alone writes them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.intake.domain.order import Order
from services.intake.domain.receipt import UNKNOWN, Receipt
from services.intake.domain.withdrawing import OpenCases
from shared.contracts.case_v1 import OPEN_STATES
from shared.contracts.registry_v1 import EntrySet, read_version
from shared.ledger.translating import translated
from shared.platform.ids import normalize_receipt_no
from shared.platform.mongo import Database

MAX_TIME_MS = 5_000
STRING = {"$type": "string"}
MAX_COUNTED = 100_000
EXAMPLES = 5
OPEN_WORDS = sorted(state.value for state in OPEN_STATES)
OLDER = {"fold": {"$lt": 2}}
"""Receipts that were folded before it was kept with whom their cases are."""
REMEMBERED = 100_000
"""So many ids are kept in memory, some 10 MB."""


class ReceiptReader:
    """Finds receipts by any of their three names."""

    def __init__(self, database: Database) -> None:
        self._receipts = database["receipts"]
        self._reported: set[str] = set()

    async def prepare(self) -> None:
        """Create the indexes; safe to call again."""
        async with translated():
            await self._receipts.create_index(
                "receipt_no",
                name="receipt_no",
                unique=True,
                partialFilterExpression={"receipt_no": STRING},
            )
            # Not unique: a case number is dispatch's to make, and must not jam what is read here.
            await self._receipts.create_index(
                "case_no", name="case_no", partialFilterExpression={"case_no": STRING}
            )

            await self._receipts.create_index(
                "open_of", name="open_of", partialFilterExpression={"open_of": STRING}
            )
            await self._receipts.create_index(
                "state.standing.state", name="older_fold", partialFilterExpression=OLDER
            )

    async def open_of(self, *holders: str) -> OpenCases:
        """The open cases that are with an entry (``kind/code``), or with any of several holders.

        As far as has been heard of them.
        """
        query = {"open_of": {**STRING, "$in": list(holders)}}
        async with translated():
            some = await self._receipts.find(
                query, {"case_no": 1}, limit=EXAMPLES, max_time_ms=MAX_TIME_MS
            ).to_list(None)
        examples = tuple(raw["case_no"] for raw in some)
        unknown = await self._count({"open_of": {**STRING, "$eq": UNKNOWN}})
        unknown += await self._count({**OLDER, "state.standing.state": {"$in": OPEN_WORDS}})
        return OpenCases(await self._count(query), examples, unknown)

    async def _count(self, query: dict[str, Any]) -> int:
        async with translated():
            return await self._receipts.count_documents(
                query, limit=MAX_COUNTED, maxTimeMS=MAX_TIME_MS
            )

    async def known(self, incident_ids: Sequence[str]) -> set[str]:
        """Those of the incidents that are reported already."""
        query = {"_id": {"$in": list(incident_ids)}, "receipt_no": STRING}
        async with translated():
            found = await self._receipts.find(query, {"_id": 1}, max_time_ms=MAX_TIME_MS).to_list(
                None
            )
        return {raw["_id"] for raw in found}

    async def find(self, name: str) -> tuple[Receipt, str] | None:
        """The receipt of an incident id, receipt number or case number, and by which it was found.

        By which is ``id``, ``receipt_no`` or ``case_no``. None where there is no report of it.
        """
        by, query = _query(name)
        async with translated():
            raw = await self._receipts.find_one(query, {"state": 1}, max_time_ms=MAX_TIME_MS)
        if raw is None or raw.get("state") is None:
            return None
        receipt = Receipt.model_validate(raw["state"])
        return None if receipt.reported is None else (receipt, by)

    async def incident_of(self, name: str) -> str | None:
        """The id of an incident that is reported, by any of its names; None where there is none.

        What was reported stays so: an id that was seen lately is not looked up again. An action
        loads the document once more all the same, to be decided.
        """
        if name in self._reported:
            return name
        found = await self.find(name)
        if found is None or found[0].reported is None:
            return None
        incident = found[0].reported.incident_id
        self.remember(incident)
        return incident

    def remember(self, incident: str) -> None:
        """An incident is reported."""
        if len(self._reported) >= REMEMBERED:
            self._reported.clear()
        self._reported.add(incident)


def _query(name: str) -> tuple[str, dict[str, Any]]:
    try:
        return "id", {"_id": str(UUID(name))}
    except ValueError:
        receipt_no = normalize_receipt_no(name)
        if receipt_no is not None:
            return "receipt_no", {"receipt_no": {**STRING, "$eq": receipt_no}}
        return "case_no", {"case_no": {**STRING, "$eq": name}}


class OrderReader:
    """Finds orders by either of their names."""

    def __init__(self, database: Database) -> None:
        self._orders = database["orders"]

    async def prepare(self) -> None:
        """Create the index; safe to call again."""
        async with translated():
            await self._orders.create_index(
                "order_no",
                name="order_no",
                unique=True,
                partialFilterExpression={"order_no": STRING},
            )

    async def find(self, name: str) -> Order | None:
        """The order of an order id or an order number; None where there is none."""
        order_no = normalize_receipt_no(name)
        query = {"_id": name} if order_no is None else {"order_no": {**STRING, "$eq": order_no}}
        async with translated():
            raw = await self._orders.find_one(query, {"state": 1}, max_time_ms=MAX_TIME_MS)
        return None if raw is None or raw["state"] is None else Order.model_validate(raw["state"])


class EntryReader:
    """Reads the latest versions of entries."""

    def __init__(self, database: Database) -> None:
        self._entries = database["registry"]

    async def prepare(self) -> None:
        """Create the index of lists; safe to call again."""
        async with translated():
            await self._entries.create_index([("kind", 1), ("code", 1)], name="list")

    async def get(self, key: str) -> EntrySet | None:
        """The latest version of ``kind/code``, withdrawn or not."""
        return (await self.latest([key])).get(key)

    async def latest(self, keys: Sequence[str]) -> Mapping[str, EntrySet]:
        """The latest versions of those keys that exist."""
        query = {"_id": {"$in": list(keys)}, "state": {"$ne": None}}
        async with translated():
            found = await self._entries.find(query, {"state": 1}, max_time_ms=MAX_TIME_MS).to_list(
                None
            )
        return {raw["_id"]: read_version(raw["state"]) for raw in found}

    async def page(
        self, kind: str, after: str, limit: int, max_bytes: int, ended_by: datetime | None
    ) -> tuple[list[EntrySet], bool]:
        """Latest versions of a kind with codes above ``after``, by code; whether there are more.

        Those that had begun and ended (been withdrawn) by an instant are left out. A page ends
        early once it holds ``max_bytes`` bytes of JSON.
        """
        query: dict[str, Any] = {"kind": kind, "code": {"$gt": after}}
        if ended_by is not None:
            over = {"state.valid_from": {"$lte": ended_by}, "state.valid_until": {"$lte": ended_by}}
            query["$nor"] = [over]
        found: list[EntrySet] = []
        size = 0
        async with translated():
            cursor = self._entries.find(
                query,
                {"state": 1},
                sort=[("code", 1)],
                limit=limit + 1,
                batch_size=50,
                max_time_ms=MAX_TIME_MS,
            )
            async for raw in cursor:
                if len(found) == limit or size >= max_bytes:
                    return found, True
                found.append(read_version(raw["state"]))
                size += len(found[-1].model_dump_json())
        return found, False
