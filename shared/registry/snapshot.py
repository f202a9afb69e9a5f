"""An immutable snapshot of the registry: what was in force at which instant."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import TypeVar

from shared.contracts.registry_v1 import (
    Area,
    EntrySet,
    Grid,
    Matter,
    Place,
    Policy,
    Unit,
)
from shared.registry.grids import GridIndex
from shared.registry.places import Match, PlaceIndex

T = TypeVar("T", Area, Grid, Matter, Policy, Unit)
ANY_MATTER = "*"
KEPT_ROUTES = 16_384
"""So many answers to "who handles this matter here" are kept."""
BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
NEAREST_FIRST = (12, 9, 6, 4)
"""Digits of the codes of areas, from the community to the city."""
_INDEXED = {
    "grids": "grid", "places": "place", "units_of_matter": "unit", "policy_codes": "policy",
}  # fmt: skip


def in_force(version: EntrySet, at: datetime) -> bool:
    """Whether a version is valid at an instant: ``[from, until)``."""
    return version.valid_from <= at and (version.valid_until is None or at < version.valid_until)


@dataclass(frozen=True)
class Snapshot:
    """All versions of all entries up to one offset of the registry topic.

    ``version`` is that offset (-1: empty); ``versions`` are the versions of each ``kind/code``,
    oldest first.
    """

    version: int = -1
    versions: Mapping[str, tuple[EntrySet, ...]] = field(default_factory=dict)

    def with_changes(self, entries: Iterable[EntrySet], version: int) -> "Snapshot":
        """The snapshot after whole changes; indexes of what did not change are kept."""
        merged = dict(self.versions)
        kinds: set[str] = set()
        for one in entries:
            # By number: of two changes the one decided first may be whole last.
            found = (*merged.get(one.key, ()), one)
            merged[one.key] = tuple(sorted(found, key=lambda version: version.n))
            kinds.add(one.entry.kind)
        after = Snapshot(version, merged)
        for index, kind in _INDEXED.items():
            if kind not in kinds and index in self.__dict__:
                after.__dict__[index] = self.__dict__[index]
        return after

    @cached_property
    def grids(self) -> GridIndex:
        """The index over all versions of all grids."""
        return GridIndex(
            [
                (one, one.entry)
                for found in self.versions.values()
                for one in found
                if isinstance(one.entry, Grid)
            ]
        )

    @cached_property
    def places(self) -> PlaceIndex:
        """The index over the names of all versions of all places."""
        return PlaceIndex(
            [
                (one, one.entry)
                for found in self.versions.values()
                for one in found
                if isinstance(one.entry, Place)
            ]
        )

    @cached_property
    def units_of_matter(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """Codes of units by matter (``*`` for any) and area, of every version of them."""
        found: dict[tuple[str, str], set[str]] = {}
        for versions in self.versions.values():
            for one in versions:
                if isinstance(one.entry, Unit):
                    for matter in one.entry.matters:
                        found.setdefault((matter, one.entry.area), set()).add(one.entry.code)
        return {place: tuple(sorted(codes)) for place, codes in found.items()}

    @cached_property
    def policy_codes(self) -> tuple[str, ...]:
        """Area codes with a policy, longest first."""
        codes = [key.removeprefix("policy/") for key in self.versions if key.startswith("policy/")]
        return tuple(sorted(codes, key=lambda code: (-len(code), code)))

    def prepare(self) -> "Snapshot":
        """Build all indexes now (off the event loop) rather than at the first question."""
        _ = self.grids, self.places, self.units_of_matter, self.policy_codes, self.turns
        return self

    def ruling(self, key: str, at: datetime) -> EntrySet | None:
        """The version in force: the newest that has begun, unless it has ended (is withdrawn).

        A newer version replaces the ones before it from its ``valid_from`` on, for good.
        """
        for one in reversed(self.versions.get(key, ())):
            if one.valid_from <= at:
                return one if in_force(one, at) else None
        return None

    def _entry(self, key: str, kind: type[T], at: datetime) -> tuple[T, int] | None:
        one = self.ruling(key, at)
        return (one.entry, one.n) if one is not None and isinstance(one.entry, kind) else None

    def matter(self, code: str, at: datetime) -> tuple[Matter, int] | None:
        """The matter in force, and its version."""
        return self._entry(f"matter/{code}", Matter, at)

    def unit(self, code: str, at: datetime) -> Unit | None:
        """The unit in force."""
        found = self._entry(f"unit/{code}", Unit, at)
        return found[0] if found else None

    def area(self, code: str, at: datetime) -> Area | None:
        """The area in force."""
        found = self._entry(f"area/{code}", Area, at)
        return found[0] if found else None

    def grid_at(self, longitude: float, latitude: float, at: datetime) -> Grid | None:
        """The grid of a point, or None outside every grid."""
        return self.grids.find(longitude, latitude, lambda one: self.ruling(one.key, at) is one)

    def place_of(self, address: str, at: datetime) -> Match | None:
        """The place in force that an address means, or None."""
        return self.places.find(address, lambda one: self.ruling(one.key, at) is one)

    def units_for(self, matter: str, grid_code: str, at: datetime) -> list[Unit]:
        """Units that handle a matter and whose area holds the grid: nearest first, then by code."""
        return list(self._units_at(matter, grid_code[: NEAREST_FIRST[0]], self.era(at)))

    def era(self, at: datetime) -> int:
        """The number of the span of time around an instant in which nothing begins or ends.

        Whatever the registry says of one instant of an era it says of all: it can be kept.
        """
        return bisect_right(self.turns, at)

    @cached_property
    def turns(self) -> tuple[datetime, ...]:
        """The instants at which a version begins or ends, in order."""
        turns = {
            turn
            for versions in self.versions.values()
            for one in versions
            for turn in (one.valid_from, one.valid_until)
            if turn is not None
        }
        return tuple(sorted(turns))

    @cached_property
    def _units_at(self) -> Callable[[str, str, int], tuple[Unit, ...]]:
        return lru_cache(maxsize=KEPT_ROUTES)(self._find_units)

    def _find_units(self, matter: str, community: str, era: int) -> tuple[Unit, ...]:
        at = self.turns[era - 1] if era else BEFORE_ALL
        found: list[Unit] = []
        for area in (community[:digits] for digits in NEAREST_FIRST if digits <= len(community)):
            codes = {
                *self.units_of_matter.get((matter, area), ()),
                *self.units_of_matter.get((ANY_MATTER, area), ()),
            }
            units = (self.unit(code, at) for code in sorted(codes))
            found += [unit for unit in units if unit and _handles(unit, matter, area)]
        return tuple(found)

    def policy(self, code: str | None, at: datetime) -> Policy | None:
        """The policy nearest to an area or grid; for a place unknown, the one highest up."""
        codes = self.policy_codes if code is not None else tuple(reversed(self.policy_codes))
        for candidate in codes:
            if code is None or code.startswith(candidate):
                found = self._entry(f"policy/{candidate}", Policy, at)
                if found is not None:
                    return found[0]
        return None


def _handles(unit: Unit, matter: str, area: str) -> bool:
    return unit.area == area and (matter in unit.matters or ANY_MATTER in unit.matters)
