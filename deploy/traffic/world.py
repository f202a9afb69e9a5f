"""The city as traffic sees it: grids to report from, matters to report, who may act."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

import shapely
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry

from deploy.client import Client
from deploy.local.errors import StackError
from deploy.registry import entries
from shared.contracts.base import TOWN_DIGITS, Limit, LimitUnit
from shared.contracts.case_v1 import Case
from shared.contracts.plans import Plan
from shared.contracts.registry_v1 import Component, Grid, Matter, Unit

TRIES = 100
SHORT_H = 1 / 60
"""Urgent hours: limits up to a minute are seen missed while one looks on."""
FAR = 0.5
"""Degrees: the width of the band around the city from which reports lie outside every grid."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A component, the grid in which it stands, and the matter that is about its class."""

    component: Component
    grid: Grid
    matter: Matter


@dataclass(frozen=True)
class World:
    """What the registry holds, made ready to draw from."""

    grids: Sequence[Grid]
    matters: Sequence[Matter]
    units: Sequence[Unit]
    components: Sequence[Component] = ()
    shapes: Sequence[BaseGeometry] = field(init=False)
    short: Sequence[Matter] = field(init=False)
    """Matters whose limit to handle is at most a minute."""
    simple: Sequence[Matter] = field(init=False)
    """Matters without a flow: what one person can put right on the spot."""
    stock: Sequence[Standing] = field(init=False)
    """The components that stand in a grid and that a matter is about."""
    towns: Sequence[str] = field(init=False)
    """The codes of the towns within which a unit acts, in order: not every grid lies in one."""

    def __post_init__(self) -> None:
        shapes = [shape(grid.geometry) for grid in self.grids]
        shapely.prepare(shapes)
        object.__setattr__(self, "shapes", shapes)
        short = [one for one in self.matters if _short(one.conditions[0].limits.handle)]
        object.__setattr__(self, "short", short)
        simple = [one for one in self.matters if one.flow is None]
        object.__setattr__(self, "simple", simple or self.matters)
        object.__setattr__(self, "stock", [*_stock(self)])
        areas = (unit.area for unit in self.units)
        towns = {area[:TOWN_DIGITS] for area in areas if len(area) >= TOWN_DIGITS}
        object.__setattr__(self, "towns", sorted(towns))

    def place(self, random: Random) -> tuple[Grid, tuple[float, float]]:
        """A grid, and a point inside it."""
        number = random.randrange(len(self.grids))
        found = self.shapes[number]
        west, south, east, north = found.bounds
        for _ in range(TRIES):
            point = Point(random.uniform(west, east), random.uniform(south, north))
            if found.contains(point):
                return self.grids[number], (round(point.x, 6), round(point.y, 6))
        middle = found.representative_point()
        return self.grids[number], (middle.x, middle.y)

    def ruling(self, case: Case, before: Collection[str], returned: Collection[str]) -> str | None:
        """Whom the centre names where no rule did: whoever handles the matter nearest by.

        Nobody who has had it ``before``, if there is anybody else; nobody who has ``returned`` it.
        """
        matter = next((one for one in self.matters if one.code == case.matter.code), None)
        lead = matter.lead_unit_kind if matter else None
        near = [
            unit
            for unit in self.units
            if case.grid.startswith(unit.area)
            and case.matter.code in unit.matters
            and lead in {None, unit.unit_kind}
            and unit.code not in returned
        ]
        other = [unit for unit in near if unit.code not in before] or near
        return max(other, key=lambda unit: (len(unit.area), unit.code)).code if other else None

    def bystander(self, case: Case) -> str | None:
        """A unit of the grid that has nothing to do with a case yet."""
        known = {
            one.code for one in (*case.co_units, *case.cc, *((case.unit,) if case.unit else ()))
        }
        near = (one.code for one in self.units if case.grid.startswith(one.area))
        return min((code for code in near if code not in known), default=None)

    def outside(self, random: Random) -> tuple[float, float]:
        """A point outside every grid: beside the city."""
        _, south, east, north = shapely.total_bounds(self.shapes)
        x = east + random.uniform(0.01, FAR)
        return round(float(x), 6), round(random.uniform(float(south), float(north)), 6)


def _stock(world: World) -> Iterator[Standing]:
    if not world.components:
        return
    about = {one.component_class: one for one in world.matters if one.component_class}
    points = shapely.points([one.location.coordinates for one in world.components])
    for place, number in shapely.STRtree(world.shapes).query(points, predicate="within").T:
        one = world.components[place]
        if matter := about.get(one.component_class):
            yield Standing(one, world.grids[number], matter)


def _short(limit: Limit | None) -> bool:
    return limit is not None and limit.unit is LimitUnit.URGENT_HOUR and limit.amount <= SHORT_H


async def read(client: Client, city: str) -> World:
    """The world of a city, from the registry; raises StackError where it is not loaded."""
    grids = [
        one
        for one in await entries(client, "grid")
        if isinstance(one, Grid) and one.code.startswith(city)
    ]
    units = [
        one
        for one in await entries(client, "unit")
        if isinstance(one, Unit) and one.area.startswith(city)
    ]
    components = [
        one
        for one in await entries(client, "component")
        if isinstance(one, Component) and one.code.startswith(city)
    ]
    planned = {one.matter for one in await entries(client, "plan") if isinstance(one, Plan)}
    handled = {code for unit in units for code in unit.matters} - planned
    matters = [
        one
        for one in await entries(client, "matter")
        if isinstance(one, Matter) and one.code in handled
    ]
    if not grids or not matters:
        raise StackError(
            f"the registry has no grids and matters of city {city}: wangge up --city demo",
            f"未找到城市 {city} 的网格和事项：请运行 wangge up --city demo",
        )
    return World(grids, matters, units, components)
