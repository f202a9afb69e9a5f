"""Which topics lead to which timelines and figures."""

from services.analytics.domain.projecting import SERVICE, Projecting
from services.analytics.domain.timeline import Timeline
from shared.contracts.topics import CASES, reads
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
GATHER_MS = 100
"""An incident's events come close together: one write of its timeline for all of them."""


def settler(
    database: Database, publisher: Publisher, clock: Clock, counting: Projection[Timeline]
) -> Settler[Timeline]:
    """The timelines of a database; figures are counted before they are written."""
    folder: Folder[Timeline] = Folder(SERVICE, Projecting(), partition_of, CASES)
    store = MongoStore(database[COLLECTION])
    return Settler(folder, store, publisher, clock, NoRegistry(), projection=counting)


def timelines(
    parts: Parts, clock: Clock, counting: Projection[Timeline]
) -> tuple[Subscription[Timeline], MongoStore]:
    """All topics, into the timelines."""
    into = settler(parts.database, parts.publisher, clock, counting)
    subscription = Subscription(
        parts.broker, reads(SERVICE), into, max_records=1000, gather_ms=GATHER_MS
    )
    return subscription, MongoStore(parts.database[COLLECTION])
