"""Irregular borders: lines that neighbours share are made crooked once, so nothing gapes.

All coordinates are cut to `DECIMALS` (a tenth of a metre) here and nowhere else.
"""

import math
from collections.abc import Iterator
from itertools import pairwise
from random import Random

from shapely.geometry import LineString, Polygon

DECIMALS = 6
SWAY = 0.09
"""How far a middle may move aside, as a share of the length between its ends."""
SHORTEST = 0.0006
"""Degrees; a piece shorter than this (some 60 m) stays straight."""

Coordinate = tuple[float, float]


def outline(centre: Coordinate, radius: Coordinate, random: Random, corners: int = 40) -> Polygon:
    """A city's rough outline: a bumpy ellipse around ``centre``, in degrees."""
    waves = [(k, random.uniform(0, math.tau), random.uniform(0.02, 0.09)) for k in (2, 3, 5)]

    def corner(number: int) -> Coordinate:
        angle = math.tau * number / corners
        bump = 1 + sum(height * math.sin(k * angle + phase) for k, phase, height in waves)
        reach = bump * random.uniform(0.97, 1.03)
        return (
            centre[0] + radius[0] * reach * math.cos(angle),
            centre[1] + radius[1] * reach * math.sin(angle),
        )

    return Polygon([corner(number) for number in range(corners)])


def crooked(line: LineString, random: Random) -> LineString:
    """The line with its middles moved aside, over and over; its ends stay."""
    points = [(float(x), float(y)) for x, y in line.coords]
    result = [points[0]]
    for start, end in pairwise(points):
        result.extend(_sway(start, end, random))
    cut = [(round(x, DECIMALS), round(y, DECIMALS)) for x, y in result]
    return LineString(cut)


def _sway(start: Coordinate, end: Coordinate, random: Random) -> Iterator[Coordinate]:
    """The points after ``start`` up to ``end``."""
    across, along = end[0] - start[0], end[1] - start[1]
    if math.hypot(across, along) < SHORTEST:
        yield end
        return
    aside = random.uniform(-SWAY, SWAY)
    middle = (
        (start[0] + end[0]) / 2 - along * aside,
        (start[1] + end[1]) / 2 + across * aside,
    )
    yield from _sway(start, middle, random)
    yield from _sway(middle, end, random)
