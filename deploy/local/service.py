"""One of our own services as a child process: ``python -m services.<name>``."""

import asyncio
import http.client
import os
import sys
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path

from deploy.local.paths import CHECKOUT
from deploy.local.ports import HOST
from deploy.local.server import Server

ANSWER_SECONDS = 2


class ServiceServer(Server):
    """A service; it is ready when its own ``/readyz`` says so."""

    start_seconds = 120.0
    stop_seconds = 25.0
    """A service drains for 20 s at most."""
    cwd = CHECKOUT
    """``python -m`` takes its packages from here first, whatever else is installed."""

    def __init__(
        self, name: str, module: str, port: int, log: Path, settings: Mapping[str, str]
    ) -> None:
        super().__init__(name, port, log)
        self.module = module
        self.settings = settings

    async def prepare(self) -> None:
        """A service needs nothing but its environment."""

    def command(self) -> Sequence[str]:
        """This Python, running the module."""
        return [sys.executable, "-m", self.module]

    def environment(self) -> Mapping[str, str]:
        """The user's environment, what all services share, and where this one listens."""
        prefix = f"WANGGE_{self.name.upper()}"
        own = {f"{prefix}_HOST": HOST, f"{prefix}_PORT": str(self.port)}
        return {**os.environ, **self.settings, **own, "PYTHONUNBUFFERED": "1"}

    async def trouble(self) -> str | None:
        """What ``/readyz`` says is missing."""
        return await asyncio.to_thread(readiness, self.port)


def readiness(port: int) -> str | None:
    """Why the service on ``port`` is not ready; None when it is."""
    connection = http.client.HTTPConnection(HOST, port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        body = answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return f"/readyz does not answer: {error!r}"
    finally:
        connection.close()
    return None if answer.status == HTTPStatus.OK else f"/readyz: {body}"
