"""Where grids overlap, and which of them are neighbours."""

from collections.abc import Collection, Iterator, Mapping

import shapely
from shapely.geometry.base import BaseGeometry

from services.intake.domain.findings import Finding, FindingCode
from shared.registry.distance import METRES_A_DEGREE
from shared.registry.metres import narrowing, square_metres

TOLERANCE_M2 = 1.0
"""An overlap or a gap up to so many square metres is nothing."""
BORDER_WIDTH_M = 0.2
"""What is no wider on average is one border that was drawn twice, however long."""
Pair = tuple[str, str]


def broad(geometry: BaseGeometry) -> BaseGeometry:
    """The polygonal parts that are more than a border drawn twice; empty when there are none."""
    parts = [one for one in shapely.get_parts(geometry) if _is_broad(one)]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _is_broad(part: BaseGeometry) -> bool:
    if part.geom_type != "Polygon" or square_metres(part) <= TOLERANCE_M2:
        return False
    return 2 * square_metres(part) / metres_around(part) > BORDER_WIDTH_M


def metres_around(part: BaseGeometry) -> float:
    """The length of the border of a polygon in degrees."""
    _, south, _, north = part.bounds
    share = narrowing((south + north) / 2)
    flat = shapely.transform(part, lambda xy: xy * (METRES_A_DEGREE * share, METRES_A_DEGREE))
    return float(flat.length)


def neighbours(grids: Mapping[str, BaseGeometry], only: Collection[str] | None) -> list[Pair]:
    """Pairs of codes, each once and in order, of grids that touch or overlap.

    ``only``: those with at least one of these grids.
    """
    codes = list(grids)
    polygons = list(grids.values())
    asked = [n for n, code in enumerate(codes) if only is None or code in only]
    if not asked:
        return []
    found = shapely.STRtree(polygons).query([polygons[n] for n in asked], predicate="intersects")
    pairs = {
        (min(asked[a], b), max(asked[a], b))
        for a, b in zip(*found.tolist(), strict=True)
        if asked[a] != b
    }
    return sorted(
        (codes[a], codes[b]) if codes[a] < codes[b] else (codes[b], codes[a]) for a, b in pairs
    )


def overlaps(grids: Mapping[str, BaseGeometry], pairs: list[Pair]) -> Iterator[Finding]:
    """What grids have in common, beyond the tolerances, of those pairs."""
    if not pairs:
        return
    first = [grids[one] for one, _ in pairs]
    second = [grids[other] for _, other in pairs]
    # Most neighbours only touch, and saying so costs a third of computing what they share.
    inside = shapely.relate_pattern(first, second, "T********")
    for pair, one, other, meets in zip(pairs, first, second, inside.tolist(), strict=True):
        shared = broad(one.intersection(other)) if meets else shapely.Polygon()
        if not shared.is_empty:
            size = square_metres(shared)
            yield Finding(
                FindingCode.OVERLAP,
                pair,
                f"网格 {pair[0]} 与 {pair[1]} 重叠 {size:,.0f} 平方米",
                f"grids {pair[0]} and {pair[1]} overlap by {size:,.0f} square metres",
                shared,
                size,
            )
