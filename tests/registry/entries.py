"""Entries of a registry that tests make up."""

from datetime import UTC, datetime
from typing import Any

from shared.contracts.base import Limit, Limits, LimitUnit, Names, Point
from shared.contracts.envelope import Event
from shared.contracts.policies import Policy
from shared.contracts.registry_v1 import (
    Change,
    Component,
    ComponentState,
    Entry,
    EntrySet,
    FilingCondition,
    Grid,
    Matter,
    Unit,
    version_of,
)
from shared.contracts.routing_rules import MatterClass, UnitKind

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
NAMES = Names(zh="名", en="name")
COMMUNITY = "990102003004"


def alone(name: str) -> Change:
    """A change of one part."""
    return Change(id=name, part=1, count=1)


def part(change: str, number: int, count: int) -> Change:
    """One part of a change."""
    return Change(id=change, part=number, count=count)


def square(x: float, y: float, size: float = 1.0) -> dict[str, Any]:
    """A GeoJSON square with its lower left corner there."""
    corners = [(x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y)]
    return {"type": "Polygon", "coordinates": [[list(corner) for corner in corners]]}


def grid(serial: int, geometry: dict[str, Any]) -> Grid:
    """A grid of the one community."""
    return Grid(code=f"{COMMUNITY}{serial:03}", names=NAMES, geometry=geometry)


def matter(code: str) -> Matter:
    """A matter with one condition."""
    limits = Limits(handle=Limit(amount=1, unit=LimitUnit.URGENT_HOUR))
    condition = FilingCondition(code="only", names=NAMES, limits=limits)
    return Matter(code=code, names=NAMES, klass=MatterClass.EVENT, conditions=(condition,))


def unit(code: str, area: str, *matters: str) -> Unit:
    """A unit that handles these matters there."""
    return Unit(code=code, names=NAMES, unit_kind=UnitKind.OFFICER_TEAM, area=area, matters=matters)


def policy(area: str) -> Policy:
    """A policy of an area."""
    return Policy(code=area, zone="Asia/Shanghai")


def component(
    klass: str,
    serial: int,
    place: tuple[float, float] = (0.0, 0.0),
    state: ComponentState = ComponentState.IN_USE,
) -> Component:
    """A component of a class, there."""
    code = f"{COMMUNITY[:6]}{klass}{serial:06}"
    return Component(code=code, names=NAMES, location=Point(coordinates=place), state=state)


def version(
    entry: Entry,
    change: Change,
    n: int = 1,
    *,
    since: datetime = EPOCH,
    until: datetime | None = None,
) -> EntrySet:
    """A version of an entry."""
    return version_of(entry, n=n, valid_from=since, valid_until=until, change=change)


def event(data: EntrySet) -> Event[Any]:
    """The event that carries a version."""
    return Event(
        id=f"{data.key}/{data.n}/{data.change.id}",
        source="/wangge/intake",
        subject=data.key,
        time=EPOCH,
        data=data,
        correlation_id=data.change.id,
        causation_id=data.change.id,
        sequence=data.n,
    )
