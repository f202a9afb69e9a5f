"""What a grid's geometry must be: one valid area, in degrees, of a bounded size (RFC 7946)."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.validation import explain_validity

MAX_CORNERS = 100_000
MIN_RING = 4
"""A ring is closed: a triangle has four positions."""
_DEPTH = {"Polygon": 1, "MultiPolygon": 2}


class GeometryError(Exception):
    """A geometry cannot be a grid's; the text says what is wrong."""


def normalized(geometry: Mapping[str, Any]) -> dict[str, Any]:
    """The geometry with nothing but its type and positions of two floats.

    Altitudes and a ``bbox`` are dropped. Raises GeometryError.
    """
    kind = geometry.get("type")
    if kind not in _DEPTH:
        raise GeometryError(f"geometry is a {kind!r}, a grid is a Polygon or a MultiPolygon")
    if unknown := set(geometry) - {"type", "coordinates", "bbox"}:
        raise GeometryError(f"geometry has unknown members: {', '.join(sorted(unknown))}")
    corners = [0]
    rings = _nested(geometry.get("coordinates"), _DEPTH[kind], corners)
    found: dict[str, Any] = {"type": kind, "coordinates": rings}
    _check(found)
    return found


def _nested(value: object, depth: int, corners: list[int]) -> list[Any]:
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise GeometryError("coordinates must be non-empty lists, nested as RFC 7946 says")
    if depth:
        return [_nested(one, depth - 1, corners) for one in value]
    corners[0] += len(value)
    if corners[0] > MAX_CORNERS:
        raise GeometryError(f"the geometry has more than {MAX_CORNERS} corners; simplify it")
    ring = [_position(one) for one in value]
    if len(ring) < MIN_RING or ring[0] != ring[-1]:
        raise GeometryError("every ring has four positions at least, and ends where it begins")
    return ring


def _position(value: object) -> list[float]:
    match value:
        case [int() | float() as longitude, int() | float() as latitude, *_] if (
            isfinite(longitude) and abs(longitude) <= 180 and abs(latitude) <= 90  # noqa: PLR2004
        ):
            return [float(longitude), float(latitude)]
        case _:
            raise GeometryError(
                f"{value!r:.80} is no position: longitude (-180 to 180), then latitude (-90 to 90)"
            )


def _check(geometry: dict[str, Any]) -> None:
    try:
        found = shape(geometry)
    except (ShapelyError, ValueError, TypeError) as error:
        raise GeometryError(f"geometry cannot be built: {error}") from error
    if found.is_empty or not found.area:
        raise GeometryError("the geometry has no area")
    if not found.is_valid:
        raise GeometryError(f"the geometry is not valid: {explain_validity(found)}")
