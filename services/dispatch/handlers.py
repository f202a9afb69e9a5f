"""Which topics lead to which decisions."""

from collections.abc import Awaitable, Callable, Sequence

from services.dispatch.domain.deciding import PASSES, SERVICE, Dispatching
from services.dispatch.domain.dossier import Dossier
from services.dispatch.store import CASES, LoadCounter
from shared.contracts.topics import INCIDENTS, reads
from shared.ledger.folding import Folder
from shared.ledger.mongo_store import MongoStore
from shared.ledger.settling import Settler
from shared.ledger.subscription import Subscription
from shared.platform.clock import Clock
from shared.platform.lifespan import Parts
from shared.platform.partitioning import partition_of


def cases(
    parts: Parts, clock: Clock
) -> tuple[Subscription[Dossier], Sequence[Callable[[], Awaitable[None]]]]:
    """Reports, actions and supervision, into the dossiers; and what is to be prepared for it."""
    store, loads = MongoStore(parts.database[CASES]), LoadCounter(parts.database)
    folder: Folder[Dossier] = Folder(SERVICE, Dispatching(), partition_of, INCIDENTS)
    settler = Settler(folder, store, parts.publisher, clock, parts.registry, look_up=loads.look_up)
    return Subscription(parts.broker, reads(SERVICE), settler, passes=PASSES), (
        store.prepare,
        loads.prepare,
    )
