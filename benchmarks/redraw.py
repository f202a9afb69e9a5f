"""How long it takes until all open cases of a redrawn grid lie where they now belong.

    python -m benchmarks.redraw --cases 1000
    python -m benchmarks.redraw --cases 1000 --kill

Starts a stack of its own in a temporary home, files the cases in one grid of the demo city, imports
that grid as two, and measures from the answer to the import until dispatch has walked them, and
until analytics shows all of them in the new grid. With ``--kill`` dispatch is killed with -9 in the
middle of it. Exit status 1 when a case was not moved exactly once, the audit is not clean, or a
rebuild of the figures finds others.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from tests.faults.redrawing import kill_in_the_walk, moves, open_in, plan, redraw, report, walked
from tests.stackdriver import Stack, running

GIVE_UP_S = 120.0


def measure(stack: Stack, cases: int, *, kill: bool) -> dict[str, float | bool]:
    """The figures of one redrawing; seconds."""
    found = plan(stack)
    ids = report(stack, found, cases)
    pid = int(stack.status()["dispatch"]["pid"])
    redraw(stack, found)
    started = time.perf_counter()
    figures: dict[str, float | bool] = {}
    if kill:
        kill_in_the_walk(stack, pid)
        figures["killed"] = time.perf_counter() - started
    else:
        stack.wait_for(lambda: walked(stack) >= cases, GIVE_UP_S, "dispatch has walked all")
        figures["walked"] = time.perf_counter() - started
    stack.wait_for(lambda: open_in(stack, found.new) >= cases, GIVE_UP_S, "all have moved")
    figures["visible"] = time.perf_counter() - started
    once = [moves(stack, one) == [(found.old, found.new)] for one in ids]
    figures["once"] = all(once) and len(once) == cases and open_in(stack, found.old) == 0
    stack.wait_ready("dispatch")
    if kill:
        figures["walked by its successor"] = walked(stack)
    audit = stack.audit()
    for problem in audit["problems"][:5]:
        Console().print(problem)
    figures["audit clean"] = bool(audit["clean"])
    figures["rebuild same"] = stack.run("rebuild", expect=None, timeout=180).returncode == 0
    return figures


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, running(Path(home)) as stack:
        figures = measure(stack, options.cases, kill=options.kill)
    Console().print(f"{options.cases} open cases in a redrawn grid:", figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    sound = figures["once"] and figures["audit clean"] and figures["rebuild same"]
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
