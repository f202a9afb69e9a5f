"""The demo city's grids cover it without gap or overlap, and every area hangs together."""

import pytest
import shapely
from shapely.geometry import Polygon

from deploy.city import building, places
from deploy.city.tessellation import Tessellation, tessellate

SEEDS = (1, 2, 3, 20260101)


@pytest.fixture(scope="module", params=SEEDS)
def made(request: pytest.FixtureRequest) -> Tessellation:
    return tessellate(places.tree(), (119.62, 30.24), (0.06, 0.05), request.param)


def test_the_union_of_the_grids_is_the_outline(made: Tessellation) -> None:
    union = shapely.unary_union(made.grids)
    assert isinstance(union, Polygon)
    assert not union.interiors
    assert union.equals(made.outline)
    assert made.outline.is_valid


def test_no_two_grids_overlap(made: Tessellation) -> None:
    index = shapely.STRtree(made.grids)
    pairs = index.query(made.grids, predicate="intersects").T
    shared = [made.grids[a].intersection(made.grids[b]).area for a, b in pairs if a < b]
    assert shared
    assert max(shared) == 0
    assert sum(grid.area for grid in made.grids) == pytest.approx(made.outline.area, abs=1e-15)


def test_every_grid_is_one_valid_polygon_with_crooked_borders(made: Tessellation) -> None:
    assert len(made.grids) == places.tree().grids
    for grid in made.grids:
        assert grid.is_valid
        assert not grid.interiors
        assert len(grid.exterior.coords) > 20
        assert grid.area < grid.convex_hull.area


def test_neighbours_share_every_corner_of_their_border(made: Tessellation) -> None:
    corners = {corner for grid in made.grids for corner in grid.exterior.coords}
    seldom = sum(
        1
        for corner in corners
        if sum(1 for grid in made.grids if shapely.Point(corner).intersects(grid)) == 1
    )
    on_rim = len(set(made.outline.exterior.coords))
    assert seldom <= on_rim


def test_the_same_seed_makes_the_same_city() -> None:
    again = [tessellate(places.tree(), (119.62, 30.24), (0.06, 0.05), 7) for _ in range(2)]
    assert again[0] == again[1]
    other = tessellate(places.tree(), (119.62, 30.24), (0.06, 0.05), 8)
    assert other.outline != again[0].outline


def test_every_area_of_the_demo_city_is_one_piece() -> None:
    grids = [one for one in building.build() if one.kind == "grid"]
    shapes = dict(zip((one.code for one in grids), building.tessellation().grids, strict=True))
    for place in places.tree().walk():
        union = shapely.unary_union(
            [s for code, s in shapes.items() if code.startswith(place.code)]
        )
        assert union.geom_type == "Polygon", place.names.en
