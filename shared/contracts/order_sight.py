"""Who is told of an order (指令), and of which of its units: one rule for all services; pure."""

from collections.abc import Collection
from typing import Protocol

from shared.contracts.roles import CENTRE, HANDLERS, Role

ISSUERS = CENTRE | {Role.SUPERVISOR, Role.LEADER}
"""Who may issue orders, within their area."""


class Caller(Protocol):
    """Whoever asks, as an event's actor or a token names it."""

    @property
    def roles(self) -> Collection[str]:
        """What it may be."""

    @property
    def unit(self) -> str | None:
        """The unit that it is of."""

    @property
    def area(self) -> str | None:
        """The area within which it acts; None: everywhere."""


def covers(area: str | None, other: str | None) -> bool:
    """Whether an area (None: everywhere) is another one or lies above it."""
    return area is None or (other is not None and other.startswith(area))


def is_issuer(caller: Caller) -> bool:
    """Whether it may issue orders, and is told of those of its area."""
    return not ISSUERS.isdisjoint(caller.roles)


def own_unit(caller: Caller) -> str | None:
    """The unit for which it answers; it is told of what is addressed to that."""
    return None if HANDLERS.isdisjoint(caller.roles) else caller.unit


def units_seen(caller: Caller, issued_for: str | None, units: frozenset[str]) -> frozenset[str]:
    """Of which of the units addressed a caller is told; none: there is no such order for it.

    Whoever may issue orders for the area for which it was issued, or a higher one, is told of all;
    a member of an addressed unit of its own.
    """
    if is_issuer(caller) and covers(caller.area, issued_for):
        return units
    return units & {own_unit(caller) or ""}
