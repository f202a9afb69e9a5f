"""What dispatch looks up, from the documents of a store in memory."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.dispatch.domain.flooding import window_of
from services.dispatch.domain.nearness import Sighting
from services.dispatch.store import CaseReader, sighting
from shared.contracts.policies import Flood
from shared.contracts.registry_v1 import Near
from tests.fakes.store import FakeStore


class FakeCases(CaseReader):
    """Answers as the real one does."""

    def __init__(self, store: FakeStore) -> None:
        self.store = store

    async def prepare(self) -> None:
        """Nothing is indexed."""

    async def prepare_sources(self) -> None:
        """Nothing is indexed."""

    async def open_in(self, cells: Collection[str]) -> list[Sighting]:
        """By a look at everything."""
        return [sighting(raw) for raw in self.store.all().values() if raw.get("cell") in cells]

    async def reporters(
        self, cases: Collection[str], subjects: Collection[str]
    ) -> set[tuple[str, str | None]]:
        """By a look at everything."""
        pairs = {
            (raw.get("first") or raw["_id"], raw["state"]["report"]["reporter"]["subject"])
            for raw in self.store.all().values()
            if raw["state"].get("report") is not None
        }
        return {one for one in pairs if one[0] in cases and one[1] in subjects}

    async def sent(
        self, sources: Iterable[str], since: datetime, minutes: int, without: Sequence[str]
    ) -> Mapping[tuple[str, datetime], int]:
        """Counted one by one."""
        wanted, flood = frozenset(sources), Flood(reports=1, minutes=minutes)
        return Counter(
            (raw["source"], window_of(raw["received_at"], flood))
            for raw in self.store.all().values()
            if raw.get("source") in wanted
            and raw["received_at"] >= since
            and raw["_id"] not in without
        )

    async def filed(self, ids: Collection[str]) -> list[tuple[Sighting, Near]]:
        """By a look at everything."""
        return [
            (sighting(raw), Near.model_validate(raw["state"]["decided"]["near"]))
            for raw in self.store.all().values()
            if raw["_id"] in ids and raw.get("cell") is not None
        ]

    async def documents(self, ids: Collection[str]) -> list[dict[str, Any]]:
        """Whole."""
        return [raw for key, raw in self.store.all().items() if key in ids]

    async def void_after(self, after: str, partitions: Collection[int], limit: int) -> list[str]:
        """In order."""
        found = [
            key
            for key, raw in self.store.all().items()
            if raw.get("void") and key > after and raw["partition"] in partitions
        ]
        return sorted(found)[:limit]

    async def followers_of(self, firsts: Collection[str], limit: int) -> list[dict[str, Any]]:
        """Whole."""
        return [raw for raw in self.store.all().values() if raw.get("first") in firsts][:limit]
