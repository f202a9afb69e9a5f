"""Timers at scale: a million marks due at once, and how late they are at a thousand a second.

    python -m benchmarks.timers                     # a million open cases: some ten minutes
    python -m benchmarks.timers --cases 100000 --processes 1 2

On a Kafka and a MongoDB of its own, with escalation's ledger as the service composes it, in one
process or several that share the partitions. Every case has three clocks that run and one mark that
is due: every other one approaches its limit (one event), the others breach it (two events). New
cases come in meanwhile at a steady pace. The bare loop finds the same documents, publishes a record
of each and sets them undue: no rules, no outbox, no promises. Exit status 1 when a mark is missing
or was answered twice.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from benchmarks.answering import Servers, answer, bare_loop
from benchmarks.child import Child, processor_times
from benchmarks.goals import met
from benchmarks.observing import Observer, feed
from deploy.local.servers import KafkaServer, MongoServer, start_kafka, start_mongo
from services.escalation.domain.deciding import WALKS
from shared.ledger.kafka import KafkaPublisher
from shared.ledger.mongo_store import MongoStore
from shared.ledger.steps import Step
from shared.platform.admin import ensure_topics
from shared.platform.broker import build_broker
from shared.platform.mongo import connect, database
from tests.integration.escalation.backlog import write

WEEK_S = 7 * 86_400
FLOOR_PER_S, GOAL_PER_S, GOAL_LATE_S = 4_000, 10_000, 1.0
STALLED_S = 60.0
STEADY = "steady"
LEAD_S, FILLED_PER_S = 25.0, 3_000
"""The first mark of a steady run is due when its documents and processes are there for sure."""


@dataclass
class Figures:
    """One run; ``steps`` and ``cores`` by name: µs a mark, and processors used."""

    name: str
    marks: int = 0
    orders: int = 0
    seconds: float = 0.0
    doubled: int = 0
    missing: int = 0
    inversions: int = 0
    deepest_s: float = 0.0
    late: dict[str, float] = field(default_factory=dict)
    handled: dict[str, float] = field(default_factory=dict)
    waiting: int = 0
    steps: dict[str, float] = field(default_factory=dict)
    cores: dict[str, float] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        """Whether every mark was answered once."""
        return not self.missing and not self.doubled

    @property
    def per_second(self) -> float:
        """Answered marks a second."""
        return self.marks / self.seconds if self.seconds else 0.0


@dataclass
class Bench:
    """The servers, and what is asked of them."""

    kafka: KafkaServer
    mongo: MongoServer
    console: Console
    new_cases: int

    def at(self, name: str) -> Servers:
        """The servers with a database of that name."""
        return Servers(self.kafka.address, self.mongo.uri, name)

    async def fill(self, name: str, count: int, due: Callable[[int], datetime]) -> None:
        """So many open cases in a new database."""
        client = connect(self.mongo.uri, "fill")
        own = database(client, name)
        await MongoStore(own["watches"]).prepare(timers=True, walks=[one.columns for one in WALKS])
        columns = (TextColumn(f"{name}: open cases"), BarColumn(), MofNCompleteColumn(),
                   TimeElapsedColumn())  # fmt: skip
        with Progress(*columns, console=self.console) as progress:
            task = progress.add_task("", total=count)
            await write(own, name, count, due, lambda n: progress.update(task, completed=n))
        client.close()

    async def answered(
        self, name: str, count: int, processes: int, begin: Callable[[], None] | None = None
    ) -> Figures:
        """Let so many processes answer so many marks, and say what was seen."""
        observer = Observer(self.kafka.address)
        answerers = [Child(partial(answer, self.at(name))) for _ in range(processes)]
        for one in answerers:
            await one.hear("ready")
        broker = build_broker(self.kafka.address, "feed")
        await broker.start()
        beside = [
            asyncio.create_task(observer.run()),
            asyncio.create_task(feed(KafkaPublisher(broker), observer, self.new_cases)),
        ]
        await asyncio.sleep(2.0)
        pids = {"kafka": self.kafka.pid, "mongo": self.mongo.pid} | {
            f"escalation {number}": one.process.pid for number, one in enumerate(answerers, 1)
        }
        if begin is not None:
            begin()
        before, began = processor_times(pids), time.time()
        for one in answerers:
            one.tell("begin")
        await self._until(observer, count, name)
        after, ended = processor_times(pids), time.time()
        beside[1].cancel()
        for one in answerers:
            one.tell("end")
        spent = [await one.end() for one in answerers]
        await asyncio.sleep(0.5)
        beside[0].cancel()
        for task in beside:
            with suppress(asyncio.CancelledError):
                await task
        await broker.stop()
        seconds = observer.last - began
        figures = Figures(
            name, observer.marks, observer.orders, seconds, observer.doubled,
            count - observer.marks, observer.inversions, observer.deepest_s,
            _quantiles(observer.lateness), _quantiles(observer.handled), len(observer.asked),
        )  # fmt: skip
        for steps in spent:
            for step, used in steps.items():
                figures.steps[step] = figures.steps.get(step, 0.0) + used / count * 1e6
        figures.cores = {one: (after[one] - before[one]) / (ended - began) for one in pids}
        return figures

    async def _until(self, observer: Observer, count: int, name: str) -> None:
        columns = (TextColumn(f"{name}: answered"), BarColumn(), MofNCompleteColumn(),
                   TimeElapsedColumn())  # fmt: skip
        moved, seen = time.time(), 0
        with Progress(*columns, console=self.console) as progress:
            task = progress.add_task("", total=count)
            while observer.marks < count and time.time() - moved < STALLED_S:
                await asyncio.sleep(0.2)
                if observer.marks != seen:
                    moved, seen = time.time(), observer.marks
                progress.update(task, completed=seen)


def _quantiles(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values) or [float("nan")]
    return {
        name: ordered[min(len(ordered) - 1, int(share * len(ordered)))]
        for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0))
    }


async def measure(options: argparse.Namespace, console: Console) -> tuple[list[Figures], float]:
    """Every drain, the steady run, and the bare loop's marks a second."""
    runs: list[Figures] = []
    with tempfile.TemporaryDirectory(prefix="wangge-bench-") as name:
        folder = Path(name)
        kafka, mongo = await asyncio.gather(start_kafka(folder), start_mongo(folder, test=False))
        try:
            await ensure_topics(kafka.address)
            bench = Bench(kafka, mongo, console, options.new_cases)
            for processes in options.processes:
                tag = f"drain-{processes}"
                await bench.fill(tag, options.cases, over_a_week())
                runs.append(await bench.answered(tag, options.cases, processes))
            if options.seconds:
                runs.append(await _steady(bench, options.rate, options.seconds))
            bare = await _bare(bench, min(options.cases, options.bare))
        finally:
            await asyncio.gather(kafka.stop(), mongo.stop())
    return runs, bare


