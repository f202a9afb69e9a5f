"""A registry as large as they come: grids, components and units as records of the topic."""

import asyncio
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition

from shared.contracts.base import EventData, Names, Point
from shared.contracts.envelope import SOURCE_BASE, Event, encode
from shared.contracts.registry_v1 import Change, Component, Entry, Grid, Unit, entry_key, version_of
from shared.contracts.routing_rules import UnitKind
from shared.contracts.topics import REGISTRY
from shared.platform.clock import system_clock

SIDE_DEGREES = 0.003
CORNERS = 5
"""Corners on each side of a grid."""
WEST, SOUTH = 119.0, 29.0
NAMES = Names(zh="城东街道第一网格", en="First grid of the eastern subdistrict")
TP = TopicPartition(REGISTRY.name, 0)
SINCE = system_clock()


def grid(number: int, columns: int) -> Grid:
    """One of a tiling whose borders are crooked, and the same for both neighbours."""
    row, column = divmod(number, columns)
    corners = [
        *(_corner(column, at / CORNERS, row, 0) for at in range(CORNERS)),
        *(_corner(column + 1, 0, row, at / CORNERS) for at in range(CORNERS)),
        *(_corner(column, 1 - at / CORNERS, row + 1, 0) for at in range(CORNERS)),
        *(_corner(column, 0, row, 1 - at / CORNERS) for at in range(CORNERS)),
    ]
    ring = [list(corner) for corner in (*corners, corners[0])]
    community, serial = divmod(number, 100)
    town, community = divmod(community, 100)
    county, town = divmod(town, 10)
    code = f"99{county // 10:02}{county % 10:02}{town:03}{community:03}{serial:03}"
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return Grid(code=code, names=NAMES, geometry=geometry)


def _corner(column: int, along: float, row: int, up: float) -> tuple[float, float]:
    if along == 1:
        column, along = column + 1, 0
    if up == 1:
        row, up = row + 1, 0
    sway = 0.0
    if along or up:
        sway = random.Random(f"{column} {along:.3f} {row} {up:.3f}").uniform(-0.2, 0.2)
    x = column + along + (sway if up else 0)
    y = row + up + (sway if along else 0)
    return round(WEST + x * SIDE_DEGREES, 7), round(SOUTH + y * SIDE_DEGREES, 7)


CLASSES = tuple(f"{number:04}" for number in range(30))
"""Of its components."""


def entries(
    grids: int, components: int, units: int, classes: Sequence[str] = CLASSES
) -> Iterator[Entry]:
    """All entries of the city."""
    columns = round(grids**0.5)
    draw = random.Random(1)
    yield from (grid(number, columns) for number in range(grids))
    for number in range(components):
        place = (
            round(WEST + draw.random() * columns * SIDE_DEGREES, 7),
            round(SOUTH + draw.random() * columns * SIDE_DEGREES, 7),
        )
        yield Component(
            code=f"990101{classes[number % len(classes)]}{number:06}",
            names=NAMES,
            location=Point(coordinates=place),
            owner="water-works",
        )
    for number in range(units):
        yield Unit(
            code=f"unit-{number}",
            names=NAMES,
            unit_kind=UnitKind.OFFICER_TEAM,
            area=f"9900{number // 1000:02}{number // 100 % 10:03}{number % 100:03}",
            matters=("*",),
        )


def record(offset: int, entry: Entry, change: Change, n: int = 1) -> "ConsumerRecord[bytes, bytes]":
    """The record of one version."""
    key = entry_key(entry)
    event: Event[EventData] = Event(
        id=f"{change.id}-{change.part}",
        source=SOURCE_BASE + "intake",
        subject=key,
        time=SINCE,
        data=version_of(entry, n=n, valid_from=SINCE, change=change),
        correlation_id=change.id,
        causation_id=change.id,
        sequence=n,
    )
    headers, value = encode(event)
    raw = tuple((name, text.encode()) for name, text in headers.items())
    told: Any = SimpleNamespace(
        topic=TP.topic, partition=0, offset=offset, headers=raw, value=value
    )
    return told  # as much of a record as a reader looks at


@dataclass(slots=True)
class Topic:
    """The topic in memory, as the one consumer of a reader sees it."""

    records: "list[ConsumerRecord[bytes, bytes]]" = field(default_factory=list)
    at: int = 0

    async def start(self) -> None:
        """Nothing to connect to."""

    async def stop(self) -> None:
        """Nothing to leave."""

    def assign(self, _partitions: object) -> None:
        """There is one partition."""

    async def seek_to_beginning(self, _partition: object) -> None:
        """Read all of it."""
        self.at = 0

    async def end_offsets(self, _partitions: object) -> dict[TopicPartition, int]:
        """Its length."""
        return {TP: len(self.records)}

    async def getmany(
        self, timeout_ms: int, max_records: int
    ) -> "dict[TopicPartition, list[ConsumerRecord[bytes, bytes]]]":
        """The next records, or none after a while."""
        if self.at == len(self.records):
            await asyncio.sleep(timeout_ms / 1000)
        found = self.records[self.at : self.at + max_records]
        self.at += len(found)
        return {TP: found} if found else {}
