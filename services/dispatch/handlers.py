"""Which topics lead to which decisions."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from services.dispatch.domain.deciding import PASSES, SERVICE, Dispatching
from services.dispatch.domain.dossier import Dossier
from services.dispatch.domain.walking import WALKS
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
    """Reports, actions, supervision and what the registry changes, into the dossiers.

    And what is to be prepared for that.
    """
    store, loads = MongoStore(parts.database[CASES]), LoadCounter(parts.database)
    folder: Folder[Dossier] = Folder(SERVICE, Dispatching(), partition_of, INCIDENTS)
    settler = Settler(folder, store, parts.publisher, clock, parts.registry, look_up=loads.look_up)
    subscription = Subscription(parts.broker, reads(SERVICE), settler, walks=WALKS, passes=PASSES)
    prepare = partial(store.prepare, walks=[walk.columns for walk in WALKS])
    return subscription, (prepare, loads.prepare)
