"""Which grid a point lies in."""

from collections.abc import Callable, Sequence

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from shared.contracts.registry_v1 import EntrySet, Grid


class GridIndex:
    """Grid versions in an STRtree with prepared polygons.

    A point on a border belongs to the grid with the smallest code among those that it touches.
    """

    def __init__(self, versions: Sequence[tuple[EntrySet, Grid]]) -> None:
        read = [(version, grid, _polygon(grid)) for version, grid in versions]
        self.unusable = tuple(sorted(grid.code for _, grid, polygon in read if polygon is None))
        """Codes of grids whose geometry cannot be read; no point lies in them."""
        usable = sorted(
            ((one, grid, polygon) for one, grid, polygon in read if polygon is not None),
            key=lambda found: found[1].code,
        )
        self._versions = [(one, grid) for one, grid, _ in usable]
        self._polygons = [polygon for _, _, polygon in usable]
        shapely.prepare(self._polygons)
        self._tree = shapely.STRtree(self._polygons)

    def find(
        self, longitude: float, latitude: float, valid: Callable[[EntrySet], bool]
    ) -> Grid | None:
        """The grid of a point among the versions that are valid, or None outside every grid."""
        point = shapely.Point(longitude, latitude)
        for index in sorted(map(int, self._tree.query(point))):
            version, grid = self._versions[index]
            if valid(version) and shapely.intersects_xy(self._polygons[index], longitude, latitude):
                return grid
        return None


def _polygon(grid: Grid) -> BaseGeometry | None:
    try:
        return shape(grid.geometry)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, ShapelyError):
        return None
