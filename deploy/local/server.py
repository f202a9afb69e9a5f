"""What every server of the local stack is to the one who runs it: Kafka, MongoDB, a service."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.local import process
from deploy.local.errors import StartFailedError
from deploy.local.ports import HOST, listens

POLL_SECONDS = 0.05


class Server(ABC):
    """One child process that listens on a port of the loopback interface.

    ``kill`` and ``restart`` keep its port and its data: what a crash and a recovery look like.
    """

    start_seconds: float = 60.0
    """How long it may take from its start until it is ready."""
    stop_seconds: float = 10.0
    """How long it may take from SIGTERM to its end; then it is killed."""

    cwd: Path | None = None
    """Where the process runs; None is where we do."""

    def __init__(self, name: str, port: int, log: Path) -> None:
        self.name = name
        self.port = port
        self._log = log
        self._begin = 0
        self._process: asyncio.subprocess.Process | None = None

    @property
    def address(self) -> str:
        """What a client connects to."""
        return f"{HOST}:{self.port}"

    @property
    def log(self) -> str:
        """The file that takes what the process prints."""
        return str(self._log)

    @property
    def pid(self) -> int | None:
        """The id of the running process, else None."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process is not None and running else None

    @abstractmethod
    async def prepare(self) -> None:
        """Make what must be there before the process starts."""

    @abstractmethod
    def command(self) -> Sequence[str]:
        """The program and its arguments."""

    @abstractmethod
    def environment(self) -> Mapping[str, str]:
        """The whole environment of the process."""

    @abstractmethod
    async def trouble(self) -> str | None:
        """Why the server is not fit for use yet, or is not our own child; None when it is both."""

    async def start(self) -> float:
        """Start the process and wait until it is ready; give the seconds that it took.

        Raises:
            StartFailedError: it ended, or was not ready in time; it is not left running.
        """
        began = time.monotonic()
        await self.prepare()
        self._begin = self._log.stat().st_size if self._log.exists() else 0
        self._process = await process.spawn(
            self.command(), log=self._log, env=self.environment(), cwd=self.cwd
        )
        try:
            await self._wait_ready(self._process, began + self.start_seconds)
        except BaseException:
            await process.kill(self._process)
            raise
        return time.monotonic() - began

    async def wait(self) -> int:
        """Wait until the process ends; give its exit status (negative: the signal's number)."""
        return 0 if self._process is None else await self._process.wait()

    async def stop(self, grace: float | None = None) -> None:
        """End the process in good order; harmless when it does not run."""
        if self._process is not None:
            await process.stop(self._process, grace=self.stop_seconds if grace is None else grace)

    async def kill(self) -> None:
        """End the process by SIGKILL, as a crash would."""
        if self._process is not None:
            await process.kill(self._process)

    async def restart(self) -> float:
        """Start it again on the same port and data, stopping it first if it runs."""
        await self.stop()
        return await self.start()

    async def _wait_ready(self, child: asyncio.subprocess.Process, deadline: float) -> None:
        reason: str | None = "it does not listen"
        while time.monotonic() < deadline:
            if child.returncode is not None:
                raise self._failed(
                    f"ended with status {child.returncode} before it was ready",
                    f"尚未就绪即已退出（状态码 {child.returncode}）",
                )
            if listens(child.pid, self.port):
                reason = await self.trouble()
                if reason is None:
                    return
            await asyncio.sleep(POLL_SECONDS)
        raise self._failed(
            f"was not ready after {self.start_seconds:.0f} s: {reason}",
            f"{self.start_seconds:.0f} 秒后仍未就绪：{reason}",
        )

    def _failed(self, en: str, zh: str) -> StartFailedError:
        tail = process.log_gist(self._log, self._begin)
        return StartFailedError(
            f"{self.name} {en}. Its log is {self._log}; it says:\n{tail}",
            f"{self.name} {zh}。日志：{self._log}",
            None if self._process is None else self._process.returncode,
        )
