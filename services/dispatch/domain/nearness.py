"""What counts as the same reported again (重复上报): near in place, in time, and of one matter.

To find what is near without looking at everything, each open case stands in one *cell*: its matter
and a square of four times the radius. The circle around a report touches four cells at most (at
the date line six).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from math import cos, floor, radians

from shared.contracts.base import Point
from shared.contracts.registry_v1 import Near
from shared.registry.distance import METRES_A_DEGREE, metres

RADII_A_CELL = 4
HALF_TURN = 180.0
MARGIN = 1.01
"""Meridians converge within the circle too; a percent more than the radius is enough up to 85°."""
NEAREST_THE_POLE = 0.01
"""Meridians never come closer than at this cosine: cells there are merely wider."""

Square = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where and when something was reported; ``case_no`` once it is a case."""

    id: str
    matter: str
    location: Point
    received_at: datetime
    case_no: str = ""

    @property
    def order(self) -> tuple[datetime, str]:
        """Who is the first of two: the one that intake received earlier, ties by id."""
        return self.received_at, self.id


@dataclass(frozen=True, slots=True)
class Twin:
    """The case that a report is a duplicate of: how far off it is, how long before it came."""

    case_id: str
    case_no: str
    metres: float
    minutes: float
    again: bool = False
    """Whether its reporter has reported that case before."""


def cell(matter: str, location: Point, radius: float) -> str:
    """The cell in which a case stands; ``radius`` in metres, as its matter said at its filing."""
    row, column = square(location, radius)
    return f"{matter}/{radius:g}/{row}/{column}"


def cells_around(matter: str, location: Point, radius: float) -> list[str]:
    """The cells that the circle of that radius (metres) around a place touches."""
    prefix = f"{matter}/{radius:g}"
    return [f"{prefix}/{row}/{column}" for row, column in squares_around(location, radius)]


def square(location: Point, radius: float) -> Square:
    """Row and column of the square in which a place lies."""
    longitude, latitude = location.coordinates
    row = floor(latitude / _height(radius))
    return row, floor(longitude / _width(radius, row))


def squares_around(location: Point, radius: float) -> list[Square]:
    """The squares that the circle of that radius (metres) around a place touches."""
    longitude, latitude = location.coordinates
    height = _height(radius)
    reach = height / RADII_A_CELL * MARGIN
    found: list[Square] = []
    for row in range(floor((latitude - reach) / height), floor((latitude + reach) / height) + 1):
        width = _width(radius, row)
        aside = width / RADII_A_CELL * MARGIN
        for west, east in _turned(longitude - aside, longitude + aside):
            first, last = floor(west / width), floor(east / width)
            found += [(row, column) for column in range(first, last + 1)]
    return found


def near(one: Sighting, other: Sighting, rule: Near) -> bool:
    """Whether two sightings of one matter are the same thing; both bounds are included."""
    apart = abs(one.received_at - other.received_at)
    return (
        one.matter == other.matter
        and apart <= timedelta(hours=rule.hours)
        and distance(one, other) <= rule.metres
    )


def distance(one: Sighting, other: Sighting) -> float:
    """Metres between two sightings."""
    return metres(*one.location.coordinates, *other.location.coordinates)


def first_of(report: Sighting, cases: Iterable[Sighting], rule: Near) -> Twin | None:
    """The case that a report is a duplicate of: of those near it the earliest, if before it."""
    earlier = [one for one in cases if one.order < report.order and near(one, report, rule)]
    if not earlier:
        return None
    first = min(earlier, key=lambda one: one.order)
    apart = report.received_at - first.received_at
    return Twin(
        case_id=first.id,
        case_no=first.case_no,
        metres=round(distance(first, report), 1),
        minutes=round(apart.total_seconds() / 60, 1),
    )


def _height(radius: float) -> float:
    return RADII_A_CELL * radius / METRES_A_DEGREE


@lru_cache(maxsize=4096)
def _width(radius: float, row: int) -> float:
    """Degrees of longitude of a cell in a row: wide enough where the row is nearest to a pole."""
    height = _height(radius)
    farthest = max(abs(row * height), abs((row + 1) * height))
    return height / max(cos(radians(min(farthest, 90.0))), NEAREST_THE_POLE)


def _turned(west: float, east: float) -> list[tuple[float, float]]:
    """A span of longitudes, in two parts where it crosses the date line."""
    if west < -HALF_TURN:
        return [(-HALF_TURN, east), (west + 2 * HALF_TURN, HALF_TURN)]
    if east > HALF_TURN:
        return [(west, HALF_TURN), (-HALF_TURN, east - 2 * HALF_TURN)]
    return [(west, east)]
