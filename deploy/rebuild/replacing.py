"""Putting what was rebuilt in the place of what differs, while the service goes on.

Each write is guarded by what was compared: a timeline or order by its version, a bucket by its
marks. What the service has changed meanwhile is left alone, and found by the next rebuild.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pymongo.errors import DuplicateKeyError

from shared.platform.mongo import Database

Raw = Mapping[str, Any]
ROLLUPS = "rollups"


@dataclass(frozen=True, slots=True)
class Replacing:
    """Replaces documents of the live database."""

    live: Database

    async def replace(self, collection: str, live: Raw | None, rebuilt: Raw | None) -> bool:
        """Put the rebuilt document in the live one's place; False when it has changed meanwhile.

        Where nothing was rebuilt, the live document goes.
        """
        documents = self.live[collection]
        if live is None:
            return rebuilt is not None and await self._insert(collection, rebuilt)
        guard = {"_id": live["_id"]} | (
            {"at": live["at"]} if collection == ROLLUPS else {"version": live["version"]}
        )
        if rebuilt is None:
            return (await documents.delete_one(guard)).deleted_count == 1
        wanted = dict(rebuilt)
        if collection != ROLLUPS:
            # Whoever read the version before must lose the race.
            wanted |= {"version": live["version"] + 1, "decided_on": live["version"]}
        return (await documents.replace_one(guard, wanted)).matched_count == 1

    async def _insert(self, collection: str, rebuilt: Raw) -> bool:
        try:
            await self.live[collection].insert_one(dict(rebuilt))
        except DuplicateKeyError:
            return False
        return True
