"""An escalation in a process of its own, measured from inside, and the bare loop beside it."""

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pymongo import UpdateOne

from benchmarks.child import Parent
from benchmarks.loops import FixedRegistry
from services.escalation import handlers
from services.escalation.domain.deciding import WALKS
from shared.contracts.topics import ESCALATIONS
from shared.ledger.document import Entry
from shared.ledger.kafka import KafkaPublisher
from shared.ledger.steps import Step
from shared.platform.broker import build_broker
from shared.platform.clock import system_clock
from shared.platform.lifespan import Parts
from shared.platform.mongo import connect, database
from shared.registry.snapshot import Snapshot

VALUE = b'{"mark":"%s"}' % (b"x" * 900)
"""As large as an answer."""
BARE_ROUND = 1_000


@dataclass(frozen=True)
class Servers:
    """Where everything is."""

    kafka: str
    mongo: str
    database: str


@dataclass
class Steps:
    """Seconds between one step of the ledger and the next, added up."""

    last: float = 0.0
    spent: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def step(self, step: Step) -> None:
        """Called by the ledger."""
        now = time.perf_counter()
        self.spent[step] += now - (self.last or now)
        self.last = now


async def answer(servers: Servers, parent: Parent) -> dict[str, float]:
    """Join the group, answer when told to, stop when told to; the seconds of each step."""
    client = connect(servers.mongo, "bench")
    broker = build_broker(servers.kafka, "escalation")
    registry = FixedRegistry(Snapshot())
    parts = Parts(database(client, servers.database), broker, KafkaPublisher(broker), registry)
    subscription, store = handlers.watches(parts, system_clock)
    await store.prepare(timers=True, walks=[walk.columns for walk in WALKS])
    steps = Steps()
    subscription.processor.settler.step = steps.step
    await broker.start()
    await parent.told("ready")
    subscription.start()
    await parent.calls()
    spent = dict(steps.spent)
    await subscription.stop()
    await broker.stop()
    client.close()
    return spent


async def bare_loop(servers: Servers, count: int) -> float:
    """Find what is due, publish a record of each, set it undue: no rules, no promises; marks/s."""
    client = connect(servers.mongo, "bare")
    broker = build_broker(servers.kafka, "bare")
    await broker.start()
    documents, publisher = database(client, servers.database)["watches"], KafkaPublisher(broker)
    began, done = time.perf_counter(), 0
    while done < count:
        now = datetime.now(UTC)
        query = {
            "partition": {"$in": list(range(12))},
            "next_due_at": {"$type": "date", "$lte": now},
        }
        found = await documents.find(query, sort=[("next_due_at", 1)], limit=BARE_ROUND).to_list(
            None
        )
        await publisher.send([_entry(raw, now) for raw in found])
        await documents.bulk_write(_undue(found), ordered=False)
        done += len(found)
    seconds = time.perf_counter() - began
    await broker.stop()
    client.close()
    return done / seconds


def _undue(found: Sequence[dict[str, Any]]) -> list[UpdateOne]:
    return [UpdateOne({"_id": raw["_id"]}, {"$set": {"next_due_at": None}}) for raw in found]


def _entry(raw: dict[str, Any], now: datetime) -> Entry:
    return Entry(raw["_id"], ESCALATIONS.name, raw["_id"], raw["partition"], {}, VALUE, now)
