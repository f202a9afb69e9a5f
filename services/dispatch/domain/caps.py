"""A unit at its cap is spared: the centre of the town gets the case."""

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

    Where there is no such centre, or it is at its own cap, the unit gets it nevertheless.
    """
    unit = found.unit
    if unit is None or unit.load_cap is None:
        return found
    load = routing.loads.units.get(unit.code, 0)
    found = replace(found, unit_load=load)
    if load < unit.load_cap:
        return found
    centre = _centre_with_room(unit, subject, routing)
    if centre is None:
        return found
    full = Candidate(unit=unit.code, lost="at_its_cap", load=load)
    others = [one for one in found.candidates if one.unit != centre.code]
    return replace(
        found.without(centre.code),
        unit=centre,
        rule=DispatchRule.TOWN_OVERFLOW,
        candidates=(full, *others)[:MAX_CANDIDATES],
        unit_load=routing.loads.units.get(centre.code, 0),
    )


def _centre_with_room(unit: Unit, subject: Subject, routing: Routing) -> Unit | None:
    town = Destination(unit_kind=UnitKind.TOWN_CENTRE, level="town")
    for centre in meant(town, subject.grid[:TOWN_DIGITS], routing):
        load = routing.loads.units.get(centre.code, 0)
        room = centre.load_cap is None or load < centre.load_cap
        if room and centre.code != unit.code and centre.code not in routing.returned_by:
            return centre
    return None
