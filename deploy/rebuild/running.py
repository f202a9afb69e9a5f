"""A rebuild from its beginning to its report."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from deploy.audit.log import KafkaLog
from deploy.rebuild.building import GROUP, Built, Offsets, build, ends
from deploy.rebuild.comparing import Compared, Comparing
from deploy.rebuild.replacing import Replacing
from shared.platform.mongo import Client, database

SIDE = "_rebuild"
"""What the name of the side database has beyond that of the live one."""
PAUSE_S = 0.3


class NotCaughtUpError(Exception):
    """The live service had not counted everything in time; nothing was compared."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A rebuild: of which database, whether to replace what differs, how long to wait."""

    database: str
    swap: bool
    patience_s: float


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who is told how far it is: a phase with how many steps it has, and steps done."""

    phase: Callable[[str, int | None], None]
    advance: Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a rebuild."""

    built: Built
    compared: Compared
    seconds: float

    @property
    def same(self) -> bool:
        """Whether live is what the log gives, as far as it could be compared."""
        return self.compared.same

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        compared = self.compared
        return {
            "same": self.same,
            "records": self.built.records,
            "undecodable": self.built.undecodable,
            "dead": self.built.dead,
            "hash_live": f"{compared.live:032x}",
            "hash_rebuilt": f"{compared.rebuilt:032x}",
            **{
                name: {what: counts[what] for what in ("same", "differs", "moved_on", "replaced")}
                for name, counts in compared.counts.items()
            },
            "differences": [
                {
                    "collection": one.collection,
                    "id": one.id,
                    "detail": one.detail,
                    "replaced": one.replaced,
                }
                for one in compared.differences
            ],
            "seconds": round(self.seconds, 1),
        }


async def rebuild(log: KafkaLog, client: Client, wanted: Wanted, watcher: Watcher) -> Report:
    """Rebuild, compare, and replace where that is wanted; the side database goes at the end.

    Raises NotCaughtUpError, and KafkaError, SilentLogError, PyMongoError or TransientError when a
    server is away.
    """
    started = time.monotonic()
    live = database(client, wanted.database)
    side = database(client, wanted.database + SIDE)
    until = await ends(log)
    await client.drop_database(side.name)
    try:
        watcher.phase("reading 读取", sum(until.values()))
        built = await build(log, side, until, watcher.advance)
        watcher.phase("waiting 等待", None)
        await _caught_up(log, until, wanted.patience_s)
        count = await side["timelines"].estimated_document_count()
        count += await side["rollups"].estimated_document_count()
        count += await side["orders"].estimated_document_count()
        watcher.phase("comparing 比对", count)
        replacing = Replacing(live) if wanted.swap else None
        comparing = Comparing(log, live, side, until, watcher.advance, replacing)
        return Report(built, await comparing.run(), time.monotonic() - started)
    finally:
        await client.drop_database(side.name)


async def _caught_up(log: KafkaLog, until: Offsets, patience_s: float) -> None:
    """Wait until the live service has counted everything up to these offsets."""
    deadline = time.monotonic() + patience_s
    while True:
        done = await log.committed(GROUP)
        behind = sum(max(0, end - done.get(place, 0)) for place, end in until.items())
        if not behind:
            return
        if time.monotonic() >= deadline:
            raise NotCaughtUpError(f"{behind} records are not counted after {patience_s:.0f} s")
        await asyncio.sleep(PAUSE_S)
