"""A grid's geometry is one valid area in degrees."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import mapping, shape

from services.intake.domain import geometry
from services.intake.domain.geometry import (
    MAX_AREA_CHANGE,
    GeometryError,
    normalized,
    repaired,
)

SQUARE = [[120, 30], [121, 30], [121, 31], [120, 31], [120, 30]]
HOLE = [[120.2, 30.2], [120.4, 30.2], [120.4, 30.4], [120.2, 30.2]]


def polygon(*rings: object) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def test_only_type_and_positions_of_two_floats_are_kept() -> None:
    tall = [[*position, 4.5] for position in SQUARE]
    found = normalized({**polygon(tall, HOLE), "bbox": [120, 30, 121, 31]})
    assert set(found) == {"type", "coordinates"}
    assert found["coordinates"][0][0] == [120.0, 30.0]
    assert all(isinstance(n, float) for n in found["coordinates"][0][0])
    assert shape(found).area == pytest.approx(1 - 0.02)


def test_a_multipolygon_is_kept_with_all_its_parts() -> None:
    other = [[lon + 2, lat] for lon, lat in SQUARE]
    found = normalized({"type": "MultiPolygon", "coordinates": [[SQUARE], [other]]})
    assert shape(found).area == pytest.approx(2)
    assert normalized(found) == found


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"type": "Point", "coordinates": [120, 30]}, "Polygon or a MultiPolygon"),
        ({}, "Polygon or a MultiPolygon"),
        ({**polygon(SQUARE), "crs": "x"}, "unknown members: crs"),
        (polygon(), "non-empty"),
        (polygon([]), "non-empty"),
        ({"type": "Polygon"}, "non-empty"),
        (polygon("SQUARE"), "non-empty"),
        (polygon(SQUARE[:2] + SQUARE[-1:]), "four positions"),
        (polygon([[190, 30], *SQUARE[1:-1], [190, 30]]), "no position"),
        (polygon([[120, 91], *SQUARE[1:-1], [120, 91]]), "no position"),
        (polygon([["120", 30], *SQUARE[1:-1], ["120", 30]]), "no position"),
        (polygon([[float("nan"), 30]] * 4), "no position"),
        (polygon([[120]] * 4), "no position"),
        (polygon([[0, 0], [2, 2], [2, 0], [0, 1], [0, 0]]), "not valid"),
        (polygon([[0, 0], [1, 1], [2, 2], [0, 0]]), "no area"),
    ],
)
def test_what_is_no_area_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(GeometryError, match=said):
        normalized(wrong)


def test_corners_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geometry, "MAX_CORNERS", 8)
    with pytest.raises(GeometryError, match="more than 8 corners"):
        normalized(polygon(SQUARE, HOLE))


def test_what_shapely_writes_is_taken() -> None:
    written = mapping(shape(polygon(SQUARE, HOLE)))
    assert shape(normalized(written)).equals(shape(polygon(SQUARE, HOLE)))


NOTCHED = [[120, 30], [121, 30], [121, 31], [120.5, 31], [120.5, 31.4], [120.5, 31], [120, 31]]
PINCHED = [[120, 30], [122, 30], [122, 32], [121, 31], [120, 32], [120, 31], [121, 31], [120, 30]]


@pytest.mark.parametrize(
    ("harmless", "repairs", "area"),
    [
        (polygon(SQUARE[:-1]), {"unclosed_ring"}, 1),
        (polygon([SQUARE[0], *SQUARE]), {"duplicate_points"}, 1),
        (polygon(SQUARE[::-1]), {"ring_order"}, 1),
        (polygon(HOLE, SQUARE), {"ring_order"}, 0.98),
        (polygon([*NOTCHED, NOTCHED[0]]), {"self_touching"}, 1),
        (polygon(PINCHED), {"self_touching"}, None),
        (polygon(SQUARE, HOLE[::-1]), set(), 0.98),
    ],
)
def test_what_is_harmless_is_repaired_and_named(
    harmless: dict[str, Any], repairs: set[str], area: float | None
) -> None:
    found = repaired(harmless)
    assert set(found.repairs) == repairs
    good = shape(found.geometry)
    assert good.is_valid
    if area is not None:
        assert good.area == pytest.approx(area)
    assert repaired(found.geometry).geometry == found.geometry
    assert repaired(found.geometry).repairs == ()


coordinates = st.tuples(st.integers(0, 6), st.integers(0, 6)).map(list)


@given(st.lists(coordinates, min_size=3, max_size=9))
def test_whatever_ring_is_drawn_is_taken_as_a_valid_area_of_its_size_or_refused(
    ring: list[list[int]],
) -> None:
    drawn = shape(polygon([*ring, ring[0]]))
    try:
        found = repaired(polygon(ring))
    except GeometryError:
        assert not drawn.is_valid or not drawn.area
        return
    good = shape(found.geometry)
    assert good.is_valid
    assert good.geom_type in {"Polygon", "MultiPolygon"}
    assert abs(good.area - drawn.area) <= MAX_AREA_CHANGE * drawn.area
    assert repaired(found.geometry) == type(found)(found.geometry)
