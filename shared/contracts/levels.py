"""The levels of areas, and so of their centres (区划层级), by how long an area's code is."""

from collections.abc import Mapping
from typing import Literal

from shared.contracts.base import (
    CITY_DIGITS,
    COMMUNITY_DIGITS,
    COUNTY_DIGITS,
    NEAREST_FIRST,
    TOWN_DIGITS,
)

Level = Literal["city", "county", "town", "community"]
DIGITS: Mapping[Level, int] = {
    "city": CITY_DIGITS,
    "county": COUNTY_DIGITS,
    "town": TOWN_DIGITS,
    "community": COMMUNITY_DIGITS,
}
LEVELS = {digits: level for level, digits in DIGITS.items()}


def area_above(code: str) -> str | None:
    """The area around an area or a grid, one level up; None above the city."""
    return next((code[:digits] for digits in NEAREST_FIRST if digits < len(code)), None)
