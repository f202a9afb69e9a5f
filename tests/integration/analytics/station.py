"""Analytics as processes on real servers, told of incidents by their topics."""

import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from deploy.audit.log import KafkaLog
from deploy.local.ports import free_ports
from deploy.local.service import ServiceServer
from deploy.rebuild.running import Report, Wanted, Watcher, rebuild
from shared.contracts.envelope import Event
from shared.platform.mongo import Client, Database, database
from shared.platform.security import Principal, Role
from tests.integration.intake.client import SECRET, bearer
from tests.integration.publishing import publish
from tests.unit.analytics.lives import GRIDS, MATTERS, UNITS, Life

LEADER = bearer(Principal("leader", frozenset({Role.LEADER})))
REPORTER = bearer(Principal("reporter"))


@dataclass
class Station:
    """One Kafka and one database, and the analytics that run on them."""

    kafka: str
    mongo: str
    client: Client
    folder: Path
    name: str = field(default_factory=lambda: f"analytics_{uuid.uuid4().hex[:12]}")
    processes: int = 0

    @property
    def database(self) -> Database:
        """What analytics owns."""
        return database(self.client, self.name)

    @property
    def settings(self) -> dict[str, str]:
        """The environment of the service, and of commands."""
        secret = self.folder / "secret"
        secret.write_bytes(SECRET)
        return {
            "WANGGE_KAFKA": self.kafka,
            "WANGGE_MONGO": self.mongo,
            "WANGGE_SECRET_FILE": str(secret),
            "WANGGE_LOG": "json",
            "WANGGE_ANALYTICS_DATABASE": self.name,
        }

    def process(self, module: str = "services.analytics", **more: str) -> ServiceServer:
        """An analytics that is not started yet."""
        (port,) = free_ports(1)
        self.processes += 1
        log = self.folder / f"analytics-{self.processes}.log"
        return ServiceServer("analytics", module, port, log, {**self.settings, **more})

    @asynccontextmanager
    async def running(self) -> AsyncIterator[httpx.AsyncClient]:
        """An analytics that runs while the block does, and a client of it."""
        server = self.process()
        await server.start()
        try:
            async with httpx.AsyncClient(base_url=f"http://{server.address}", timeout=30) as http:
                yield http
        finally:
            await server.stop()

    async def publish(self, events: Sequence[Event[Any]]) -> None:
        """Publish events in their order, as their services do."""
        await publish(self.kafka, events)

    async def recount(self, patience_s: float = 60) -> Report:
        """Read everything again beside the service, and compare; waits until it has caught up."""
        nobody = Watcher(lambda _phase, _total: None, lambda _count: None)
        wanted = Wanted(self.name, swap=False, patience_s=patience_s)
        async with KafkaLog(self.kafka) as log:
            return await rebuild(log, self.client, wanted, nobody)


def people_at_work(count: int, *, moves: int = 5) -> list[Event[Any]]:
    """Events of so many new incidents, mixed as they would be in a city."""
    names = ("dispatch", "accept", "handle", "close", "reopen")[:moves]
    lives = []
    for number in range(count):
        grid, matter = GRIDS[number % len(GRIDS)], MATTERS[number % len(MATTERS)]
        life = Life(str(uuid.uuid4()), grid, matter)
        life.report()
        life.file()
        for name in names[: 1 + number % moves]:
            life.move(name, UNITS[number % len(UNITS)])
        if number % 7 == 0:
            life.move("void", UNITS[0])
        lives.append([event for events in life.topics.values() for event in events])
    longest = max(map(len, lives))
    return [life[step] for step in range(longest) for life in lives if step < len(life)]
