"""What a grid's geometry must be: one valid area, in degrees, of a bounded size (RFC 7946)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

MAX_CORNERS = 100_000
MIN_RING = 4
"""A ring is closed: a triangle has four positions."""
MAX_AREA_CHANGE = 0.001
"""A repair may change the area by this share of it at most; what needs more is not harmless."""
SLIVER = 1e-5
"""Parts of a repaired geometry up to this share of it are left over from the repair."""
_DEPTH = {"Polygon": 1, "MultiPolygon": 2}


class GeometryError(Exception):
    """A geometry cannot be a grid's; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """A geometry that can be a grid's, and what was harmlessly wrong with it.

    ``repairs`` are of ``unclosed_ring``, ``duplicate_points``, ``ring_order`` (holes before the
    outer ring, or rings in the wrong direction) and ``self_touching`` (rings that touch or cross
    themselves in next to nothing, spikes, slivers).
    """

    geometry: dict[str, Any]
    repairs: tuple[str, ...] = ()


def normalized(geometry: Mapping[str, Any]) -> dict[str, Any]:
    """The geometry, repaired; raises GeometryError."""
    return repaired(geometry).geometry


def repaired(geometry: Mapping[str, Any]) -> Repaired:
    """The geometry with nothing but its type and positions of two floats, valid by RFC 7946.

    Altitudes and a ``bbox`` are dropped. What is wrong is repaired where the area stays what it is
    within ``MAX_AREA_CHANGE``; what is right keeps every corner. Raises GeometryError.
    """
    kind = geometry.get("type")
    if kind not in _DEPTH:
        raise GeometryError(f"geometry is a {kind!r}, a grid is a Polygon or a MultiPolygon")
    if unknown := set(geometry) - {"type", "coordinates", "bbox"}:
        raise GeometryError(f"geometry has unknown members: {', '.join(sorted(unknown))}")
    repairs: set[str] = set()
    nested = _Nesting(repairs)
    rings = nested.read(geometry.get("coordinates"), _DEPTH[kind])
    polygons = [rings] if kind == "Polygon" else rings
    for polygon in polygons:
        if len(polygon) > 1:
            _outer_first(polygon, repairs)
    written = {"type": kind, "coordinates": rings}
    found = _built(written)
    if not found.is_valid:
        repairs.add("self_touching")
        written = _plain(shapely.orient_polygons(_made_valid(found)))
    elif not (directed := shapely.orient_polygons(found)).equals_exact(found, 0):
        repairs.add("ring_order")
        written = _plain(directed)
    return Repaired(written, tuple(sorted(repairs)))


@dataclass(slots=True)
class _Nesting:
    """Reads coordinates, and notes what was repaired."""

    repairs: set[str]
    corners: int = 0

    def read(self, value: object, depth: int) -> list[Any]:
        if not isinstance(value, Sequence) or isinstance(value, str) or not value:
            raise GeometryError("coordinates must be non-empty lists, nested as RFC 7946 says")
        if depth:
            return [self.read(one, depth - 1) for one in value]
        self.corners += len(value)
        if self.corners > MAX_CORNERS:
            raise GeometryError(f"the geometry has more than {MAX_CORNERS} corners; simplify it")
        return self._ring([_position(one) for one in value])

    def _ring(self, read: list[list[float]]) -> list[list[float]]:
        ring = [one for at, one in enumerate(read) if at == 0 or one != read[at - 1]]
        if len(ring) < len(read):
            self.repairs.add("duplicate_points")
        if ring[0] != ring[-1]:
            self.repairs.add("unclosed_ring")
            ring.append(ring[0])
        if len(ring) < MIN_RING:
            raise GeometryError("every ring has four positions at least, and ends where it begins")
        return ring


def _outer_first(polygon: list[Any], repairs: set[str]) -> None:
    areas = [shapely.Polygon(ring).area for ring in polygon]
    outer = areas.index(max(areas))
    if outer:
        repairs.add("ring_order")
        polygon.insert(0, polygon.pop(outer))


def _built(geometry: dict[str, Any]) -> BaseGeometry:
    try:
        found = shape(geometry)
    except (ShapelyError, ValueError, TypeError) as error:
        raise GeometryError(f"geometry cannot be built: {error}") from error
    if found.is_empty or not found.area:
        raise GeometryError("the geometry has no area")
    return found


def _made_valid(found: BaseGeometry) -> BaseGeometry:
    # Spikes and what else has no area is dropped, so what is left is polygonal.
    valid = shapely.make_valid(found, method="structure", keep_collapsed=False)
    change = abs(valid.area - found.area)
    if valid.geom_type not in _DEPTH or valid.is_empty or change > MAX_AREA_CHANGE * found.area:
        raise GeometryError(
            f"the geometry is not valid: {explain_validity(found)}; no repair keeps its area"
        )
    sliver = valid.area * SLIVER
    parts = [part for part in shapely.get_parts(valid) if part.area > sliver]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _plain(found: BaseGeometry) -> dict[str, Any]:
    plain: dict[str, Any] = _lists(mapping(found))
    return plain


def _lists(value: Any) -> Any:  # noqa: ANN401 - tuples as lists, at any depth
    if isinstance(value, dict):
        return {key: _lists(one) for key, one in value.items()}
    return [_lists(one) for one in value] if isinstance(value, tuple | list) else value


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
