"""The process is killed with SIGKILL after each step; a restart ends as if nothing had been."""

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from shared.contracts.catalog import TOPIC_OF
from shared.contracts.envelope import Event
from shared.ledger.steps import Step
from tests.ledger.real_world import RealWorld, real_world
from tests.ledger.scripted import reported
from tests.ledger.worker import Task, consume_all, start
from tests.ledger.worlds import EMITTED, header, record

EVENTS = [reported(f"d{number % 9}", f"emit:{number % 4} n:{number}") for number in range(60)]
EVENTS.insert(7, reported("bad", "explode"))
EVENTS += EVENTS[10:30]  # duplicates
OPENED = [reported(f"w{number:02}", "place:001") for number in range(14)]
Outcome = tuple[dict[str, Any], dict[str, tuple[str, bytes, bytes | None]]]


@dataclass(frozen=True)
class Servers:
    kafka: str
    mongo: str


async def killed(
    world: RealWorld, mongo: str, step: str, times: int, *, walks: bool = False
) -> None:
    """A worker from its start to its death at the step."""
    task = Task(
        kafka=world.kafka,
        mongo=mongo,
        database=world.database.name,
        inputs=world.inputs.name,
        outputs=world.outputs.name,
        service="crashing",
        step=step,
        times=times,
        walks=walks,
    )
    process, _ = start(task)
    await asyncio.to_thread(process.join, 60)
    assert process.exitcode == -signal.SIGKILL


async def outcome(world: RealWorld) -> Outcome:
    """The documents, and the published events by id: number, key and bytes."""
    documents = {
        key: {name: raw[name] for name in ("state", "seen", "sequence", "outbox")}
        for key, raw in (await world.documents()).items()
    }
    events: dict[str, tuple[str, bytes, bytes | None]] = {}
    numbers: dict[bytes, list[int]] = {}
    for one in await world.read(world.outputs):
        key = one.key or b""
        content = (header(one, "ce_sequence"), key, one.value)
        event_id = header(one, "ce_id")
        assert events.setdefault(event_id, content) == content, "one id, two contents"
        if int(content[0]) not in numbers.setdefault(key, []):
            numbers[key].append(int(content[0]))
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())
    return documents, events


@asynccontextmanager
async def filled(
    servers: Servers, monkeypatch: pytest.MonkeyPatch, events: Sequence[Event[Any]] = EVENTS
) -> AsyncIterator[RealWorld]:
    """A world of its own with all events in its input topic."""
    async with real_world(servers.kafka, servers.mongo) as world:
        monkeypatch.setitem(TOPIC_OF, EMITTED, world.outputs)
        for event in events:
            await world.append(record(world.inputs, event))
        yield world


@pytest.fixture
def servers_of(kafka: str, mongo: str) -> Servers:
    return Servers(kafka, mongo)


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, Outcome]:
    """What a run without a crash came to; made by the first test that asks."""
    return {}


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("step", [step for step in Step if step is not Step.COUNTED])
async def test_a_kill_after_any_step_ends_in_the_same_documents_ids_and_bytes(
    servers_of: Servers,
    monkeypatch: pytest.MonkeyPatch,
    undisturbed: dict[str, Outcome],
    step: Step,
    times: int,
) -> None:
    if not undisturbed:
        async with filled(servers_of, monkeypatch) as world:
            await consume_all(world, "crashing")
            undisturbed["run"] = await outcome(world)
    documents, events = undisturbed["run"]
    assert len(documents) == 9
    assert len(events) == sum(number % 4 for number in range(60))
    assert all(raw["outbox"] == [] for raw in documents.values())
    async with filled(servers_of, monkeypatch) as world:
        await killed(world, servers_of.mongo, step.value, times)
        await consume_all(world, "crashing")
        assert await outcome(world) == (documents, events)


@pytest.mark.parametrize("step", [Step.DECIDED, Step.WRITTEN, Step.PUBLISHED])
async def test_a_kill_in_the_middle_of_a_walk_tells_every_document_once(
    servers_of: Servers, monkeypatch: pytest.MonkeyPatch, step: Step
) -> None:
    """Killed on the second of three pages, it goes on where the documents say."""
    async with filled(servers_of, monkeypatch, OPENED) as world:
        await killed(world, servers_of.mongo, step.value, 2, walks=True)
        lagging = [raw for raw in (await world.documents()).values() if raw["state"]["n"] == 1]
        assert 0 < len(lagging) < len(OPENED)
        await consume_all(world, "crashing", walks=True)
        documents, events = await outcome(world)
    assert {raw["state"]["n"] for raw in documents.values()} == {2}
    assert {raw["sequence"] for raw in documents.values()} == {1}
    assert sorted(key for _, key, _ in events.values()) == sorted(
        event.subject.encode() for event in OPENED
    )
