"""The machine's city: every stage of a case has a limit, and some matters are for many units."""

from typing import Any

from shared.contracts.registry_v1 import Entry, Matter
from shared.contracts.routing_rules import UnitKind
from tests.unit.dispatch.city import CENTRE, CITY, COUNTY, ENTRIES, TEAM, matter, registry
from tests.unit.dispatch.watched import EVERY_LIMIT, LIMIT

UNITS = (TEAM, CENTRE, COUNTY, CITY)
OF_MANY = ("pothole", "lamp")
"""Matters that want a town centre and a department to co-operate; nobody leads a lamp's."""
WANTED = {"co_unit_kinds": (UnitKind.TOWN_CENTRE, UnitKind.DEPARTMENT)}
DANGER = matter("gas")
"""A matter of which lives are in danger."""


def _timed(entry: Entry) -> Entry:
    """A matter of which every stage has a limit, and that many units handle where it is so."""
    if not isinstance(entry, Matter):
        return entry
    more: dict[str, Any] = {"limits": EVERY_LIMIT}
    if entry is DANGER:
        more |= {"emergency": True, "make_safe": LIMIT}
    conditions = tuple(one.model_copy(update=more) for one in entry.conditions)
    wanted = WANTED if entry.code in OF_MANY else {}
    return entry.model_copy(update={"conditions": conditions, **wanted})


MACHINES_CITY = registry(map(_timed, (*ENTRIES, DANGER)))
