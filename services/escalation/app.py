"""The composition root of escalation: settings in, an app out, nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from services.escalation import handlers, http
from services.escalation.domain.deciding import SERVICE, WALKS
from services.escalation.domain.wording import Writer
from services.escalation.http import Desk
from services.escalation.notifier import at_work, notifying, read_words
from services.escalation.settings import Settings
from services.escalation.store import NoticeStore
from shared.contracts.registry_v1 import CalendarSet, NoticeTargetSet
from shared.ledger.ports import TransientError
from shared.platform.callers import Callers
from shared.platform.clock import Clock, system_clock
from shared.platform.http import equip
from shared.platform.lifespan import Health, connected, started

NEEDED = (CalendarSet, NoticeTargetSet)
"""Of the registry; all else is passed over unread, but for what notices call by its name."""
NAMED = frozenset({"area", "matter", "unit"})


def build_app(settings: Settings, clock: Clock = system_clock) -> FastAPI:
    """The service, to be served; it connects when it starts."""
    health = Health()
    callers = Callers(settings.secret_file)
    words = read_words()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with connected(settings, SERVICE, registry=True, only=NEEDED, named=NAMED) as parts:
            subscription, store = handlers.watches(parts, clock, settings.overdue_s)
            columns = [walk.columns for walk in WALKS]
            prepare = partial(store.prepare, timers=True, walks=columns)
            writer = Writer(words, settings.notice_link, parts.names)
            notices = NoticeStore(parts.database)
            async with (
                notifying(parts, settings, notices, writer, clock) as notifier,
                started(parts, health, subscription, (prepare, notices.prepare)),
                at_work(notifier, parts.broker.reachable, health),
            ):
                sender = notifier.sender if notifier is not None else None
                app.state.desk = Desk(callers, notices, parts.registry, writer, clock, sender)
                yield

    app = FastAPI(title="wangge escalation", lifespan=lifespan, docs_url=None, redoc_url=None)
    equip(app, SERVICE, health.problem)
    app.add_exception_handler(TransientError, http.away)
    app.include_router(http.router())
    return app
