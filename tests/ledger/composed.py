"""Every ledger handler of every service, composed as its service composes it, in a test's world."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import ModuleType
from typing import Any, Protocol
from unittest.mock import patch

import services
from services.analytics.rollups import Rollups
from shared.contracts.topics import Topic, reads
from shared.ledger.document import Entry
from shared.ledger.mongo_store import MongoStore
from shared.ledger.ports import Publisher, Record, Store
from shared.ledger.processing import Processor
from shared.ledger.settling import Settler
from shared.ledger.subscription import Subscription
from shared.platform.broker import build_broker
from shared.platform.lifespan import Parts
from shared.platform.mongo import Database
from tests.fakes.cases import FakeCases
from tests.fakes.clock import MovedClock
from tests.fakes.log import FakeLog
from tests.fakes.publisher import FakePublisher
from tests.fakes.registry import FakeRegistry
from tests.fakes.store import FakeStore

MODULES: tuple[ModuleType, ...] = tuple(
    importlib.import_module(f"services.{one.name}.handlers")
    for one in pkgutil.iter_modules(services.__path__)
)
"""Where each service composes its handlers."""
ZONE = "Asia/Shanghai"


class Ground(Protocol):
    """What handlers are composed on."""

    @property
    def database(self) -> Any:  # noqa: ANN401 - a database, or its collections' names
        """Collections by name."""
        ...

    @property
    def publisher(self) -> Publisher:
        """Where events go."""
        ...

    def replacing(self, module: ModuleType) -> Mapping[str, Any]:
        """What stands for the servers in a service's composition, by its name there."""
        ...

    def counting(self) -> Any:  # noqa: ANN401
        """The figures of analytics."""
        ...

    async def documents(self) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
        """All documents, by collection and id."""
        ...


class UnindexedStore(FakeStore):
    """A store in memory that a service may prepare."""

    async def prepare(self, **_indexes: Any) -> None:  # noqa: ANN401
        """Nothing is indexed."""


class FakeGround:
    """Stores in memory, by the name of their collection, and a log."""

    def __init__(self) -> None:
        self.stores: dict[str, UnindexedStore] = {}
        self.log = FakeLog()
        self.publisher = FakePublisher(self.log)
        self.database = Names()

    def store(self, name: str) -> UnindexedStore:
        """The store of a collection."""
        return self.stores.setdefault(name, UnindexedStore())

    def replacing(self, module: ModuleType) -> Mapping[str, Any]:
        """Stores, and what dispatch looks up by queries of its own."""
        found: dict[str, Any] = {"MongoStore": self.store}
        if hasattr(module, "CaseReader"):
            found |= {
                "CaseReader": lambda _: FakeCases(self.store("cases")),
                "LoadCounter": lambda _: None,
            }
        return found

    def counting(self) -> Any:  # noqa: ANN401
        """Nothing is counted: its store has no fake."""
        return Uncounted()

    async def documents(self) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
        """All there are."""
        return {name: store.all() for name, store in self.stores.items()}


@dataclass
class RealGround:
    """A database of real MongoDB; events go to one topic of the test's own on real Kafka."""

    database: Database
    outputs: Topic
    real: Publisher
    rollups: Rollups

    @property
    def publisher(self) -> Publisher:
        """Into the one topic."""
        return self

    async def send(self, entries: Sequence[Entry]) -> list[bool]:
        """As the real one."""
        return await self.real.send([replace(one, topic=self.outputs.name) for one in entries])

    def replacing(self, module: ModuleType) -> Mapping[str, Any]:
        """Nothing."""
        assert module.MongoStore is MongoStore
        return {}

    def counting(self) -> Any:  # noqa: ANN401
        """The real figures."""
        return self.rollups

    async def documents(self) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
        """All there are, of figures too."""
        names = await self.database.list_collection_names()
        return {
            name: {raw["_id"]: raw async for raw in self.database[name].find()} for name in names
        }


class Names:
    """Stands for a database whose collections are known by their names only."""

    def __getitem__(self, name: str) -> str:
        return name


class Uncounted:
    """A projection that counts nothing."""

    async def write(self, taken: Any) -> None:  # noqa: ANN401
        """Nothing."""


