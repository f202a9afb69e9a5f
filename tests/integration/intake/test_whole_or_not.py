"""A change is whole or not at all, wherever intake is killed with -9."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from deploy.local.servers import KafkaServer, start_kafka
from services.intake.registry_writer import Stage
from shared.contracts.topics import REGISTRY
from shared.platform.admin import ensure_topics
from shared.platform.clock import system_clock
from shared.platform.security import Principal, Role
from shared.registry.reader import RegistryReader
from tests.integration.intake.client import Intake, bearer, eventually, intake_process, read_all
from tests.unit.intake.entries import grid, unit

ADMIN = bearer(Principal(subject="adm", roles=frozenset({Role.REGISTRY_ADMINISTRATOR})))
COUNT = 510  # three chunks
# Each stage once. Between the last chunk and all of them nothing is done: a kill there would find
# what it finds at the stage after. Two chunks of three are some that are done, and one that is not.
BEFORE = [(Stage.CHUNK_STAGED, 2), (Stage.STAGED, 1)]
AFTER = [
    (Stage.DECIDED, 1),
    (Stage.CHUNK_APPLIED, 2),
    (Stage.APPLIED, 1),
    (Stage.PUBLISHED, 1),
]


MERGED = 260  # two chunks of parts: one grid is set, the others end
AMID_A_MERGE = [Stage.CHUNK_STAGED, Stage.CHUNK_APPLIED]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def kafka_here(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[KafkaServer]:
    server = await start_kafka(tmp_path_factory.mktemp("kafka-of-imports"))
    try:
        await ensure_topics(server.address)
        yield server
    finally:
        await server.stop()


async def known(kafka: str, codes: list[str]) -> int:
    """How many of these units a reader of the topic knows of."""
    reader = RegistryReader(kafka, "test")
    await reader.start()
    try:
        snapshot, now = reader.current(), system_clock()
        return sum(snapshot.unit(code, now) is not None for code in codes)
    finally:
        await reader.stop()


@asynccontextmanager
async def healed(died: Intake, folder: Path) -> AsyncIterator[None]:
    """An unhurt intake in the place of the one that died, on its port and data."""
    process = intake_process(folder, died.kafka, died.process.settings["WANGGE_MONGO"])
    process.settings = died.process.settings
    process.port = died.process.port
    await process.start()
    try:
        yield
    finally:
        await process.stop()


@pytest.mark.parametrize(("stage", "times"), BEFORE + AFTER)
async def test_a_kill_at_any_stage_leaves_all_or_nothing(
    tmp_path: Path, kafka_here: KafkaServer, mongo: str, stage: Stage, times: int
) -> None:
    whole = (stage, times) in AFTER
    stopping = {"WANGGE_TEST_STOP_AT": f"{stage}:{times}"}
    module = "tests.integration.intake.stopped"
    kafka = kafka_here.address
    prefix = uuid.uuid4().hex[:8]
    codes = [f"u-{prefix}-{number:03}" for number in range(COUNT)]
    body = {"entries": [unit(code) for code in codes]}
    running = Intake.of(intake_process(tmp_path, kafka, mongo, module, **stopping))
    changes = running.database["changes"]
    try:
        await running.process.start()
        with pytest.raises(httpx.TransportError):
            await running.http.post("/v1/registry/import", json=body, headers=ADMIN)
        assert await running.process.wait() == -9
        assert await changes.count_documents({}) == whole
        assert await known(kafka, codes) in {0, COUNT}

        async with healed(running, tmp_path):

            async def done() -> bool:
                return await changes.count_documents({"state": "published"}) == whole

            await eventually(done, "what was decided is published")
            assert await known(kafka, codes) == (COUNT if whole else 0)
            again = await running.http.post("/v1/registry/import", json=body, headers=ADMIN)
            assert again.json()["count"] == (0 if whole else COUNT)
            assert await known(kafka, codes) == COUNT
        records = [
            event
            for event in await read_all(kafka, REGISTRY)
            if event.data.entry.code.startswith(f"u-{prefix}")
        ]
        assert len({event.id for event in records}) == COUNT
        assert {event.data.n for event in records} == {1}
        if whole:
            assert await running.database["registry_staging"].count_documents({}) == 0
    finally:
        await running.client.drop_database(running.database.name)
        await running.close()


def row(community: str) -> list[dict[str, Any]]:
    """Grids in a row."""
    found = []
    for number in range(1, MERGED + 1):
        west = 120 + number / 1024
        ring = [[west, 30], [west + 1 / 1024, 30], [west + 1 / 1024, 30.01], [west, 30.01]]
        square = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
        found.append(grid(f"{community}{number:03}", geometry=square))
    return found


async def in_force(kafka: str, codes: list[str]) -> list[str]:
    """Which of these grids a reader of the topic finds in force."""
    reader = RegistryReader(kafka, "test")
    await reader.start()
    try:
        snapshot, now = reader.current(), system_clock()
        return [code for code in codes if snapshot.ruling(f"grid/{code}", now) is not None]
    finally:
        await reader.stop()


@pytest.mark.parametrize("stage", AMID_A_MERGE)
async def test_a_kill_amid_a_merge_leaves_all_the_grids_or_the_one(
    tmp_path: Path, kafka_here: KafkaServer, mongo: str, stage: Stage
) -> None:
    whole = stage is Stage.CHUNK_APPLIED
    # Bringing the grids in has two chunks of its own; this is the first of the merge's two.
    stopping = {"WANGGE_TEST_STOP_AT": f"{stage}:3"}
    module = "tests.integration.intake.stopped"
    kafka = kafka_here.address
    community = f"990201{uuid.uuid4().int % 10**6:06}"
    grids = row(community)
    codes = [one["code"] for one in grids]
    body = {"kind": "merge", "codes": codes, "into": codes[0]}
    headers = ADMIN | {"Idempotency-Key": str(uuid.uuid4())}
    running = Intake.of(intake_process(tmp_path, kafka, mongo, module, **stopping))
    changes = running.database["changes"]
    try:
        await running.process.start()
        brought = await running.http.post(
            "/v1/registry/import?accept_findings=true",  # others have drawn there
            json={"entries": grids},
            headers=ADMIN,
        )
        assert brought.status_code == 200
        with pytest.raises(httpx.TransportError):
            await running.http.post("/v1/registry/redraw", json=body, headers=headers)
        assert await running.process.wait() == -9
        assert await changes.count_documents({}) == 1 + whole
        assert await in_force(kafka, codes) == codes

        async with healed(running, tmp_path):

            async def done() -> bool:
                return await changes.count_documents({"state": "published"}) == 1 + whole

            await eventually(done, "what was decided is published")
            assert await in_force(kafka, codes) == (codes[:1] if whole else codes)
            again = await running.http.post("/v1/registry/redraw", json=body, headers=headers)
            assert (again.status_code, again.json()["count"]) == (200, MERGED)
            assert await in_force(kafka, codes) == codes[:1]
        versions = {
            (event.data.entry.code, event.data.n)
            for event in await read_all(kafka, REGISTRY)
            if event.data.entry.code.startswith(community)
        }
        assert versions == {(code, n) for code in codes for n in (1, 2)}
    finally:
        await running.client.drop_database(running.database.name)
        await running.close()
