"""All four services in this process, on a Kafka of their own, with databases of their own."""

import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from deploy.audit.documents import MongoDocuments
from deploy.audit.log import KafkaLog
from deploy.audit.owners import ENTRIES, KEYED_OWNERS, parse_bucket, rollups
from deploy.audit.ports import Sources
from deploy.audit.report import Report
from deploy.audit.run import Auditor, Watcher
from deploy.local.servers import start_kafka
from services.analytics.app import build_app as analytics
from services.analytics.settings import Settings as AnalyticsSettings
from services.dispatch.app import build_app as dispatch
from services.dispatch.settings import Settings as DispatchSettings
from services.escalation.app import build_app as escalation
from services.escalation.settings import Settings as EscalationSettings
from services.intake.app import build_app as intake
from services.intake.settings import Settings as IntakeSettings
from shared.platform.admin import ensure_topics
from shared.platform.clock import system_clock
from shared.platform.mongo import Client, Database, connect, database

SECRET = "a secret of the tests, long enough to be one"
SERVICES = ("intake", "dispatch", "escalation", "analytics")


@dataclass(frozen=True)
class City:
    """The services at work."""

    kafka: str
    client: Client
    http: httpx.AsyncClient
    names: dict[str, str]

    def database(self, service: str) -> Database:
        """A service's own database."""
        return database(self.client, self.names[service])

    async def audit(self, wait: float = 30) -> Report:
        """The audit as the command runs it."""
        watcher = Watcher(lambda _: None, lambda _: None, lambda _: None)
        async with KafkaLog(self.kafka) as log:
            sources = Sources(log, MongoDocuments(self.client, parse_bucket), system_clock)
            return await Auditor(sources, KEYED_OWNERS, ENTRIES, rollups(), watcher).run(wait)


def apps() -> dict[str, FastAPI]:
    """The services as the environment describes them, not started yet."""
    return {
        "intake": intake(IntakeSettings()),
        "dispatch": dispatch(DispatchSettings()),
        "escalation": escalation(EscalationSettings()),
        "analytics": analytics(AnalyticsSettings()),
    }


def environment(kafka: str, mongo: str, secret: Path, names: dict[str, str]) -> dict[str, str]:
    """What the services and the audit read."""
    common = {"WANGGE_KAFKA": kafka, "WANGGE_MONGO": mongo, "WANGGE_SECRET_FILE": str(secret)}
    return common | {f"WANGGE_{one.upper()}_DATABASE": name for one, name in names.items()}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def city(tmp_path_factory: pytest.TempPathFactory, mongo: str) -> AsyncIterator[City]:
    """The services, running; whoever damages what they hold is the last to use them."""
    folder = tmp_path_factory.mktemp("audit")
    secret = folder / "secret"
    secret.write_text(SECRET)
    run = uuid.uuid4().hex[:12]
    names = {service: f"audit_{service}_{run}" for service in SERVICES}
    kafka = await start_kafka(folder / "kafka")
    client = connect(mongo, "test")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(kafka.address, mongo, secret, names).items():
            patch.setenv(name, value)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(kafka.stop)
            await ensure_topics(kafka.address)
            running = apps()
            for app in running.values():
                await stack.enter_async_context(app.router.lifespan_context(app))
            transport = httpx.ASGITransport(app=running["intake"])
            http = httpx.AsyncClient(transport=transport, base_url="http://intake", timeout=30)
            yield City(kafka.address, client, await stack.enter_async_context(http), names)
    for name in names.values():
        await client.drop_database(name)
    client.close()
