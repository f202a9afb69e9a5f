"""Keeping one server alive: started, waited for, started again when it ends by itself."""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

import structlog

from deploy.local.errors import StartFailedError
from deploy.local.state import Condition, ProcessState

PAUSES = (0.0, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds before each further start; the last one stays."""
STABLE_SECONDS = 30.0
"""Who ran for so long begins with the shortest pause again."""
FIRST_STARTS = 3
"""How often a server that was never ready is started before the stack gives up."""

log = structlog.get_logger("keeper")


class Runnable(Protocol):
    """A server as its keeper sees it (`deploy.local.server.Server`, a container)."""

    name: str

    @property
    def log(self) -> str:
        """Where to read what it prints: a file, or a command."""

    @property
    def address(self) -> str:
        """What clients connect to."""

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""

    async def start(self) -> float:
        """Start it; the seconds until it was ready. Raises StartFailedError."""

    async def wait(self) -> int:
        """Wait for its end; its exit status."""

    async def stop(self, grace: float | None = None) -> None:
        """End it in good order within ``grace`` seconds, else by force."""


def pause(failures: int) -> float:
    """Seconds to wait before the start that follows so many ends in a row (from 1)."""
    return PAUSES[min(failures, len(PAUSES)) - 1]


class Keeper:
    """One server, its entry in the state file, and the loop that keeps it running."""

    def __init__(self, server: Runnable, changed: Callable[[], None]) -> None:
        self.server = server
        self.entry = ProcessState(name=server.name, address=server.address, log=server.log)
        self.ready = asyncio.Event()
        self._changed = changed

    async def run(self) -> None:
        """Keep it running until cancelled, which leaves it running.

        Raises:
            StartFailedError: it could not be started in three attempts and never was ready.
        """
        failures = 0
        while True:
            ran = 0.0
            if await self._start(last=failures + 1 >= FIRST_STARTS):
                began = time.monotonic()
                status = await self.server.wait()
                ran = time.monotonic() - began
                log.error("child_ended", name=self.server.name, status=status, ran=round(ran, 1))
                self.entry.last_exit = status
            failures = 1 if ran > STABLE_SECONDS else failures + 1
            self._note("restarting", pid=None)
            await asyncio.sleep(pause(failures))
            self.entry.restarts += 1

    async def stop(self, grace: float | None = None) -> None:
        """Stop the server and say so; call it when `run` has been cancelled."""
        await self.server.stop(grace)
        self._note("stopped", pid=None)

    async def _start(self, *, last: bool) -> bool:
        try:
            seconds = await self.server.start()
        except StartFailedError as error:
            if last and not self.ready.is_set():
                raise
            self.entry.last_exit = error.status
            log.error("start_failed", name=self.server.name, error=error.en)  # noqa: TRY400
            return False
        self.entry.ready_seconds = round(seconds, 2)
        self._note("running", pid=self.server.pid)
        self.ready.set()
        log.info("child_ready", name=self.server.name, seconds=self.entry.ready_seconds)
        return True

    def _note(self, condition: Condition, pid: int | None) -> None:
        self.entry.state = condition
        self.entry.pid = pid
        self._changed()
