"""The process that owns the stack: starts it in order, keeps it alive, stops it in order.

It runs as ``python -m deploy.local``. When it dies, however it dies, its children die with it
(`deploy.local.tether`).
"""

import asyncio
import os
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import structlog

from deploy.local import credentials, external, ports, state
from deploy.local.build import assemble, recipes
from deploy.local.errors import StackError
from deploy.local.keeper import Keeper
from deploy.local.paths import Home
from deploy.local.plan import StackPlan

FAILED = 1
"""Exit status of a supervisor whose stack could not be started."""

Ending = asyncio.Future[float | None]
"""Done when the stack is to stop: the seconds that each child has, None for its own patience."""

log = structlog.get_logger("supervisor")


class Supervisor:
    """One stack, from its start to its end. The caller holds the home's lock."""

    def __init__(self, plan: StackPlan, home: Home) -> None:
        self.plan = plan
        self.home = home
        parts = assemble(plan, home)
        self.stores = [Keeper(server, self.write) for server in parts.stores]
        self.services = [Keeper(server, self.write) for server in parts.services]
        kept = (keeper.entry for keeper in (*self.stores, *self.services))
        self.state = state.StackState(
            home=str(home.root),
            supervisor=os.getpid(),
            started_at=datetime.now(UTC),
            kafka=parts.kafka,
            mongo=parts.mongo,
            processes=[*parts.entries, *kept],
        )

    def write(self) -> None:
        """Write the state as it is now."""
        state.write(self.home, self.state)

    async def run(self, ending: Ending) -> int:
        """Run until told to end; 0, or 1 when the stack could not be started."""
        self.write()
        serving = asyncio.create_task(self._serve())
        either: set[asyncio.Future[Any]] = {serving, ending}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        failure = await self._cancelled(serving)
        if failure is not None:
            self.state.error = state.Failure(en=failure.en, zh=failure.zh)
            log.error("stack_failed", error=failure.en)
        self._enter("stopping")
        await self._stop(ending.result() if ending.done() else None)
        self.state.processes[0].state = "stopped"
        self.state.processes[0].pid = None
        self._enter("stopped" if failure is None else "failed")
        return 0 if failure is None else FAILED

    async def _serve(self) -> None:
        await asyncio.to_thread(clear, self.plan, self.home)
        ports.require_free(self.plan.ports)
        credentials.ensure(self.home)
        async with asyncio.TaskGroup() as group:
            await self._ready(group, self.stores)
            if self.plan.mongo_external is not None:
                await external.check_mongo(self.plan.mongo_external)
            await external.create_topics(self.state.kafka)
            await self._ready(group, self.services)
            self._enter("ready")

    async def _ready(self, group: asyncio.TaskGroup, keepers: Iterable[Keeper]) -> None:
        waiting = list(keepers)
        for keeper in waiting:
            group.create_task(keeper.run())
        for keeper in waiting:
            await keeper.ready.wait()

    async def _stop(self, grace: float | None) -> None:
        if grace is not None:
            await asyncio.gather(*(k.stop(grace) for k in (*self.services, *self.stores)))
            return
        await asyncio.gather(*(keeper.stop() for keeper in self.services))
        for keeper in self.stores:
            await keeper.stop()

    async def _cancelled(self, task: asyncio.Task[None]) -> StackError | None:
        """End a task; give the reason why it had failed, if it had."""
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            return None
        except Exception as error:  # noqa: BLE001  whatever it is, the user is told
            return self._reason(error)
        return None

    def _reason(self, error: Exception) -> StackError:
        causes = error.exceptions if isinstance(error, ExceptionGroup) else (error,)
        for cause in causes:
            if isinstance(cause, StackError):
                return cause
        # Nobody has foreseen it: the log has its traceback.
        log.error("unforeseen", exc_info=error)
        path = self.home.log("supervisor")
        return StackError(
            f"the stack could not go on: {causes[0]!r}; see {path}",
            f"服务无法继续：{causes[0]!r}；日志：{path}",
        )

    def _enter(self, phase: state.Phase) -> None:
        log.info("phase", phase=phase)
        self.state.phase = phase
        self.write()


def clear(plan: StackPlan, home: Home) -> None:
    """Remove what an earlier stack left behind in containers, and with ``fresh`` all data."""
    if plan.engine == "containers":
        from deploy.local import containers  # noqa: PLC0415  slow to import, and seldom needed

        containers.clear(recipes(plan, home), data=plan.fresh)
    if plan.fresh and home.data.exists():
        shutil.rmtree(home.data)
