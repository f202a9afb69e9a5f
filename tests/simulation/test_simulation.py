"""Duplicates, crashes, rebalances, clock jumps, failing doors: all invariants hold."""

import pytest
import structlog

from shared.contracts.catalog import TOPIC_OF
from tests.ledger.worlds import EMITTED
from tests.simulation.runs import simulate
from tests.simulation.world import OUTPUTS, World

SEEDS = range(1, 101)


@pytest.fixture(autouse=True)
def simulated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events go to the simulated topic, and nothing is logged."""
    monkeypatch.setitem(TOPIC_OF, EMITTED, OUTPUTS)
    monkeypatch.setattr("shared.ledger.processing.FAILURE_PAUSE_S", 0.0)
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())


@pytest.mark.parametrize("seed", SEEDS)
async def test_every_invariant_holds_at_rest(seed: int) -> None:
    world = await simulate(seed)
    assert world.fed


async def test_a_seed_replays_to_the_byte() -> None:
    def traces(world: World) -> object:
        return world.store.all(), world.log.read(OUTPUTS.name), world.crashes, world.rebalances

    first, second = await simulate(4711), await simulate(4711)
    assert traces(first) == traces(second)


async def test_the_trouble_that_is_simulated_does_happen() -> None:
    worlds = [await simulate(seed) for seed in range(1000, 1010)]
    assert sum(world.crashes for world in worlds) > 10
    assert sum(world.rebalances for world in worlds) > 10
    published = [record for world in worlds for record in world.log.read(OUTPUTS.name)]
    ids = {dict(record.headers)["ce_id"] for record in published}
    assert len(published) > len(ids) + 50
