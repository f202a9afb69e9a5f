"""The composition root of analytics: settings in, an app out, nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import Response

from services.analytics import handlers
from services.analytics.domain.projecting import SERVICE
from services.analytics.figures import Figures
from services.analytics.freshness import Counting, Freshness
from services.analytics.http import cases, console, figures, inboxes, orders, plans
from services.analytics.http.desk import Desk
from services.analytics.orders import OrderReader
from services.analytics.rollups import Rollups
from services.analytics.settings import Settings
from services.analytics.store import RollupReader, TimelineReader
from shared.contracts.topics import reads
from shared.ledger.ports import TransientError
from shared.platform.callers import Callers
from shared.platform.clock import Clock, system_clock
from shared.platform.docs import documented
from shared.platform.http import ProblemError, equip
from shared.platform.lifespan import Health, connected, started

DESCRIPTION = """Timelines of all cases, exact figures, and how fresh they are.
案卷时间线、统计数字及其新鲜程度。"""


def build_app(settings: Settings, clock: Clock = system_clock) -> FastAPI:
    """The service, to be served; it connects when it starts."""
    health = Health()
    callers = Callers(settings.secret_file)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with connected(settings, SERVICE, registry=False) as parts:
            freshness = Freshness(settings.kafka, f"wangge-{SERVICE}", reads(SERVICE), clock)
            rollups = Rollups(parts.database)
            counting = Counting(rollups, freshness)
            subscription, stores = handlers.timelines(parts, clock, counting)
            reader = TimelineReader(parts.database)
            order_reader = OrderReader(parts.database)
            app.state.desk = Desk(
                clock=clock,
                callers=callers,
                timelines=reader,
                orders=order_reader,
                figures=Figures(reader, RollupReader(parts.database)),
                freshness=freshness,
            )
            prepare = (
                stores.prepare,
                rollups.prepare,
                reader.prepare,
                order_reader.prepare,
                freshness.start,
            )
            try:
                async with started(parts, health, subscription, prepare):
                    yield
            finally:
                await freshness.stop()

    app = documented("wangge analytics", DESCRIPTION, version="1", lifespan=lifespan)
    equip(app, SERVICE, health.problem)
    app.add_exception_handler(TransientError, _away)
    app.include_router(cases.router())
    app.include_router(figures.router())
    app.include_router(inboxes.router())
    app.include_router(plans.router())
    app.include_router(orders.router())
    app.include_router(console.router(settings.zone))
    return app


async def _away(_request: Request, error: Exception) -> Response:
    detail = f"the database is away: {error}; ask again"
    return ProblemError(503, "busy", detail, {"Retry-After": "2"}).response()
