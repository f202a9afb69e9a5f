"""A real escalation, as a process, on a Kafka of its own: its consumer group has one name only."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from deploy.local.servers import start_kafka
from shared.platform.admin import ensure_topics
from tests.integration.escalation.office import Office, escalation_process


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def office(tmp_path_factory: pytest.TempPathFactory, mongo: str) -> AsyncIterator[Office]:
    """An escalation that runs while any test asks for it."""
    folder = tmp_path_factory.mktemp("escalation")
    kafka = await start_kafka(folder)
    process = escalation_process(folder, kafka.address, mongo)
    running = Office.of(process)
    try:
        await ensure_topics(kafka.address)
        await process.start()
        yield running
    finally:
        await process.stop()
        await running.client.drop_database(running.database.name)
        running.client.close()
        await kafka.stop()
