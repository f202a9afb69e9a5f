"""One seed point a grid: spread evenly over the outline and dealt out to the areas."""

from collections.abc import Sequence
from random import Random

import shapely
from shapely.geometry import MultiPoint, Point, Polygon

from deploy.city.places import Place

ROUNDS = 12
"""Rounds of moving each seed to the middle of its cell; after a dozen they hardly move."""


def spread(outline: Polygon, count: int, random: Random) -> list[Point]:
    """Evenly spread points inside the outline (Lloyd's algorithm)."""
    west, south, east, north = outline.bounds
    points: list[Point] = []
    while len(points) < count:
        point = Point(random.uniform(west, east), random.uniform(south, north))
        if outline.contains(point):
            points.append(point)
    for _ in range(ROUNDS):
        points = [cell.centroid for cell in cells(outline, points)]
    return points


def cells(outline: Polygon, points: Sequence[Point]) -> list[Polygon]:
    """The part of the outline that is nearest to each point, in the order of the points."""
    found = shapely.get_parts(shapely.voronoi_polygons(MultiPoint(points), extend_to=outline))
    index = shapely.STRtree(found)
    mine = [found[int(index.query(point, predicate="within")[0])] for point in points]
    return [Polygon(outline.intersection(cell)) for cell in mine]


def deal(points: Sequence[Point], place: Place) -> list[Point]:
    """The points in the order of the grids' codes: every area gets points that lie together.

    An area's points are cut into strips across their longer side, as many to each area below as
    that has grids.
    """
    if not place.below:
        return _along_longer_side(points)
    result: list[Point] = []
    rest = list(points)
    for below in place.below[:-1]:
        ordered = _along_longer_side(rest)
        result.extend(deal(ordered[: below.grids], below))
        rest = ordered[below.grids :]
    return result + deal(rest, place.below[-1])


def _along_longer_side(points: Sequence[Point]) -> list[Point]:
    west, south, east, north = MultiPoint(points).bounds
    if east - west >= north - south:
        return sorted(points, key=lambda point: (point.x, point.y))
    return sorted(points, key=lambda point: (-point.y, point.x))
