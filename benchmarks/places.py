"""How long it takes to find the place that an address means, among 50,000, beside a bare search.

``python -m benchmarks.places``: half of the addresses are 500 signs in which no place may stand,
half the name of a place over and over, which is the worst there is; the bare search asks of each
name whether it stands in the address.
"""

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from shared.contracts.base import Names, Point
from shared.contracts.registry_v1 import Change, Place, version_of
from shared.platform.clock import system_clock
from shared.registry.places import PlaceIndex

COUNT = 50_000
ADDRESSES = 20
SIGNS = 300
LONG = 500


def names_and_addresses(count: int = COUNT) -> tuple[list[str], list[str]]:
    """So many drawn names, and the addresses that are looked for among them."""
    draw = random.Random(7)
    signs = "".join(chr(0x4E00 + number) for number in range(SIGNS))
    names = ["".join(draw.choices(signs, k=draw.randint(3, 12))) for _ in range(count)]
    strange = ["".join(draw.choices(signs, k=LONG)) for _ in range(ADDRESSES)]
    return names, strange + [draw.choice(names) * 40 for _ in range(ADDRESSES)]


def index_of(names: Sequence[str]) -> PlaceIndex:
    """The index over places of these names."""
    spot, now = Point(coordinates=(120.0, 30.0)), system_clock()
    change = Change(id="places", part=1, count=1)
    places = (
        Place(code=f"p{number}", names=Names(zh=name, en="a place"), location=spot)
        for number, name in enumerate(names)
    )
    return PlaceIndex(
        [(version_of(one, n=1, valid_from=now, change=change), one) for one in places]
    )


def measure() -> dict[str, float]:
    """Median milliseconds of an address, of the index and of the bare search, and their ratio."""
    names, addresses = names_and_addresses()
    index = index_of(names)
    found = _median_ms(addresses, lambda address: index.find(address, lambda _one: True))
    bare = _median_ms(addresses, lambda address: [name for name in names if name in address])
    return {"index_ms": found, "bare_ms": bare, "ratio": found / bare}


def _median_ms(addresses: Sequence[str], find: Callable[[str], object]) -> float:
    times = []
    for address in addresses:
        begun = time.perf_counter()
        find(address)
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    figures = measure()
    table = Table(title=f"an address among {COUNT:,} places, median ms")
    for column in ("index", "bare search", "ratio"):
        table.add_column(column, justify="right")
    table.add_row(*(f"{value:.2f}" for value in figures.values()))
    Console().print(table)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
