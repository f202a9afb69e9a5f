"""Whom an order reaches, and whether whoever issues it may order them anything."""

from datetime import timedelta

from services.intake.domain.admission import Objection
from services.intake.domain.commands import IssueOrder
from shared.contracts.base import Actor
from shared.contracts.case_refs_v1 import UnitRef
from shared.contracts.order_sight import ISSUERS, covers, is_issuer
from shared.contracts.registry_v1 import Unit
from shared.contracts.roles import Role
from shared.registry.snapshot import Snapshot

MAX_UNITS = 450
"""So many units have one order: each may answer twice, and a document takes 1,000 events."""
FARTHEST = timedelta(days=366)
"""How far away a deadline may be."""
SHOWN = 5


def has_role(actor: Actor, roles: frozenset[Role]) -> bool:
    """Whether an actor has one of the roles."""
    return not roles.isdisjoint(actor.roles)


def addressees(order: IssueOrder, registry: Snapshot) -> tuple[UnitRef, ...] | Objection:
    """The units that an order reaches, by code, as the registry has them; or what stands against.

    Objections: ``role_not_allowed``, ``deadline_passed``, ``deadline_too_far``, ``unknown_unit``,
    ``not_your_area``, ``no_addressee``, ``too_many_units``.
    """
    objection = _of_the_issuer(order)
    if objection is not None:
        return objection
    found: dict[str, Unit] = {}
    for code in order.body.units:
        unit = registry.unit(code, order.at)
        if unit is None:
            return Objection(422, "unknown_unit", f"there is no unit {code} in force")
        found[code] = unit
    for area in order.body.areas:
        within = registry.units_within(area, order.at)
        if not within:
            return Objection(
                422, "no_addressee", f"no unit in force acts within the area {area}: check its code"
            )
        found |= {one.code: one for one in within}
    return _admitted(found, order.actor.area)


def _of_the_issuer(order: IssueOrder) -> Objection | None:
    """What can be said without the registry."""
    body, area = order.body, order.actor.area
    if not is_issuer(order.actor):
        return Objection(
            403, "role_not_allowed", f"orders are issued by {', '.join(sorted(ISSUERS))}"
        )
    if body.deadline <= order.at:
        return Objection(422, "deadline_passed", "the deadline has passed: name one to come")
    if body.deadline > order.at + FARTHEST:
        detail = f"the deadline is more than {FARTHEST.days} days away: name an earlier one"
        return Objection(422, "deadline_too_far", detail)
    if not body.units and not body.areas:
        return Objection(422, "no_addressee", "name units or areas: nobody is addressed")
    outside = [code for code in body.areas if not covers(area, code)]
    if outside:
        return _not_yours("the areas", outside, area)
    return None


def _admitted(found: dict[str, Unit], area: str | None) -> tuple[UnitRef, ...] | Objection:
    outside = sorted(code for code, unit in found.items() if not covers(area, unit.area))
    if outside:
        return _not_yours("the units", outside, area)
    if len(found) > MAX_UNITS:
        detail = (
            f"{len(found)} units are addressed, an order has {MAX_UNITS} at most: issue several"
        )
        return Objection(422, "too_many_units", detail)
    return tuple(
        UnitRef(code=unit.code, names=unit.names, kind=unit.unit_kind, area=unit.area)
        for _, unit in sorted(found.items())
    )


def _not_yours(what: str, outside: list[str], area: str | None) -> Objection:
    named = ", ".join(outside[:SHOWN])
    return Objection(403, "not_your_area", f"{what} {named} do not lie within your area {area}")
