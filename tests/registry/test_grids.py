"""Which grid a point lies in."""

from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.registry.distance import METRES_A_DEGREE
from shared.registry.grids import GAP_M, GridIndex
from shared.registry.metres import narrowing
from shared.registry.snapshot import Snapshot
from tests.registry.entries import EPOCH, alone, grid, square, version

COLUMNS = 6
NOW = EPOCH + timedelta(days=1)


def tiles() -> Snapshot:
    """Six by six squares without a gap or an overlap, numbered row by row, from above down."""
    serials = [
        (x, y, (COLUMNS - 1 - y) * COLUMNS + x) for x in range(COLUMNS) for y in range(COLUMNS)
    ]
    return Snapshot().with_changes(
        [version(grid(serial, square(x, y)), alone("tiles")) for x, y, serial in serials], 0
    )


TILES = tiles()
inside = st.floats(0, COLUMNS, allow_nan=False)


def serial_at(x: float, y: float) -> int | None:
    found = TILES.grid_at(x, y, NOW)
    return None if found is None else int(found.code[-3:])


@given(inside, inside)
def test_every_point_of_a_tiling_lies_in_the_smallest_code_that_it_touches(
    x: float, y: float
) -> None:
    touched = [
        (COLUMNS - 1 - row) * COLUMNS + column
        for column in range(COLUMNS)
        for row in range(COLUMNS)
        if column <= x <= column + 1 and row <= y <= row + 1
    ]
    assert serial_at(x, y) == min(touched)


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_a_point_outside_every_grid_has_none(x: float, y: float) -> None:
    margin = 2 * GAP_M / METRES_A_DEGREE
    near = -margin <= x <= COLUMNS + margin and -margin <= y <= COLUMNS + margin
    assert near or serial_at(x, y) is None


@given(st.floats(0.1, COLUMNS - 0.1), st.floats(0, 2 * GAP_M))
def test_a_point_beside_the_grids_belongs_to_the_nearest_up_to_some_metres(
    x: float, metres: float
) -> None:
    assume(abs(metres - GAP_M) > 0.01)
    found = serial_at(x, -metres / METRES_A_DEGREE)
    assert (found is not None) == (metres < GAP_M)
    assert found in {None, serial_at(x, 0)}


def test_in_a_slit_the_nearer_grid_has_the_point_and_in_its_middle_the_smaller_code() -> None:
    metre = 1 / METRES_A_DEGREE / narrowing(30)
    left = grid(2, square(120 - 0.01, 30, 0.01))
    right = grid(1, square(120 + 6 * metre, 30, 0.01))
    slit = Snapshot().with_changes([version(one, alone(one.code)) for one in (left, right)], 1)
    found = [slit.grid_at(120 + at * metre, 30.005, NOW) for at in (0, 1, 2.9, 3, 3.1, 5, 6)]
    assert [one.code[-1] for one in found if one] == ["2", "2", "2", "1", "1", "1", "1"]


@pytest.mark.parametrize(
    ("x", "y", "serial"),
    [(1, 0.5, 30), (0.5, 5, 0), (1, 5, 0), (3, 3, 14), (0, 0, 30), (6, 6, 5), (6, 0, 35)],
)
def test_on_a_border_or_a_corner_the_smallest_code_has_it(x: float, y: float, serial: int) -> None:
    assert serial_at(x, y) == serial


def test_many_points_find_together_what_each_touches() -> None:
    steps = [number / 4 for number in range(-2, 27)]
    places = [(column, row) for column in steps for row in steps]
    grown = TILES.with_changes([version(grid(99, square(2.5, 2.5, 1)), alone("more"))], 99)
    for registry in (TILES, grown):
        found = registry.grids_touched(places, NOW)
        assert found == [registry.grid_at(*place, NOW) for place in places]
    assert TILES.grids_touched([], NOW) == []


def test_versions_count_only_where_they_are_in_force() -> None:
    split = EPOCH + timedelta(days=10)
    whole = version(grid(1, square(0, 0, 2)), alone("a"))
    left = version(grid(1, square(0, 0, 1)), alone("b"), 2, since=split)
    right = version(grid(2, square(1, 0, 1)), alone("b"), since=split)
    snapshot = Snapshot().with_changes([whole, left, right], 2)
    before, after = split - timedelta(seconds=1), split
    assert [found and found.code[-3:] for found in (
        snapshot.grid_at(1.5, 0.5, before),
        snapshot.grid_at(1.5, 0.5, after),
        snapshot.grid_at(0.5, 1.5, before),
        snapshot.grid_at(0.5, 1.5, after),
    )] == ["001", "002", "001", None]  # fmt: skip


def test_a_withdrawn_grid_has_no_points_and_those_before_it_do_not_come_back() -> None:
    until = EPOCH + timedelta(days=5)
    first = version(grid(1, square(0, 0)), alone("a"))
    ended = version(grid(1, square(0, 0)), alone("b"), 2, until=until)
    snapshot = Snapshot().with_changes([first, ended], 1)
    assert snapshot.grid_at(0.5, 0.5, until - timedelta(seconds=1)) is not None
    assert snapshot.grid_at(0.5, 0.5, until) is None


@pytest.mark.parametrize(
    "geometry",
    [
        {},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]},
        {"type": "Nonsense", "coordinates": [1, 2]},
        {"type": "Polygon", "coordinates": [["x", "y"]]},
        {"type": "Polygon", "coordinates": {"a": 1}},
        {"type": "Polygon", "coordinates": None},
        {"type": 7},
    ],
)
def test_a_geometry_that_cannot_be_read_hides_no_other_grid(geometry: dict[str, object]) -> None:
    good, bad = grid(2, square(0, 0)), grid(1, geometry)
    index = GridIndex([(version(one, alone("c")), one) for one in (bad, good)])
    assert index.find(0.5, 0.5, lambda _version: True) == good
    assert index.find(5, 5, lambda _version: True) is None


def test_grids_that_cannot_be_read_are_named() -> None:
    bad = grid(1, {"type": "Nonsense"})
    assert GridIndex([(version(bad, alone("c")), bad)]).unusable == (bad.code,)