def over_a_week() -> Callable[[int], datetime]:
    """Due instants anywhere in the week that has passed."""
    now, draw = datetime.now(UTC), random.Random(1)
    return lambda _number: now - timedelta(seconds=draw.uniform(1, WEEK_S))


async def _steady(bench: Bench, rate: int, seconds: int) -> Figures:
    """Marks that fall due one after another, the first when all is ready."""
    count = rate * seconds
    first = datetime.now(UTC) + timedelta(seconds=LEAD_S + count / FILLED_PER_S)
    await bench.fill(STEADY, count, lambda n: first + timedelta(seconds=n / rate))
    return await bench.answered(STEADY, count, 1)


async def _bare(bench: Bench, count: int) -> float:
    if not count:
        return 0.0
    await bench.fill("bare", count, over_a_week())
    return await bare_loop(bench.at("bare"), count)


def report(runs: Sequence[Figures], bare: float, load: float, console: Console) -> dict[str, Any]:
    """Print the tables; the same figures as a dictionary."""
    console.print(_drains([one for one in runs if one.name != STEADY], bare, load))
    for one in runs:
        if one.name == STEADY:
            console.print(
                f"{one.marks:,} marks at a steady rate: late by {_told(one.late)} ms "
                f"(p50/p99/max), goal p99 {GOAL_LATE_S:.0f} s "
                f"{met(one.late['p99'] < GOAL_LATE_S)}"
            )
    console.print(_steps(runs))
    for one in runs:
        if not one.sound:
            console.print(f"{one.name}: {one.missing} missing, {one.doubled} answered again")
    told = [asdict(one) | {"per_second": one.per_second} for one in runs]
    return {"load": load, "bare": bare, "runs": told}


def _drains(runs: Sequence[Figures], bare: float, load: float) -> Table:
    return _beside(
        f"a backlog drained (load average before: {load:.2f})",
        runs,
        [_drained(one, bare) for one in runs],
    )


def _drained(one: Figures, bare: float) -> dict[str, str]:
    rate = one.per_second
    return {
        "marks": f"{one.marks:,}",
        "marks/s": f"{rate:,.0f}",
        "events/s": f"{(one.marks + one.orders) / one.seconds:,.0f}",
        "beside the bare loop": f"{rate / bare:.2f} of {bare:,.0f}" if bare else "-",
        f"floor {FLOOR_PER_S:,}": met(rate >= FLOOR_PER_S),
        f"goal {GOAL_PER_S:,}": met(rate >= GOAL_PER_S),
        "out of order": f"{one.inversions:,}, by {one.deepest_s:.0f} s",
        "new cases p50/p99/max ms": _told(one.handled),
        "new cases that wait": str(one.waiting),
    }


def _steps(runs: Sequence[Figures]) -> Table:
    return _beside("where the time goes", runs, [_spent(one) for one in runs])


def _spent(one: Figures) -> dict[str, str]:
    names = [step.value for step in Step if step in one.steps]
    return {f"µs a mark, until {name}": f"{one.steps[name]:.0f}" for name in names} | {
        f"cores, {name}": f"{used:.2f}" for name, used in one.cores.items()
    }


def _beside(title: str, runs: Sequence[Figures], columns: Sequence[Mapping[str, str]]) -> Table:
    """A column a run; a terminal has 80 characters at least."""
    table = Table(title=title)
    for column in ("", *(one.name for one in runs)):
        table.add_column(column, justify="right" if column else "left")
    for name in dict.fromkeys(chain.from_iterable(columns)):
        table.add_row(name, *(column.get(name, "-") for column in columns))
    return table


def _told(quantiles: Mapping[str, float]) -> str:
    return "/".join(f"{value * 1000:.0f}" for value in quantiles.values())


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000, help="open cases of a drain")
    parser.add_argument("--processes", type=int, nargs="*", default=[1], help="a drain for each")
    parser.add_argument("--rate", type=int, default=1_000, help="marks a second of the steady run")
    parser.add_argument("--seconds", type=int, default=60, help="of the steady run; 0: none")
    parser.add_argument("--new-cases", type=int, default=20, help="new cases a second, meanwhile")
    parser.add_argument("--bare", type=int, default=100_000, help="marks of the bare loop; 0: none")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    load, console = os.getloadavg()[0], Console()
    runs, bare = asyncio.run(measure(options, console))
    figures = report(runs, bare, load, console)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    return 0 if all(one.sound for one in runs) else 1


if __name__ == "__main__":
    sys.exit(main())
