"""Which grid a point lies in."""

from collections.abc import Callable, Sequence

import shapely
from shapely.geometry import shape

from shared.contracts.registry_v1 import EntrySet, Grid


class GridIndex:
    """Grid versions in an STRtree with prepared polygons.

    A point on a border belongs to the grid with the smallest code among those that it touches.
    """

    def __init__(self, versions: Sequence[tuple[EntrySet, Grid]]) -> None:
        self._versions = sorted(versions, key=lambda pair: pair[1].code)
        self._polygons = [shape(grid.geometry) for _, grid in self._versions]
        shapely.prepare(self._polygons)
        self._tree = shapely.STRtree(self._polygons)

    def find(
        self, longitude: float, latitude: float, valid: Callable[[EntrySet], bool]
    ) -> Grid | None:
        """The grid of a point among the versions that are valid, or None outside every grid."""
        point = shapely.Point(longitude, latitude)
        for index in sorted(self._tree.query(point)):
            version, grid = self._versions[index]
            if valid(version) and shapely.intersects_xy(
                self._polygons[index], longitude, latitude
            ):
                return grid
        return None
