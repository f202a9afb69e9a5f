"""Two processes of one group, and one of them is killed: the other takes over, nothing is lost."""

import asyncio
import os
import signal
import uuid
from collections import Counter
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess

import pytest

from shared.contracts.catalog import TOPIC_OF
from shared.ledger.decider import Context
from shared.ledger.folding import Folder
from shared.ledger.steps import Step
from shared.platform.broker import SESSION_TIMEOUT_MS
from shared.platform.partitioning import partition_of
from shared.registry.snapshot import Snapshot
from tests.fakes.clock import START
from tests.ledger.real_world import RealWorld, real_world
from tests.ledger.scripted import Scripted, Told, reported
from tests.ledger.waiting import until_true
from tests.ledger.worker import Task, start
from tests.ledger.worlds import EMITTED, PARTITIONS, header, record

COUNT = 600
BACKLOG = 3_000


async def owning(told: Connection, count: int) -> None:
    """Until the process says that it owns so many partitions."""
    last = -1
    async with asyncio.timeout(60):
        while last != count:
            last = await asyncio.to_thread(told.recv)


async def feed(world: RealWorld) -> None:
    """Records one after another, some of them twice."""
    for number in range(COUNT):
        event = reported(f"d{number % 200}", f"emit:{number % 3} n:{number}")
        await world.append(record(world.inputs, event))
        if number % 10 == 0:
            await world.append(record(world.inputs, event))
        await asyncio.sleep(0.002)


async def test_the_other_process_takes_over_and_nothing_is_lost_or_doubled(
    kafka: str, mongo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with real_world(kafka, mongo) as world:
        monkeypatch.setitem(TOPIC_OF, EMITTED, world.outputs)
        task = task_in(world, mongo)
        (victim, of_victim), (heir, of_heir) = start(task), start(task)
        try:
            await asyncio.gather(
                owning(of_victim, PARTITIONS // 2), owning(of_heir, PARTITIONS // 2)
            )
            feeding = asyncio.create_task(feed(world))
            await until_handled(world, COUNT // 4)
            kill(victim)
            await owning(of_heir, PARTITIONS)
            await feeding
            await until_handled(world, COUNT)
            await until_empty(world)
        finally:
            for process in (victim, heir):
                process.kill()
        await check(world)


async def put_due(world: RealWorld) -> None:
    """Documents that are all due, some of them twice, as batches have left them."""
    folder: Folder[Told] = Folder("pair", Scripted(), partition_of, world.inputs)
    changes = []
    for number in range(BACKLOG):
        document = folder.open(f"d{number}", None)
        for n in range(1 + number % 2):
            words = f"due:{number + n * BACKLOG}"
            folder.take(document, reported(document.id, words), Context(START, Snapshot()))
        changes.append(folder.change(document))
    assert not (await world.store.write(changes)).lost


async def test_of_two_that_share_a_backlog_of_timers_one_is_killed_and_each_is_answered_once(
    kafka: str, mongo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with real_world(kafka, mongo) as world:
        monkeypatch.setitem(TOPIC_OF, EMITTED, world.outputs)
        task = task_in(world, mongo)
        # Between what is published and what is pulled: the heir cannot know, and says it again.
        doomed = replace(task, step=Step.PUBLISHED, times=2, stays=True)
        (victim, of_victim), (heir, of_heir) = start(doomed), start(task)
        try:
            await asyncio.gather(
                owning(of_victim, PARTITIONS // 2), owning(of_heir, PARTITIONS // 2)
            )
            await put_due(world)
            await asyncio.to_thread(victim.join, 30)
            assert victim.exitcode == -signal.SIGKILL
            async with asyncio.timeout(SESSION_TIMEOUT_MS / 1000 + 4):
                await owning(of_heir, PARTITIONS)
            await until_answered(world)
            await until_empty(world)
        finally:
            for process in (victim, heir):
                process.kill()
        marks = await check_marks(world)
        assert len(marks) == BACKLOG + BACKLOG // 2
        assert marks.total() > len(marks), "what the victim had published was not said again"


async def until_answered(world: RealWorld) -> None:
    """Until nothing is due any more."""

    async def answered() -> bool:
        return not any(raw["next_due_at"] for raw in (await world.documents()).values())

    await until_true(answered, 60)


async def check_marks(world: RealWorld) -> Counter[tuple[bytes | None, str]]:
    """Each mark by document and due instant, with one id and one content; how often it was said."""
    contents: dict[str, tuple[bytes | None, str, bytes | None]] = {}
    said: Counter[tuple[bytes | None, str]] = Counter()
    for one in await world.read(world.outputs):
        content = (one.key, header(one, "ce_sequence"), one.value)
        assert contents.setdefault(header(one, "ce_id"), content) == content
        said[one.key, header(one, "ce_time")] += 1
    assert len(contents) == len(said)
    for raw in (await world.documents()).values():
        assert raw["state"]["answered"] == raw["state"]["due"]
        assert raw["parked"] is None if "parked" in raw else True
    return said


def task_in(world: RealWorld, mongo: str) -> Task:
    return Task(
        kafka=world.kafka,
        mongo=mongo,
        database=world.database.name,
        inputs=world.inputs.name,
        outputs=world.outputs.name,
        service=f"pair-{uuid.uuid4().hex[:8]}",
    )


def kill(process: ForkServerProcess) -> None:
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)


async def until_handled(world: RealWorld, count: int) -> None:
    """Until so many records have been taken."""

    async def handled() -> bool:
        return sum(len(raw["seen"]) for raw in (await world.documents()).values()) >= count

    await until_true(handled, 90)


async def until_empty(world: RealWorld) -> None:
    """Until nothing waits in any outbox."""

    async def empty() -> bool:
        return not any(raw["outbox"] for raw in (await world.documents()).values())

    await until_true(empty, 30)


async def check(world: RealWorld) -> None:
    """Each record counted once, each event has one id, one content and one number."""
    documents = await world.documents()
    read = [one for raw in documents.values() for one in raw["state"]["read"]]
    assert len(read) == len(set(read)) == COUNT
    contents: dict[str, tuple[bytes | None, str, bytes | None]] = {}
    first_seen: dict[bytes | None, list[int]] = {}
    for one in await world.read(world.outputs):
        content = (one.key, header(one, "ce_sequence"), one.value)
        event_id = header(one, "ce_id")
        if event_id not in contents:
            first_seen.setdefault(one.key, []).append(int(content[1]))
        assert contents.setdefault(event_id, content) == content
    assert len(contents) == sum(number % 3 for number in range(COUNT))
    assert all(found == list(range(1, len(found) + 1)) for found in first_seen.values())
