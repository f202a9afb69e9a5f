"""Many incidents before dispatch, through its settler and its look-ups, in one or two processes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.dispatch.domain.deciding import SERVICE, Dispatching
from services.dispatch.domain.dossier import Decided, Dossier
from services.dispatch.domain.turns import in_turn
from services.dispatch.looking_up import LookUps
from services.dispatch.second_look import SecondLook
from services.dispatch.store import CaseReader
from shared.contracts.base import Actor, Point
from shared.contracts.envelope import Event, Origin, decode
from shared.contracts.incidents_v1 import (
    ActionRequest,
    ActionRequested,
    IncidentReported,
    Report,
    Verb,
)
from shared.contracts.topics import BUSY_PARTITIONS, CASES, INCIDENTS
from shared.ledger.folding import Folder
from shared.ledger.health import Progress
from shared.ledger.partition_time import PartitionTimes
from shared.ledger.ports import Store
from shared.ledger.processing import Processor
from shared.ledger.settling import Settler
from shared.platform.ids import caused_id
from shared.platform.partitioning import partition_of
from shared.registry.distance import METRES_A_DEGREE
from shared.registry.snapshot import Snapshot
from tests.fakes.cases import FakeCases
from tests.fakes.clock import START, MovedClock
from tests.fakes.log import FakeGroup, FakeLog
from tests.fakes.publisher import FakePublisher
from tests.fakes.registry import FakeRegistry
from tests.fakes.store import FakeStore
from tests.unit.dispatch.city import CITY_REGISTRY, GRID, point
from tests.unit.dispatch.desk import RESIDENT


def incident(number: int) -> str:
    """The id of the incident of that number; ids are in the order of the numbers."""
    return str(UUID(int=number))


def north_of_the_middle(metres: float, grid: str = GRID) -> Point:
    """A place so many metres north of a grid's middle."""
    longitude, latitude = point(grid).coordinates
    return Point(coordinates=(longitude, latitude + metres / METRES_A_DEGREE))


def reported(  # noqa: PLR0913 - what a report is made of
    number: int,
    metres: float = 0,
    minutes: float = 0,
    *,
    matter: str = "litter",
    grid: str = GRID,
    by: Actor = RESIDENT,
    **fields: object,
) -> Event[Any]:
    """A report: so far north, received so many minutes after the start."""
    subject, at = incident(number), START + timedelta(minutes=minutes)
    data = IncidentReported(
        incident_id=subject,
        receipt_no=f"{number:04d}-0000-0000-0",
        received_at=at,
        zone="Asia/Shanghai",
        reporter=by,
        report=Report.model_validate(
            {"matter": matter, "location": north_of_the_middle(metres, grid), **fields}
        ),
    )
    return _event(subject, data, at, number)


def _event(subject: str, data: Any, at: datetime, offset: int) -> Event[Any]:  # noqa: ANN401
    event_id = caused_id("in", subject, offset)
    return Event(
        id=event_id,
        source="/wangge/intake",
        subject=subject,
        time=at,
        data=data,
        correlation_id=subject,
        causation_id=event_id,
        sequence=1 if isinstance(data, IncidentReported) else 2,
        origin=Origin(INCIDENTS.name, partition_of(subject, BUSY_PARTITIONS), offset),
    )


@dataclass
class Process:
    """One process of dispatch."""

    processor: Processor[Dossier]
    second_look: SecondLook

    async def take(self, events: Sequence[Event[Any]]) -> None:
        """Take a batch."""
        settled = await self.processor.settler.settle(events)
        assert not settled.dead, settled.dead


@dataclass
class Crowd:
    """A database and a log, and the processes that work on them."""

    registry: Snapshot = CITY_REGISTRY
    clock: MovedClock = field(default_factory=lambda: MovedClock(START + timedelta(days=1)))
    store: FakeStore = field(default_factory=FakeStore)
    log: FakeLog = field(default_factory=FakeLog)
    actions: int = 10_000
    group: FakeGroup = field(init=False)
    processes: list[Process] = field(init=False)

    def __post_init__(self) -> None:
        self.group = FakeGroup(self.log, [INCIDENTS.name])
        self.processes = [self._process(), self._process()]

    def _process(self) -> Process:
        return self.process(self.store, FakeCases(self.store))

    def process(self, store: Store, cases: CaseReader) -> Process:
        """One more process, on that store."""
        folder: Folder[Dossier] = Folder(SERVICE, Dispatching(), partition_of, INCIDENTS)
        settler = Settler(
            folder,
            store,
            FakePublisher(self.log),
            self.clock,
            FakeRegistry(self.registry),
            look_up=LookUps(cases),
            in_turn=in_turn,
        )
        member = self.group.join()
        processor = Processor(settler, member, PartitionTimes(), Progress())
        return Process(processor, SecondLook(processor, cases))

    async def take(self, *events: Event[Any], process: int = 0) -> "Crowd":
        """A process takes a batch."""
        await self.processes[process].take(events)
        return self

    async def ask(self, number: int, verb: Verb, who: Actor, **more: object) -> list[str]:
        """Somebody asks for an action; the types of what follows."""
        self.actions += 1
        before = len(self.events(number))
        request = {"action": verb, "reason": "because", **more}
        data = ActionRequested(
            incident_id=incident(number),
            action_id=f"action-{self.actions}",
            received_at=self.clock(),
            actor=who,
            request=ActionRequest.model_validate(request),
        )
        await self.take(_event(incident(number), data, self.clock(), self.actions))
        return [type(one.data).__name__ for one in self.events(number)[before:]]

    async def look_again(self) -> int:
        """Time passes, and every process looks until nothing changes; how often one was sent."""
        self.clock.forward(10)
        total = 0
        while sent := [await one.second_look.round() for one in self.processes]:
            total += sum(sent)
            self.clock.forward(10)
            if not any(sent):
                return total
        return total

    def decided(self, number: int) -> Decided:
        """What was decided of an incident."""
        raw = self.store.all()[incident(number)]
        return Dispatching().load(raw["state"]).decided

    @property
    def cases(self) -> set[int]:
        """The incidents that are open cases."""
        return {one for one in self._numbers() if self.decided(one).open_case is not None}

    @property
    def links(self) -> dict[int, int]:
        """The followers, and whom they follow."""
        follows = {one: self.decided(one).follows for one in self._numbers()}
        return {one: UUID(first.case_id).int for one, first in follows.items() if first}

    def events(self, number: int) -> list[Event[Any]]:
        """What was published about an incident, checked for gaps; each event once."""
        found: dict[str, Event[Any]] = {}
        for record in self.log.read(CASES.name):
            event = decode(record.headers, record.value, Origin(record.topic, 0, 0))
            if event.subject == incident(number):
                found.setdefault(event.id, event)
        assert [one.sequence for one in found.values()] == list(range(1, len(found) + 1))
        return list(found.values())

    def kinds(self, number: int) -> list[str]:
        """The types of what was published about an incident."""
        return [type(one.data).__name__ for one in self.events(number)]

    def _numbers(self) -> Iterable[int]:
        return [UUID(key).int for key in self.store.all()]
