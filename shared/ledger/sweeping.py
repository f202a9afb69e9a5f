"""Sweeping: what outboxes have held for some seconds is published after all."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from shared.ledger.document import Document, Entry, Raw
from shared.ledger.ports import TransientError
from shared.ledger.settling import Settler
from shared.platform import telemetry

log = structlog.get_logger("ledger")
SWEEP_AFTER = timedelta(seconds=3)
"""Whoever wrote an entry publishes it at once; one of this age was left behind."""
SWEEP_LIMIT = 500
IDLE_S = 2.0


async def sweep(settler: Settler[Any], partitions: Iterable[int]) -> int:
    """Publish what the outboxes of these partitions were left with; how many documents.

    Raises TransientError.
    """
    before = settler.clock() - SWEEP_AFTER
    found = await settler.store.unsent(partitions, before, SWEEP_LIMIT)
    left = settler.waiting(map(_outbox, found))
    if left:
        log.info("sweep", documents=len(left))
        telemetry.SWEPT.labels(settler.folder.service).inc(len(left))
        await settler.publish(left)
    return len(left)


def _outbox(raw: Raw) -> Document[Any]:
    """Only what is to be published: a state that nobody can read holds no outbox up."""
    entries = [Entry.from_raw(entry) for entry in raw["outbox"]]
    return Document(id=raw["_id"], partition=raw["partition"], outbox=entries)


@dataclass(slots=True)
class Sweeper:
    """Sweeps documents that only commands change: no consumer owns their partitions.

    Two processes may sweep one outbox: both publish the same bytes in the same order, which is
    legal.
    """

    settler: Settler[Any]

    async def run(self) -> None:
        """Until cancelled."""
        partitions = range(self.settler.folder.home.partitions)
        while True:
            try:
                await sweep(self.settler, partitions)
            except TransientError as error:
                log.warning("sweeper_waits", error=str(error)[:200])
            except Exception:
                log.exception("sweeper_failed")
            await asyncio.sleep(IDLE_S)
