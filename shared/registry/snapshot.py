"""An immutable snapshot of the registry: what was in force at which instant."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any, TypeVar

from shapely.geometry.base import BaseGeometry

from shared.contracts.base import COMMUNITY_DIGITS, NEAREST_FIRST
from shared.contracts.calendars import Calendar, CalendarRef
from shared.contracts.flows import Flow
from shared.contracts.notice_targets import NoticeTarget
from shared.contracts.plans import Plan
from shared.contracts.policies import Policy
from shared.contracts.registry_v1 import (
    Area,
    EntrySet,
    Grid,
    Matter,
    Officer,
    Unit,
)
from shared.contracts.routing_rules import Rules, UnitKind
from shared.registry.codes import (
    grouped,
    kind_of,
    kind_of_unit,
    matters_of_unit,
    unit_of_officer,
    with_codes,
)
from shared.registry.components import (
    ComponentIndex,
    ComponentVersion,
    Versions,
    packed,
    with_versions,
)
from shared.registry.grids import GridIndex
from shared.registry.growing import grids_of, grown, in_order, places_of
from shared.registry.places import Match, PlaceIndex
from shared.registry.validity import begun, ruling, with_turns
from shared.worktime.calendar import Calendar as WorkingTime
from shared.worktime.calendar import of_zone
from shared.worktime.compiled import compiled

T = TypeVar(
    "T", Area, Calendar, Flow, Grid, Matter, NoticeTarget, Officer, Plan, Policy, Rules, Unit
)
K = TypeVar("K", bound=Hashable)
R = TypeVar("R")
ANY_MATTER = "*"
KEPT_ROUTES = 65_536
"""So many answers to "who handles this matter here" are kept."""
BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Snapshot:
    """All versions of all entries up to one offset of the registry topic.

    ``version`` is that offset (-1: empty); ``versions`` are the versions of each ``kind/code``,
    oldest first, without the components, which ``stock`` has by code.
    """

    version: int = -1
    versions: Mapping[str, tuple[EntrySet, ...]] = field(default_factory=dict)
    stock: Versions = field(default_factory=dict)

    def with_changes(
        self, entries: Iterable[EntrySet | ComponentVersion], version: int
    ) -> "Snapshot":
        """The snapshot after whole changes; indexes that there are grow by what is new."""
        merged = dict(self.versions)
        later: dict[str, list[EntrySet]] = defaultdict(list)
        stocked: list[ComponentVersion] = []
        for one in map(packed, entries):
            if isinstance(one, ComponentVersion):
                stocked.append(one)
                continue
            merged[one.key] = in_order((*merged.get(one.key, ()), one))
            later[kind_of(one.key)].append(one)
        after = Snapshot(version, merged, with_versions(self.stock, stocked))
        after.__dict__.update(grown(self.__dict__, later, stocked=bool(stocked)))
        return after

    @cached_property
    def grids(self) -> GridIndex:
        """The index over all versions of all grids."""
        return GridIndex(grids_of(self._all("grid")))

    @cached_property
    def places(self) -> PlaceIndex:
        """The index over the names of all versions of all places."""
        return PlaceIndex(places_of(self._all("place")))

    @cached_property
    def units_of_matter(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """Codes of units by matter (``*`` for any) and area, of every version of them."""
        return grouped({}, self._all("unit"), matters_of_unit)

    @cached_property
    def units_of_kind(self) -> Mapping[tuple[UnitKind, str], tuple[str, ...]]:
        """Codes of units by kind and area, of every version of them."""
        return grouped({}, self._all("unit"), kind_of_unit)

    @cached_property
    def officers_of_unit(self) -> Mapping[str, tuple[str, ...]]:
        """Codes of officers by unit, of every version of them."""
        return grouped({}, self._all("officer"), unit_of_officer)

    @cached_property
    def policy_codes(self) -> tuple[str, ...]:
        """Area codes with a policy, longest first."""
        return with_codes((), self._all("policy"))

    @cached_property
    def components(self) -> ComponentIndex:
        """The index over all versions of all components."""
        return ComponentIndex(self.stock)

    @cached_property
    def calendar_codes(self) -> tuple[str, ...]:
        """Area codes with a work calendar, longest first."""
        return with_codes((), self._all("calendar"))

    def prepare(self) -> "Snapshot":
        """Build all indexes now (off the event loop) rather than at the first question."""
        _ = self.grids, self.units_of_matter, self.units_of_kind, self.officers_of_unit
        _ = self.policy_codes, self.turns, self.components, self.places, self.calendar_codes
        return self

    @property
    def count(self) -> int:
        """How many entries there are, in force or not."""
        return len(self.versions) + len(self.stock)

    def _all(self, kind: str) -> Iterable[EntrySet]:
        """Every version of every entry of a kind.

        By the key: to ask an entry for its kind would read all of those that are kept unread.
        """
        return chain(*(found for key, found in self.versions.items() if kind_of(key) == kind))

    def numbered(self, key: str, n: int) -> EntrySet | None:
        """The version of an entry with this number, whatever has become of it since."""
        return next((one for one in self.versions.get(key, ()) if one.n == n), None)

    def ruling(self, key: str, at: datetime) -> EntrySet | None:
        """The version in force: the newest that has begun, unless it has ended (is withdrawn).

        A newer version replaces the ones before it from its ``valid_from`` on, for good.
        """
        return ruling(self.versions.get(key, ()), at)

    def version_at(self, key: str, at: datetime) -> EntrySet | ComponentVersion | None:
        """As ``ruling``, of components too; needs no index."""
        if kind_of(key) == "component":
            return ruling(self.stock.get(key.partition("/")[2], ()), at)
        return self.ruling(key, at)

    def begun(self, key: str, at: datetime) -> EntrySet | None:
        """The newest version that has begun, whether or not it has ended."""
        return begun(self.versions.get(key, ()), at)

    def _entry(self, key: str, kind: type[T], at: datetime) -> tuple[T, int] | None:
        one = self.ruling(key, at)
        return (one.entry, one.n) if one is not None and isinstance(one.entry, kind) else None

    def matter(self, code: str, at: datetime) -> tuple[Matter, int] | None:
        """The matter in force, and its version."""
        return self._entry(f"matter/{code}", Matter, at)

    def flow(self, code: str, at: datetime) -> tuple[Flow, int] | None:
        """The flow in force, and its version."""
        return self._entry(f"flow/{code}", Flow, at)

    def plans(self, at: datetime) -> list[tuple[Plan, int]]:
        """The plans in force with their versions, by code."""
        keys = sorted(key for key in self.versions if kind_of(key) == "plan")
        found = (self._entry(key, Plan, at) for key in keys)
        return [one for one in found if one is not None]

    def notice_targets(self, at: datetime) -> tuple[NoticeTarget, ...]:
        """The targets of notices in force."""
        return self.remembered("notice_targets", at, lambda: tuple(self.in_force(NoticeTarget, at)))

    def notice_target(self, code: str, at: datetime) -> NoticeTarget | None:
        """The target in force."""
        found = self._entry(f"notice_target/{code}", NoticeTarget, at)
        return found[0] if found else None

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

    def grids_touched(
        self, places: Sequence[tuple[float, float]], at: datetime
    ) -> list[Grid | None]:
        """The grid that each of many points touches: as ``grid_at``, but that looks into gaps."""
        return self.grids.find_each(places, lambda one: self.ruling(one.key, at) is one)

    def place_of(self, address: str, at: datetime) -> Match | None:
        """The place in force that an address means, or None."""
        return self.places.find(address, lambda one: self.ruling(one.key, at) is one)

    def grid_polygons(self, at: datetime) -> dict[str, BaseGeometry]:
        """The outlines of all grids in force, in degrees, by code."""
        return self.grids.polygons(lambda one: self.ruling(one.key, at) is one)

    def units_for(self, matter: str, grid_code: str, at: datetime) -> list[Unit]:
        """Units that handle a matter and whose area holds the grid: nearest first, then by code."""
        return list(self._units_at(matter, grid_code[:COMMUNITY_DIGITS], self.era(at)))

    def units_of(self, kind: UnitKind, grid_code: str, at: datetime) -> list[Unit]:
        """Units of a kind whose area holds the grid: nearest first, then by code."""
        found: list[Unit] = []
        for area in _areas_around(grid_code):
            units = (self.unit(code, at) for code in self.units_of_kind.get((kind, area), ()))
            found += [one for one in units if one and (one.unit_kind, one.area) == (kind, area)]
        return found

    def units_within(self, area: str, at: datetime) -> list[Unit]:
        """Units in force that act within an area, of all kinds, by code."""
        groups = self.units_of_kind.items()
        codes = {code for (_, where), some in groups if where.startswith(area) for code in some}
        units = (self.unit(code, at) for code in sorted(codes))
        return [one for one in units if one is not None and one.area.startswith(area)]

    def officers(self, unit: str, at: datetime) -> tuple[Officer, ...]:
        """The officers in force of a unit, by code."""
        if unit not in self.officers_of_unit:
            return ()
        return self.remembered(("officers", unit), at, lambda: self._officers(unit, at))

    def _officers(self, unit: str, at: datetime) -> tuple[Officer, ...]:
        codes = self.officers_of_unit[unit]
        found = (self._entry(f"officer/{code}", Officer, at) for code in codes)
        return tuple(one for one, _ in filter(None, found) if one.unit == unit)

    def loads_matter(self, at: datetime) -> bool:
        """Whether anybody in force is chosen by how many open cases it has."""
        return self.remembered("loads_matter", at, lambda: self._loads_matter(at))

    def _loads_matter(self, at: datetime) -> bool:
        codes = {code for some in self.units_of_kind.values() for code in some}
        units = (self.unit(code, at) for code in codes)
        return bool(self.officers_of_unit) or any(one and one.load_cap for one in units)

    def rules_around(self, grid_code: str, at: datetime) -> list[tuple[Rules, int]]:
        """The routing rules in force around a grid with their versions: nearest area first."""
        found = (self._entry(f"rules/{area}", Rules, at) for area in _areas_around(grid_code))
        return [one for one in found if one is not None]

    def remembered(self, question: Hashable, at: datetime, find: Callable[[], R]) -> R:
        """The answer to a question that depends on nothing but the registry and the era."""
        kept, key = self._answers, (question, self.era(at))
        if key not in kept:
            if len(kept) >= KEPT_ROUTES:
                kept.clear()
            kept[key] = find()
        answer: R = kept[key]
        return answer

    @cached_property
    def _answers(self) -> dict[Hashable, Any]:
        return {}

    def era(self, at: datetime) -> int:
        """The number of the span of time around an instant in which nothing begins or ends.

        Whatever the registry says of one instant of an era it says of all: it can be kept. Not so
        of components: they change daily, and no answer that is kept depends on them.
        """
        return bisect_right(self.turns, at)

    @cached_property
    def turns(self) -> tuple[datetime, ...]:
        """The instants at which a version begins or ends, in order."""
        return with_turns((), chain(*self.versions.values()))

    @cached_property
    def _units_at(self) -> Callable[[str, str, int], tuple[Unit, ...]]:
        return lru_cache(maxsize=KEPT_ROUTES)(self._find_units)

    def _find_units(self, matter: str, community: str, era: int) -> tuple[Unit, ...]:
        at = self.turns[era - 1] if era else BEFORE_ALL
        found: list[Unit] = []
        for area in _areas_around(community):
            codes = {
                *self.units_of_matter.get((matter, area), ()),
                *self.units_of_matter.get((ANY_MATTER, area), ()),
            }
            units = (self.unit(code, at) for code in sorted(codes))
            found += [unit for unit in units if unit and _handles(unit, matter, area)]
        return tuple(found)

    def policy(self, code: str | None, at: datetime) -> Policy | None:
        """The policy nearest to an area or grid; for a place unknown, the one highest up."""
        found = self._nearest("policy", self.policy_codes, Policy, code, at)
        return found[0] if found else None

    def calendar(self, code: str | None, at: datetime) -> tuple[Calendar, int] | None:
        """The work calendar nearest to an area or grid, and its version; as ``policy``."""
        return self._nearest("calendar", self.calendar_codes, Calendar, code, at)

    def _nearest(
        self, kind: str, codes: tuple[str, ...], model: type[T], code: str | None, at: datetime
    ) -> tuple[T, int] | None:
        for candidate in codes if code is not None else reversed(codes):
            if code is None or code.startswith(candidate):
                found = self._entry(f"{kind}/{candidate}", model, at)
                if found is not None:
                    return found
        return None

    def in_force(self, model: type[T], at: datetime) -> Iterator[T]:
        """All entries of a kind in force."""
        kind = model.model_fields["kind"].default
        for key in self.versions:
            if kind_of(key) == kind and (found := self._entry(key, model, at)) is not None:
                yield found[0]

    def working_time(self, ref: CalendarRef | None, zone: str) -> WorkingTime:
        """What limits are counted by: the version of a calendar that a case names, in its zone.

        A version never changes, so whatever the registry has become since, the answer is the same.
        Without a calendar, or by one that is not here, only natural time is counted.
        """
        if ref is None:
            return of_zone(zone)
        kept, question = self._compiled, (ref, zone)
        if question not in kept:
            found = self.numbered(f"calendar/{ref.code}", ref.n)
            if found is None or not isinstance(found.entry, Calendar):
                return of_zone(zone)
            kept[question] = compiled(found.entry, zone, ref.counting)
        return kept[question]

    @cached_property
    def _compiled(self) -> dict[tuple[CalendarRef, str], WorkingTime]:
        return {}


def _areas_around(code: str) -> tuple[str, ...]:
    return tuple(code[:digits] for digits in NEAREST_FIRST if digits <= len(code))


def _handles(unit: Unit, matter: str, area: str) -> bool:
    return unit.area == area and (matter in unit.matters or ANY_MATTER in unit.matters)
