"""Every ledger handler of every service: delivered twice, and killed between any two turns.

The history is one that the services made of reports and actions, in which every row of dispatch's
table of transitions is taken. The handlers are those that the services compose, by their own
functions: one that is new takes part by itself, and fails here while nothing is delivered to it.
"""

import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import pytest_asyncio

import services
from services.analytics.rollups import Rollups
from services.dispatch import handlers as dispatch
from shared.contracts.topics import CASES
from shared.ledger.kafka import KafkaPublisher
from shared.ledger.ports import Record
from shared.ledger.steps import Step
from shared.platform.broker import build_broker
from shared.platform.mongo import connect, database
from tests.fakes.clock import MovedClock
from tests.fakes.registry import FakeRegistry
from tests.ledger.composed import (
    MODULES,
    Composed,
    FakeGround,
    Ground,
    RealGround,
    compose,
    instant,
    topics_of,
)
from tests.ledger.duplicator import Duplicator
from tests.ledger.real_world import create_topics, read_topic
from tests.ledger.turns import CITY_OF_TURNS, History, whole_history
from tests.ledger.worlds import header
from tests.simulation.chaos import Crash

Outcome = tuple[dict[str, Any], dict[str, tuple[str, bytes | None, bytes | None]]]
Site = tuple[Ground, Callable[[], Awaitable[Outcome]]]
"""Where handlers run, and what that has come to."""
WRITES = "version"
"""How often a document was written."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def history() -> History:
    return await whole_history()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def undisturbed(history: History) -> Outcome:
    """What dispatch makes of the history when nobody kills it."""
    async with fake_site() as (ground, outcome):
        process = new_process(ground, [dispatch])
        for (record,) in batches(history, "dispatch", 1):
            process.clock.now = instant(record)
            assert await process.processor("dispatch").handle([record])
        await process.rest()
        return await outcome()


@pytest.fixture(params=["fake", "real"])
def new_site(request: pytest.FixtureRequest, kafka: str, mongo: str) -> Callable[[], Any]:
    """Makes sites that have nothing in common."""
    return fake_site if request.param == "fake" else lambda: real_site(kafka, mongo)


@asynccontextmanager
async def fake_site() -> AsyncIterator[Site]:
    ground = FakeGround()

    async def outcome() -> Outcome:
        topics = {one for one, _ in ground.log._records}
        found = [one for topic in sorted(topics) for one in ground.log.read(topic)]
        return compared(await ground.documents()), contents(found)

    yield ground, outcome


@asynccontextmanager
async def real_site(kafka: str, mongo: str) -> AsyncIterator[Site]:
    name = f"handlers-{uuid.uuid4().hex[:12]}"
    outputs, client = replace(CASES, name=name), connect(mongo, "handlers")
    await create_topics(kafka, outputs)
    async with build_broker(kafka, "handlers") as broker:
        await broker.start()
        into = database(client, name)
        ground = RealGround(into, outputs, KafkaPublisher(broker), Rollups(into))
        await ground.rollups.prepare()

        async def outcome() -> Outcome:
            found = await read_topic(kafka, outputs)
            return compared(await ground.documents()), contents(found)

        try:
            yield ground, outcome
        finally:
            await client.drop_database(name)
            client.close()


def compared(documents: Any) -> dict[str, Any]:  # noqa: ANN401
    """Of each document what does not tell how often, or from what, it was written."""
    return {
        collection: {
            key: {name: one for name, one in raw.items() if name != WRITES and one is not None}
            for key, raw in found.items()
        }
        for collection, found in documents.items()
    }


def contents(
    records: Sequence[Record],
) -> dict[str, tuple[str, bytes | None, bytes | None]]:
    """What was published, by the event's id: its number, key and bytes."""
    found: dict[str, tuple[str, bytes | None, bytes | None]] = {}
    for one in records:
        content = header(one, "ce_sequence"), one.key, one.value
        assert found.setdefault(header(one, "ce_id"), content) == content, "one id, two contents"
    return found


