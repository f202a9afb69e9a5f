"""Whole lifecycles a second: report, dispatch, accept, hand back, verify, close, on one machine.

    python -m benchmarks.lifecycles --seconds 60
    python -m benchmarks.lifecycles --seconds 60 --closed 1000000

Starts a stack of its own in a temporary home and keeps so many cases under way (a closed loop):
each step is asked for over HTTP as soon as its event is seen in the topic, and a case that is
closed makes room for the next report. The first seconds do not count. Prints lifecycles a second,
how long one takes with so many beside it (the more are under way, the more share a batch), what
each process used of the processors for one of them, and the audit. With ``--closed`` a second stack
has so many closed cases in its databases, and the two are measured in turns, each time in the other
order: what the machine gives to others meanwhile is shared by both. Exit status 1 when an audit is
not clean or an action was refused.
"""

import argparse
import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
from rich.console import Console
from rich.table import Table
from shapely.geometry import shape

from benchmarks.closed import fill
from benchmarks.goals import met
from benchmarks.pipeline import stack_times
from benchmarks.reports import somewhere
from benchmarks.wire import Connection
from deploy.client import bearer
from deploy.local.paths import Home
from deploy.tokens import mint_for
from deploy.traffic.follower import Follower, following
from shared.contracts.base import EventData
from shared.contracts.case_v1 import CaseEvent
from shared.contracts.cases_v1 import (
    ActionRefused,
    CaseAccepted,
    CaseClosed,
    CaseDispatched,
    CaseHandled,
)
from shared.contracts.outcomes_v1 import EVENTS as OUTCOMES
from shared.contracts.outcomes_v1 import Outcome
from shared.contracts.reading import Readers, only
from shared.contracts.topics import CASES
from shared.platform import ids
from shared.platform.security import ANONYMOUS, Role
from tests.stackdriver import Stack, running

CONNECTIONS = 128
"""Commands wait up to a tenth of a second for one another: fewer would bound what is asked for."""
GATHER_MS = 50
WARM_S = 15.0
FIRST_S = 5.0
"""For so long a stack works before it is filled: a closed case is needed to be multiplied."""
ACCEPTED = 202
GOAL_PER_S = 400
FLOOR_PER_S = 150
GOAL_RATIO = 0.9
"""How much of the speed is to be left behind a million closed cases."""
NEXT: dict[type[EventData], tuple[str, Role]] = {
    CaseDispatched: ("accept", Role.UNIT_MEMBER),
    CaseAccepted: ("handled", Role.UNIT_MEMBER),
    CaseHandled: ("verify", Role.SUPERVISOR),
}
"""What is asked for next, and by whom."""
READERS: Readers = {
    **{model.TYPE: only(model, "case.unit") for model in NEXT},
    **{model.TYPE: only(model, "incident_id") for model in OUTCOMES if issubclass(model, Outcome)},
    CaseClosed.TYPE: only(CaseClosed, "incident_id"),
    ActionRefused.TYPE: only(ActionRefused, "rule"),
}
"""All that the client looks at: what it uses of the processors is not what is measured."""


