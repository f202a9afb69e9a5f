"""Speaks with an intake as anybody, and looks at what it stored and published."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.local.ports import free_ports
from deploy.local.service import ServiceServer
from shared.contracts.base import EventData
from shared.contracts.envelope import Event, Origin, decode
from shared.contracts.topics import Topic
from shared.platform.mongo import Client, Database, connect, database
from shared.platform.security import Principal, mint
from tests.integration.publishing import publish

SECRET = b"a secret of the tests, long enough to be one"
T = TypeVar("T")


def intake_process(
    folder: Path, kafka: str, mongo: str, module: str = "services.intake", **more: str
) -> ServiceServer:
    """An intake that is not started yet, with a database of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    secret = folder / "secret"
    secret.write_bytes(SECRET)
    (port,) = free_ports(1)
    settings = {
        "WANGGE_KAFKA": kafka,
        "WANGGE_MONGO": mongo,
        "WANGGE_SECRET_FILE": str(secret),
        "WANGGE_LOG": "json",
        "WANGGE_INTAKE_PLANS_EVERY_S": "0.2",
        "WANGGE_INTAKE_DATABASE": f"intake_{uuid.uuid4().hex[:12]}",
        **more,
    }
    return ServiceServer("intake", module, port, folder / "intake.log", settings)


def bearer(principal: Principal) -> dict[str, str]:
    """The header that says who calls."""
    return {"Authorization": f"Bearer {mint(SECRET, principal)}"}


async def eventually(ask: Callable[[], Awaitable[T | None]], what: str, seconds: float = 20) -> T:
    """The first answer that is not None or False; asked again until the deadline."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := await ask():
            return found
        await asyncio.sleep(0.03)
    message = f"not within {seconds} s: {what}"
    raise AssertionError(message)


@dataclass(frozen=True)
class Intake:
    """A running intake and its servers."""

    process: ServiceServer
    http: httpx.AsyncClient
    kafka: str
    client: Client

    @classmethod
    def of(cls, process: ServiceServer) -> "Intake":
        """The intake that a process is."""
        settings = process.settings
        http = httpx.AsyncClient(base_url=f"http://{process.address}", timeout=30)
        client = connect(settings["WANGGE_MONGO"], "test")
        return cls(process, http, settings["WANGGE_KAFKA"], client)

    @property
    def database(self) -> Database:
        """The service's own database."""
        return database(self.client, self.process.settings["WANGGE_INTAKE_DATABASE"])

    async def close(self) -> None:
        """Let go of the clients."""
        await self.http.aclose()
        self.client.close()

    async def report(
        self, key: str | None = None, who: Principal | None = None, **fields: object
    ) -> httpx.Response:
        """Report an incident."""
        headers = {"Idempotency-Key": key or str(uuid.uuid4()), **(bearer(who) if who else {})}
        return await self.http.post("/v1/incidents", json=fields, headers=headers)

    async def published(self, topic: Topic, subject: str) -> list[Event[Any]]:
        """The events of one document that are on a topic now."""
        return await read_all(self.kafka, topic, subject)

    async def wait_published(self, topic: Topic, subject: str, count: int = 1) -> list[Event[Any]]:
        """The events of one document once there are so many.

        Each once: two commands on one document may publish what stood in its outbox twice.
        """

        async def there() -> list[Event[Any]] | None:
            found = {one.id: one for one in await self.published(topic, subject)}
            return list(found.values()) if len(found) >= count else None

        return await eventually(there, f"{count} events of {subject} on {topic.name}")

    async def tell(self, *events: Event[EventData]) -> None:
        """Publish events as another service does."""
        await publish(self.kafka, events)


async def read_all(kafka: str, topic: Topic, subject: str | None = None) -> list[Event[Any]]:
    """Every event of a topic, up to its end now; with a subject only those about it."""
    about = None if subject is None else ("ce_subject", subject.encode())
    partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
    found: list[Event[Any]] = []
    async with AIOKafkaConsumer(
        bootstrap_servers=kafka, enable_auto_commit=False, auto_offset_reset="earliest"
    ) as consumer:
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        await consumer.seek_to_beginning(*partitions)
        waiting = {tp for tp in partitions if ends[tp]}
        while waiting:
            for tp, records in (await consumer.getmany(timeout_ms=200)).items():
                found += [
                    decode(one.headers, one.value, Origin(one.topic, one.partition, one.offset))
                    for one in records
                    if about is None or about in one.headers
                ]
                if await consumer.position(tp) >= ends[tp]:
                    waiting.discard(tp)
    return found
