"""An in-memory store of ledger documents; they are kept as BSON, as the real one keeps them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import bson
from bson.codec_options import CodecOptions
from bson.errors import BSONError

from shared.ledger.document import Change, Raw
from shared.ledger.ports import Overdue, TransientError, Written

MAX_BYTES = 16 * 1024 * 1024
NOWHERE: Mapping[int, datetime] = {}
OPTIONS: CodecOptions[Any] = CodecOptions(tz_aware=True, tzinfo=UTC)


class FakeStore:
    """Documents by id; ``unique`` is a field that no two documents may have in common.

    ``fail_before`` and ``fail_after`` name the next calls that fail, without and with their effect;
    while it is ``away`` all do.
    """

    def __init__(self, unique: str | None = None) -> None:
        self.unique = unique
        self.fail_before: list[str] = []
        self.fail_after: list[str] = []
        self.away = False
        self._documents: dict[str, bytes] = {}

    def all(self) -> dict[str, dict[str, Any]]:
        """Every document."""
        return {key: bson.decode(raw, OPTIONS) for key, raw in self._documents.items()}

    def put(self, raw: Mapping[str, Any]) -> None:
        """Set a document, whatever is there."""
        self._documents[raw["_id"]] = bson.encode(raw)

    async def load(self, ids: Sequence[str]) -> dict[str, Raw]:
        """The documents that exist among ids."""
        self._maybe_fail("load", self.fail_before)
        found = {key: self._documents[key] for key in ids if key in self._documents}
        return {key: bson.decode(raw, OPTIONS) for key, raw in found.items()}

    async def versions(self, ids: Sequence[str]) -> Mapping[str, int]:
        """The versions of the documents that exist among ids."""
        self._maybe_fail("versions", self.fail_before)
        return {key: raw["version"] for key, raw in self.all().items() if key in ids}

    async def write(self, changes: Sequence[Change]) -> Written:
        """Each change on its own, guarded by its version."""
        self._maybe_fail("write", self.fail_before)
        lost: set[str] = set()
        refused: dict[str, str] = {}
        for change in changes:
            before = self._before(change)
            if before["version"] != change.version:
                lost.add(change.id)
            elif error := self._apply(change, before):
                refused[change.id] = error
        self._maybe_fail("write", self.fail_after)
        return Written(frozenset(lost), refused)

    async def pull(self, published: Mapping[str, Sequence[str]]) -> None:
        """Take exactly these entries out."""
        self._maybe_fail("pull", self.fail_before)
        for key, ids in published.items():
            if key in self._documents:
                raw = bson.decode(self._documents[key], OPTIONS)
                raw["outbox"] = [entry for entry in raw["outbox"] if entry["id"] not in ids]
                self.put(raw)
        self._maybe_fail("pull", self.fail_after)

    async def unsent(
        self, partitions: Iterable[int], before: datetime, limit: int
    ) -> Sequence[Raw]:
        """Id, partition and outbox of documents with an outbox entry older than ``before``."""
        self._maybe_fail("unsent", self.fail_before)
        mine = frozenset(partitions)
        found = [
            {name: raw[name] for name in ("_id", "partition", "outbox")}
            for raw in self.all().values()
            if raw["partition"] in mine and any(one["at"] < before for one in raw["outbox"])
        ]
        return found[:limit]

    async def due(
        self,
        until: Mapping[int, datetime],
        limit: int,
        since: Mapping[int, datetime] = NOWHERE,
        without: Collection[str] = (),
    ) -> Sequence[Raw]:
        """Due documents, earliest first."""
        self._maybe_fail("due", self.fail_before)
        found = [
            raw
            for raw in self._due(until)
            if raw["next_due_at"] >= since.get(raw["partition"], raw["next_due_at"])
            and raw["_id"] not in without
        ]
        return found[:limit]

    async def next_due(
        self, partitions: Iterable[int], since: Mapping[int, datetime] = NOWHERE
    ) -> datetime | None:
        """The earliest due instant in these partitions."""
        self._maybe_fail("next_due", self.fail_before)
        mine = frozenset(partitions)
        instants = [
            raw["next_due_at"]
            for raw in self.all().values()
            if raw["partition"] in mine
            and (at := raw.get("next_due_at")) is not None
            and at >= since.get(raw["partition"], at)
        ]
        return min(instants, default=None)

    async def open_groups(
        self, partitions: Iterable[int], columns: Sequence[str]
    ) -> Sequence[Mapping[str, Any]]:
        """The values of these columns among open documents."""
        self._maybe_fail("open_groups", self.fail_before)
        found = {tuple(raw.get(name) for name in columns): None for raw in self._open(partitions)}
        return [dict(zip(columns, values, strict=True)) for values in found]

    async def open_in(
        self, partitions: Iterable[int], group: Mapping[str, Any], after: str, limit: int
    ) -> Sequence[Raw]:
        """Open documents of a group, by id."""
        self._maybe_fail("open_in", self.fail_before)
        found = [
            raw
            for raw in self._open(partitions)
            if raw["_id"] > after and all(raw.get(name) == group[name] for name in group)
        ]
        return sorted(found, key=lambda raw: raw["_id"])[:limit]

    def _open(self, partitions: Iterable[int]) -> list[dict[str, Any]]:
        mine = frozenset(partitions)
        raws = self.all().values()
        return [raw for raw in raws if raw.get("open") is True and raw["partition"] in mine]

    async def park(self, document_id: str, version: int, error: str) -> None:
        """Out of the timers' way, if it still has this version."""
        self._maybe_fail("park", self.fail_before)
        raw = bson.decode(self._documents[document_id], OPTIONS)
        if raw["version"] == version:
            self.put({**raw, "next_due_at": None, "parked": error})

    async def unpark(self, partitions: Iterable[int], due: datetime, limit: int) -> int:
        """Make parked documents due."""
        self._maybe_fail("unpark", self.fail_before)
        found = self._parked(partitions)[:limit]
        for raw in found:
            self.put({**raw, "next_due_at": due, "parked": None})
        return len(found)

    async def overdue(self, until: Mapping[int, datetime], limit: int) -> Overdue:
        """What was due by these instants; counted up to the limit."""
        self._maybe_fail("overdue", self.fail_before)
        found = self._due(until)[:limit]
        if not found:
            return Overdue()
        return Overdue(len(found), found[0]["next_due_at"], found[0]["partition"])

    async def parked(self, partitions: Iterable[int], limit: int) -> int:
        """How many are parked; counted up to the limit."""
        self._maybe_fail("parked", self.fail_before)
        return len(self._parked(partitions)[:limit])

    def _parked(self, partitions: Iterable[int]) -> list[dict[str, Any]]:
        mine = frozenset(partitions)
        raws = self.all().values()
        return [raw for raw in raws if raw.get("parked") and raw["partition"] in mine]

    def _due(self, until: Mapping[int, datetime]) -> list[dict[str, Any]]:
        found = [
            raw
            for raw in self.all().values()
            if (at := raw.get("next_due_at")) is not None
            and raw["partition"] in until
            and at <= until[raw["partition"]]
        ]
        return sorted(found, key=lambda raw: raw["next_due_at"])

    def _before(self, change: Change) -> dict[str, Any]:
        if change.id in self._documents:
            return bson.decode(self._documents[change.id], OPTIONS)
        return {"_id": change.id, "version": 0, "seen": [], "outbox": []}

    def _apply(self, change: Change, before: dict[str, Any]) -> str | None:
        after = dict(before)
        for name, value in change.fields.items():
            if change.version and name in change.unchanged:
                continue
            part, _, field = name.partition(".")
            after[part] = {**after[part], field: value} if field else value
        if change.version:
            after["decided_on"] = change.version
        after["seen"] = [*before["seen"], *change.seen]
        stays = [] if change.replaces else before["outbox"]
        after["outbox"] = [*stays, *change.entries]
        try:
            raw = bson.encode(after)
        except (BSONError, OverflowError, TypeError, ValueError) as error:
            return f"{type(error).__name__}: {error}"
        if len(raw) > MAX_BYTES:
            return "the document is too large"
        if self.unique is not None and self._taken(change.id, after.get(self.unique)):
            return f"duplicate {self.unique}"
        self._documents[change.id] = raw
        return None

    def _taken(self, document_id: str, value: object) -> bool:
        others = (raw for key, raw in self.all().items() if key != document_id)
        return value is not None and any(raw.get(self.unique or "") == value for raw in others)

    def _maybe_fail(self, call: str, failures: list[str]) -> None:
        if self.away:
            raise TransientError("the database is away")
        if call in failures:
            failures.remove(call)
            raise TransientError(f"{call}: the database went away")
