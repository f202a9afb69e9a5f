"""Which topics lead to which timelines and figures."""

from services.analytics.domain.projecting import SERVICE, Projecting
from services.analytics.domain.timeline import Timeline
from shared.contracts.topics import CASES, reads
from shared.ledger.decider import Projection
from shared.ledger.folding import Folder
from shared.ledger.mongo_store import MongoStore
from shared.ledger.settling import Settler
from shared.ledger.subscription import Subscription
from shared.platform.broker import partition_of
from shared.platform.clock import Clock
from shared.platform.lifespan import Parts


def timelines(
    parts: Parts, clock: Clock, counting: Projection[Timeline]
) -> tuple[Subscription[Timeline], MongoStore]:
    """All topics, into the timelines; figures are counted before they are written."""
    store = MongoStore(parts.database["timelines"])
    folder: Folder[Timeline] = Folder(SERVICE, Projecting(), partition_of, CASES)
    settler = Settler(folder, store, parts.publisher, clock, parts.registry, projection=counting)
    return Subscription(parts.broker, reads(SERVICE), settler, max_records=1000), store
