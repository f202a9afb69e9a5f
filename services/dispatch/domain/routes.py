"""A route: the unit that a case goes to, how it was found, and who else might have been."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from services.dispatch.domain.lookups import Loads
from shared.contracts.base import Code
from shared.contracts.case_refs_v1 import UnitRef
from shared.contracts.choice_v1 import (
    Candidate,
    DispatchRule,
    MemberChoice,
    RoutingInputs,
    RuleRef,
    Unrouted,
)
from shared.contracts.levels import LEVELS, Level
from shared.contracts.registry_v1 import Unit
from shared.contracts.routing_rules import UnitKind
from shared.registry.snapshot import Snapshot

MAX_CANDIDATES = 10


@dataclass(frozen=True, slots=True)
class Route:
    """The unit chosen, if any, how it was found, and who else might have been."""

    unit: Unit | None
    rule: DispatchRule = DispatchRule.NEAREST_UNIT_OF_MATTER
    candidates: tuple[Candidate, ...] = ()
    chosen_by: RuleRef | None = None
    passed_over: tuple[Code, ...] = ()
    """Rules that held and whose lead could not be had, also where none decided."""
    inputs: RoutingInputs | None = None
    co_units: tuple[UnitRef, ...] = ()
    cc: tuple[UnitRef, ...] = ()
    unit_load: int | None = None
    member: MemberChoice | None = None
    join: tuple[UnitKind, ...] | None = None
    """For whom of those that co-operate the case waits; none: for all."""
    unrouted: Unrouted | None = None
    """Why nobody gets it, where a rule says so."""

    def without(self, unit: str) -> "Route":
        """The same without a unit among those that co-operate or are told: it leads."""
        return replace(
            self,
            co_units=tuple(one for one in self.co_units if one.code != unit),
            cc=tuple(one for one in self.cc if one.code != unit),
        )


@dataclass(frozen=True, slots=True)
class Routing:
    """What a route is found by: the registry at an instant, what was looked up, who is out."""

    registry: Snapshot
    at: datetime
    loads: Loads = Loads()  # noqa: RUF009 - immutable
    returned_by: Collection[str] = ()
    """Units whose return was granted are never chosen again."""

    def returned(self, unit: Unit) -> str | None:
        """Why a unit that has returned the case is not chosen; None where it has not."""
        return "returned_before" if unit.code in self.returned_by else None


@lru_cache(maxsize=4096)
def candidate(unit: str, lost: str, rule: str | None) -> Candidate:
    """A unit that lost, and why; the same few lose for the same few reasons in every decision."""
    return Candidate(unit=unit, lost=lost, rule=rule)


def first_fit(
    units: Iterable[Unit], unfit: Callable[[Unit], str | None], rule: str | None = None
) -> tuple[Unit | None, list[Candidate]]:
    """The first of units, nearest first, that is fit, and why each of the others lost.

    Those after it lost because their area is larger, or because their code comes later.
    """
    chosen: Unit | None = None
    lost: list[Candidate] = []
    for unit in units:
        if (why := unfit(unit)) is not None:
            lost.append(candidate(unit.code, why, rule))
        elif chosen is None:
            chosen = unit
        else:
            lost.append(candidate(unit.code, _less_near(chosen, unit), rule))
    return chosen, lost


def _less_near(chosen: Unit, unit: Unit) -> str:
    """Why a unit lost to the one chosen before it."""
    return "larger_area" if len(chosen.area) > len(unit.area) else "later_code"


def unit_ref(unit: Unit) -> UnitRef:
    """The unit as events name it."""
    return UnitRef(code=unit.code, names=unit.names, kind=unit.unit_kind, area=unit.area)


def centre_of(unit: Unit) -> tuple[str, Level]:
    """The area whose centre dispatches to a unit, and its level (市县两级共派遣)."""
    return unit.area, LEVELS[len(unit.area)]
