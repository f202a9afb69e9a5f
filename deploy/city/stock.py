"""The demo city's components: what stands where, and who keeps it; the same in every run."""

from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from shapely.geometry import Point, Polygon

from deploy.city import data
from deploy.city.borders import DECIMALS
from shared.contracts.base import COUNTY_DIGITS, NEAREST_FIRST
from shared.contracts.registry_v1 import Component, Grid, Unit

SEED = 30428
OWNERLESS, UNKEPT = 0.06, 0.14
"""Shares: of what nobody keeps; of that and of what has an owner only."""


def components(
    grids: Sequence[Grid], polygons: Sequence[Polygon], units: Sequence[Unit]
) -> Iterator[Component]:
    """The components of each grid, whose polygons are in the same order."""
    random = Random(SEED)  # noqa: S311 - a stock, not a secret
    keepers = {unit.code for unit in units}
    serials: Counter[str] = Counter()
    for grid, polygon in zip(grids, polygons, strict=True):
        for kind in data.read("components"):
            whole, part = divmod(kind["per_grid"], 1)
            for number in range(1, int(whole) + (random.random() < part) + 1):
                of_class = grid.code[:COUNTY_DIGITS] + kind["class"]
                serials[of_class] += 1
                yield Component.model_validate(
                    {
                        "code": f"{of_class}{serials[of_class]:06}",
                        "names": _names(grid, kind, number),
                        "location": {"coordinates": _inside(polygon, random)},
                        **_kept_by(grid, kind, keepers, random),
                    }
                )


def _names(grid: Grid, kind: dict[str, Any], number: int) -> dict[str, str]:
    zh, en = kind["names"]["zh"], kind["names"]["en"]
    return {"zh": f"{grid.names.zh}{zh}{number}号", "en": f"{en} {number}, {grid.names.en}"}


def _inside(polygon: Polygon, random: Random) -> tuple[float, float]:
    west, south, east, north = polygon.bounds
    while True:
        x, y = random.uniform(west, east), random.uniform(south, north)
        place = round(x, DECIMALS), round(y, DECIMALS)
        if polygon.contains(Point(place)):
            return place


def _kept_by(
    grid: Grid, kind: dict[str, Any], units: set[str], random: Random
) -> dict[str, str | None]:
    drawn = random.random()
    if drawn < OWNERLESS:
        return {}
    owner = _nearest(kind["owner"], grid, units)
    if drawn < UNKEPT:
        return {"owner": owner}
    return {"owner": owner, "maintainer": _nearest(kind["maintainer"], grid, units)}


def _nearest(key: str, grid: Grid, units: set[str]) -> str:
    codes = (f"{key}-{grid.code[:digits]}" for digits in NEAREST_FIRST)
    return next(code for code in codes if code in units)
