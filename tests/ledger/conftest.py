"""Each contract test runs twice: on the fakes, and on real Kafka and MongoDB."""

from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio
import structlog

from shared.contracts.catalog import TOPIC_OF
from shared.ledger.document import Raw
from tests.ledger.fake_world import FakeWorld
from tests.ledger.real_world import real_world
from tests.ledger.worlds import EMITTED, Shell, World


@pytest.fixture(autouse=True)
def plain_log() -> None:
    """One short line an entry: the default draws every traceback with all its variables."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["level", "event"]),
        ]
    )


@pytest_asyncio.fixture(params=["fake", "real"], loop_scope="session")
async def world(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, kafka: str, mongo: str
) -> AsyncIterator[World]:
    """A world of the test's own; what the scripted decider emits goes to its topic."""
    if request.param == "fake":
        fake = FakeWorld()
        monkeypatch.setitem(TOPIC_OF, EMITTED, fake.outputs)
        yield fake
        return
    async with real_world(kafka, mongo) as real:
        monkeypatch.setitem(TOPIC_OF, EMITTED, real.outputs)
        yield real


@pytest_asyncio.fixture(loop_scope="session")
async def shell(world: World) -> Shell:
    """A processor in that world, the only member of its group."""
    return Shell(world, await world.join())


@pytest.fixture
def looked(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The ids for which the store of the shell is asked, call by call."""
    asked: list[list[str]] = []
    load = shell.world.store.load

    async def noted(ids: Sequence[str]) -> dict[str, Raw]:
        asked.append(list(ids))
        return await load(ids)

    monkeypatch.setattr(shell.processor.settler.store, "load", noted)
    return asked


@pytest.fixture
def fake_world(monkeypatch: pytest.MonkeyPatch) -> FakeWorld:
    """A world on the fakes only, for what servers cannot be told to do."""
    found = FakeWorld()
    monkeypatch.setitem(TOPIC_OF, EMITTED, found.outputs)
    return found


@pytest_asyncio.fixture(loop_scope="session")
async def fake_shell(fake_world: FakeWorld) -> Shell:
    """A processor in that world."""
    return Shell(fake_world, await fake_world.join())
