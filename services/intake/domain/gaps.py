"""Where an area has a blind spot: holes and slits that belong to no grid."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import shapely
from shapely.geometry.base import BaseGeometry

from services.intake.domain.findings import Finding, FindingCode
from services.intake.domain.overlaps import BORDER_WIDTH_M, broad, metres_around
from shared.contracts.base import CITY_DIGITS, COUNTY_DIGITS, NEAREST_FIRST
from shared.registry.distance import METRES_A_DEGREE
from shared.registry.metres import narrowing, square_metres

SLIT_WIDTH_M = 10.0
"""An opening between grids that is narrower is a slit, not the shape of the area."""
SLIT_LENGTH = 10.0
"""A slit is so many times as long as it is wide; a corner of the border is not."""
TOUCHING = 1e-7
"""Degrees; a centimetre."""


def gaps(grids: Mapping[str, BaseGeometry], *, between: bool = False) -> Iterator[Finding]:
    """Holes and slits inside a county that no grid of any area fills.

    A hole of a community or a town is one of its county too, so the county is where all are
    found; each is told of the smallest area that has all grids around it. With ``between``, holes
    that several counties of a city enclose are told as well: each may rightly leave out what is
    there, and another may have to come yet, so they are no more than a warning. What is open to
    the outside of a county, and no slit, is its shape.
    """
    index = _Index(grids)
    counties: dict[str, list[BaseGeometry]] = defaultdict(list)
    for code, polygon in grids.items():
        counties[code[:COUNTY_DIGITS]].append(polygon)
    cities: dict[str, list[BaseGeometry]] = defaultdict(list)
    told: list[BaseGeometry] = []
    for county, polygons in sorted(counties.items()):
        outline = _Outline(polygons)
        for around, gap in outline.unfilled(index, county):
            told.append(gap)
            yield _finding(FindingCode.GAP, around, gap)
        if between:
            cities[county[:CITY_DIGITS]].append(outline.filled())
    known = shapely.union_all(told)
    for city, outlines in sorted(cities.items()):
        for hole in _Outline(outlines).holes() if len(outlines) > 1 else ():
            for around, gap in index.unfilled(city, hole.difference(known), 1):
                yield _finding(FindingCode.GAP_BETWEEN_COUNTIES, around, gap)


Unfilled = Iterator[tuple[list[str], BaseGeometry]]
"""Openings that no grid fills (degrees), each with the codes of the grids around it."""


class _Outline:
    """The union of grids (degrees) of an area, in metres."""

    def __init__(self, polygons: list[BaseGeometry]) -> None:
        union = shapely.unary_union(polygons)
        _, south, _, north = union.bounds
        self._scale = (METRES_A_DEGREE * narrowing((south + north) / 2), METRES_A_DEGREE)
        # A border that was drawn twice would open a hole to the outside: it is sealed first.
        sealed = _closed(shapely.transform(union, lambda xy: xy * self._scale), BORDER_WIDTH_M)
        self._parts = shapely.get_parts(sealed)
        self._whole = shapely.union_all([shapely.Polygon(part.exterior) for part in self._parts])

    def filled(self) -> BaseGeometry:
        """It without its holes, in degrees."""
        return shapely.transform(self._whole, lambda xy: xy / self._scale)

    def holes(self) -> list[BaseGeometry]:
        """Its holes, in degrees."""
        return self._told(shapely.Polygon(ring) for part in self._parts for ring in part.interiors)

    def unfilled(self, index: "_Index", area: str) -> Unfilled:
        """What no grid fills of its holes, and of its narrow openings to the outside."""
        for hole in self.holes():
            yield from index.unfilled(area, hole, 1)
        slits = shapely.get_parts(_closed(self._whole, SLIT_WIDTH_M).difference(self._whole))
        for slit in self._told(slits):
            if _is_long(slit):
                yield from index.unfilled(area, slit, 2)

    def _told(self, openings: Iterable[BaseGeometry]) -> list[BaseGeometry]:
        drawn = (broad(shapely.transform(one, lambda xy: xy / self._scale)) for one in openings)
        return [one for one in drawn if not one.is_empty]


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

    def unfilled(self, area: str, opening: BaseGeometry, least: int) -> Unfilled:
        """What no grid fills of an opening of an area's outline.

        ``least``: so many of its grids are around it; an inlet of one grid is no slit.
        """
        near = self._tree.query(opening, predicate="dwithin", distance=TOUCHING).tolist()
        others = [self._polygons[n] for n in near if not self._codes[n].startswith(area)]
        if others:
            opening = opening.difference(shapely.unary_union(others))
        for gap in shapely.get_parts(broad(opening)):
            around = [
                self._codes[n]
                for n in self._tree.query(gap, predicate="dwithin", distance=TOUCHING).tolist()
                if self._codes[n].startswith(area)
            ]
            if len(around) >= least:
                yield sorted(around), gap


def _finding(code: FindingCode, around: list[str], gap: BaseGeometry) -> Finding:
    first = around[0]
    areas = (first[:digits] for digits in NEAREST_FIRST)
    area = next(area for area in areas if all(one.startswith(area) for one in around))
    size = square_metres(gap)
    return Finding(
        code,
        tuple(around[:100]),
        f"区划 {area} 内有 {size:,.0f} 平方米不属于任何网格",
        f"{size:,.0f} square metres inside area {area} belong to no grid",
        gap,
        size,
    )
