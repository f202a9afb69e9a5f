"""The city's areas as a tree, with the codes that follow from their order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deploy.city import data
from shared.contracts.base import Names

LEVELS = ("city", "county", "town", "community")
_DIGITS = {"county": 2, "town": 3, "community": 3}


@dataclass(frozen=True, slots=True)
class Place:
    """An area, what lies below it, and for a community how many grids it has."""

    level: str
    code: str
    names: Names
    below: tuple["Place", ...] = ()
    own_grids: int = 0

    @property
    def grids(self) -> int:
        """How many grids it has in all."""
        return self.own_grids + sum(place.grids for place in self.below)

    def walk(self) -> Iterator["Place"]:
        """This area and all below, each before those below it, in the order of their codes."""
        yield self
        for place in self.below:
            yield from place.walk()


def tree(raw: Mapping[str, Any] | None = None) -> Place:
    """The tree of ``places.yaml``, or of other raw content of that form."""
    city = raw if raw is not None else data.read("places")["city"]
    return _place(city, 0, city["code"])


def _place(raw: Mapping[str, Any], depth: int, code: str) -> Place:
    below = tuple(
        _place(one, depth + 1, f"{code}{number:0{_DIGITS[LEVELS[depth + 1]]}d}")
        for number, one in enumerate(raw.get("below", ()), start=1)
    )
    names = Names.model_validate(raw["names"])
    return Place(LEVELS[depth], code, names, below, raw.get("grids", 0))
