"""A process of its own that works when it is told to, and says at its end what it found."""

import asyncio
import multiprocessing
import os
from collections.abc import Callable, Coroutine, Mapping
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, Generic, TypeVar

import psutil
import structlog

from shared.platform.serve import hand_over_soon, quieten_collector

R = TypeVar("R")
STOP_S = 30


class Parent:
    """The other end, as the process sees it."""

    def __init__(self, pipe: "Connection[Any, Any]") -> None:
        self._pipe = pipe

    async def told(self, word: str) -> None:
        """Say how far it is, and wait to be told to go on."""
        self._pipe.send(word)
        await asyncio.to_thread(self._pipe.recv)

    async def calls(self) -> None:
        """Until it is told anything."""
        while not await asyncio.to_thread(self._pipe.poll, 1.0):
            pass
        self._pipe.recv()


Task = Callable[[Parent], Coroutine[Any, Any, R]]
"""What the process does; a function of a module, or a ``partial`` of one, so that it travels."""


class Child(Generic[R]):
    """The process, as the benchmark sees it."""

    def __init__(self, task: Task[R]) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self.process: SpawnProcess = context.Process(target=_run, args=(task, theirs), daemon=True)
        self.process.start()
        theirs.close()

    async def hear(self, expected: str) -> None:
        """Until it says so. Raises RuntimeError when it says something else, EOFError for none."""
        said = await asyncio.to_thread(self._pipe.recv)
        if said != expected:
            raise RuntimeError(f"a process said {said} instead of {expected}")

    def tell(self, word: str) -> None:
        """Let it go on."""
        self._pipe.send(word)

    async def end(self) -> R:
        """What it found."""
        found: R = await asyncio.to_thread(self._pipe.recv)
        await asyncio.to_thread(self.process.join, STOP_S)
        return found


def _run(task: Task[Any], pipe: "Connection[Any, Any]") -> None:
    as_served()
    pipe.send(asyncio.run(task(Parent(pipe))))


def as_served() -> None:
    """This process as a service sets itself up; every line of its log is made, and goes nowhere."""
    quieten_collector()
    hand_over_soon()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(
            Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open while it runs
        ),
        cache_logger_on_first_use=True,
    )


def processor_times(pids: Mapping[str, int | None]) -> dict[str, float]:
    """Seconds of the processor that each process has used so far, by name."""
    found = {}
    for name, pid in pids.items():
        used = psutil.Process(pid).cpu_times()
        found[name] = used.user + used.system
    return found
