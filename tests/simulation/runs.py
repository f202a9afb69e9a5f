"""One run from one seed; as a program, many of them.

python -m tests.simulation.runs --from 1 --count 1000
python -m tests.simulation.runs --from 4711 --count 1     replays the failure of seed 4711
"""

import argparse
import asyncio
import sys
import traceback

import structlog

from shared.contracts.catalog import TOPIC_OF
from tests.ledger.worlds import EMITTED
from tests.simulation.chaos import Chaos
from tests.simulation.invariants import check
from tests.simulation.world import OUTPUTS, World

ROUNDS = 60


async def simulate(seed: int) -> World:
    """A world after so many rounds and a rest, with its invariants checked."""
    world = World(Chaos(seed))
    for _ in range(ROUNDS):
        await world.round()
    await world.rest()
    check(world)
    return world


def main() -> None:
    """Run seeds; print those that fail, with the reason."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="first", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    options = parser.parse_args()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    TOPIC_OF[EMITTED] = OUTPUTS
    failed = []
    for seed in range(options.first, options.first + options.count):
        try:
            asyncio.run(simulate(seed))
        except Exception:  # noqa: BLE001 - the seed is what is looked for
            failed.append(seed)
            sys.stderr.write(f"seed {seed}:\n{traceback.format_exc()}\n")
    sys.stdout.write(f"{options.count} runs, failed seeds: {failed}\n")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
