"""Handing a case up or down along the centres: which centre has it, and which may get it."""

from shared.contracts.base import CITY_DIGITS, TOWN_DIGITS
from shared.contracts.case_v1 import Case
from shared.contracts.incidents_v1 import ActionRequested
from shared.contracts.levels import area_above


def above(case: Case, asked: ActionRequested) -> str | None:
    """The area to whose centre it is handed up: the one named, else the next; None: to none."""
    here, named = upwards_from(case, asked), asked.request.area
    if named is not None:
        return named if here.startswith(named) and len(named) < len(here) else None
    return area_above(here)


def below(case: Case, asked: ActionRequested) -> str | None:
    """The area to whose centre it is handed down; None where the one named is not below."""
    here, named = downwards_from(case, asked), asked.request.area
    if named is None or not case.grid.startswith(named) or len(named) <= len(here):
        return None
    return named if named.startswith(here) else None


def upwards_from(case: Case, asked: ActionRequested) -> str:
    """The area whose centre hands it up: the one that has it, the actor's, the unit's, the town."""
    unit = case.unit.area if case.unit else None
    return case.centre or asked.actor.area or unit or case.grid[:TOWN_DIGITS]


def downwards_from(case: Case, asked: ActionRequested) -> str:
    """The area whose centre hands it down: the one that has it, the actor's, the city's."""
    return case.centre or asked.actor.area or case.grid[:CITY_DIGITS]
