"""What people report: mostly real matters in real grids, now and then something wrong."""

from dataclasses import dataclass
from random import Random
from typing import Any

from deploy.traffic import plots
from deploy.traffic.plots import IGNORED, Plot
from deploy.traffic.world import World
from shared.contracts.registry_v1 import Grid, Matter
from shared.contracts.routing_rules import Source
from shared.platform.security import Role

BAD_SHARE = 0.04
NAMED_SHARE = 0.5
"""Of the reports on a component, those that name its code: somebody scanned the plate on it."""
SOURCES = {
    Source.OFFICER: (Role.OFFICER, 50),
    Source.RESIDENT: (None, 35),
    Source.HOTLINE: (Role.ACCEPTANCE_DESK, 10),
    Source.SENSOR: (Role.DEPARTMENT_SYSTEM, 5),
}
"""Who reports by each way (None: anybody), and how often."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A report to be posted, by whom, and what is to become of it."""

    body: dict[str, Any]
    role: Role | None
    plot: Plot


def draw(world: World, random: Random) -> Draft:
    """The next report."""
    plot = plots.draw(random)
    matters = world.short if plot in IGNORED and world.short else world.matters
    matter = random.choice(matters)
    grid, place = world.place(random)
    component = world.component(grid, matter, random)
    if component is not None:
        place = component.location.coordinates
    (source,) = random.choices(list(SOURCES), weights=[weight for _, weight in SOURCES.values()])
    body = {
        "matter": matter.code,
        "location": {"type": "Point", "coordinates": list(place)},
        "description": _describe(matter, grid),
        "source": source.value,
        "area": grid.code[:12],
    }
    if component is not None and random.random() < NAMED_SHARE:
        body["component"] = component.code
    if random.random() < BAD_SHARE:
        _spoil(body, world, random)
    return Draft(body, SOURCES[source][0], plot)


def _describe(matter: Matter, grid: Grid) -> str:
    what = matter.conditions[0].names
    return f"{grid.names.zh}：{what.zh} / {grid.names.en}: {what.en}"


def _spoil(body: dict[str, Any], world: World, random: Random) -> None:
    """Make a report one that the rules cannot file."""
    how = random.randrange(3)
    if how == 0:
        body["location"]["coordinates"] = list(world.outside(random))
    elif how == 1:
        body["matter"] = "not-on-the-list"
    else:
        del body["location"]
