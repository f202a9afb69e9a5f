"""Whom an event of escalation is for: the unit whose time it is, and the centres above it."""

from collections.abc import Iterable

from services.escalation.domain.supervision import issuer_area
from shared.contracts.base import TOWN_DIGITS
from shared.contracts.escalations_v1 import Clock, Told
from shared.contracts.registry_v1 import LadderStep
from shared.contracts.roles import Role


def of_mark(clock: Clock) -> tuple[Told, ...] | None:
    """Of a mark: its unit, and the duty head of the town; None where nothing is known."""
    found = _unit(clock.unit)
    if clock.grid:
        found.append(Told(role=Role.DUTY_HEAD, area=clock.grid[:TOWN_DIGITS]))
    return tuple(found) or None


def of_order(
    grid: str | None, steps: Iterable[LadderStep], unit: str | None
) -> tuple[Told, ...] | None:
    """Of an order by these steps of the ladder: the unit that is to hurry, and who orders."""
    areas = sorted({issuer_area(grid, step) for step in steps} - {""})
    found = _unit(unit) + [Told(role=Role.SUPERVISOR, area=area) for area in areas]
    return tuple(found) or None


def _unit(unit: str | None) -> list[Told]:
    return [] if unit is None else [Told(role=Role.UNIT_MEMBER, unit=unit)]
