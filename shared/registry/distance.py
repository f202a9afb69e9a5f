"""How far two places are apart."""

from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_M = 6_371_008.8
"""The mean radius of the earth (IUGG)."""


def metres(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Metres between two points in degrees, on a sphere (haversine); within 0.6 % of the truth."""
    north, east = radians(lat2 - lat1), radians(lon2 - lon1)
    half = sin(north / 2) ** 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(east / 2) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(half)))
