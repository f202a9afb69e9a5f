"""What only commands change is swept too, and what is of another kind is settled beside."""

import asyncio

from shared.ledger.sweeping import SWEEP_AFTER, Sweeper, sweep
from tests.ledger.fake_world import FakeWorld
from tests.ledger.scripted import reported
from tests.ledger.waiting import until
from tests.ledger.worlds import Shell


async def test_a_sweep_needs_nothing_of_a_document_but_its_outbox(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    settler = fake_shell.processor.settler
    await settler.write([reported("a", "emit:2"), reported("b", "emit:1")])
    everywhere = range(settler.folder.home.partitions)
    assert await sweep(settler, everywhere) == 0
    fake_shell.clock.forward(SWEEP_AFTER.total_seconds() + 0.001)
    assert await sweep(settler, everywhere) == 2
    assert [raw["outbox"] for raw in fake_world.store.all().values()] == [[], []]


async def test_a_sweeper_goes_on_until_it_is_cancelled(
    fake_shell: Shell, fake_world: FakeWorld
) -> None:
    settler = fake_shell.processor.settler
    await settler.write([reported("a", "emit:1")])
    fake_shell.clock.forward(10)
    running = asyncio.create_task(Sweeper(settler).run())
    await until(lambda: not fake_world.store.all()["a"]["outbox"])
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert running.cancelled()
