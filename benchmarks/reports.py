"""A log full of reports from the demo city, for the ledger to decide."""

import random
import uuid
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import chain, islice

from shapely.geometry import Point as Point_
from shapely.geometry.base import BaseGeometry

from benchmarks.large_city import entries as large_city_entries
from deploy.city.building import build
from deploy.city.loading import CITY
from services.dispatch.domain.deciding import Dispatching
from services.dispatch.domain.dossier import Dossier
from shared.contracts.base import Actor, EventData, Point
from shared.contracts.cases_v1 import CaseDispatched, CaseFiled
from shared.contracts.envelope import SOURCE_BASE, Event, Origin, decode, encode
from shared.contracts.incidents_v1 import IncidentReported, Report
from shared.contracts.policies import Policy
from shared.contracts.registry_v1 import (
    Change,
    Entry,
    EntrySet,
    Matter,
    Officer,
    Unit,
    version_of,
)
from shared.contracts.routing_rules import Rules, Source, UnitKind
from shared.contracts.topics import INCIDENTS
from shared.ledger.decider import Context
from shared.ledger.document import Entry as OutboxEntry
from shared.ledger.folding import Folder
from shared.ledger.kafka import KafkaPublisher
from shared.platform.broker import build_broker
from shared.platform.clock import system_clock
from shared.platform.ids import caused_id, receipt_no
from shared.platform.partitioning import partition_of
from shared.registry.slim import slim
from shared.registry.snapshot import Snapshot

WAVE = 5_000
SAMPLE = 200


def city() -> Snapshot:
    """The demo city's registry, in force since yesterday."""
    return Snapshot().with_changes(_versions(build()), 1_000).prepare()


def large_city() -> Snapshot:
    """100,000 grids, 200,000 components, 1,000 units with 2,000 officers; the demo city's rules."""
    demo = build()
    matters = [one for one in demo if isinstance(one, Matter)]
    classes = sorted({one.component_class for one in matters if one.component_class})
    rules = next(one for one in demo if isinstance(one, Rules) and one.code == CITY)
    found = chain(
        large_city_entries(100_000, 200_000, 1_000, classes),
        matters,
        (
            Officer(code=f"o-{number}", unit=f"unit-{number // 2}", role="officer", load_cap=10_000)
            for number in range(2_000)
        ),
        (
            Unit(
                code=f"{kind}-9900",
                names=rules.rules[0].names,
                unit_kind=kind,
                area="9900",
                matters=("*",),
            )
            for kind in UnitKind
        ),
        (rules.model_copy(update={"code": "9900"}), Policy(code="9900", zone="Asia/Shanghai")),
    )
    return Snapshot().with_changes(map(slim, _versions(found)), 303_000).prepare()


def _versions(entries: Iterable[Entry]) -> Iterator[EntrySet]:
    since, change = system_clock() - timedelta(days=1), Change(id="city", part=1, count=1)
    for one in entries:
        yield version_of(one, n=1, valid_from=since, change=change)


def usual(registry: Snapshot) -> tuple[bytes, ...]:
    """A filing and a dispatch: of those of a few reports, the one of the middle size."""
    folder: Folder[Dossier] = Folder("dispatch", Dispatching(), partition_of, INCIDENTS)
    context = Context(system_clock(), registry)
    found: dict[str, list[bytes]] = {CaseFiled.TYPE: [], CaseDispatched.TYPE: []}
    for number, one in enumerate(_entries(registry, SAMPLE, seed=3)):
        origin = Origin(one.topic, one.partition, number)
        headers = [(name, text.encode()) for name, text in one.headers.items()]
        document = folder.open(one.key, None)
        folder.take(document, decode(headers, one.value, origin), context)
        for entry in document.new_entries:
            found.get(entry.headers["ce_type"], []).append(entry.value)
    return tuple(sorted(values, key=len)[len(values) // 2] for values in found.values())


async def fill(kafka: str, registry: Snapshot, count: int, seed: int = 1) -> None:
    """Write so many reports, on random matters in random grids."""
    entries = _entries(registry, count, seed)
    broker = build_broker(kafka, "fill")
    await broker.start()
    try:
        publisher = KafkaPublisher(broker)
        while wave := list(islice(entries, WAVE)):
            if not all(await publisher.send(wave)):
                raise RuntimeError("the reports could not be written")
    finally:
        await broker.stop()


def _entries(registry: Snapshot, count: int, seed: int) -> Iterator[OutboxEntry]:
    draw = random.Random(seed)
    matters = [
        key.removeprefix("matter/") for key in registry.versions if key.startswith("matter/")
    ]
    grids = list(registry.grid_polygons(system_clock()).values())
    for _ in range(count):
        yield _entry(draw.choice(matters), somewhere(draw.choice(grids), draw))


def somewhere(grid: BaseGeometry, draw: random.Random) -> tuple[float, float]:
    """A point of a grid: reports of one matter at one place would be duplicates."""
    west, south, east, north = grid.bounds
    while True:
        point = Point_(draw.uniform(west, east), draw.uniform(south, north))
        if grid.contains(point):
            return point.x, point.y


def _entry(matter: str, place: tuple[float, float]) -> OutboxEntry:
    now = system_clock()
    incident = str(uuid.uuid4())
    event_id = caused_id("bench", incident)
    event: Event[EventData] = Event(
        id=event_id,
        source=SOURCE_BASE + "intake",
        subject=incident,
        time=now,
        data=IncidentReported(
            incident_id=incident,
            receipt_no=receipt_no(incident),
            received_at=now,
            zone="Asia/Shanghai",
            reporter=Actor(subject="anonymous", roles=("reporter",)),
            report=Report(
                matter=matter,
                location=Point(coordinates=place),
                description="路灯不亮,井盖破损,请尽快处理。",
                source=Source.RESIDENT,
            ),
        ),
        correlation_id=incident,
        causation_id=event_id,
        sequence=1,
    )
    headers, value = encode(event)
    partition = partition_of(incident, INCIDENTS.partitions)
    return OutboxEntry(event_id, INCIDENTS.name, incident, partition, headers, value, now)
