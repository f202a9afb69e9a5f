"""What people report: mostly real matters in real grids, now and then something wrong."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import Any

from deploy.traffic import plots
from deploy.traffic.plots import IGNORED, Plot
from deploy.traffic.world import World
from shared.contracts.base import COMMUNITY_DIGITS
from shared.contracts.incidents_v1 import Report
from shared.contracts.registry_v1 import Grid, Matter
from shared.contracts.routing_rules import Source
from shared.platform.security import Role

BAD_SHARE = 0.04
COMPONENT_SHARE = 0.3
"""Of the reports, those on a component of the registry."""
NAMED_SHARE = 0.5
"""Of those, the ones that name its code: somebody scanned the plate on it."""
BESIDE = 3e-5
"""Degrees; so near by, some 3 m, whoever reports a component stands."""
ON_SITE_SHARE = 0.64
"""Of what officers report and is sound, so much they have put right on the spot."""
AGAIN_SHARE = 0.06
"""Of the reports, so many are made by residents of what somebody has just reported near by."""
SEPARATED_SHARE = 0.25
"""Of those, so many are about something else after all."""
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
    right: Mapping[str, Any] = field(default_factory=dict)
    """What whoever files it has to put right: matter and location as they really are."""


def draw(world: World, random: Random) -> Draft:
    """The next report."""
    plot = plots.draw(random)
    (source,) = random.choices(list(SOURCES), weights=[weight for _, weight in SOURCES.values()])
    role, bad = SOURCES[source][0], random.random() < BAD_SHARE
    on_site = not bad and role is Role.OFFICER and random.random() < ON_SITE_SHARE
    on_one = plot not in IGNORED and world.stock and random.random() < COMPONENT_SHARE
    matters = world.simple if on_site else _of_plot(plot, world)
    body = _on_component(world, random) if on_one else _anywhere(world, matters, random)
    body["source"] = source.value
    if on_site:
        body["handled_on_site"] = _photos(random)
    if not bad:
        return Draft(body, role, plot)
    right = deepcopy({name: body[name] for name in ("matter", "location")})
    lacking = _spoil(body, world, random)
    spoilt = plots.draw(random, plots.SPOILT)
    if spoilt is Plot.DESK_LOOKS and lacking != "matter":
        spoilt = Plot.DESK_FILES  # nobody can look where nobody knows the place
    return Draft(body, role, spoilt, right)


def _of_plot(plot: Plot, world: World) -> Sequence[Matter]:
    return world.short if plot in IGNORED and world.short else world.matters


def _anywhere(world: World, matters: Sequence[Matter], random: Random) -> dict[str, Any]:
    matter = random.choice(matters)
    grid, place = world.place(random)
    return _body(matter, grid, place)


def _on_component(world: World, random: Random) -> dict[str, Any]:
    one = random.choice(world.stock)
    x, y = one.component.location.coordinates
    place = x + random.uniform(-BESIDE, BESIDE), y + random.uniform(-BESIDE, BESIDE)
    body = _body(one.matter, one.grid, (round(place[0], 6), round(place[1], 6)))
    if random.random() < NAMED_SHARE:
        body["component"] = one.component.code
    return body


def _body(matter: Matter, grid: Grid, place: tuple[float, float]) -> dict[str, Any]:
    return {
        "matter": matter.code,
        "location": {"type": "Point", "coordinates": list(place)},
        "description": _describe(matter, grid),
        "area": grid.code[:COMMUNITY_DIGITS],
    }


def planned(report: Report | None) -> Draft:
    """As which an inspection is followed that intake reports itself, and what it has found."""
    body = report.model_dump(mode="json", exclude_none=True) if report else {}
    return Draft(body, None, Plot.SMOOTH)


def again(before: Draft, random: Random) -> Draft:
    """A resident reports what was reported before, from some metres away."""
    west, south = before.body["location"]["coordinates"]
    place = [
        round(west + random.uniform(-NEAR_BY, NEAR_BY), 6),
        round(south + random.uniform(-NEAR_BY, NEAR_BY), 6),
    ]
    location = {"type": "Point", "coordinates": place}
    body = {**before.body, "location": location, "source": Source.RESIDENT.value}
    body.pop("handled_on_site", None)
    plot = Plot.SEPARATED if random.random() < SEPARATED_SHARE else before.plot
    return Draft(body, SOURCES[Source.RESIDENT][0], plot, before.right)


def _photos(random: Random) -> dict[str, Any]:
    def photo(shows: str) -> dict[str, str]:
        key = f"{random.getrandbits(256):064x}"
        return {"shows": shows, "ref": f"photos/{key[:12]}.jpg", "sha256": key}

    return {"before": photo("before"), "after": photo("after"), "said": "已当场处置 put right"}


def _describe(matter: Matter, grid: Grid) -> str:
    what = matter.conditions[0].names
    return f"{grid.names.zh}：{what.zh} / {grid.names.en}: {what.en}"


def _spoil(body: dict[str, Any], world: World, random: Random) -> str:
    """Make a report one that the rules cannot file; what it lacks."""
    lacking = random.choice(("grid", "matter", "location"))
    if lacking == "grid":
        body["location"]["coordinates"] = list(world.outside(random))
    elif lacking == "matter":
        body["matter"] = "not-on-the-list"
    else:
        del body["location"]
    return lacking
