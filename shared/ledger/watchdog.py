"""A process in which nothing comes to its end any more ends itself, and says where it stood.

All that a service waits for is bounded, so a loop that stands for minutes is a fault, of its own or
of a library: a consumer whose task has died answers every poll with an error, for ever. A process
that looks alive is not started again by anybody; one that has ended is, and loses nothing by it.
"""

import asyncio
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Never

import structlog

log = structlog.get_logger("watchdog")
EVERY_S = 5.0
LOOKS = 48
"""So many looks without a beat: four minutes. A batch is handed back after two at the latest."""
STUCK = 70
"""The exit status: a fault of the software itself (EX_SOFTWARE of sysexits.h)."""
TELL_S = 5.0
DEEPEST = 8
"""Frames that are told of each task and thread, the innermost ones."""

Beats = Mapping[str, int]
"""How often each loop has come round, by its name."""


@dataclass(slots=True)
class Patience:
    """How long each loop has stood, in looks: whoever is stopped as a whole looks at nothing."""

    looks: int = LOOKS
    _beats: Beats = field(default_factory=dict)
    _stood: dict[str, int] = field(default_factory=dict)

    def stuck(self, beats: Beats) -> list[str]:
        """The loops that have not come round since so many looks."""
        stands = [name for name, beat in beats.items() if beat == self._beats.get(name)]
        self._stood = {name: self._stood.get(name, 0) + 1 for name in stands}
        self._beats = beats
        return [name for name, stood in self._stood.items() if stood >= self.looks]

    def begin_anew(self) -> None:
        """Nothing has stood yet."""
        self._stood = {}


Places = Callable[[], Sequence[str]]
"""Says where all tasks and threads stand."""


def leave(stuck: Sequence[str], places: Places) -> Never:
    """End the process at once: whatever would be tidied up may be what stands.

    The log may be, too: what it does not take within some seconds is not told.
    """
    try:
        telling = threading.Thread(target=_tell, args=(stuck, places), daemon=True)
        telling.start()
        telling.join(TELL_S)
    finally:
        os._exit(STUCK)


def _tell(stuck: Sequence[str], places: Places) -> None:
    log.critical("stuck", loops=list(stuck), where=list(places()))
    sys.stdout.flush()


class Watchdog(threading.Thread):
    """Looks at the beats from a thread of its own: a loop that stands cannot look at itself.

    While ``reachable`` says no, nothing ends: another process would come no further. The thread
    ends with the event loop in which it was made.
    """

    def __init__(
        self,
        beats: Callable[[], Beats],
        reachable: Callable[[], bool],
        *,
        every_s: float = EVERY_S,
        looks: int = LOOKS,
        leave: Callable[[Sequence[str], Places], object] = leave,
    ) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._loop = asyncio.get_running_loop()
        self._beats = beats
        self._reachable = reachable
        self._every_s = every_s
        self._patience = Patience(looks)
        self._leave = leave
        self._over = threading.Event()

    def run(self) -> None:
        """Until it is stopped."""
        while not self._over.wait(self._every_s) and self._loop.is_running():
            try:
                stuck = self._patience.stuck(self._beats())
                helps = bool(stuck) and self._reachable()
            except Exception:
                log.exception("watchdog_failed")
                continue
            if helps and not self._over.is_set():
                self._leave(stuck, self._places)
                return
            if stuck:
                self._patience.begin_anew()

    def _places(self) -> list[str]:
        return [*_threads(), *_tasks(self._loop)]

    def stop(self) -> None:
        """Look no more."""
        self._over.set()


@contextmanager
def watched(beats: Callable[[], Beats], reachable: Callable[[], bool]) -> Iterator[None]:
    """While the block runs."""
    watchdog = Watchdog(beats, reachable)
    watchdog.start()
    try:
        yield
    finally:
        watchdog.stop()


def _threads() -> list[str]:
    """Where each thread stands, this one apart."""
    names = {one.ident: one.name for one in threading.enumerate()}
    return [
        f"thread {names.get(ident, ident)}: {_told(traceback.extract_stack(frame))}"
        for ident, frame in sys._current_frames().items()  # noqa: SLF001 - no other door
        if ident != threading.get_ident()
    ]


def _tasks(loop: asyncio.AbstractEventLoop) -> list[str]:
    """Where each task waits."""
    return [
        f"task {task.get_name()}: {_told(_waits(task.get_coro()))}"
        for task in asyncio.all_tasks(loop)
    ]


def _waits(coroutine: object) -> list[traceback.FrameSummary]:
    """The chain of awaits; `Task.get_stack` gives its outermost frame only."""
    found: list[traceback.FrameSummary] = []
    while (frame := getattr(coroutine, "cr_frame", None)) is not None:
        found += traceback.extract_stack(frame, limit=1)
        coroutine = getattr(coroutine, "cr_await", None)
    return found


def _told(frames: Sequence[traceback.FrameSummary]) -> str:
    places = [f"{one.filename}:{one.lineno} {one.name}" for one in frames[-DEEPEST:]]
    return " > ".join(places) or "ended"
