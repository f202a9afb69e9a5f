"""The registry of a large city: how long a look-up takes, and how long a change stops the rest.

``python -m benchmarks.registry``: 100,000 grids, 200,000 components and 2,000 units are read as a
service reads them at boot; then one grid changes, then a hundred at once.
"""

import argparse
import asyncio
import json
import random
import resource
import statistics
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import shapely

from benchmarks.large_city import SIDE_DEGREES, SOUTH, WEST, Topic, entries, grid, record
from shared.contracts.registry_v1 import Change
from shared.platform.clock import system_clock
from shared.registry.reader import RegistryReader
from shared.registry.snapshot import Snapshot

LOOK_UPS = 20_000
TICK_S = 0.001
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured."""

    grids: int
    components: int
    units: int
    boot_s: float
    boot_pause_ms: float
    """The longest time for which the event loop did nothing else, while booting."""
    memory_mb: float
    """What the process grew by."""
    lookup_us: float
    """The median; of a bare ``STRtree.query`` beside it, and the ratio."""
    bare_us: float
    ratio: float
    change_s: float
    """From one changed grid on the topic to the snapshot that has it."""
    change_pause_ms: float
    merge_s: float
    """The same for as many grids as it takes to make one tree of all."""
    merge_pause_ms: float


class Pauses:
    """The longest time between two turns of the event loop beyond what was asked for."""

    def __init__(self) -> None:
        self.longest_s = 0.0
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._watch())
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.sleep(2 * TICK_S)
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _watch(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(TICK_S)
            self.longest_s = max(self.longest_s, time.perf_counter() - before - TICK_S)


async def measure(grids: int, components: int, units: int) -> Figures:
    """All of it."""
    whole = Change(id="boot", part=1, count=1)
    topic = Topic(
        [
            record(offset, entry, whole.model_copy(update={"id": f"boot-{offset}"}))
            for offset, entry in enumerate(entries(grids, components, units))
        ]
    )
    before = _memory_mb()
    source: Any = topic
    reader = RegistryReader("", "benchmark", lambda _bootstrap, _service: source)
    begun = time.perf_counter()
    async with Pauses() as booting:
        await reader.start()
    boot_s = time.perf_counter() - begun
    grown = _memory_mb() - before
    try:
        lookup_us, bare_us = _look_ups(reader.current(), round(grids**0.5))
        change_s, change = await _changed(reader, topic, grids, 1)
        merge_s, merge = await _changed(reader, topic, grids, 2_000)
    finally:
        await reader.stop()
    return Figures(
        grids=grids, components=components, units=units,
        boot_s=boot_s, boot_pause_ms=booting.longest_s * 1e3, memory_mb=grown,
        lookup_us=lookup_us, bare_us=bare_us, ratio=lookup_us / bare_us,
        change_s=change_s, change_pause_ms=change.longest_s * 1e3,
        merge_s=merge_s, merge_pause_ms=merge.longest_s * 1e3,
    )  # fmt: skip


async def _changed(
    reader: RegistryReader, topic: Topic, grids: int, count: int
) -> tuple[float, Pauses]:
    columns = round(grids**0.5)
    offset = len(topic.records)
    changed = [
        record(
            offset + number,
            grid(number, columns),
            Change(id=str(offset), part=number + 1, count=count),
            2,
        )
        for number in range(count)
    ]
    async with Pauses() as pauses:
        begun = time.perf_counter()
        topic.records.extend(changed)
        async with asyncio.timeout(PATIENCE_S):
            await reader.at_least(len(topic.records) - 1)
        took = time.perf_counter() - begun
    return took, pauses


def _look_ups(snapshot: Snapshot, columns: int) -> tuple[float, float]:
    draw, now = random.Random(2), system_clock()
    size = columns * SIDE_DEGREES
    points = [(WEST + draw.random() * size, SOUTH + draw.random() * size) for _ in range(LOOK_UPS)]
    polygons = list(snapshot.grid_polygons(now).values())
    tree = shapely.STRtree(polygons)
    ours = _median_us(lambda x, y: snapshot.grid_at(x, y, now), points)
    return ours, _median_us(lambda x, y: tree.query(shapely.Point(x, y)), points)


def _median_us(
    look_up: Callable[[float, float], object], points: list[tuple[float, float]]
) -> float:
    for point in points[: len(points) // 4]:
        look_up(*point)
    taken = []
    for point in points:
        begun = time.perf_counter_ns()
        look_up(*point)
        taken.append(time.perf_counter_ns() - begun)
    return statistics.median(taken) / 1e3


def _memory_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grids", type=int, default=100_000)
    parser.add_argument("--components", type=int, default=200_000)
    parser.add_argument("--units", type=int, default=2_000)
    parser.add_argument("--json", type=Path)
    wanted = parser.parse_args()
    found = asdict(asyncio.run(measure(wanted.grids, wanted.components, wanted.units)))
    for name, value in found.items():
        print(f"{name:18} {value:12,.3f}" if isinstance(value, float) else f"{name:18} {value:12,}")
    if wanted.json:
        wanted.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
