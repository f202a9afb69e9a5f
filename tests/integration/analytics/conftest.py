"""A Kafka and a database for analytics alone: its consumer group has one name only."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from deploy.local.servers import start_kafka
from shared.platform.admin import ensure_topics
from shared.platform.mongo import connect
from tests.integration.analytics.station import Station


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def station(tmp_path_factory: pytest.TempPathFactory, mongo: str) -> AsyncIterator[Station]:
    """Servers without an analytics; each module has its own."""
    folder = tmp_path_factory.mktemp("analytics")
    kafka = await start_kafka(folder / "kafka")
    client = connect(mongo, "test")
    found = Station(kafka.address, mongo, client, folder)
    try:
        await ensure_topics(kafka.address)
        yield found
    finally:
        await client.drop_database(found.name)
        client.close()
        await kafka.stop()
