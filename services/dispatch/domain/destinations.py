"""Which units a destination means: one by its code, or the nearest of a kind and a level."""

from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from services.dispatch.domain.routes import Routing, unit_ref
from services.dispatch.domain.subject import Subject
from shared.contracts.case_refs_v1 import UnitRef
from shared.contracts.levels import LEVELS
from shared.contracts.registry_v1 import Unit
from shared.contracts.routing_rules import Destination, UnitKind


def meant(wanted: Destination, grid: str, routing: Routing) -> Iterator[Unit]:
    """The units that a destination means, nearest first."""
    if wanted.unit is not None:
        unit = routing.registry.unit(wanted.unit, routing.at)
        if unit is not None:
            yield unit
    elif wanted.unit_kind is not None:
        for one in routing.registry.units_of(wanted.unit_kind, grid, routing.at):
            if wanted.level is None or LEVELS[len(one.area)] == wanted.level:
                yield one


def nearest_of_each(
    wanted: Iterable[Destination], taken: Collection[str], subject: Subject, routing: Routing
) -> list[Unit]:
    """The nearest unit of each destination, none twice."""
    found: dict[str, Unit] = {}
    for destination in wanted:
        units = meant(destination, subject.grid, routing)
        unit = next((one for one in units if one.code not in taken), None)
        if unit is not None:
            found.setdefault(unit.code, unit)
    return list(found.values())


def co_units_beside(lead: str, subject: Subject, routing: Routing) -> tuple[UnitRef, ...]:
    """The units that a matter wants to co-operate: the nearest of each kind, without the lead."""
    kinds = subject.matter.co_unit_kinds
    if not kinds:
        return ()
    found = nearest_of_each((_of_kind(kind) for kind in kinds), {lead}, subject, routing)
    return tuple(map(unit_ref, found))


@lru_cache
def _of_kind(kind: UnitKind) -> Destination:
    return Destination(unit_kind=kind)
