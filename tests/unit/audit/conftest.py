"""A small city to audit."""

import pytest_asyncio

from tests.unit.audit.world import World


@pytest_asyncio.fixture
async def city() -> World:
    """The golden city, with nothing reported yet."""
    world = World()
    await world.import_city()
    return world
