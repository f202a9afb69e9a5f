"""Each contract test runs twice: on the fakes, and on real Kafka and MongoDB."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from shared.contracts.cases_v1 import IncidentRejected
from shared.contracts.catalog import TOPIC_OF
from tests.ledger.fake_world import FakeWorld
from tests.ledger.real_world import real_world
from tests.ledger.worlds import Shell, World


@pytest_asyncio.fixture(params=["fake", "real"], loop_scope="session")
async def world(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, kafka: str, mongo: str
) -> AsyncIterator[World]:
    """A world of the test's own; what the scripted decider emits goes to its topic."""
    if request.param == "fake":
        found: World = FakeWorld()
        monkeypatch.setitem(TOPIC_OF, IncidentRejected, found.outputs)
        yield found
        return
    async with real_world(kafka, mongo) as real:
        monkeypatch.setitem(TOPIC_OF, IncidentRejected, real.outputs)
        yield real


@pytest_asyncio.fixture(loop_scope="session")
async def shell(world: World) -> Shell:
    """A processor in that world, the only member of its group."""
    return Shell(world, await world.join())
