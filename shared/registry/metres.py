"""Metres out of degrees, near enough within a city: a plane at each place's own latitude."""

from math import cos, radians

from shapely.geometry.base import BaseGeometry

from shared.registry.distance import METRES_A_DEGREE


def narrowing(latitude: float) -> float:
    """A degree of longitude there as a share of a degree of latitude."""
    return cos(radians(latitude))


def square_metres(geometry: BaseGeometry) -> float:
    """The area of a geometry in degrees."""
    if geometry.is_empty:
        return 0.0
    _, south, _, north = geometry.bounds
    return float(geometry.area) * METRES_A_DEGREE**2 * narrowing((south + north) / 2)
