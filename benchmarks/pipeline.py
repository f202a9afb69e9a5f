"""From 202 to visible in analytics, at a steady rate, on one machine with everything on it.

    python -m benchmarks.pipeline --rate 300 --seconds 60
    python -m benchmarks.pipeline --rate 300 --seconds 90 --kill all

Starts a stack of its own in a temporary home, posts at the rate (an open loop: a slow answer does
not slow the next request), and asks analytics for every fiftieth incident until it shows what
became of it. With ``--kill`` processes of the stack are killed with -9 meanwhile, one after
another; what was not answered is posted again with its key, as a field app does.
Prints a table, and whether the goals were met; ``--json FILE`` keeps the figures. Exit status 1
when an incident that was accepted is missing or was accepted twice, when one that was asked for
was not visible within two minutes, or when the audit is not clean.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psutil
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from shapely.geometry import shape

from benchmarks.goals import met
from benchmarks.reports import somewhere
from benchmarks.wire import Connection
from deploy.audit.log import KafkaLog
from shared.contracts.cases_v1 import CaseDispatched
from shared.contracts.envelope import Origin, decode
from shared.contracts.incidents_v1 import IncidentReported
from shared.contracts.topics import BUSY_PARTITIONS, CASES, INCIDENTS
from tests.stackdriver import Stack, running

CONNECTIONS = 64
POLL_S = 0.1
GIVE_UP_S = 120.0
AGAIN_S = 0.25
GOAL_VISIBLE_S, GOAL_DISPATCHED_S = 1.0, 0.3
"""For the p99."""
SAMPLE_EVERY = 50
OK = 200
ACCEPTED = 202
BUSY = 503
PROCESSES = ("intake", "dispatch", "escalation", "analytics", "kafka", "mongo")


@dataclass(slots=True)
class Figures:
    """What one run measured; seconds."""

    answered: list[float] = field(default_factory=list)
    visible: list[float] = field(default_factory=list)
    never_visible: list[str] = field(default_factory=list)
    """The incidents of which analytics did not show in time what became of them."""
    dispatched: list[float] = field(default_factory=list)
    """From the receipt to the dispatch's record in the topic."""
    statuses: Counter[int] = field(default_factory=Counter)
    unanswered: int = 0
    accepted: list[str] = field(default_factory=list)
    """The ids that a 202 named."""
    killed: list[str] = field(default_factory=list)
    """Who, when, and how long until its successor ran."""
    late_starts: int = 0
    ordered: int = 0
    """Incidents that plans of the city ordered meanwhile."""


