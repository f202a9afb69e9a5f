"""How far two places are from one another."""

from math import asin, cos, radians, sin, sqrt

EARTH_M = 6_371_008.8
"""The mean radius of the earth, in metres."""
METRES_A_DEGREE = 111_195.08
"""Of latitude, on that sphere; of longitude it is the cosine of the latitude of that."""


def metres(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """The distance over the ground in metres (haversine), between degrees of WGS 84."""
    north, south = radians(lat1), radians(lat2)
    across = sin((north - south) / 2) ** 2
    along = cos(north) * cos(south) * sin(radians(lon1 - lon2) / 2) ** 2
    return 2 * EARTH_M * asin(min(1.0, sqrt(across + along)))
