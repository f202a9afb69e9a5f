"""Which topics lead to which timelines and figures."""

from services.analytics.domain import stored
from services.analytics.domain.order import Order
from services.analytics.domain.ordering import Ordering
from services.analytics.domain.projecting import SERVICE, Projecting
from services.analytics.domain.reading import READERS
from services.analytics.domain.timeline import Timeline
from services.analytics.orders import COLLECTION as ORDERS
from shared.contracts.orders_v1 import EVENTS as ORDER_EVENTS
from shared.contracts.topics import CASES, INCIDENTS, reads
from shared.ledger.decider import Projection
from shared.ledger.folding import Folder
from shared.ledger.mongo_store import MongoStore
from shared.ledger.ports import Publisher
from shared.ledger.settling import Settler
from shared.ledger.subscription import Subscription
from shared.platform.clock import Clock
from shared.platform.lifespan import Parts
from shared.platform.mongo import Database
from shared.platform.partitioning import partition_of
from shared.registry.reader import NoRegistry

COLLECTION = "timelines"
GATHER_MS = 200
"""An incident's events come close together: one write of its timeline for all of them."""


class Stores:
    """Where the documents lie: the timelines, and what is of an order."""

    def __init__(self, database: Database) -> None:
        self.timelines, self.orders = MongoStore(database[COLLECTION]), MongoStore(database[ORDERS])

    async def prepare(self) -> None:
        """As the store's own. Raises TransientError when the database is away."""
        await self.timelines.prepare()
        await self.orders.prepare()


def settler(
    stores: Stores, publisher: Publisher, clock: Clock, counting: Projection[Timeline]
) -> Settler[Timeline]:
    """The timelines of a database; figures are counted before they are written.

    What is of an order goes into its own document, beside the timelines.
    """
    folder: Folder[Timeline] = Folder(
        SERVICE, Projecting(), partition_of, CASES, changed=stored.changed
    )
    store, nothing = stores.timelines, NoRegistry()
    into: Settler[Timeline] = Settler(folder, store, publisher, clock, nothing, projection=counting)
    rules: Folder[Order] = Folder(SERVICE, Ordering(), partition_of, INCIDENTS)
    orders = Settler(rules, stores.orders, publisher, clock, nothing)
    into.beside = dict.fromkeys(ORDER_EVENTS, orders)
    return into


def timelines(
    parts: Parts, clock: Clock, counting: Projection[Timeline]
) -> tuple[Subscription[Timeline], Stores]:
    """All topics, into the timelines."""
    stores = Stores(parts.database)
    into = settler(stores, parts.publisher, clock, counting)
    subscription = Subscription(
        parts.broker,
        reads(SERVICE),
        into,
        max_records=1000,
        readers=READERS,
        gather_ms=GATHER_MS,
        dead_share=parts.dead_share,
    )
    return subscription, stores
