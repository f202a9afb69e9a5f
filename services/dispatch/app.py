"""The composition root of dispatch: settings in, an app out, nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.dispatch import handlers, http
from services.dispatch.domain.deciding import SERVICE
from services.dispatch.settings import Settings
from shared.platform.clock import Clock, system_clock
from shared.platform.http import equip
from shared.platform.lifespan import Health, connected, running, started


def build_app(settings: Settings, clock: Clock = system_clock) -> FastAPI:
    """The service, to be served; it connects when it starts."""
    health = Health()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with connected(settings, SERVICE, registry=True) as parts:
            cases = handlers.cases(parts, clock, tolerance_s=settings.overdue_s)
            async with (
                started(parts, health, cases.subscription, cases.prepare),
                running(cases.second_look.run()),
            ):
                yield

    app = FastAPI(title="wangge dispatch", lifespan=lifespan, docs_url=None, redoc_url=None)
    equip(app, SERVICE, health.problem)
    app.include_router(http.router())
    return app
