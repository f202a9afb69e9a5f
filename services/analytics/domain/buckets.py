"""Buckets: which figures are kept ready, for which places, matters and units.

A bucket is one local day of one place (an area's code, a grid's, or everything) of one matter (or
all) of one unit (or all). Not every combination is kept: ``GRAINS`` is the list. What it lacks is
counted from the timelines.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

ALL = "*"
GRID_DIGITS = 15
GRAINS: tuple[tuple[int, bool, bool], ...] = (
    (0, False, False),
    (4, False, False),
    (6, False, False),
    (9, False, False),
    (12, False, False),
    (GRID_DIGITS, False, False),
    (0, True, False),
    (4, True, False),
    (6, True, False),
    (0, False, True),
    (4, False, True),
    (6, False, True),
)
"""Digits of the place's code (0 for everything), whether by matter, whether by unit."""


@dataclass(frozen=True, slots=True)
class Series:
    """The buckets of all days of one place, matter and unit."""

    place: str = ALL
    matter: str = ALL
    unit: str = ALL

    @property
    def kept(self) -> bool:
        """Whether buckets of this kind are kept."""
        digits = 0 if self.place == ALL else len(self.place)
        return (digits, self.matter != ALL, self.unit != ALL) in GRAINS

    def bucket(self, day: str) -> str:
        """The id of one day's bucket; ids of one series sort by day."""
        return f"{self.place}|{self.matter}|{self.unit}|{day}"


EVERYTHING = Series()
"""All places, all matters, all units."""


def series_of(grid: str | None, matter: str | None, unit: str | None) -> Iterator[Series]:
    """All series to which something at this place, of this matter and unit, belongs."""
    for digits, by_matter, by_unit in GRAINS:
        missing = (
            (digits and grid is None) or (by_matter and not matter) or (by_unit and unit is None)
        )
        if not missing:
            yield Series(
                place=(grid or "")[:digits] if digits else ALL,
                matter=matter or ALL if by_matter else ALL,
                unit=unit or ALL if by_unit else ALL,
            )


@lru_cache(maxsize=16_384)
def buckets_of(grid: str | None, matter: str | None, unit: str | None, day: str) -> tuple[str, ...]:
    """The ids of a day's buckets of all series to which something belongs; everything's first.

    An incident is asked for its own again with each of its events.
    """
    return tuple(series.bucket(day) for series in series_of(grid, matter, unit))
