"""A unit at its cap is spared: the centre of the town gets the case."""

from collections.abc import Sequence
from dataclasses import replace

from services.dispatch.domain.destinations import meant
from services.dispatch.domain.routes import MAX_CANDIDATES, Route, Routing
from services.dispatch.domain.subject import Subject
from shared.contracts.base import TOWN_DIGITS
from shared.contracts.choice_v1 import Candidate, DispatchRule
from shared.contracts.registry_v1 import Unit
from shared.contracts.routing_rules import Destination, UnitKind


def within_cap(found: Route, subject: Subject, routing: Routing) -> Route:
    """A unit that has as many open cases as it may is spared: the town's centre gets the case.

    Where there is no such centre, or it is at its own cap, the unit gets it nevertheless. Whoever
    was asked is named with its load, so that the same again gives the same.
    """
    unit = found.unit
    if unit is None or unit.load_cap is None:
        return found
    load = routing.loads.units.get(unit.code, 0)
    found = replace(found, unit_load=load)
    if load < unit.load_cap:
        return found
    centre, full = _centre_with_room(unit, subject, routing)
    if centre is None:
        return replace(found, candidates=_before(full, found, unit))
    spared = Candidate(unit=unit.code, lost="at_its_cap", load=load)
    return replace(
        found.without(centre.code),
        unit=centre,
        rule=DispatchRule.TOWN_OVERFLOW,
        candidates=_before((spared, *full), found, centre),
        unit_load=routing.loads.units.get(centre.code, 0),
    )


def _before(full: Sequence[Candidate], found: Route, chosen: Unit) -> tuple[Candidate, ...]:
    """Those at their cap, then whoever else might have got it, none twice."""
    named = {chosen.code, *(one.unit for one in full)}
    return (*full, *(one for one in found.candidates if one.unit not in named))[:MAX_CANDIDATES]


def _centre_with_room(
    unit: Unit, subject: Subject, routing: Routing
) -> tuple[Unit | None, list[Candidate]]:
    """The town's centre, if it has room, and those that have none."""
    town = Destination(unit_kind=UnitKind.TOWN_CENTRE, level="town")
    full: list[Candidate] = []
    for centre in meant(town, subject.grid[:TOWN_DIGITS], routing):
        if centre.code == unit.code or centre.code in routing.returned_by:
            continue
        load = routing.loads.units.get(centre.code, 0)
        if centre.load_cap is None or load < centre.load_cap:
            return centre, full
        full.append(Candidate(unit=centre.code, lost="at_its_cap", load=load))
    return None, full
