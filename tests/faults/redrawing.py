"""One grid with many open cases in a whole stack, and the redrawing of it, as people do both."""

import json
import os
import signal
import time
import uuid
from dataclasses import dataclass
from itertools import product
from typing import Any

import shapely
from shapely.geometry import box, mapping, shape

from tests.stackdriver import Stack

AT_ONCE = 250
APART = 0.0008
"""Degrees: 77 m from west to east, 89 m from south to north."""
SERIAL = "987"
"""Of the new grid: no grid of the demo city has it."""
WALKED = "wangge_walked_total{"
PATIENCE_S = 120


@dataclass(frozen=True)
class Plan:
    """A grid, the two that it becomes, and reports in the half that changes hands."""

    old: str
    new: str
    entries: tuple[dict[str, Any], ...]
    reports: tuple[tuple[str, tuple[float, float]], ...]
    """Matters and points; no two are duplicates of one another."""


def plan(stack: Stack, but: str = "") -> Plan:
    """How the last grid of the demo city is split: its eastern half becomes another.

    ``but`` is a matter of which nothing is to be reported.
    """
    grid = stack.entries("grid")[-1]
    polygon = shape(grid["geometry"])
    west, south, east, north = polygon.bounds
    middle = (west + east) / 2
    halves = [polygon.intersection(box(*one)) for one in (
        (west, south, middle, north), (middle, south, east, north)
    )]  # fmt: skip
    new = f"{grid['code'][:12]}{SERIAL}"
    matters = [one for one in stack.matters() if one != but]
    places = _apart(halves[1])
    entries = (
        {**grid, "geometry": _geometry(halves[0])},
        {**grid, "code": new, "geometry": _geometry(halves[1])},
    )
    return Plan(grid["code"], new, entries, tuple(product(matters, places)))


def _apart(polygon: Any) -> list[tuple[float, float]]:  # noqa: ANN401 - shapely's are untyped here
    """Points within, far enough from one another and from the border."""
    west, south, east, north = polygon.buffer(-APART / 4).bounds
    columns, rows = int((east - west) / APART) + 1, int((north - south) / APART) + 1
    lattice = [
        (west + column * APART, south + row * APART)
        for column in range(columns)
        for row in range(rows)
    ]
    return [one for one in lattice if polygon.contains(shapely.Point(one))]


def report(stack: Stack, found: Plan, count: int) -> list[str]:
    """So many reports at the point, each a case by now; their ids."""
    ids: list[str] = []
    before = open_in(stack, found.old)
    drawn = found.reports[:count]
    assert len(drawn) == count, f"the grid has room for {len(drawn)} cases only"
    for first in range(0, count, AT_ONCE):
        items = [
            {
                "idempotency_key": str(uuid.uuid4()),
                "incident": {
                    "matter": matter,
                    "location": {"type": "Point", "coordinates": place},
                    "description": "redraw",
                },
            }
            for matter, place in drawn[first : first + AT_ONCE]
        ]
        answer = stack.http.post(
            stack.url("intake", "/v1/incidents/batch"), json={"items": items}, timeout=60
        )
        answer.raise_for_status()
        ids += [one["incident_id"] for one in answer.json()["items"]]
    stack.wait_for(lambda: open_in(stack, found.old) >= before + count, PATIENCE_S, "all are cases")
    return ids


def redraw(stack: Stack, found: Plan) -> None:
    """Import the grids as they are drawn now, as one change."""
    answer = stack.http.post(
        stack.url("intake", "/v1/registry/import"),
        json={"change": {"note": "split"}, "entries": list(found.entries)},
        headers={**stack.bearer("registry_administrator"), "Idempotency-Key": str(uuid.uuid4())},
        timeout=60,
    )
    answer.raise_for_status()


def open_in(stack: Stack, grid: str) -> int:
    """How many open cases analytics shows in a grid."""
    url = stack.url("analytics", f"/v1/overview?area={grid}")
    answer = stack.http.get(url, headers=stack.bearer("leader"))
    answer.raise_for_status()
    return int(answer.json()["open"])


def walked(stack: Stack) -> float:
    """How many documents this process of dispatch has walked, by its metrics."""
    text = stack.http.get(stack.url("dispatch", "/metrics")).text
    return sum(float(one.rsplit(" ", 1)[1]) for one in text.splitlines() if one.startswith(WALKED))


def kill_in_the_walk(stack: Stack, pid: int) -> None:
    """Kill -9 dispatch as soon as it has walked some."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if walked(stack):
            os.kill(pid, signal.SIGKILL)
            return
    message = "dispatch never walked"
    raise AssertionError(message)


def moves(stack: Stack, incident: str) -> list[tuple[str, str]]:
    """From where to where an incident's case was moved, as its timeline tells."""
    url = stack.url("analytics", f"/v1/cases/{incident}/why")
    answer = stack.http.get(url, headers=stack.bearer("leader"))
    answer.raise_for_status()
    told = [one["facts"] for one in answer.json()["reasons"] if one["decision"] == "regridded"]
    return [(one["grid_before"], one["grid"]) for one in told]


def _geometry(polygon: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever the halves are
    geometry: dict[str, Any] = json.loads(json.dumps(mapping(shapely.normalize(polygon))))
    return geometry
