"""What is due in dispatch is found by its index, however many cases there are."""

from datetime import timedelta

from services.dispatch import handlers
from services.dispatch.store import CASES
from shared.ledger.kafka import KafkaPublisher
from shared.ledger.mongo_store import MongoStore
from shared.platform.broker import build_broker
from shared.platform.clock import system_clock
from shared.platform.lifespan import Parts
from shared.platform.mongo import Database
from shared.registry.reader import NoRegistry
from tests.fakes.clock import START


async def test_what_is_due_overdue_or_parked_is_found_without_reading_other_cases(
    own: Database,
) -> None:
    broker = build_broker("127.0.0.1:1", "dispatch")
    parts = Parts(own, broker, KafkaPublisher(broker), NoRegistry())
    for prepare in handlers.cases(parts, system_clock).prepare:
        await prepare()
    due = {"d": (0, START), "e": (1, START + timedelta(days=1)), "f": (1, None), "g": (2, START)}
    await own[CASES].insert_many(
        [
            {"_id": key, "partition": partition, "next_due_at": at}
            for key, (partition, at) in due.items()
        ]
        + [{"_id": "h", "partition": 0, "next_due_at": None, "parked": "it failed"}]
    )
    await own.command("profile", 2)
    store, until = MongoStore(own[CASES]), {0: START, 1: START}
    assert [raw["_id"] for raw in await store.due(until, 10, {1: START})] == ["d"]
    assert await store.next_due([0, 1, 2], {0: START + timedelta(days=1)}) == START
    assert (await store.overdue(until, 10)).count == await store.parked([0, 1], 10) == 1
    assert await store.unpark([0], START, 10) == 1
    await own.command("profile", 0)
    done = await own["system.profile"].find({"ns": f"{own.name}.{CASES}"}).to_list(None)
    assert len(done) == 6
    assert all(one["planSummary"].startswith("IXSCAN") for one in done), done
    assert max(one["docsExamined"] for one in done) <= 1
