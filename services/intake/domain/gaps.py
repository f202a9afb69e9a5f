"""Where an area has a blind spot: holes and slits that belong to no grid."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import shapely
from shapely.geometry.base import BaseGeometry

from services.intake.domain.findings import Finding, FindingCode
from services.intake.domain.overlaps import BORDER_WIDTH_M, broad, metres_around
from shared.contracts.base import COUNTY_DIGITS, NEAREST_FIRST
from shared.registry.distance import METRES_A_DEGREE
from shared.registry.metres import narrowing, square_metres

SLIT_WIDTH_M = 10.0
"""An opening between grids that is narrower is a slit, not the shape of the area."""
SLIT_LENGTH = 10.0
"""A slit is so many times as long as it is wide; a corner of the border is not."""
TOUCHING = 1e-7
"""Degrees; a centimetre."""


def gaps(grids: Mapping[str, BaseGeometry]) -> Iterator[Finding]:
    """Holes and slits inside a county that no grid of any area fills.

    A hole of a community or a town is one of its county too, so the county is where all are
    found; each is told of the smallest area that has all grids around it. What lies between
    counties is not looked at.
    """
    index = _Index(grids)
    counties: dict[str, list[BaseGeometry]] = defaultdict(list)
    for code, polygon in grids.items():
        counties[code[:COUNTY_DIGITS]].append(polygon)
    for county, polygons in sorted(counties.items()):
        holes, slits = _openings(polygons)
        for hole in holes:
            yield from index.unfilled(county, hole, 1)
        for slit in slits:
            yield from index.unfilled(county, slit, 2)


def _openings(polygons: list[BaseGeometry]) -> tuple[list[BaseGeometry], list[BaseGeometry]]:
    """The holes of the union of grids, and its narrow openings to the outside."""
    union = shapely.unary_union(polygons)
    _, south, _, north = union.bounds
    scale = (METRES_A_DEGREE * narrowing((south + north) / 2), METRES_A_DEGREE)
    # A border that was drawn twice would open a hole to the outside: it is sealed first.
    sealed = _closed(shapely.transform(union, lambda xy: xy * scale), BORDER_WIDTH_M)
    parts = shapely.get_parts(sealed)
    whole = shapely.union_all([shapely.Polygon(part.exterior) for part in parts])
    holes = [shapely.Polygon(ring) for part in parts for ring in part.interiors]
    slits = shapely.get_parts(_closed(whole, SLIT_WIDTH_M).difference(whole))

    def told(openings: Iterable[BaseGeometry]) -> list[BaseGeometry]:
        drawn = (broad(shapely.transform(one, lambda xy: xy / scale)) for one in openings)
        return [one for one in drawn if not one.is_empty]

    return told(holes), [one for one in told(slits) if _is_long(one)]


def _closed(flat: BaseGeometry, width: float) -> BaseGeometry:
    """An outline in metres without openings up to a width: it grows, and shrinks."""
    grown = flat.buffer(width / 2, join_style="mitre")
    return grown.buffer(-width / 2, join_style="mitre")


def _is_long(slit: BaseGeometry) -> bool:
    length = metres_around(slit) / 2
    return length >= SLIT_LENGTH * square_metres(slit) / length


class _Index:
    def __init__(self, grids: Mapping[str, BaseGeometry]) -> None:
        self._codes = list(grids)
        self._polygons = list(grids.values())
        self._tree = shapely.STRtree(self._polygons)

    def unfilled(self, county: str, opening: BaseGeometry, least: int) -> Iterator[Finding]:
        """What no grid fills of an opening of a county's outline.

        ``least``: so many of its grids are around it; an inlet of one grid is no slit.
        """
        near = self._tree.query(opening, predicate="dwithin", distance=TOUCHING).tolist()
        others = [self._polygons[n] for n in near if not self._codes[n].startswith(county)]
        if others:
            opening = broad(opening.difference(shapely.unary_union(others)))
        for gap in shapely.get_parts(opening):
            around = [
                self._codes[n]
                for n in self._tree.query(gap, predicate="dwithin", distance=TOUCHING).tolist()
                if self._codes[n].startswith(county)
            ]
            if len(around) >= least:
                yield _finding(sorted(around), gap)


def _finding(around: list[str], gap: BaseGeometry) -> Finding:
    first = around[0]
    areas = (first[:digits] for digits in NEAREST_FIRST)
    area = next(area for area in areas if all(code.startswith(area) for code in around))
    size = square_metres(gap)
    return Finding(
        FindingCode.GAP,
        tuple(around[:100]),
        f"区划 {area} 内有 {size:,.0f} 平方米不属于任何网格",
        f"{size:,.0f} square metres inside area {area} belong to no grid",
        gap,
        size,
    )
