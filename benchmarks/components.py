"""How long a city's components take: from the file to all services, and at the next boot.

Starts a stack of its own with the demo city in a temporary home, imports so many components through
the command, and starts it again. Beside it, in this process: the index that services build of them,
and how long it takes to find the nearest.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TypeVar

import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.pipeline import PROCESSES
from deploy.feeds import component_files
from shared.contracts.base import Names, Point
from shared.contracts.registry_v1 import Change, Component, EntrySet
from shared.platform.clock import system_clock
from shared.registry.snapshot import Snapshot
from tests.stackdriver import Stack, running

CLASSES = ("0102", "0103", "0105", "0118", "0305")
WEST, SOUTH, EAST, NORTH = 119.56, 30.20, 119.68, 30.28
LOOK_UPS = 5_000
T = TypeVar("T")


def stock(count: int, seed: int) -> list[Component]:
    """So many components all over the demo city, numbered beyond those that it has."""
    draw = random.Random(seed)
    return [
        Component(
            code=f"990101{draw.choice(CLASSES)}{100_000 + serial:06}",
            names=Names(zh=f"部件{serial}", en=f"Component {serial}"),
            location=Point(coordinates=_place(draw)),
            owner="housing-990101",
            maintainer="urban-management-990101",
        )
        for serial in range(count)
    ]


def _place(draw: random.Random) -> tuple[float, float]:
    return round(draw.uniform(WEST, EAST), 6), round(draw.uniform(SOUTH, NORTH), 6)


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds that it took, and what came of it."""
    started = time.perf_counter()
    done = work()
    return time.perf_counter() - started, done


def index(components: list[Component], seed: int) -> dict[str, float]:
    """Of the index alone: seconds to build it, microseconds to find the nearest within 20 m."""
    now, count = system_clock(), len(components)
    versions = [
        EntrySet(
            key=f"component/{one.code}", n=1, valid_from=now,
            change=Change(id="c", part=part, count=count), entry=one,
        )
        for part, one in enumerate(components, start=1)
    ]  # fmt: skip
    build_s, found = timed(lambda: Snapshot().with_changes(versions, count).prepare())
    draw = random.Random(seed)
    spent = []
    for _ in range(LOOK_UPS):
        x, y = _place(draw)
        seconds, _ = timed(lambda x=x, y=y: found.components.nearest("0118", x, y, 20, now))  # type: ignore[misc]
        spent.append(seconds * 1e6)
    return {"index_s": build_s, "nearest_us": median(spent)}


def resident_mb(stack: Stack) -> dict[str, float]:
    """Memory of the services."""
    pids = {name: one["pid"] for name, one in stack.status().items() if name in PROCESSES[:4]}
    return {name: psutil.Process(pid).memory_info().rss / 1e6 for name, pid in pids.items()}


def measure(stack: Stack, file: Path) -> dict[str, float]:
    """Through the command: import, import again, export, and the next boot."""
    command = ("registry", "import", str(file), "--kind", "components", "--json")
    figures = {f"{name}_before_mb": mb for name, mb in resident_mb(stack).items()}
    figures["import_s"], done = timed(lambda: stack.run(*command, timeout=1800))
    figures["imported"] = json.loads(done.stdout)["count"]
    figures["again_s"], done = timed(lambda: stack.run(*command, timeout=1800))
    figures["imported_again"] = json.loads(done.stdout)["count"]
    export = ("registry", "export", "--kind", "components", "--format", "geojson")
    figures["export_s"], _ = timed(lambda: stack.run(*export, timeout=1800))
    figures |= {f"{name}_mb": mb for name, mb in resident_mb(stack).items()}
    stack.run("down")
    figures["boot_s"], _ = timed(lambda: stack.up("none"))
    return figures


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    components = stock(options.count, options.seed)
    figures = index(components, options.seed)
    with tempfile.TemporaryDirectory() as home, running(Path(home)) as stack:
        file = Path(home) / "components.geojson"
        file.write_text(component_files.write_features(components), encoding="utf-8")
        figures |= measure(stack, file)
    table = Table("", f"{options.count} components")
    for name, value in figures.items():
        table.add_row(name, f"{value:.1f}")
    Console().print(table)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    return 0 if (figures["imported"], figures["imported_again"]) == (options.count, 0) else 1


if __name__ == "__main__":
    sys.exit(main())