def quantile(values: list[float], share: float) -> float:
    """The value below which that share of all lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


class Load:
    """Posts incidents of the demo city over a pool of connections."""

    def __init__(self, stack: Stack, seed: int) -> None:
        self.random = random.Random(seed)
        self.intake: asyncio.Queue[Connection] = asyncio.Queue()
        self.analytics: asyncio.Queue[Connection] = asyncio.Queue()
        for _ in range(CONNECTIONS):
            self.intake.put_nowait(Connection("127.0.0.1", stack.ports[0]))
            self.analytics.put_nowait(Connection("127.0.0.1", stack.ports[3]))
        self.matters = self._entries(stack, "matter")
        self.polygons = [shape(one["geometry"]) for one in self._entries(stack, "grid")]
        # A leader sees every case: of matters that are not public nobody else is told anything.
        self.reader = stack.bearer("leader")
        self.figures = Figures()

    @staticmethod
    def _entries(stack: Stack, kind: str) -> list[dict[str, Any]]:
        url = stack.url("intake", f"/v1/registry/{kind}?limit=500")
        return [one["entry"] for one in httpx.get(url, timeout=30).json()["items"]]

    def body(self) -> bytes:
        """A report on a random matter somewhere in a random grid."""
        polygon = self.random.choice(self.polygons)
        place = somewhere(polygon, self.random)
        return json.dumps(
            {
                "matter": self.random.choice(self.matters)["code"],
                "location": {"type": "Point", "coordinates": list(place)},
                "description": "benchmark",
                "source": "resident",
            }
        ).encode()

    async def one(self, number: int, body: bytes) -> None:
        """Post one incident; follow it into analytics when it is a sample."""
        headers = {"Idempotency-Key": str(uuid.uuid4()), "Content-Type": "application/json"}
        connection = await self.intake.get()
        started = time.perf_counter()
        try:
            status, answer = await self._insist(connection, headers, body)
        finally:
            self.intake.put_nowait(connection)
        accepted = time.perf_counter()
        self.figures.answered.append(accepted - started)
        if status != ACCEPTED:
            return
        incident = json.loads(answer)["incident_id"]
        self.figures.accepted.append(incident)
        if number % SAMPLE_EVERY == 0:
            await self._follow(incident, accepted)

    async def _insist(
        self, connection: Connection, headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes]:
        """Post until it is answered otherwise than by "not now"."""
        deadline = time.perf_counter() + GIVE_UP_S
        while True:
            try:
                status, answer = await connection.request("POST", "/v1/incidents", headers, body)
            except ConnectionError:
                self.figures.unanswered += 1
                if time.perf_counter() > deadline:
                    raise
            else:
                self.figures.statuses[status] += 1
                if status != BUSY or time.perf_counter() > deadline:
                    return status, answer
            await asyncio.sleep(AGAIN_S)

    async def _follow(self, incident: str, accepted: float) -> None:
        connection = await self.analytics.get()
        try:
            took = await until_visible(connection, self.reader, incident, accepted)
        finally:
            self.analytics.put_nowait(connection)
        if took is None:
            self.figures.never_visible.append(incident)
        else:
            self.figures.visible.append(took)

    async def strike(self, stack: Stack, victims: Sequence[str], seconds: int) -> None:
        """Kill these one after another, evenly over the time, and see each started again."""
        begun = time.perf_counter()
        for number, victim in enumerate(victims, start=1):
            at = begun + seconds * number / (len(victims) + 1)
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            started = time.perf_counter()
            dead = await asyncio.to_thread(stack.kill, victim)
            back = partial(_started_again, stack, victim, dead)
            await asyncio.to_thread(stack.wait_for, back, GIVE_UP_S, f"{victim} is started again")
            took = time.perf_counter() - started
            self.figures.killed.append(
                f"{victim} at {started - begun:.0f} s, started again {took:.1f} s later"
            )

    async def run(self, rate: int, seconds: int) -> None:
        """The open loop."""
        bodies = [self.body() for _ in range(rate * seconds)]
        tasks: set[asyncio.Task[None]] = set()
        start = time.perf_counter()
        with Progress() as progress:
            bar = progress.add_task("incidents", total=rate * seconds)
            for number in range(rate * seconds):
                wait = start + number / rate - time.perf_counter()
                if wait > 0:
                    await asyncio.sleep(wait)
                elif wait < -1:
                    self.figures.late_starts += 1
                task = asyncio.create_task(self.one(number, bodies[number]))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
                progress.advance(bar)
        await asyncio.gather(*tasks)


async def until_visible(
    connection: Connection, reader: dict[str, str], incident: str, accepted: float
) -> float | None:
    """The seconds from ``accepted`` until analytics showed what became of an incident.

    None when it did not in time.
    """
    while time.perf_counter() - accepted < GIVE_UP_S:
        with suppress(ConnectionError):
            status, answer = await connection.request("GET", f"/v1/cases/{incident}", reader)
            if status == OK and json.loads(answer)["state"] != "reported":
                return time.perf_counter() - accepted
        # Asking must not be the load: the pause grows with what has been waited. What is shown
        # meanwhile is seen so much too late, never too early.
        await asyncio.sleep(max(POLL_S, (time.perf_counter() - accepted) / 5))
    return None


def _started_again(stack: Stack, name: str, dead: int) -> bool:
    return stack.status()[name]["pid"] not in {None, dead}


def processor_share(
    stack: Stack, seconds: float, before: dict[tuple[str, int], float]
) -> dict[str, float]:
    """Of one core, what each process used meanwhile."""
    after = stack_times(stack)
    # What a process that was killed had used is not known any more: it is left out.
    return {
        name: (used - before[name, pid]) / seconds
        for (name, pid), used in after.items()
        if (name, pid) in before
    }


def stack_times(stack: Stack) -> dict[tuple[str, int], float]:
    """Processor seconds of each process of the stack so far, by name and pid."""
    times = {}
    for name, one in stack.status().items():
        if one["pid"] and psutil.pid_exists(one["pid"]):
            used = psutil.Process(one["pid"]).cpu_times()
            times[name, one["pid"]] = used.user + used.system
    return times


def goals(figures: Figures) -> dict[str, bool]:
    """Whether each goal was met; what never was visible misses its goal."""
    return {
        f"202 to visible in analytics p99 {GOAL_VISIBLE_S:.0f} s": not figures.never_visible
        and quantile(figures.visible, 0.99) < GOAL_VISIBLE_S,
        f"receipt to dispatched p99 {GOAL_DISPATCHED_S * 1000:.0f} ms": (
            quantile(figures.dispatched, 0.99) < GOAL_DISPATCHED_S
        ),
    }


def report(figures: Figures, shares: dict[str, float], rate: int, seconds: int) -> dict[str, Any]:
    """Print the table; the same figures as a dictionary."""
    table = Table(title=f"{rate} incidents/s for {seconds} s")
    for column in ("", "p50 ms", "p90 ms", "p99 ms", "max ms", "n"):
        table.add_column(column, justify="right")
    rows: dict[str, Any] = {}
    for name, values in (
        ("request to 202", figures.answered),
        ("receipt to dispatched", figures.dispatched),
        ("202 to visible in analytics", figures.visible),
    ):
        cells = [quantile(values, share) * 1000 for share in (0.5, 0.9, 0.99, 1)]
        rows[name] = dict(zip(("p50", "p90", "p99", "max"), cells, strict=True))
        table.add_row(name, *(f"{cell:.0f}" for cell in cells), str(len(values)))
    console = Console()
    console.print(table)
    console.print(
        "answers:", dict(figures.statuses), "unanswered:", figures.unanswered,
        "late starts:", figures.late_starts,
    )  # fmt: skip
    reached = goals(figures)
    for name, was_met in reached.items():
        console.print(f"goal {name} {met(was_met)}")
    if figures.never_visible:
        console.print(
            f"not visible within {GIVE_UP_S:.0f} s: {len(figures.never_visible)}:",
            *figures.never_visible[:5],
        )
    for one in figures.killed:
        console.print("killed:", one)
    console.print("cores used:", {name: round(share, 2) for name, share in shares.items()})
    return {
        "rows": rows,
        "statuses": dict(figures.statuses),
        "unanswered": figures.unanswered,
        "never_visible": figures.never_visible,
        "goals": reached,
        "killed": figures.killed,
        "cores": shares,
    }


def accounted_for(figures: Figures, audit: dict[str, Any]) -> bool:
    """Print whether every accepted incident is there, once, and the audit clean.

    Gives whether so, and every one that was followed became visible.
    """
    ids = set(figures.accepted)
    counted = len(ids) == len(figures.accepted) == audit["accepted"] - figures.ordered
    sound = bool(audit["clean"]) and counted and not figures.never_visible
    Console().print(
        "audit clean:", audit["clean"], "202:", len(figures.accepted), "ids:", len(ids),
        "accepted by the audit:", audit["accepted"], "of these by plans:", figures.ordered,
        "filed:", audit["filed"], "linked:", audit["linked"],
        "in review:", audit["in_review"], "rejected:", audit["rejected"],
    )  # fmt: skip
    for problem in audit["problems"][:5]:
        Console().print(problem)
    return sound


async def read_log(kafka: str) -> tuple[list[float], int]:
    """Of every case the seconds from its receipt to the record that says who has it.

    And how many incidents plans have ordered.
    """
    found: dict[str, float] = {}
    ordered: set[str] = set()
    async with KafkaLog(kafka) as log:
        for number in range(BUSY_PARTITIONS):
            async for records in log.read(number, await log.ends([INCIDENTS, CASES], number)):
                for one in records:
                    event = decode(one.headers, one.value, Origin(one.topic, number, one.offset))
                    if isinstance(event.data, CaseDispatched):
                        received = event.data.case.times.received_at.timestamp()
                        found.setdefault(event.subject, one.timestamp / 1000 - received)
                    elif isinstance(event.data, IncidentReported) and event.data.report.plan:
                        ordered.add(event.subject)
    return list(found.values()), len(ordered)


async def measure(load: Load, stack: Stack, options: argparse.Namespace) -> None:
    """The load, and beside it the killing."""
    victims = PROCESSES if options.kill == "all" else filter(None, [options.kill])
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(load.run(options.rate, options.seconds))
        tasks.create_task(load.strike(stack, tuple(victims), options.seconds))


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=300)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kill", choices=("all", *PROCESSES))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, running(Path(home)) as stack:
        load = Load(stack, options.seed)
        before = stack_times(stack)
        started = time.perf_counter()
        asyncio.run(measure(load, stack, options))
        shares = processor_share(stack, time.perf_counter() - started, before)
        for name in PROCESSES[:4]:
            stack.wait_ready(name)
        log = asyncio.run(read_log(stack.status()["kafka"]["address"]))
        load.figures.dispatched, load.figures.ordered = log
        figures = report(load.figures, shares, options.rate, options.seconds)
        figures["audit"] = stack.audit()
        sound = accounted_for(load.figures, figures["audit"])
        if options.json:
            options.json.write_text(json.dumps(figures, indent=1))
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
