"""Whom an event of escalation is for: the unit whose time it is, and the centres above it."""

from collections.abc import Iterable

from services.escalation.domain.supervision import issuer_area
from services.escalation.domain.watch import Watch
from shared.contracts.base import TOWN_DIGITS
from shared.contracts.escalations_v1 import Clock, Told
from shared.contracts.levels import SupervisionLevel
from shared.contracts.roles import Role


def of_mark(clock: Clock) -> tuple[Told, ...] | None:
    """Of a mark: its unit, and the duty head of the town; None where nothing is known."""
    found = _unit(clock.unit)
    if clock.grid:
        found.append(Told(role=Role.DUTY_HEAD, area=clock.grid[:TOWN_DIGITS]))
    return tuple(found) or None


def of_order(areas: Iterable[str], unit: str | None) -> tuple[Told, ...] | None:
    """Of an order by the centres of these areas: who orders, and the unit that is to hurry."""
    above = [Told(role=Role.SUPERVISOR, area=area) for area in sorted({*areas} - {""})]
    return tuple(_unit(unit) + above) or None


def issuers(watch: Watch, level: SupervisionLevel) -> list[str]:
    """The areas whose centres may have given the order in force, by the ladder or by hand."""
    facts, hand = watch.facts, watch.by_hand
    found = [issuer_area(facts.grid, step) for step in facts.ladder if step.level is level]
    return found if hand is None or hand.level is not level else [*found, hand.issuer_area]


def _unit(unit: str | None) -> list[Told]:
    return [] if unit is None else [Told(role=Role.UNIT_MEMBER, unit=unit)]
