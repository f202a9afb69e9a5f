"""A running dispatch: told what others publish, watched on its topic and in its database."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer

from deploy.local.ports import free_ports
from deploy.local.service import ServiceServer
from services.dispatch.domain.dossier import Dossier
from shared.contracts.base import to_instant
from shared.contracts.envelope import Event, Origin
from shared.contracts.registry_v1 import EntrySet
from shared.contracts.topics import CASES, INCIDENTS, Topic
from shared.platform.mongo import Client, Database, connect, database
from shared.platform.partitioning import partition_of
from tests.fakes.clock import MovedClock
from tests.integration.intake.client import eventually, read_all
from tests.integration.publishing import Place, publish
from tests.unit.dispatch.desk import FOLDER, Desk

PATIENCE_S = 40


def dispatch_process(folder: Path, kafka: str, mongo: str) -> ServiceServer:
    """A dispatch that is not started yet, with a database of its own."""
    (port,) = free_ports(1)
    settings = {
        "WANGGE_KAFKA": kafka,
        "WANGGE_MONGO": mongo,
        "WANGGE_LOG": "json",
        "WANGGE_DISPATCH_DATABASE": f"dispatch_{uuid.uuid4().hex[:12]}",
    }
    return ServiceServer("dispatch", "services.dispatch", port, folder / "dispatch.log", settings)


def new_desk() -> Desk:
    """An incident of the test's own, now: its inputs are told, its outputs are expected."""
    clock = MovedClock(to_instant(datetime.now(UTC)))
    return Desk(clock=clock, incident=str(uuid.uuid4()))


def kinds(events: Sequence[Event[Any]]) -> list[str]:
    """The types of events without what all have in common."""
    return [event.type.removeprefix("cn.wangge.").removesuffix(".v1") for event in events]


@dataclass(frozen=True)
class Centre:
    """The process and its servers."""

    process: ServiceServer
    kafka: str
    client: Client

    @classmethod
    def of(cls, process: ServiceServer) -> "Centre":
        """The centre that a process is."""
        settings = process.settings
        client = connect(settings["WANGGE_MONGO"], "test")
        return cls(process, settings["WANGGE_KAFKA"], client)

    @property
    def database(self) -> Database:
        """The service's own database."""
        return database(self.client, self.process.settings["WANGGE_DISPATCH_DATABASE"])

    async def tell(self, *events: Event[Any]) -> list[Place]:
        """Publish events as their owners do; where they stand."""
        return await publish(self.kafka, events)

    async def register(self, *entries: EntrySet) -> int:
        """Publish versions of entries of the registry; the registry's version after them."""
        at = datetime.now(UTC)
        events = [
            Event(
                id=f"{one.key}/{one.n}",
                source="/wangge/intake",
                subject=one.key,
                time=at,
                data=one,
                correlation_id=one.key,
                causation_id=one.key,
                sequence=one.n,
            )
            for one in entries
        ]
        return max(offset for _, offset in await self.tell(*events))

    async def poison(self, topic: Topic, key: str, value: bytes | None, **headers: bytes) -> None:
        """Write any bytes straight into a topic."""
        async with AIOKafkaProducer(bootstrap_servers=self.kafka, acks="all") as producer:
            await producer.send_and_wait(
                topic.name,
                value,
                key=key.encode(),
                partition=partition_of(key, topic.partitions),
                headers=list(headers.items()),
            )

    async def published(self, incident: str) -> list[Event[Any]]:
        """What dispatch has published about an incident so far."""
        return about(incident, await read_all(self.kafka, CASES, incident))

    async def until(self, desk: Desk) -> list[Event[Any]]:
        """The events about an incident when there are as many as its desk emitted."""

        async def enough() -> list[Event[Any]] | None:
            found = await self.published(desk.incident)
            return found if len(found) >= len(desk.outputs) else None

        what = f"{kinds(desk.outputs)} of {desk.incident}"
        return await eventually(enough, what, PATIENCE_S)

    async def settled(self, desk: Desk) -> dict[str, Any]:
        """The document of an incident when it has taken all that was told of it."""
        told = {event.id for event in desk.inputs}

        async def taken() -> dict[str, Any] | None:
            raw = await self.database["cases"].find_one({"_id": desk.incident})
            return dict(raw) if raw and told <= set(raw["seen"]) and not raw["outbox"] else None

        return await eventually(taken, f"the dossier of {desk.incident}", PATIENCE_S)

    async def folded(self, desk: Desk) -> Dossier:
        """The dossier as what was told and what dispatch published tell it."""
        raw = await self.database["cases"].find_one({"_id": desk.incident}) or {}
        # Where the report stands only the log knows.
        origin = Origin(INCIDENTS.name, *raw["state"]["record"])
        told = [replace(one, origin=origin) for one in desk.inputs]
        state = None
        for event in [*told, *await self.published(desk.incident)]:
            state = FOLDER.decider.evolve(state, event)
        assert state is not None
        return state


def about(incident: str, log: list[Event[Any]]) -> list[Event[Any]]:
    """What a log says about an incident, each event once; checked for numbers without a gap.

    A record that was published again after a crash, with its id and content, is one event.
    """
    mine: dict[str, Event[Any]] = {}
    for event in log:
        if event.subject == incident:
            first = mine.setdefault(event.id, event)
            assert replace(first, origin=None) == replace(event, origin=None)
    assert [event.sequence for event in mine.values()] == list(range(1, len(mine) + 1))
    return list(mine.values())