class Everything:
    """The consumer of a process that has every partition, and whose offsets nobody reads."""

    def owned(self) -> frozenset[int]:
        """All."""
        return frozenset(range(12))

    async def commit(self, _offsets: Mapping[tuple[str, int], int]) -> bool:
        """Done."""
        return True

    def seek(self, offsets: Mapping[tuple[str, int], int]) -> None:
        """A batch that is handed back is a failure here."""
        raise AssertionError(f"handed back: {offsets}")

    async def at_end(self) -> frozenset[int]:
        """Nothing waits."""
        return self.owned()


@dataclass
class Composed:
    """One process of every service: its handlers by the collection of their documents."""

    clock: MovedClock
    registry: FakeRegistry
    settlers: dict[str, Settler[Any]] = field(default_factory=dict)
    subscriptions: dict[str, Subscription[Any]] = field(default_factory=dict)
    """By service."""

    def processor(self, service: str) -> Processor[Any]:
        """What handles the records of a service."""
        return self.subscriptions[service].processor

    async def rest(self) -> None:
        """What others have left in the outboxes is published, and all is taken out of them."""
        self.clock.forward(3600)
        for subscription in self.subscriptions.values():
            await subscription.ticker.sweep()
        for settler in self.settlers.values():
            await settler.clear(everything=True)


def topics_of(service: str) -> frozenset[str]:
    """The names of what a service subscribes to."""
    return frozenset(topic.name for topic in reads(service))


def compose(
    ground: Ground, clock: MovedClock, registry: FakeRegistry, of: Sequence[ModuleType] = MODULES
) -> Composed:
    """Call whatever composes a handler in these services; each settler is noted as it is made.

    A composition that wants what is not known here fails: the test has to be told of it.
    """
    found = Composed(clock, registry)
    for module in of:
        service = module.__name__.split(".")[1]
        parts = Parts(
            ground.database,
            build_broker("127.0.0.1:9", service),
            ground.publisher,  # type: ignore[arg-type]
            registry,
            dead_share=0.0,
        )
        known = {"parts": parts, "clock": clock, "zone": ZONE, "counting": ground.counting()}
        with noting(module, service, ground, found):
            for function in compositions(module):
                wanted = [
                    one.name
                    for one in inspect.signature(function).parameters.values()
                    if one.default is inspect.Parameter.empty
                ]
                made = function(**{name: known[name] for name in wanted})
                if isinstance(made, tuple) and isinstance(made[0], Settler):
                    known.setdefault("settler", made[0])
    return found


def compositions(module: ModuleType) -> list[Callable[..., Any]]:
    """The functions of a service that compose handlers of its parts, as they stand there."""
    own = [
        one
        for one in vars(module).values()
        if inspect.isfunction(one) and one.__module__ == module.__name__
    ]
    return [one for one in own if "parts" in inspect.signature(one).parameters]


@contextmanager
def noting(module: ModuleType, service: str, ground: Ground, found: Composed) -> Iterator[None]:
    """Note the settlers and subscriptions that a module makes while the block runs."""
    collections: dict[int, str] = {}
    make_store = ground.replacing(module).get("MongoStore", MongoStore)

    def store(collection: Any) -> Store:  # noqa: ANN401
        made: Store = make_store(collection)
        collections[id(made)] = getattr(collection, "name", collection)
        return made

    def settler(folder: Any, into: Any, *rest: Any, **more: Any) -> Settler[Any]:  # noqa: ANN401
        made: Settler[Any] = Settler(folder, into, *rest, **more)
        found.settlers[f"{service}/{collections[id(into)]}"] = made
        return made

    def subscription(*rest: Any, **more: Any) -> Subscription[Any]:  # noqa: ANN401
        made: Subscription[Any] = Subscription(*rest, **more)
        made.processor.consumer = Everything()
        assert service not in found.subscriptions, "one group, one subscription"
        found.subscriptions[service] = made
        return made

    replaced = {**ground.replacing(module), "MongoStore": store, "Settler": settler}
    replaced["Subscription"] = subscription
    with ExitStack() as stack:
        for name, one in replaced.items():
            if hasattr(module, name):
                stack.enter_context(patch.object(module, name, one))
        yield


def instant(record: Record) -> datetime:
    """When a record was written."""
    return datetime.fromtimestamp(record.timestamp / 1000, UTC)
