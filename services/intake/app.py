"""The composition root of intake: settings in, an app out, nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI, Request
from fastapi.responses import Response

from services.intake import handlers
from services.intake.changes import ChangeStore
from services.intake.domain.commands import SERVICE
from services.intake.http import actions, changes, entries, incidents, orders, redraws
from services.intake.http.door import Door
from services.intake.http.incidents import problem_of_command
from services.intake.http.openapi import describe
from services.intake.import_checking import ImportChecking
from services.intake.imports import Importer
from services.intake.planner import Planner
from services.intake.registry_writer import RegistryWriter, StuckChangeError
from services.intake.settings import Settings
from services.intake.store import EntryReader, OrderReader, ReceiptReader
from shared.ledger.commands import BusyError, CommandWriter, RefusedCommandError
from shared.ledger.ports import TransientError
from shared.ledger.sweeping import Sweeper
from shared.platform.callers import Callers
from shared.platform.clock import Clock, system_clock
from shared.platform.docs import documented
from shared.platform.http import ProblemError, equip
from shared.platform.lifespan import Health, Parts, connected, running, started

DESCRIPTION = """The way in: reports, actions on cases, orders, and the registry.
上报、办理、指令和基础数据的入口。"""


def build_app(settings: Settings, clock: Clock = system_clock) -> FastAPI:
    """The service, to be served; it connects when it starts."""
    health = Health()
    callers = Callers(settings.secret_file)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with (
            connected(settings, SERVICE, registry=True) as parts,
            _running(parts, health, settings, callers, clock) as door,
        ):
            app.state.door = door
            yield

    app = documented("wangge intake", DESCRIPTION, version="1", lifespan=lifespan)
    for error in (BusyError, RefusedCommandError, TransientError, StuckChangeError):
        app.add_exception_handler(error, _not_stored)
    app.router.routes[:0] = [incidents.DIRECT, actions.DIRECT]
    # The literal paths of changes come before those with a kind.
    for routes in (incidents, actions, orders, changes, redraws, entries):
        app.include_router(routes.router())
    equip(app, SERVICE, health.problem)
    describe(app)
    return app


@asynccontextmanager
async def _running(
    parts: Parts, health: Health, settings: Settings, callers: Callers, clock: Clock
) -> AsyncIterator[Door]:
    receipts, receipt_store = handlers.receipts(parts, clock, settings.zone)
    subscription = handlers.outcomes(parts, receipts)
    commands = CommandWriter(receipts, patience_s=settings.patience_s)
    ordering, order_store = handlers.orders(parts, clock, settings.zone)
    order_commands = CommandWriter(ordering, patience_s=settings.patience_s)
    versions, version_store = handlers.entries(parts, clock)
    change_store = ChangeStore(parts.database)
    writer = RegistryWriter(versions, change_store)
    receipt_reader, entry_reader = ReceiptReader(parts.database), EntryReader(parts.database)
    order_reader = OrderReader(parts.database)
    health.problems.append(lambda: writer.trouble)
    prepare = (
        receipt_store.prepare,
        order_store.prepare,
        version_store.prepare,
        receipt_reader.prepare,
        order_reader.prepare,
        entry_reader.prepare,
        partial(change_store.prepare, clock()),
    )
    door = Door(
        clock=clock,
        callers=callers,
        receipts=receipt_reader,
        commands=commands,
        orders=order_reader,
        order_commands=order_commands,
        entries=entry_reader,
        changes=change_store,
        writer=writer,
        importer=Importer(
            writer,
            change_store,
            entry_reader,
            ImportChecking(parts.registry, settings.zone),
            receipt_reader,
        ),
        own_zone=settings.zone,
    )
    planner = Planner(commands, receipt_reader, door.registry, door.zone, clock)
    async with started(parts, health, subscription, prepare):
        commands.start()
        order_commands.start()
        try:
            async with (
                running(writer.run()),
                running(planner.run(settings.plans_every_s)),
                running(Sweeper(ordering).run()),
            ):
                yield door
        finally:
            await order_commands.stop()
            await commands.stop()


async def _not_stored(_request: Request, error: Exception) -> Response:
    if isinstance(error, BusyError | RefusedCommandError):
        return problem_of_command(error).response()
    code = "registry_stuck" if isinstance(error, StuckChangeError) else "busy"
    detail = f"a server that this needs is away: {error}; send the same request again"
    return ProblemError(503, code, detail, {"Retry-After": "2"}).response()
