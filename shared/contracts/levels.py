"""The levels of areas, and so of their centres (区划层级), and those of supervision (督办)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from shared.contracts.base import (
    CITY_DIGITS,
    COMMUNITY_DIGITS,
    COUNTY_DIGITS,
    NEAREST_FIRST,
    TOWN_DIGITS,
)

Level = Literal["city", "county", "town", "community"]
IssuerLevel = Literal["town", "county", "city"]
"""The levels whose leaders supervise: a community has none."""
DIGITS: Mapping[Level, int] = {
    "city": CITY_DIGITS,
    "county": COUNTY_DIGITS,
    "town": TOWN_DIGITS,
    "community": COMMUNITY_DIGITS,
}
LEVELS = {digits: level for level, digits in DIGITS.items()}


class SupervisionLevel(StrEnum):
    """督办: ordinary 普通, yellow card 黄牌, red card 红牌."""

    ORDINARY = "ordinary"
    YELLOW_CARD = "yellow_card"
    RED_CARD = "red_card"

    @property
    def rank(self) -> int:
        """How grave an order is, from 1; where there is none, one says 0."""
        return RANKS[self]


RANKS = {level: number for number, level in enumerate(SupervisionLevel, 1)}
"""Asked for every mark of every clock: an enumeration is slow to walk."""


def area_above(code: str) -> str | None:
    """The area around an area or a grid, one level up; None above the city."""
    return next((code[:digits] for digits in NEAREST_FIRST if digits < len(code)), None)
