"""Grids are redrawn under open cases: every document is still the fold, every figure exact."""

from collections import Counter
from typing import Any

import pytest

from deploy.audit.owners import DOSSIERS, TIMELINES, WATCHES
from services.analytics.domain.buckets import Series
from shared.contracts.base import Names
from shared.contracts.cases_v1 import CaseRegridded
from shared.contracts.golden import story
from shared.contracts.incidents_v1 import Verb
from shared.contracts.policies import Policy
from shared.contracts.registry_v1 import Grid
from tests.unit.audit.world import World, entries

NAMES = Names(zh="格", en="grid")
WEST, EAST = "990101002003101", "990101002003102"
"""The halves of the one grid; the place of the golden story lies in the eastern one."""
WESTERN = {"coordinates": (120.1505, 30.2741)}
HALFWAY = 120.153


def half(code: str, west: float, east: float) -> Grid:
    ring = [[west, 30.27], [east, 30.27], [east, 30.28], [west, 30.28], [west, 30.27]]
    return Grid(code=code, names=NAMES, geometry={"type": "Polygon", "coordinates": [ring]})


async def split(city: World, on_redraw: str = "move") -> str:
    """An hour later the one grid ends, and its halves begin; the change's id."""
    city.clock.forward(3600)
    now = city.clock()
    (was,) = (one for one in entries() if isinstance(one, Grid))
    (policy,) = (one for one in entries() if isinstance(one, Policy))
    policy = policy.model_copy(update={"on_redraw": on_redraw})
    new = (half(WEST, 120.15, HALFWAY), half(EAST, HALFWAY, 120.16))
    return await city.enter("split", [policy, was, *new], now, {story.GRID: now})


def filed(city: World, place: str) -> int:
    """How many were filed there, by the buckets of analytics."""
    series = Series(place=place)
    raws = city.buckets.raws.values()
    return sum(raw["n"].get("filed", 0) for raw in raws if raw["_id"].startswith(series.bucket("")))


def raw(city: World, incident: str) -> dict[str, Any]:
    return city.store(DOSSIERS).all()[incident]


async def cases(city: World) -> dict[str, str]:
    """A case in each state, and one in the west; ids by what they are."""
    found = {
        name: await city.report(name)
        for name in ("dispatched", "accepted", "handled", "closed", "voided", "rework")
    }
    found["west"] = await city.report("west", location=WESTERN)
    found["rejected"] = await city.report("rejected", location=None)
    await city.settle()
    for name in ("accepted", "handled", "rework"):
        await city.act(found[name], Verb.ACCEPT, story.MEMBER)
    await city.act(found["voided"], Verb.VOID, story.SUPERVISOR, reason="no case")
    city.clock.forward(1)
    for name in ("handled", "rework"):
        await city.act(found[name], Verb.HANDLED, story.MEMBER, reason="done")
    await city.settle()
    await city.close(found["closed"])
    return found


async def test_open_cases_move_and_everything_is_still_what_the_log_says(city: World) -> None:
    found = await cases(city)
    assert filed(city, story.GRID) == 6
    change = await split(city)
    assert await city.walk() == 5
    assert await city.walk() == 0
    await city.settle()

    grids = {name: raw(city, one)["state"]["decided"] for name, one in found.items()}
    moved = {"dispatched", "accepted", "handled", "rework"}
    assert {name for name, one in grids.items() if (one.get("case") or {}).get("grid") == EAST} == (
        moved
    )
    assert grids["west"]["case"]["grid"] == WEST
    for name in ("closed", "voided"):
        assert grids[name]["case"]["grid"] == story.GRID
    report = await city.audit()
    assert report.problems == ()
    assert report.in_flight == {}

    # A move takes back and adds; what was over counts where it was filed.
    assert (filed(city, EAST), filed(city, WEST), filed(city, story.GRID)) == (4, 1, 1)
    assert filed(city, story.GRID[:12]) == 6
    timelines = city.store(TIMELINES).all().values()
    standing = Counter(one["grid"] for one in timelines if one["open"])
    assert standing == {EAST: 4, WEST: 1}
    due = Counter(one["grid"] for one in timelines if one["handle_due"])
    assert due == {EAST: 1}
    for watch in city.store(WATCHES).all().values():
        for clock in watch["state"]["clocks"].values():
            if clock["state"] == "running":
                assert clock["grid"] == watch["state"]["facts"]["grid"]
    told = [
        event.data
        for name in found
        for event in city.history(found[name])
        if isinstance(event.data, CaseRegridded)
    ]
    assert {one.change for one in told} == {change}
    assert len(told) == 5

    # What was reopened, or comes back for rework, follows too and goes on.
    await city.act(found["closed"], Verb.REOPEN, story.SUPERVISOR, reason="again")
    await city.act(found["rework"], Verb.VERIFY, story.INSPECTOR, passed=False, reason="not yet")
    await city.settle()
    assert await city.walk() == 1
    await city.settle()
    for name in ("closed", "dispatched"):
        await city.act(found[name], Verb.ACCEPT, story.MEMBER)
    await city.settle()
    assert raw(city, found["closed"])["state"]["decided"]["case"]["grid"] == EAST
    assert (filed(city, EAST), filed(city, story.GRID)) == (5, 0)
    report = await city.audit()
    assert report.problems == ()


@pytest.mark.parametrize("on_redraw", ["move", "stay"])
async def test_breaches_after_it_count_where_the_case_lies(city: World, on_redraw: str) -> None:
    incident = await city.report("1")
    await city.settle()
    await city.act(incident, Verb.ACCEPT, story.MEMBER)
    await city.settle()
    await split(city, on_redraw)
    assert await city.walk() == 1
    assert await city.walk() == 0
    for _ in range(12):
        city.clock.forward(600)
        await city.settle()
    grid = EAST if on_redraw == "move" else story.GRID
    (timeline,) = city.store(TIMELINES).all().values()
    assert timeline["grid"] == grid
    (watch,) = city.store(WATCHES).all().values()
    assert watch["state"]["supervision"]
    report = await city.audit()
    assert report.problems == ()
    assert (filed(city, grid), filed(city, story.GRID[:9])) == (1, 1)


async def test_an_event_of_a_walk_that_got_lost_is_found(city: World) -> None:
    incident = await city.report("1")
    await city.settle()
    await split(city)
    await city.walk()
    await city.settle()
    stored = raw(city, incident)
    stored["state"]["decided"]["case"]["grid"] = story.GRID
    city.store(DOSSIERS).put(stored)
    kinds = {problem.kind for problem in (await city.audit()).problems}
    assert kinds == {"state_differs"}
