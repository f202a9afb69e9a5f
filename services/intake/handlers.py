"""Which topics lead to which decisions."""

from services.intake.domain.acceptance import PASSES, Acceptance, is_nothing
from services.intake.domain.commands import SERVICE
from services.intake.domain.entry import Entries
from services.intake.domain.order import Order
from services.intake.domain.orders import Ordering
from services.intake.domain.reading import READERS
from services.intake.domain.receipt import Receipt
from services.intake.domain.urging import urged
from shared.contracts.registry_v1 import EntrySet
from shared.contracts.topics import INCIDENTS, REGISTRY, reads
from shared.ledger.folding import Folder
from shared.ledger.kept import Kept
from shared.ledger.mongo_store import MongoStore
from shared.ledger.settling import Settler
from shared.ledger.subscription import Subscription
from shared.platform.clock import Clock
from shared.platform.lifespan import Parts
from shared.platform.partitioning import partition_of

GATHER_MS = 600
"""What became of a report may reach its reporter so much later, and costs half the writes."""


def receipts(parts: Parts, clock: Clock, zone: str) -> tuple[Settler[Receipt], MongoStore]:
    """Receipts: commands of this service, and what became of their incidents."""
    store = MongoStore(parts.database["receipts"])
    folder: Folder[Receipt] = Folder(SERVICE, Acceptance(zone), partition_of, INCIDENTS)
    settler = Settler(folder, store, parts.publisher, clock, parts.registry, also=urged)
    return settler, store


def outcomes(parts: Parts, settler: Settler[Receipt]) -> Subscription[Receipt]:
    """``cases.v1`` and ``escalations.v1``, into the receipts.

    Readers of the registry have no group and pass over what is no event: its owner puts that away.
    """
    return Subscription(
        parts.broker,
        reads(SERVICE),
        settler,
        passes=PASSES,
        checks=(REGISTRY,),
        readers=READERS,
        nothing=is_nothing,
        gather_ms=GATHER_MS,
        dead_share=parts.dead_share,
    )


def orders(parts: Parts, clock: Clock, zone: str) -> tuple[Settler[Order], MongoStore]:
    """Orders: commands of this service only."""
    store = MongoStore(parts.database["orders"])
    folder: Folder[Order] = Folder(SERVICE, Ordering(zone), partition_of, INCIDENTS)
    return Settler(folder, store, parts.publisher, clock, parts.registry), store


def entries(parts: Parts, clock: Clock) -> tuple[Settler[EntrySet], MongoStore]:
    """Entries of the registry: commands of this service only."""
    store = MongoStore(parts.database["registry"])
    folder: Folder[EntrySet] = Folder(SERVICE, Entries(), partition_of, REGISTRY)
    # An entry may have a polygon of megabytes, and is seldom written twice in a row.
    kept: Kept[EntrySet] = Kept(most=0)
    return Settler(folder, store, parts.publisher, clock, parts.registry, kept=kept), store
