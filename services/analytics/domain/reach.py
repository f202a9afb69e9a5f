"""Whose inbox a caller may read, and within which area; one rule for all inboxes."""

import re
from dataclasses import dataclass

from services.analytics.domain.filters import InboxOf
from shared.contracts.order_sight import Caller, covers, is_issuer, own_unit
from shared.contracts.roles import Role

OF_A_UNIT_ONLY = frozenset({Role.REPORTER, Role.UNIT_MEMBER, Role.DEPARTMENT_SYSTEM})
"""Whoever has no other roles acts for its unit alone: no centre, no desk, no check is its own."""


AREA = re.compile(r"\d{4}|\d{6}|\d{9}|\d{12}|\d{15}")
"""What may stand for an area in a token: a division's code, or a grid's."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a caller is told nothing: a stable code, and words."""

    code: str
    detail: str


def reachable(caller: Caller, of: InboxOf, unit: str | None) -> InboxOf | Refusal:
    """What a caller is told of an inbox (of a unit, where one is named): what it asks for.

    A member reads its own unit's, wherever the cases lie. The inboxes of other units are for
    whoever runs or leads a centre, those of the desk, the centre and the inspectors for all who do
    not act for a unit alone; and of both what lies in the caller's area, if its token names one.
    Refusals: ``role_not_allowed``, ``not_your_unit``, ``not_your_area``.
    """
    if unit is not None and unit == own_unit(caller):
        return of
    if (refusal := _by_role(caller, unit)) is not None:
        return refusal
    if caller.area is not None and not AREA.fullmatch(caller.area):
        return Refusal("not_your_area", f"your token is of {caller.area!r}, which is no area")
    if of.area is None:
        return of.model_copy(update={"area": caller.area})
    if not covers(caller.area, of.area):
        detail = f"the area {of.area} does not lie within yours, {caller.area}: ask for yours"
        return Refusal("not_your_area", detail)
    return of


def _by_role(caller: Caller, unit: str | None) -> Refusal | None:
    """What stands against it wherever it lies: the roles, and for whom they act."""
    own, roles = own_unit(caller), frozenset(caller.roles)
    if roles <= {Role.REPORTER}:
        detail = "inboxes are for officials: send credentials with a role"
        return Refusal("role_not_allowed", detail)
    if unit is not None and not is_issuer(caller):
        detail = f"what unit {unit} has to do is for its members; your token is of {own or 'none'}"
        return Refusal("not_your_unit", detail)
    if unit is None and roles <= OF_A_UNIT_ONLY:
        detail = f"this inbox is none of a unit; yours is /v1/units/{own or '(unit)'}/tasks"
        return Refusal("role_not_allowed", detail)
    return None
