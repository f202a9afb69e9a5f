"""202 means durable: a kill -9, MongoDB away or Kafka away lose nothing that was accepted."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from deploy.local.servers import KafkaServer, MongoServer, start_kafka, start_mongo
from shared.contracts.topics import INCIDENTS
from shared.platform.admin import ensure_topics
from tests.integration.intake.client import Intake, eventually, intake_process, read_all


class Stack:
    """An intake with servers that may be killed."""

    def __init__(self, intake: Intake, kafka: KafkaServer, mongo: MongoServer) -> None:
        self.intake = intake
        self.kafka = kafka
        self.mongo = mongo

    async def post(self, key: str) -> int:
        """Report once; the status, or 0 when the connection broke."""
        try:
            return (await self.intake.report(key, description=key)).status_code
        except httpx.TransportError:
            return 0

    async def insist(self, key: str) -> None:
        """Report with one key until it is accepted, as an app does."""

        async def accepted() -> bool:
            return await self.post(key) == 202

        await eventually(accepted, f"{key} is accepted", 60)

    async def on_the_log(self, keys: list[str]) -> None:
        """Wait until each of these is on the topic, as one event."""

        async def all_there() -> bool:
            found = await read_all(self.kafka.address, INCIDENTS)
            return set(keys) <= {event.data.report.description for event in found}

        await eventually(all_there, "everything accepted is on the log", 40)
        by_key: dict[str, set[str]] = {}
        for event in await read_all(self.kafka.address, INCIDENTS):
            by_key.setdefault(event.data.report.description, set()).add(event.id)
        assert all(len(by_key[key]) == 1 for key in keys)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    folder = tmp_path_factory.mktemp("durable")
    kafka, mongo = await asyncio.gather(start_kafka(folder), start_mongo(folder))
    process = intake_process(folder, kafka.address, mongo.uri)
    intake = Intake.of(process)
    try:
        await ensure_topics(kafka.address)
        await process.start()
        yield Stack(intake, kafka, mongo)
    finally:
        await process.stop()
        await intake.close()
        await asyncio.gather(kafka.stop(), mongo.stop())


def keys(count: int) -> list[str]:
    return [str(uuid.uuid4()) for _ in range(count)]


async def test_a_kill_right_after_the_answer_loses_nothing(stack: Stack) -> None:
    wanted = keys(40)
    statuses = await asyncio.gather(*(stack.post(key) for key in wanted))
    assert statuses == [202] * 40
    await stack.intake.process.kill()
    await stack.intake.process.start()
    await stack.on_the_log(wanted)


async def test_a_kill_under_load_accounts_for_every_answer(stack: Stack) -> None:
    wanted = keys(300)
    posting = [asyncio.create_task(stack.post(key)) for key in wanted]
    await asyncio.wait(posting, return_when=asyncio.FIRST_COMPLETED)
    await stack.intake.process.kill()
    statuses = await asyncio.gather(*posting)
    assert set(statuses) <= {202, 0}
    await stack.intake.process.start()
    await stack.on_the_log([key for key, one in zip(wanted, statuses, strict=True) if one == 202])
    for key in wanted[:20]:
        await stack.insist(key)
    await stack.on_the_log(wanted[:20])


async def test_without_its_database_it_answers_503_and_takes_up_again(stack: Stack) -> None:
    await stack.mongo.kill()
    key = str(uuid.uuid4())
    answer = await stack.intake.report(key, description=key)
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert int(answer.headers["retry-after"]) > 0
    asked = await stack.intake.http.get(f"/v1/incidents/{uuid.uuid4()}")
    assert (asked.status_code, asked.json()["code"]) == (503, "busy")
    await stack.mongo.start()
    await stack.insist(key)
    await stack.on_the_log([key])


async def test_a_database_killed_under_load_loses_nothing_that_was_accepted(stack: Stack) -> None:
    wanted = keys(200)

    async def paced(number: int, key: str) -> int:
        await asyncio.sleep(number / 200)
        return await stack.post(key)

    posting = [asyncio.create_task(paced(n, key)) for n, key in enumerate(wanted)]
    await asyncio.wait(posting[:50])
    await stack.mongo.kill()
    restarting = asyncio.create_task(stack.mongo.start())
    statuses = await asyncio.gather(*posting)
    await restarting
    assert set(statuses) <= {202, 503}
    assert 202 in statuses
    for key in wanted:
        await stack.insist(key)
    await stack.on_the_log(wanted)


async def test_without_the_broker_it_accepts_and_publishes_later(stack: Stack) -> None:
    await stack.kafka.kill()
    wanted = keys(30)
    statuses = await asyncio.gather(*(stack.post(key) for key in wanted))
    assert statuses == [202] * 30
    await stack.kafka.start()
    await stack.on_the_log(wanted)

    async def outboxes_empty() -> bool:
        receipts = stack.intake.database["receipts"]
        return await receipts.count_documents({"outbox.0": {"$exists": True}}) == 0

    await eventually(outboxes_empty, "the outboxes are empty", 40)
