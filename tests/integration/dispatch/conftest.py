"""A real dispatch, as a process, on a Kafka of its own: its consumer group has one name only."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from deploy.local.servers import start_kafka
from shared.platform.admin import ensure_topics
from tests.integration.dispatch.centre import Centre, dispatch_process
from tests.unit.dispatch.city import ENTRIES, entry_set, filing_each


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def centre(tmp_path_factory: pytest.TempPathFactory, mongo: str) -> AsyncIterator[Centre]:
    """A dispatch that runs while any test asks for it; its city is the unit tests' one."""
    folder = tmp_path_factory.mktemp("dispatch")
    kafka = await start_kafka(folder)
    process = dispatch_process(folder, kafka.address, mongo)
    running = Centre.of(process)
    try:
        await ensure_topics(kafka.address)
        await running.register(*map(entry_set, filing_each(ENTRIES)))
        await process.start()
        yield running
    finally:
        await process.stop()
        await running.client.drop_database(running.database.name)
        running.client.close()
        await kafka.stop()
