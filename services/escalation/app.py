"""The composition root of escalation: settings in, an app out, nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from services.escalation import handlers, http
from services.escalation.domain.deciding import SERVICE, WALKS
from services.escalation.settings import Settings
from shared.contracts.registry_v1 import CalendarSet
from shared.platform.clock import Clock, system_clock
from shared.platform.http import equip
from shared.platform.lifespan import Health, connected, started


def build_app(settings: Settings, clock: Clock = system_clock) -> FastAPI:
    """The service, to be served; it connects when it starts."""
    health = Health()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with connected(settings, SERVICE, registry=True, only=(CalendarSet,)) as parts:
            subscription, store = handlers.watches(parts, clock)
            columns = [walk.columns for walk in WALKS]
            prepare = partial(store.prepare, timers=True, walks=columns)
            async with started(parts, health, subscription, (prepare,)):
                yield

    app = FastAPI(title="wangge escalation", lifespan=lifespan, docs_url=None, redoc_url=None)
    equip(app, SERVICE, health.problem)
    app.include_router(http.router())
    return app
