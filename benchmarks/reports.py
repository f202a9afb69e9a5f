"""A log full of reports from the demo city, for the ledger to decide."""

import random
import uuid
from datetime import timedelta

from shapely.geometry import Point as Point_
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from deploy.city.building import build
from shared.contracts.base import Actor, EventData, Point
from shared.contracts.envelope import SOURCE_BASE, Event, encode
from shared.contracts.incidents_v1 import IncidentReported, Report
from shared.contracts.registry_v1 import Change, EntrySet, Grid, Matter
from shared.contracts.routing_rules import Source
from shared.contracts.topics import INCIDENTS
from shared.ledger.document import Entry
from shared.ledger.kafka import KafkaPublisher
from shared.platform.broker import build_broker
from shared.platform.clock import system_clock
from shared.platform.ids import caused_id, receipt_no
from shared.platform.partitioning import partition_of
from shared.registry.snapshot import Snapshot

WAVE = 5_000


def city() -> Snapshot:
    """The demo city's registry, in force since yesterday."""
    entries = build()
    since = system_clock() - timedelta(days=1)
    versions = [
        EntrySet(
            key=f"{entry.kind}/{entry.code}",
            n=1,
            valid_from=since,
            change=Change(id="city", part=number, count=len(entries)),
            entry=entry,
        )
        for number, entry in enumerate(entries, start=1)
    ]
    return Snapshot().with_changes(versions, len(versions) - 1).prepare()


async def fill(kafka: str, registry: Snapshot, count: int) -> None:
    """Write so many reports, on random matters in random grids."""
    draw = random.Random(1)
    entries = [one.entry for found in registry.versions.values() for one in found]
    matters = [entry.code for entry in entries if isinstance(entry, Matter)]
    grids = [shape(entry.geometry) for entry in entries if isinstance(entry, Grid)]
    broker = build_broker(kafka, "fill")
    await broker.start()
    try:
        publisher = KafkaPublisher(broker)
        for start in range(0, count, WAVE):
            wave = [
                _entry(draw.choice(matters), somewhere(draw.choice(grids), draw))
                for _ in range(min(WAVE, count - start))
            ]
            if not all(await publisher.send(wave)):
                raise RuntimeError("the reports could not be written")
    finally:
        await broker.stop()


def somewhere(grid: BaseGeometry, draw: random.Random) -> tuple[float, float]:
    """A point of a grid: reports of one matter at one place would be duplicates."""
    west, south, east, north = grid.bounds
    while True:
        point = Point_(draw.uniform(west, east), draw.uniform(south, north))
        if grid.contains(point):
            return point.x, point.y


def _entry(matter: str, place: tuple[float, float]) -> Entry:
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
    return Entry(event_id, INCIDENTS.name, incident, partition, headers, value, now)