def new_process(ground: Ground, of: Sequence[ModuleType] = MODULES) -> Composed:
    return compose(ground, MovedClock(), FakeRegistry(CITY_OF_TURNS, end=1000), of)


def batches(history: History, service: str, size: int) -> Iterator[list[Record]]:
    """What a service reads, in its order, so many records at once."""
    mine = [one for one in history.records if one.topic in topics_of(service)]
    for first in range(0, len(mine), size):
        yield mine[first : first + size]


async def deliver(history: History, processes: Sequence[Composed], size: int) -> None:
    """The whole history to every handler: once to one process, or to several and again."""
    for handler, commands in history.commands.items():
        for one in commands:
            for process in (*processes, *processes[1:]):
                process.clock.now = one.time
                await process.settlers[handler].settle([one])
    for service in processes[0].subscriptions:
        each = [one.processor(service) for one in processes]
        handle = Duplicator(*each).handle if len(each) > 1 else each[0].handle
        for records in batches(history, service, size):
            for process in processes:
                process.clock.now = instant(records[-1])
            assert await handle(records) is not False
    for process in processes:
        await process.rest()


def test_a_settler_is_made_nowhere_but_where_a_service_composes_its_handlers() -> None:
    makes = {
        path.relative_to(Path(services.__path__[0])).as_posix()
        for path in Path(services.__path__[0]).rglob("*.py")
        if re.search(r"\bSettler(\[\w+\])?\($|\bSettler(\[\w+\])?\([^)]", path.read_text("utf-8"))
    }
    assert makes == {f"{one.__name__.split('.')[1]}/handlers.py" for one in MODULES}


async def test_everything_delivered_twice_and_again_after_a_restart_is_as_delivered_once(
    history: History, new_site: Callable[[], Any]
) -> None:
    """To two processes of each service, in turns and backwards; then to a third one all of it."""
    async with new_site() as (ground, outcome):
        process = new_process(ground)
        await deliver(history, [process], 25)
        once = await outcome()
    for handler in process.settlers:
        assert once[0][handler.split("/")[1]], f"nothing is delivered to {handler}"
    async with new_site() as (ground, outcome):
        await deliver(history, [new_process(ground), new_process(ground)], 25)
        assert await outcome() == once
        await deliver(history, [new_process(ground)], 500)
        assert await outcome() == once


@pytest.mark.parametrize("step", [step for step in Step if step is not Step.COUNTED])
async def test_a_kill_in_any_turn_after_any_step_of_the_ledger_loses_no_turn_and_takes_none_twice(
    history: History, undisturbed: Outcome, step: Step
) -> None:
    """Dispatch is killed in each turn of the history, and starts again: before the turn is durable,
    after it, and before the next. Every row of the table is one of them.

    On the stores and the log in memory: a kill -9 of a process costs seconds, and here are more
    than a hundred turns, seven steps each. That real servers keep what they acknowledged to one
    that is killed is shown with the scripted handler (``test_crash``), and of the six processes of
    the whole stack by ``tests/faults``.
    """
    kills = 0
    async with fake_site() as (ground, outcome):
        for (record,) in batches(history, "dispatch", 1):
            kills += await killed(dispatch_at(ground, record), record, step)
            restarted = dispatch_at(ground, record)
            assert await restarted.processor("dispatch").handle([record])
        await restarted.rest()
        assert await outcome() == undisturbed
    assert kills >= len(history.commands["intake/receipts"]), "in every turn"


def dispatch_at(ground: Ground, record: Record) -> Composed:
    """A dispatch that has just started as a record comes."""
    process = new_process(ground, [dispatch])
    process.clock.now = instant(record)
    return process


async def killed(process: Composed, record: Record, step: Step) -> bool:
    """Whether dispatch came so far with a record, and was killed there."""

    def kill(done: Step) -> None:
        if done is step:
            raise Crash

    process.processor("dispatch").settler.step = kill
    try:
        await process.processor("dispatch").handle([record])
    except Crash:
        return True
    return False
