"""Decisions a second through the whole ledger, beside its steps alone and a bare loop.

    python -m benchmarks.ledger --reports 20000 --json ledger.json
    python -m benchmarks.ledger --reports 20000 --processes 2
    python -m benchmarks.ledger --reports 20000 --open 50000 --rounds 1

On a Kafka and a MongoDB of its own, with the rules of dispatch, the demo city and real contracts:
a report in, its filing and its dispatch out, in one process of dispatch or in several that share
the partitions. The steps alone have nothing to decide: every report becomes the case that the first
one did, with as large a document and the same two events; what they take, no rule can save. The
bare loop has the same records in and as many processes, a filing and a dispatch of the usual size
out each, FastStream and its options as ours, and no database: what would be left of the ledger
without its guarantees. All runs share the machine with both servers; the load average before them
is told, because a busy machine says little.
"""

import argparse
import asyncio
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from itertools import product
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.child import as_served
from benchmarks.goals import met
from benchmarks.loops import Kind, Run, Work, run
from benchmarks.reports import city, fill, large_city, usual
from deploy.local.servers import start_kafka, start_mongo
from shared.platform.admin import ensure_topics

BATCHES = (500, 1000)
GOAL_PER_S = 4_000
GOAL_RATIO = 0.4


async def measure(reports: int, rounds: int, open_cases: int, processes: int) -> list[Run]:
    """Each batch size, all loops in turn, so often; the cases of the ledger are open."""
    runs: list[Run] = []
    with tempfile.TemporaryDirectory(prefix="wangge-bench-") as name:
        folder = Path(name)
        kafka, mongo = await asyncio.gather(start_kafka(folder), start_mongo(folder, test=False))
        try:
            await ensure_topics(kafka.address)
            registry = large_city() if open_cases else city()
            values = usual(registry)
            pids = {"kafka": kafka.pid, "mongo": mongo.pid}

            def work(kind: Kind, batch: int, number: int) -> Work:
                tag, large = f"{batch}-{number}", bool(open_cases)
                return Work(kind, kafka.address, mongo.uri, batch, tag, large, values)

            if open_cases:
                await fill(kafka.address, registry, open_cases)
                for batch, number in product(BATCHES, range(rounds)):
                    await run(work(Kind.LEDGER, batch, number), open_cases, processes, pids)
            # Other reports than those before: the same again would be their duplicates.
            await fill(kafka.address, registry, reports, seed=2)
            for number, batch in product(range(rounds), BATCHES):
                runs.append(await run(work(Kind.LEDGER, batch, number), reports, processes, pids))
                for kind in (Kind.STEPS, Kind.BARE):
                    other = work(kind, batch, number)
                    runs.append(await run(other, open_cases + reports, processes, pids))
        finally:
            await asyncio.gather(kafka.stop(), mongo.stop())
    return runs


def best(runs: Sequence[Run], kind: str, batch: int) -> Run:
    """The fastest round: what disturbs a measurement only ever slows it down."""
    return max(
        (run for run in runs if (run.kind, run.batch) == (kind, batch)),
        key=lambda run: run.per_second,
    )


def _spent(ledger: Run, alone: Run, bare: Run) -> dict[str, float]:
    """Microseconds a decision, by what takes them."""
    return {
        **{f"until {name}": spent for name, spent in ledger.steps.items()},
        "processor: dispatch": ledger.cpu,
        **{f"processor: {name}": used for name, used in ledger.servers.items()},
        "processor: six steps alone": alone.cpu,
        **{f"processor: {name}, of these": used for name, used in alone.servers.items()},
        "processor: bare loop": bare.cpu,
        "processor: kafka, of it": bare.servers["kafka"],
    }


def report(runs: Sequence[Run], load: float) -> dict[str, object]:
    """Print the tables; the same figures as a dictionary."""
    console = Console()
    processes = runs[0].processes
    speeds = Table(title=f"decisions/s, processes: {processes} (load average before: {load:.2f})")
    for column in ("batch", "ledger", "dispatched", "steps", "bare", "ratio", "goals"):
        speeds.add_column(column, justify="right")
    figures = []
    for batch in BATCHES:
        ledger, alone, bare = (best(runs, kind, batch) for kind in Kind)
        ratio = ledger.per_second / bare.per_second
        speeds.add_row(
            str(batch), f"{ledger.per_second:,.0f}",
            f"{ledger.dispatched / ledger.decisions:.0%}",
            f"{alone.per_second:,.0f}", f"{bare.per_second:,.0f}", f"{ratio:.2f}",
            f"{GOAL_PER_S:,} {met(ledger.per_second >= GOAL_PER_S)}, "
            f"{GOAL_RATIO} {met(ratio >= GOAL_RATIO)}",
        )  # fmt: skip
        found = {"ledger": ledger.per_second, "steps": alone.per_second, "bare": bare.per_second}
        figures.append({"batch": batch, **found, "ratio": ratio})
    console.print(speeds)
    steps = Table(title="where the time goes: µs a decision")
    steps.add_column("", justify="left")
    for batch in BATCHES:
        steps.add_column(f"batches of {batch}", justify="right")
    columns = [_spent(*(best(runs, kind, one) for kind in Kind)) for one in BATCHES]
    for name in columns[0]:
        steps.add_row(name, *(f"{column[name]:.0f}" for column in columns))
    console.print(steps)
    return {"load": load, "best": figures, "runs": [asdict(run) for run in runs]}


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument(
        "--open",
        type=int,
        default=0,
        help="in a city of 100,000 grids and 200,000 components, behind so many open cases",
    )
    parser.add_argument("--processes", type=int, default=1, help="of dispatch, and of the loop")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    as_served()
    load = os.getloadavg()[0]
    asked = (options.reports, options.rounds, options.open, options.processes)
    figures = report(asyncio.run(measure(*asked)), load)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