@dataclass(slots=True)
class Run:
    """One closed loop; ``closed`` are the instants at which cases were seen closed."""

    stack: Stack
    home: Home
    random: random.Random
    matters: list[str]
    polygons: list[Any]
    pool: asyncio.Queue[Connection] = field(default_factory=asyncio.Queue)
    ours: dict[str, float] = field(default_factory=dict)
    """The instants at which those under way were reported."""
    closed: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    """Of those closed, seconds from the report."""
    first: str = ""
    """The incident that was closed first."""
    statuses: Counter[str] = field(default_factory=Counter)
    tokens: dict[tuple[Role, str | None], dict[str, str]] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def over(self, seconds: float, flight: int, follower: Follower) -> None:
        """Keep so many under way for so long."""
        for _ in range(CONNECTIONS):
            self.pool.put_nowait(Connection("127.0.0.1", self.stack.ports[0]))
        end = time.perf_counter() + WARM_S + seconds
        for _ in range(flight):
            self._spawn(self._report())
        while time.perf_counter() < end:
            for event in await follower.batch():
                if event.subject in self.ours:
                    self._saw(event.subject, event.data)
        await asyncio.gather(*self.tasks)

    def _saw(self, incident: str, data: EventData) -> None:
        if isinstance(data, CaseClosed):
            self.first = self.first or incident
            self.closed.append(time.perf_counter())
            self.took.append(self.closed[-1] - self.ours[incident])
        if isinstance(data, ActionRefused):
            self.statuses[data.rule.value] += 1
        if isinstance(data, CaseClosed | Outcome):
            # What doubled another case is an outcome too, and makes room.
            del self.ours[incident]
            self._spawn(self._report())
        elif isinstance(data, CaseEvent) and type(data) in NEXT:
            verb, role = NEXT[type(data)]
            unit = data.case.unit.code if data.case.unit and role is Role.UNIT_MEMBER else None
            self._spawn(self._act(incident, verb, role, unit))

    def _spawn(self, work: Any) -> None:  # noqa: ANN401
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _report(self) -> None:
        place = somewhere(self.random.choice(self.polygons), self.random)
        body = {
            "matter": self.random.choice(self.matters),
            "location": {"type": "Point", "coordinates": list(place)},
            "description": "benchmark",
        }
        key = str(uuid.uuid4())
        # Its events may be here before the answer is.
        self.ours[ids.incident_id(ANONYMOUS.subject, key)] = time.perf_counter()
        await self._post("/v1/incidents", body, {}, key)

    async def _act(self, incident: str, verb: str, role: Role, unit: str | None) -> None:
        body: dict[str, Any] = {"action": verb, "reason": "benchmark"}
        if verb == "verify":
            body["passed"] = True
        if (role, unit) not in self.tokens:
            token = mint_for(self.home, role, subject=f"{role}-of-{unit}", unit=unit)
            self.tokens[role, unit] = bearer(token)
        path, who = f"/v1/cases/{incident}/actions", self.tokens[role, unit]
        await self._post(path, body, who, str(uuid.uuid4()))

    async def _post(self, path: str, body: dict[str, Any], who: dict[str, str], key: str) -> None:
        headers = {"Idempotency-Key": key, "Content-Type": "application/json", **who}
        connection = await self.pool.get()
        try:
            said = json.dumps(body).encode()
            status, _ = await connection.request("POST", path, headers, said)
        finally:
            self.pool.put_nowait(connection)
        self.statuses[str(status)] += 1


def plain(stack: Stack) -> list[str]:
    """Matters that go the straight way: nobody looks first, is in danger, or is called."""
    url = stack.url("intake", "/v1/registry/matter?limit=500")
    found = [one["entry"] for one in httpx.get(url, timeout=30).json()["items"]]
    rules = httpx.get(stack.url("intake", "/v1/registry/rules?limit=500"), timeout=30).json()
    called = json.dumps([one["entry"] for one in rules["items"]])
    return [
        one["code"]
        for one in found
        if not one.get("co_unit_kinds")
        and not one.get("flow")
        and not one.get("component_class")
        and f'"{one["code"]}"' not in called
        and not any(
            condition.get("verify_before_filing") or condition.get("emergency")
            for condition in one["conditions"]
        )
    ]


async def measure(run: Run, seconds: float, flight: int) -> dict[str, float]:
    """The loop; processor seconds of each process meanwhile, ours too."""
    kafka = run.stack.status()["kafka"]["address"]
    own = psutil.Process()
    async with following(kafka, (CASES,), readers=READERS, gather_ms=GATHER_MS) as follower:
        before, mine = stack_times(run.stack), sum(own.cpu_times()[:2])
        await run.over(seconds, flight, follower)
    used = {
        name: spent - before.get((name, pid), 0.0)
        for (name, pid), spent in stack_times(run.stack).items()
    }
    return {**used, "this client": sum(own.cpu_times()[:2]) - mine}


def report(run: Run, used: dict[str, float], seconds: float) -> dict[str, Any]:
    """Print the tables; the same figures as a dictionary."""
    console = Console()
    counted = [at for at in run.closed if at >= run.closed[-1] - seconds] if run.closed else []
    span = counted[-1] - counted[0] if len(counted) > 1 else seconds
    per_second = (len(counted) - 1) / span if len(counted) > 1 else 0.0
    took = statistics.median(run.took[-len(counted) :]) if counted else 0.0
    table = Table(title="processor time of one lifecycle", title_justify="left")
    for column in ("process", "ms"):
        table.add_column(column, justify="right")
    spent = {name: 1000 * one / max(len(run.closed), 1) for name, one in used.items()}
    for name, one in sorted(spent.items(), key=lambda item: -item[1]):
        table.add_row(name, f"{one:.2f}")
    table.add_row("all", f"{sum(spent.values()):.2f}", style="bold")
    console.print(table)
    console.print(
        f"{per_second:.0f} lifecycles/s of {len(run.closed)} (at least {FLOOR_PER_S}, goal "
        f"{GOAL_PER_S}), one takes {took:.1f} s (p50); answers and refusals:", dict(run.statuses),
    )  # fmt: skip
    return {"per_second": per_second, "ms": spent, "closed": len(run.closed), "took_s": took}


