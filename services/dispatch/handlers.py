"""Which topics lead to which decisions."""

from dataclasses import dataclass

from services.dispatch.domain.deciding import PASSES, SERVICE, Dispatching
from services.dispatch.domain.dossier import Dossier
from services.dispatch.domain.turns import in_turn
from services.dispatch.looking_up import LookUps
from services.dispatch.second_look import SecondLook
from services.dispatch.store import CaseReader
from shared.contracts.topics import INCIDENTS, reads
from shared.ledger.folding import Folder
from shared.ledger.mongo_store import MongoStore
from shared.ledger.settling import Settler
from shared.ledger.subscription import Subscription
from shared.platform.clock import Clock
from shared.platform.lifespan import Parts
from shared.platform.partitioning import partition_of


@dataclass(frozen=True, slots=True)
class Cases:
    """What runs for the dossiers."""

    subscription: Subscription[Dossier]
    store: MongoStore
    reader: CaseReader
    second_look: SecondLook


def cases(parts: Parts, clock: Clock) -> Cases:
    """Reports, actions and supervision, into the dossiers."""
    store = MongoStore(parts.database["cases"])
    folder: Folder[Dossier] = Folder(SERVICE, Dispatching(), partition_of, INCIDENTS)
    reader = CaseReader(parts.database)
    settler = Settler(
        folder,
        store,
        parts.publisher,
        clock,
        parts.registry,
        look_up=LookUps(reader),
        in_turn=in_turn,
    )
    subscription = Subscription(parts.broker, reads(SERVICE), settler, passes=PASSES)
    return Cases(subscription, store, reader, SecondLook(subscription.processor, reader))
