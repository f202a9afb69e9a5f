"""Which topics lead to which decisions."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from services.dispatch.domain.deciding import PASSES, SERVICE, Dispatching, is_nothing
from services.dispatch.domain.dossier import Dossier
from services.dispatch.domain.turns import in_turn
from services.dispatch.domain.walking import WALKS
from services.dispatch.looking_up import LookUps
from services.dispatch.second_look import SecondLook
from services.dispatch.store import CASES, CaseReader, LoadCounter
from shared.contracts.escalations_v1 import ClocksChanged
from shared.contracts.reading import WHOLE, Readers, only
from shared.contracts.topics import INCIDENTS, reads
from shared.ledger.auditing import TOLERANCE_S
from shared.ledger.folding import Folder
from shared.ledger.mongo_store import MongoStore
from shared.ledger.settling import Settler
from shared.ledger.subscription import MAX_RECORDS, Subscription
from shared.platform.clock import Clock
from shared.platform.lifespan import Parts
from shared.platform.partitioning import partition_of

GATHER_MS = 30
"""A report may be dispatched so much later: a batch has a cost of its own, which few reports would
have to bear, and under load the machine would do little else."""
READERS: Readers = {
    **WHOLE,
    ClocksChanged.TYPE: only(
        ClocksChanged, "incident_id", "at", "clocks.task", "clocks.clock", "clocks.run",
        "clocks.state", "clocks.unit", "clocks.due_at",
    ),
}  # fmt: skip
"""Clocks change more often than anything else, and a dossier keeps little of them."""


@dataclass(frozen=True, slots=True)
class Cases:
    """What runs for the dossiers, and what is to be prepared before it does."""

    subscription: Subscription[Dossier]
    second_look: SecondLook
    prepare: tuple[Callable[[], Awaitable[None]], ...]


def cases(
    parts: Parts,
    clock: Clock,
    name: str = SERVICE,
    max_records: int = MAX_RECORDS,
    *,
    tolerance_s: float = TOLERANCE_S,
) -> Cases:
    """Reports, actions, supervision and what the registry changes, into the dossiers."""
    store = MongoStore(parts.database[CASES])
    reader, loads = CaseReader(parts.database), LoadCounter(parts.database)
    rules = Dispatching()
    folder: Folder[Dossier] = Folder(name, rules, partition_of, INCIDENTS)
    settler = Settler(
        folder,
        store,
        parts.publisher,
        clock,
        parts.registry,
        look_up=LookUps(reader, loads),
        in_turn=in_turn,
    )
    subscription = Subscription(
        parts.broker,
        reads(SERVICE),
        settler,
        timer=rules,
        walks=WALKS,
        max_records=max_records,
        gather_ms=GATHER_MS,
        passes=PASSES,
        readers=READERS,
        nothing=is_nothing,
        tolerance_s=tolerance_s,
        dead_share=parts.dead_share,
    )
    prepare = partial(store.prepare, timers=True, walks=[walk.columns for walk in WALKS])
    second_look = SecondLook(subscription.processor, reader)
    return Cases(subscription, second_look, (prepare, reader.prepare))
