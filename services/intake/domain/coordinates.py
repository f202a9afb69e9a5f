"""Coordinates of the systems in use in China, brought to WGS 84.

- ``wgs84`` is what satellites give; ``cgcs2000`` (the national system) differs from it by
  centimetres, and is taken as equal.
- ``gcj02`` (maps of Amap, Tencent, Google in China) is WGS 84 moved by up to 700 m. There is no
  published standard; these are the formulas that all libraries have in common. They hold inside a
  box around China; outside it GCJ-02 is WGS 84, as every implementation has it.
- ``bd09`` (Baidu's maps) is GCJ-02 moved once more.

The formulas lead away from WGS 84. The way back is found by iteration, to less than a millimetre.
They stand here because no library for them is both maintained and in wide use.
"""

from collections.abc import Callable
from math import atan2, cos, hypot, pi, sin, sqrt

from shared.contracts.incidents_v1 import CoordinateSystem

Degrees = tuple[float, float]
"""Longitude, latitude."""

WEST, EAST, SOUTH, NORTH = 72.004, 137.8347, 0.8293, 55.8271
"""The box in which GCJ-02 differs from WGS 84."""
_AXIS_M, _ECCENTRICITY_2 = 6_378_245.0, 0.00669342162296594323
"""Of the Krasovsky ellipsoid, on which the formulas stand."""
_WAVE = pi * 3000 / 180
_MARGIN = 0.1
"""Degrees; nothing is moved so far. Farther out the formulas are not to be undone."""
_CLOSE = 1e-9
"""Degrees; a tenth of a millimetre."""
_ROUNDS = 30
"""Each makes the error fifty times smaller at least; five or six are enough."""
_DIGITS = 8
"""Of a degree, a millimetre: what the mathematics of two machines may differ in is cut off."""


def to_wgs84(system: CoordinateSystem, sent: Degrees) -> Degrees:
    """What was sent in a system, in WGS 84. Raises ValueError for a system that is not known."""
    match system:
        case CoordinateSystem.WGS84 | CoordinateSystem.CGCS2000:
            return sent
        case CoordinateSystem.GCJ02:
            return _kept(gcj02_to_wgs84(sent))
        case CoordinateSystem.BD09:
            return _kept(gcj02_to_wgs84(bd09_to_gcj02(sent)))
        case _:
            raise ValueError(f"no such coordinate system: {system}")


def wgs84_to_gcj02(point: Degrees) -> Degrees:
    """A point in GCJ-02; the same point outside the box."""
    return _moved(point) if _in_box(point) else point


def gcj02_to_wgs84(point: Degrees) -> Degrees:
    """The point that GCJ-02 has moved there.

    Within a kilometre outside the box's edges that may be two, itself and one from inside: it is
    then the one from inside.
    """
    if not _in_box(point, _MARGIN):
        return point
    found = _undone(_moved, point)
    return found if _in_box(found, _CLOSE) else point


def gcj02_to_bd09(point: Degrees) -> Degrees:
    """A point of GCJ-02 in BD-09."""
    x, y = point
    radius = hypot(x, y) + 0.00002 * sin(y * _WAVE)
    angle = atan2(y, x) + 0.000003 * cos(x * _WAVE)
    return radius * cos(angle) + 0.0065, radius * sin(angle) + 0.006


def bd09_to_gcj02(point: Degrees) -> Degrees:
    """The point of GCJ-02 that BD-09 has moved there."""
    return _undone(gcj02_to_bd09, point)


def _in_box(point: Degrees, margin: float = 0.0) -> bool:
    longitude, latitude = point
    return (
        WEST - margin <= longitude <= EAST + margin and SOUTH - margin <= latitude <= NORTH + margin
    )


def _moved(point: Degrees) -> Degrees:
    longitude, latitude = point
    x, y = longitude - 105.0, latitude - 35.0
    waves = 20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    north += (waves + _long_waves(y, (20, 1), (40, 3), (160, 12), (320, 30))) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    east += (waves + _long_waves(x, (20, 1), (40, 3), (150, 12), (300, 30))) * 2 / 3
    angle = latitude * pi / 180
    flat = 1 - _ECCENTRICITY_2 * sin(angle) ** 2
    meridian = _AXIS_M * (1 - _ECCENTRICITY_2) / (flat * sqrt(flat))
    parallel = _AXIS_M / sqrt(flat) * cos(angle)
    return longitude + east * 180 / (parallel * pi), latitude + north * 180 / (meridian * pi)


def _long_waves(along: float, *waves: tuple[float, float]) -> float:
    return sum(height * sin(along / length * pi) for height, length in waves)


def _undone(moved: Callable[[Degrees], Degrees], point: Degrees) -> Degrees:
    """The point that ``moved`` brings to this one."""
    x, y = point
    for _ in range(_ROUNDS):
        reached = moved((x, y))
        off = reached[0] - point[0], reached[1] - point[1]
        x, y = x - off[0], y - off[1]
        if max(abs(off[0]), abs(off[1])) < _CLOSE:
            break
    return x, y


def _kept(point: Degrees) -> Degrees:
    """Rounded, and on the globe: at its edges a shift leads beyond."""
    longitude, latitude = (round(one, _DIGITS) for one in point)
    return max(-180.0, min(180.0, longitude)), max(-90.0, min(90.0, latitude))
