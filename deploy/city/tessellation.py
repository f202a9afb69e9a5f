"""Cutting a city into grids that cover it without gap or overlap."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.ops import polygonize

from deploy.city import borders, seeds
from deploy.city.places import Place

SNAP = 1e-7
"""Degrees; corners nearer than this are one corner."""


class TessellationError(Exception):
    """The seed leads to borders that cross; another one is to be chosen."""


@dataclass(frozen=True, slots=True)
class Tessellation:
    """The outline of a city and its grids, in the order of their codes; WGS 84."""

    outline: Polygon
    grids: tuple[Polygon, ...]


def tessellate(
    place: Place, centre: tuple[float, float], radius: tuple[float, float], seed: int
) -> Tessellation:
    """Cut a city into as many grids as its communities have; the same seed, the same grids.

    The borders between the cells of evenly spread points are made crooked one by one, and grids
    are the faces between them; so both neighbours of a border have every one of its corners.
    Raises TessellationError when borders cross.
    """
    random = Random(seed)  # noqa: S311 - a map, not a secret
    rough = borders.outline(centre, radius, random)
    points = seeds.deal(seeds.spread(rough, place.grids, random), place)
    lines = _lines(seeds.cells(rough, points))
    outer = [line.interpolate(0.5, normalized=True).dwithin(rough.exterior, SNAP) for line in lines]
    swayed = [borders.crooked(line, random) for line in lines]
    rim = [line for line, is_outer in zip(swayed, outer, strict=True) if is_outer]
    whole = list(polygonize(rim))
    if len(whole) != 1:
        message = f"seed {seed}: the outline has {len(whole)} parts"
        raise TessellationError(message)
    return Tessellation(whole[0], _faces(swayed, points, seed))


def _lines(cells: Sequence[Polygon]) -> list[LineString]:
    """The borders of all cells, each once, cut where three meet."""
    network = shapely.unary_union([cell.boundary for cell in cells], grid_size=SNAP)
    merged = shapely.get_parts(shapely.line_merge(network))
    return sorted(map(LineString, merged), key=lambda line: line.coords[0] + line.coords[-1])


def _faces(lines: Sequence[LineString], points: Sequence[Point], seed: int) -> tuple[Polygon, ...]:
    faces = list(polygonize(lines))
    index = shapely.STRtree(faces)
    order = [index.query(point, predicate="within") for point in points]
    if len(faces) != len(points) or {len(found) for found in order} != {1}:
        message = f"seed {seed}: {len(faces)} faces for {len(points)} grids; borders cross"
        raise TessellationError(message)
    return tuple(shapely.normalize(faces[int(found[0])]) for found in order)