def loop(stack: Stack, seed: int) -> Run:
    """What one closed loop on a running stack needs."""
    grids = httpx.get(stack.url("intake", "/v1/registry/grid?limit=500"), timeout=30).json()
    polygons = [shape(one["entry"]["geometry"]) for one in grids["items"]]
    return Run(stack, Home(stack.home), random.Random(seed), plain(stack), polygons)


def unaudited(stack: Stack, options: argparse.Namespace, seed: int) -> tuple[bool, dict[str, Any]]:
    """One closed loop on a running stack: whether nothing was refused, and the figures."""
    run = loop(stack, seed)
    used = asyncio.run(measure(run, options.seconds, options.flight))
    figures = report(run, used, options.seconds)
    return set(run.statuses) == {str(ACCEPTED)}, figures


def audited(stack: Stack, options: argparse.Namespace, seed: int) -> tuple[bool, dict[str, Any]]:
    """The same, and whether the audit is clean, too."""
    accepted, figures = unaudited(stack, options, seed)
    figures["audit"] = audit = stack.audit()
    Console().print("audit clean:", audit["clean"], audit["problems"][:3])
    return accepted and audit["clean"], figures


def alone(options: argparse.Namespace) -> tuple[bool, dict[str, Any]]:
    """One closed loop on a stack of its own."""
    with tempfile.TemporaryDirectory() as home, running(Path(home)) as stack:
        return audited(stack, options, options.seed)


def in_turns(options: argparse.Namespace) -> tuple[bool, dict[str, Any]]:
    """Loops without and behind so many closed cases, and how much of the speed is left."""
    sound, loops = True, {name: list[dict[str, Any]]() for name in ("without", "behind")}
    with tempfile.TemporaryDirectory() as empty, tempfile.TemporaryDirectory() as full:
        with running(Path(full)) as stack:
            run = loop(stack, options.seed - 1)
            asyncio.run(measure(run, FIRST_S, options.flight))
            fill(stack.status()["mongo"]["address"], run.first, options.closed)
        for turn in range(options.turns):
            # Other places each time: what is still open there would be doubled.
            seed = options.seed + turn
            homes = (("without", empty), ("behind", full))
            for name, home in homes if turn % 2 == 0 else homes[::-1]:
                with running(Path(home)) as stack:
                    # The closed ones are in no topic: only the other stack can be audited.
                    once = audited if name == "without" else unaudited
                    well, figures = once(stack, options, seed)
                sound &= well
                loops[name].append(figures)
    return sound, {**loops, "left": compared(loops, options)}


def compared(loops: dict[str, list[dict[str, Any]]], options: argparse.Namespace) -> float:
    """Print the turns beside one another; the share of the speed that is left."""
    table = Table(title=f"lifecycles a second, {options.turns} turns", title_justify="left")
    for column in ("closed cases there", "each turn", "mean"):
        table.add_column(column, justify="right")
    means: list[float] = []
    for name, closed in (("without", 0), ("behind", options.closed)):
        rates = [one["per_second"] for one in loops[name]]
        means.append(statistics.mean(rates))
        each = "  ".join(f"{one:.0f}" for one in rates)
        table.add_row(f"{closed:,}", each, f"{means[-1]:.0f}")
    left = means[1] / means[0]
    Console().print(table)
    Console().print(f"{left:.2f} of the speed, {GOAL_RATIO} {met(left >= GOAL_RATIO)}")
    return left


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--flight", type=int, default=1_200, help="cases under way at once")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--closed", type=int, default=0, help="in turns behind so many closed ones")
    parser.add_argument("--turns", type=int, default=2, help="of each, with --closed")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    sound, figures = in_turns(options) if options.closed else alone(options)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
