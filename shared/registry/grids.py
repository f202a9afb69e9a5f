"""Which grid a point lies in."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from shared.contracts.registry_v1 import EntrySet, Grid
from shared.registry.distance import METRES_A_DEGREE
from shared.registry.metres import narrowing
from shared.registry.slim import polygon_of

GAP_M = 5.0
"""A point in a gap belongs to the nearest grid up to so many metres away."""
MERGED_AT = 2_000
"""So many recent versions have a tree of their own before one tree is made of all."""
MIN_NARROWING = 0.01
"""At the poles no longitude is near enough to anything; no city lies there."""
Valid = Callable[[EntrySet], bool]
Floats = NDArray[np.float64]


class _Drawn(NamedTuple):
    code: str
    version: EntrySet
    grid: Grid
    polygon: BaseGeometry


class _Tree:
    """Versions of grids in the order of their codes, in an STRtree with prepared polygons."""

    def __init__(self, drawn: Iterable[_Drawn]) -> None:
        self.drawn = sorted(drawn, key=attrgetter("code"))
        self._polygons = [one.polygon for one in self.drawn]
        shapely.prepare(self._polygons)
        self._tree = shapely.STRtree(self._polygons)

    def touched(self, point: shapely.Point, x: float, y: float) -> Iterator[_Drawn]:
        """Those that a point touches, by code."""
        found = self._tree.query(point)
        if found.size > 1:
            found.sort()
        for index in found.tolist():
            if shapely.intersects_xy(self._polygons[index], x, y):
                yield self.drawn[index]

    def touched_by_each(self, xs: Floats, ys: Floats) -> Iterator[tuple[int, _Drawn]]:
        """For each of many points, by its number, those that it touches, by code."""
        points, drawn = self._tree.query(shapely.points(xs, ys))
        hits = shapely.intersects_xy(self._tree.geometries[drawn], xs[points], ys[points])
        points, drawn = points[hits], drawn[hits]
        order = np.lexsort((drawn, points))
        for point, index in zip(points[order].tolist(), drawn[order].tolist(), strict=True):
            yield point, self.drawn[index]

    def near(self, frame: BaseGeometry) -> Iterator[_Drawn]:
        """Those whose bounds meet a frame."""
        return (self.drawn[index] for index in self._tree.query(frame).tolist())


class GridIndex:
    """All versions of all grids.

    A point on a border belongs to the grid with the smallest code among those that it touches; a
    point in a gap to the nearest grid within ``GAP_M`` metres, of equally near ones (to the
    millimetre) to the one with the smallest code. Farther out it belongs to none.

    A tree cannot grow: later versions have a small one of their own, until they are many.
    """

    def __init__(self, versions: Sequence[tuple[EntrySet, Grid]] = ()) -> None:
        drawn, unusable = _read(versions)
        self.unusable = unusable
        """Codes of grids whose geometry cannot be read; no point lies in them."""
        self._base, self._recent = _Tree(drawn), _Tree(())

    def with_versions(self, versions: Sequence[tuple[EntrySet, Grid]]) -> "GridIndex":
        """The index with later versions as well; this one stays what it is."""
        drawn, unusable = _read(versions)
        after = GridIndex()
        after.unusable = tuple(sorted({*self.unusable, *unusable}))
        recent = [*self._recent.drawn, *drawn]
        if len(recent) < MERGED_AT:
            after._base, after._recent = self._base, _Tree(recent)
        else:
            after._base = _Tree([*self._base.drawn, *recent])
        return after

    def find(self, longitude: float, latitude: float, valid: Valid) -> Grid | None:
        """The grid of a point among the versions that are valid, or None outside every grid."""
        point = shapely.Point(longitude, latitude)
        found: _Drawn | None = None
        for tree in (self._base, self._recent):
            for one in tree.touched(point, longitude, latitude) if tree.drawn else ():
                if valid(one.version):
                    if found is None or one.code < found.code:
                        found = one
                    break
        return self._nearest(longitude, latitude, valid) if found is None else found.grid

    def find_each(self, places: Sequence[tuple[float, float]], valid: Valid) -> list[Grid | None]:
        """As ``find`` for many points, (longitude, latitude); None too for what lies in a gap.

        One question to the tree takes as long as ten points one by one.
        """
        found: list[_Drawn | None] = [None] * len(places)
        xs, ys = np.array(places, dtype=np.float64).reshape(-1, 2).T.copy()
        for tree in (self._base, self._recent):
            for at, one in tree.touched_by_each(xs, ys) if tree.drawn else ():
                before = found[at]
                if (before is None or one.code < before.code) and valid(one.version):
                    found[at] = one
        return [None if one is None else one.grid for one in found]

    def polygons(self, valid: Valid) -> dict[str, BaseGeometry]:
        """The polygons of the versions that are valid, in degrees, by code."""
        trees = (self._base, self._recent)
        found = {
            one.code: one.polygon for tree in trees for one in tree.drawn if valid(one.version)
        }
        return dict(sorted(found.items()))

    def _nearest(self, x: float, y: float, valid: Valid) -> Grid | None:
        scale = (METRES_A_DEGREE * max(narrowing(y), MIN_NARROWING), METRES_A_DEGREE)
        dx, dy = (GAP_M / metres for metres in scale)
        frame = shapely.box(x - dx, y - dy, x + dx, y + dy)
        here = shapely.Point(0, 0)
        near = [
            (round(flat.distance(here), 3), one.code, one.grid)
            for tree in (self._base, self._recent)
            for one in tree.near(frame)
            if valid(one.version)
            for flat in [shapely.transform(one.polygon, lambda xy: (xy - (x, y)) * scale)]
        ]
        distance, _, grid = min(near, key=lambda one: one[:2], default=(GAP_M, "", None))
        return grid if distance <= GAP_M else None


def _read(versions: Iterable[tuple[EntrySet, Grid]]) -> tuple[list[_Drawn], tuple[str, ...]]:
    read = [(version, grid, polygon_of(grid)) for version, grid in versions]
    unusable = sorted(grid.code for _, grid, polygon in read if polygon is None)
    drawn = [
        _Drawn(grid.code, version, grid, polygon)
        for version, grid, polygon in read
        if polygon is not None
    ]
    return drawn, tuple(unusable)
