"""Analytics writes into the stores that it has prepared, whose collections compare versions."""

from services.analytics import handlers
from services.analytics.rollups import Rollups
from shared.contracts.orders_v1 import EVENTS as ORDER_EVENTS
from shared.ledger.kafka import KafkaPublisher
from shared.platform.broker import build_broker
from shared.platform.clock import system_clock
from shared.platform.lifespan import Parts
from shared.platform.mongo import Database
from shared.registry.reader import NoRegistry


async def test_what_is_prepared_is_what_is_written_into(own: Database) -> None:
    broker = build_broker("127.0.0.1:1", "analytics")
    parts = Parts(own, broker, KafkaPublisher(broker), NoRegistry())
    subscription, stores = handlers.timelines(parts, system_clock, Rollups(own))
    settler = subscription.processor.settler
    assert settler.store is stores.timelines
    assert all(settler.beside[model].store is stores.orders for model in ORDER_EVENTS)
    await stores.prepare()
    found = [one async for one in await own.list_collections()]
    assert {one["name"] for one in found if "validator" in one["options"]} == {
        "timelines", "orders",
    }  # fmt: skip
