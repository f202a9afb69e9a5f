"""Which unit gets a case: whoever handles the matter nearest by, of the kind that leads it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal

from shared.contracts.cases_v1 import Candidate, MatterRef, UnitRef
from shared.contracts.registry_v1 import Matter, Unit
from shared.registry.snapshot import Snapshot

Level = Literal["city", "county", "town", "community"]
LEVELS: dict[int, Level] = {4: "city", 6: "county", 9: "town", 12: "community"}
"""The level of a centre by the digits of its area's code."""
MAX_CANDIDATES = 10


@dataclass(frozen=True, slots=True)
class Route:
    """The unit chosen, if any, and who else might have been."""

    unit: Unit | None
    candidates: tuple[Candidate, ...] = ()


def filed_under(registry: Snapshot, ref: MatterRef) -> Matter:
    """The matter at the version under which a case was filed, whatever has become of it since.

    Raises LookupError when the registry has never had it.
    """
    for version in registry.versions.get(f"matter/{ref.code}", ()):
        if version.n == ref.n and isinstance(version.entry, Matter):
            return version.entry
    raise LookupError(f"matter {ref.code} has no version {ref.n}")


def route(
    registry: Snapshot, matter: Matter, grid: str, at: datetime, returned_by: Collection[str] = ()
) -> Route:
    """The unit with the smallest area around the grid; of two alike, the first by code.

    Units whose return was granted are never chosen again.
    """
    chosen: Unit | None = None
    lost: list[Candidate] = []
    for unit in registry.units_for(matter.code, grid, at):
        why = _unfit(unit, matter, returned_by)
        if why is None and chosen is None:
            chosen = unit
        elif why is None and chosen is not None:
            nearer = len(chosen.area) > len(unit.area)
            lost.append(_candidate(unit.code, "larger_area" if nearer else "later_code"))
        else:
            lost.append(_candidate(unit.code, why or ""))
    return Route(chosen, tuple(lost[:MAX_CANDIDATES]))


@lru_cache(maxsize=4096)
def _candidate(unit: str, lost: str) -> Candidate:
    """The same few units lose for the same few reasons in every decision."""
    return Candidate(unit=unit, lost=lost)


def _unfit(unit: Unit, matter: Matter, returned_by: Collection[str]) -> str | None:
    if unit.code in returned_by:
        return "returned_before"
    if matter.lead_unit_kind is not None and unit.unit_kind is not matter.lead_unit_kind:
        return "other_kind"
    return None


def unit_ref(unit: Unit) -> UnitRef:
    """The unit as events name it."""
    return UnitRef(code=unit.code, names=unit.names, kind=unit.unit_kind, area=unit.area)


def centre_of(unit: Unit) -> tuple[str, Level]:
    """The area whose centre dispatches to a unit, and its level (市县两级共派遣)."""
    return unit.area, LEVELS[len(unit.area)]
