"""An immutable snapshot of the registry: what was in force at which instant."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any, TypeVar

from shapely.geometry.base import BaseGeometry

from shared.contracts.registry_v1 import (
    Area,
    EntrySet,
    Grid,
    Matter,
    Policy,
    Unit,
)
from shared.registry.grids import GridIndex

T = TypeVar("T", Area, Grid, Matter, Policy, Unit)
ANY_MATTER = "*"
KEPT_ROUTES = 16_384
"""So many answers to "who handles this matter here" are kept."""
BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
NEAREST_FIRST = (12, 9, 6, 4)
"""Digits of the codes of areas, from the community to the city."""


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
        """The snapshot after whole changes; indexes that there are grow by what is new."""
        merged = dict(self.versions)
        later: dict[str, list[EntrySet]] = defaultdict(list)
        for one in entries:
            merged[one.key] = _in_order((*merged.get(one.key, ()), one))
            later[kind_of(one.key)].append(one)
        after = Snapshot(version, merged)
        for index, (kind, grow) in _GROWING.items():
            if index in self.__dict__:
                kept = self.__dict__[index]
                more = chain(*later.values()) if kind is None else later.get(kind, ())
                after.__dict__[index] = grow(kept, more) if more else kept
        return after

    @cached_property
    def grids(self) -> GridIndex:
        """The index over all versions of all grids."""
        return GridIndex(_grids(self._all("grid")))

    @cached_property
    def units_of_matter(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """Codes of units by matter (``*`` for any) and area, of every version of them."""
        return _with_units({}, self._all("unit"))

    @cached_property
    def policy_codes(self) -> tuple[str, ...]:
        """Area codes with a policy, longest first."""
        return _with_policies((), self._all("policy"))

    def prepare(self) -> "Snapshot":
        """Build all indexes now (off the event loop) rather than at the first question."""
        _ = self.grids, self.units_of_matter, self.policy_codes, self.turns
        return self

    def _all(self, kind: str) -> Iterable[EntrySet]:
        """Every version of every entry of a kind.

        By the key: to ask an entry for its kind would read all of those that are kept unread.
        """
        return chain(*(found for key, found in self.versions.items() if kind_of(key) == kind))

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

    def grid_polygons(self, at: datetime) -> dict[str, BaseGeometry]:
        """The outlines of all grids in force, in degrees, by code."""
        return self.grids.polygons(lambda one: self.ruling(one.key, at) is one)

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
        return _with_turns((), chain(*self.versions.values()))

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


def kind_of(key: str) -> str:
    """The kind that ``kind/code`` names."""
    return key.partition("/")[0]


def _in_order(versions: tuple[EntrySet, ...]) -> tuple[EntrySet, ...]:
    # By number: of two changes the one decided first may be whole last.
    if len(versions) == 1 or versions[-2].n < versions[-1].n:
        return versions
    return tuple(sorted(versions, key=lambda version: version.n))


def _grids(versions: Iterable[EntrySet]) -> list[tuple[EntrySet, Grid]]:
    return [(one, one.entry) for one in versions if isinstance(one.entry, Grid)]


def _with_units(
    before: Mapping[tuple[str, str], tuple[str, ...]], versions: Iterable[EntrySet]
) -> Mapping[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for unit in (one.entry for one in versions):
        if isinstance(unit, Unit):
            for matter in unit.matters:
                found[matter, unit.area].add(unit.code)
    later = {
        place: tuple(sorted(codes.union(before.get(place, ())))) for place, codes in found.items()
    }
    return {**before, **later}


def _with_policies(before: tuple[str, ...], versions: Iterable[EntrySet]) -> tuple[str, ...]:
    codes = {*before, *(one.key.removeprefix("policy/") for one in versions)}
    return tuple(sorted(codes, key=lambda code: (-len(code), code)))


def _with_turns(before: tuple[datetime, ...], versions: Iterable[EntrySet]) -> tuple[datetime, ...]:
    turns = {turn for one in versions for turn in _turns(one)}
    return tuple(sorted({*before, *turns})) if not turns.issubset(before) else before


def _turns(version: EntrySet) -> Iterator[datetime]:
    yield version.valid_from
    if version.valid_until is not None:
        yield version.valid_until


_GROWING: Mapping[str, tuple[str | None, Callable[[Any, Iterable[EntrySet]], Any]]] = {
    "grids": ("grid", lambda index, later: index.with_versions(_grids(later))),
    "units_of_matter": ("unit", _with_units),
    "policy_codes": ("policy", _with_policies),
    "turns": (None, _with_turns),
}
"""Indexes, the kind of entry that each is of (None: of any), and how it grows."""
