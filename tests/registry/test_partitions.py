"""However an area is cut into grids, and cut anew: every point in it has its one grid."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random

import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import rotate
from shapely.geometry import LineString, MultiPoint, Polygon, box, mapping
from shapely.geometry.base import BaseGeometry
from shapely.ops import split

from shared.contracts.registry_v1 import EntrySet
from shared.registry import grids as module
from shared.registry.snapshot import Snapshot
from tests.registry.entries import EPOCH, alone, grid, version

AREA = box(120.0, 30.0, 120.05, 30.04)
REDRAWN = EPOCH + timedelta(days=10)
BEFORE, AFTER = REDRAWN - timedelta(seconds=1), REDRAWN + timedelta(seconds=1)
seeds = st.integers(0, 2**32)


def voronoi(draw: Random, count: int) -> list[Polygon]:
    points = MultiPoint([point(draw) for _ in range(count)])
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=AREA))
    return [cell.intersection(AREA) for cell in cells]


def cuts(draw: Random, count: int) -> list[Polygon]:
    """The area, one of its pieces cut in two again and again."""
    pieces: list[Polygon] = [AREA]
    while len(pieces) < count:
        pieces += halves(draw, pieces.pop(draw.randrange(len(pieces))))
    return pieces


def halves(draw: Random, polygon: Polygon) -> list[Polygon]:
    middle = polygon.representative_point()
    line = LineString([(middle.x - 1, middle.y), (middle.x + 1, middle.y)])
    cut = split(polygon, rotate(line, draw.uniform(0, 180), origin=middle))
    return [one for one in cut.geoms if isinstance(one, Polygon)]


def point(draw: Random) -> tuple[float, float]:
    west, south, east, north = AREA.bounds
    return draw.uniform(west, east), draw.uniform(south, north)


def drawn(
    serial: int, polygon: BaseGeometry, n: int = 1, until: datetime | None = None
) -> EntrySet:
    since = EPOCH if n == 1 and serial < 500 else REDRAWN
    change = alone(f"{serial}/{n}")
    return version(grid(serial, mapping(polygon)), change, n, since=since, until=until)


def redrawn(draw: Random, pieces: Sequence[Polygon]) -> list[EntrySet]:
    """One of the grids is split, or takes over a neighbour that is withdrawn."""
    chosen = draw.randrange(len(pieces))
    beside = [
        other for other in range(len(pieces))
        if other != chosen and pieces[other].intersection(pieces[chosen]).length > 0
    ]  # fmt: skip
    if not beside or draw.random() < 0.5:
        kept, *rest = halves(draw, pieces[chosen])
        return [drawn(chosen, kept, 2), *(drawn(500 + n, one) for n, one in enumerate(rest))]
    other = draw.choice(beside)
    both = pieces[chosen].union(pieces[other])
    return [drawn(chosen, both, 2), drawn(other, pieces[other], 2, until=REDRAWN)]


@settings(max_examples=60, deadline=None)
@given(seeds, st.integers(1, 40), st.sampled_from([voronoi, cuts]))
def test_every_point_has_one_grid_before_and_after_a_split_or_a_merge(
    seed: int, count: int, cut: Callable[[Random, int], list[Polygon]]
) -> None:
    draw = Random(seed)  # noqa: S311 - a map, not a secret
    pieces = cut(draw, count)
    first = [drawn(serial, piece) for serial, piece in enumerate(pieces)]
    later = redrawn(draw, pieces)
    grown = Snapshot().with_changes(first, 0).prepare().with_changes(later, 1)
    anew = Snapshot().with_changes([*later, *first], 1)
    corners = [corner for piece in pieces for corner in piece.exterior.coords]
    points = [point(draw) for _ in range(50)] + draw.sample(corners, min(30, len(corners)))
    for x, y in points:
        for at in (BEFORE, AFTER):
            found = grown.grid_at(x, y, at)
            assert found is not None, (x, y)
            assert anew.grid_at(x, y, at) == found
            outlines = grown.grid_polygons(at)
            touching = [code for code, one in outlines.items() if shapely.intersects_xy(one, x, y)]
            assert not touching or found.code == min(touching)
            assert touching or outlines[found.code].distance(shapely.Point(x, y)) < 1e-9


@settings(deadline=None)
@given(seeds, st.integers(1, 30), st.integers(1, 12))
def test_an_index_that_grew_says_what_one_that_was_made_anew_says(
    seed: int, changes: int, merged_at: int
) -> None:
    draw = Random(seed)  # noqa: S311 - a map, not a secret
    versions: list[EntrySet] = []
    numbers: dict[int, int] = {}
    snapshot = Snapshot().prepare()
    kept, module.MERGED_AT = module.MERGED_AT, merged_at
    try:
        for number in range(changes):
            serial = draw.randrange(8)
            numbers[serial] = numbers.get(serial, 0) + 1
            west, south = point(draw)
            shape = mapping(box(west, south, west + 0.01, south + 0.01))
            since = EPOCH + timedelta(days=draw.randrange(5))
            until = None if draw.random() < 0.8 else since + timedelta(days=1)
            one = version(
                grid(serial, shape), alone(str(number)), numbers[serial], since=since, until=until
            )
            versions.append(one)
            snapshot = snapshot.with_changes([one], number)
    finally:
        module.MERGED_AT = kept
    anew = Snapshot().with_changes(versions, changes)
    assert snapshot.turns == anew.turns
    for _ in range(20):
        x, y = point(draw)
        at = EPOCH + timedelta(days=draw.randrange(7))
        assert snapshot.grid_at(x, y, at) == anew.grid_at(x, y, at)
        assert snapshot.grid_polygons(at) == anew.grid_polygons(at)
