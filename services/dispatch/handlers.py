"""Which topics lead to which decisions."""

from services.dispatch.domain.deciding import PASSES, SERVICE, Dispatching
from services.dispatch.domain.dossier import Dossier
from services.dispatch.domain.walking import WALKS
from shared.contracts.topics import INCIDENTS, reads
from shared.ledger.folding import Folder
from shared.ledger.mongo_store import MongoStore
from shared.ledger.settling import Settler
from shared.ledger.subscription import Subscription
from shared.platform.clock import Clock
from shared.platform.lifespan import Parts
from shared.platform.partitioning import partition_of


def cases(parts: Parts, clock: Clock) -> tuple[Subscription[Dossier], MongoStore]:
    """Reports, actions, supervision and what the registry changes, into the dossiers."""
    store = MongoStore(parts.database["cases"])
    folder: Folder[Dossier] = Folder(SERVICE, Dispatching(), partition_of, INCIDENTS)
    settler = Settler(folder, store, parts.publisher, clock, parts.registry)
    return Subscription(parts.broker, reads(SERVICE), settler, walks=WALKS, passes=PASSES), store
