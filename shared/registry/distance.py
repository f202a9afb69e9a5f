"""How far apart two places are."""

from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_M = 6_371_008.8
"""The mean radius of the Earth in metres (IUGG)."""


def metres(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """The great-circle distance of two points in degrees (WGS 84), by the haversine formula."""
    north, east = radians(lat2 - lat1) / 2, radians(lon2 - lon1) / 2
    chord = sin(north) ** 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(east) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(chord)))
