"""Which topics lead to which decisions."""

from services.escalation.domain.deciding import SERVICE, WALKS, Watching
from services.escalation.domain.watch import Watch
from shared.contracts.topics import CASES, reads
from shared.ledger.auditing import TOLERANCE_S
from shared.ledger.folding import Folder
from shared.ledger.mongo_store import MongoStore
from shared.ledger.settling import Settler
from shared.ledger.subscription import Subscription
from shared.platform.clock import Clock
from shared.platform.lifespan import Parts
from shared.platform.partitioning import partition_of

GATHER_MS = 200
"""Filing and dispatch of a case come together: one write for both."""


def watches(
    parts: Parts, clock: Clock, tolerance_s: float = TOLERANCE_S
) -> tuple[Subscription[Watch], MongoStore]:
    """Events of cases, and time, into the watches."""
    store = MongoStore(parts.database["watches"])
    rules = Watching()
    folder: Folder[Watch] = Folder(SERVICE, rules, partition_of, CASES)
    settler = Settler(folder, store, parts.publisher, clock, parts.registry)
    return Subscription(
        parts.broker,
        reads(SERVICE),
        settler,
        timer=rules,
        walks=WALKS,
        gather_ms=GATHER_MS,
        tolerance_s=tolerance_s,
        dead_share=parts.dead_share,
    ), store
