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
AGAIN_SHARE = 0.06
"""Of the reports, so many are made by residents of what somebody has just reported near by."""
NEAR_BY = 0.0001
"""Degrees: some ten metres, within what counts as the same of every matter."""
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
    (source,) = random.choices(list(SOURCES), weights=[weight for _, weight in SOURCES.values()])
    body = {
        "matter": matter.code,
        "location": {"type": "Point", "coordinates": list(place)},
        "description": _describe(matter, grid),
        "source": source.value,
        "area": grid.code[:12],
    }
    if random.random() < BAD_SHARE:
        _spoil(body, world, random)
    return Draft(body, SOURCES[source][0], plot)


def again(before: Draft, random: Random) -> Draft:
    """A resident reports what was reported before, from some metres away."""
    west, south = before.body["location"]["coordinates"]
    place = [
        round(west + random.uniform(-NEAR_BY, NEAR_BY), 6),
        round(south + random.uniform(-NEAR_BY, NEAR_BY), 6),
    ]
    location = {"type": "Point", "coordinates": place}
    body = {**before.body, "location": location, "source": Source.RESIDENT.value}
    return Draft(body, SOURCES[Source.RESIDENT][0], before.plot)


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
