"""Real servers for the tests: one Kafka and one MongoDB a session, on free ports.

A session is one process: `make test` has three, each with its share of the files and servers of its
own. What is left running costs the others a fifth of a core a stack, so a stack or a service of a
folder's own lives as long as the tests of that folder, which all run in one process.

Tests keep apart by names of their own (topics, groups, databases); nobody stops these two. A test
that kills or stops a server starts one for itself (`deploy.local.servers`). Servers of one's own
are named by ``WANGGE_TEST_KAFKA`` (bootstrap) and ``WANGGE_TEST_MONGO`` (URI of a replica set).
"""

import asyncio
import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from deploy.local.servers import KafkaServer, MongoServer, start_kafka, start_mongo
from shared.platform.mongo import Database, connect, database

IN_MEMORY = Path("/dev/shm")  # noqa: S108  a folder with a random name is made in it
ROOM_BYTES = 1 << 30

SLOWEST_FIRST = (
    "tests/faults", "tests/integration/city", "tests/stack", "tests/e2e", "tests/integration",
    "tests/simulation", "tests/ledger",
)  # fmt: skip
"""Begun last, one of them would keep one process busy when the others are done."""
TOGETHER = frozenset(
    f"tests/{name}"
    for name in (
        "e2e", "integration/city", "integration/dispatch", "integration/escalation",
        "integration/intake",
    )
)  # fmt: skip
"""Folders whose tests share a running stack or service."""

# A property says what holds, not how fast: on a machine that does other work nothing is on time.
settings.register_profile("wangge", deadline=None)
settings.load_profile("wangge")


class ByFolder(LoadScopeScheduling):  # type: ignore[misc]  # pytest-xdist is untyped
    """A file's tests go to one process, and so do those of a folder that shares what runs."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        folder = file.rpartition("/")[0]
        return folder if folder in TOGETHER else file


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails beside a running stack shows what the logs of its processes said last."""
    report = yield
    driver = sys.modules.get("tests.stackdriver")
    if report.failed and driver is not None:
        report.sections += [
            (f"log of {name}", text)
            for stack in driver.RUNNING
            for name, text in stack.last_words().items()
            if text
        ]
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFolder:  # noqa: ANN401
    """Share the tests out by folders and files."""
    return ByFolder(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    found = (at for at, one in enumerate(SLOWEST_FIRST) if item.nodeid.startswith(f"{one}/"))
    return next(found, len(SLOWEST_FIRST))


@pytest.fixture(scope="session")
def mongo_folder() -> Iterator[Path]:
    """A folder in memory where there is room: durable writes then cost no disk."""
    roomy = IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > ROOM_BYTES
    with tempfile.TemporaryDirectory(prefix="wangge-", dir=IN_MEMORY if roomy else None) as path:
        yield Path(path)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def servers(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    mongo_folder: Path,
) -> AsyncIterator[dict[str, asyncio.Task[KafkaServer] | asyncio.Task[MongoServer]]]:
    """The servers that any test of this run asks for, all being started at once."""
    wanted = {
        name
        for item in request.session.items
        if isinstance(item, pytest.Function)
        for name in item.fixturenames
    }
    starting: dict[str, asyncio.Task[KafkaServer] | asyncio.Task[MongoServer]] = {}
    if "kafka" in wanted and "WANGGE_TEST_KAFKA" not in os.environ:
        folder = tmp_path_factory.mktemp("kafka")
        starting["kafka"] = asyncio.create_task(start_kafka(folder))
    if "mongo" in wanted and "WANGGE_TEST_MONGO" not in os.environ:
        starting["mongo"] = asyncio.create_task(start_mongo(mongo_folder))
    yield starting
    started = await asyncio.gather(*starting.values(), return_exceptions=True)
    await asyncio.gather(*(s.stop() for s in started if not isinstance(s, BaseException)))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def kafka(servers: dict[str, asyncio.Task[KafkaServer]]) -> str:
    """The bootstrap address of a real Kafka; topics are made by whoever needs them."""
    external = os.environ.get("WANGGE_TEST_KAFKA")
    return external or (await servers["kafka"]).address


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def mongo(servers: dict[str, asyncio.Task[MongoServer]]) -> str:
    """The URI of a real MongoDB, a replica set of one; each test takes a database of its own."""
    external = os.environ.get("WANGGE_TEST_MONGO")
    return external or (await servers["mongo"]).uri


@pytest_asyncio.fixture(loop_scope="session")
async def own(mongo: str) -> AsyncIterator[Database]:
    """A database of the test's own."""
    client = connect(mongo, "test")
    found = database(client, f"own_{uuid.uuid4().hex[:12]}")
    yield found
    await client.drop_database(found.name)
    client.close()
