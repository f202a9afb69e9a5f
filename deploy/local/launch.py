"""Starting a supervisor and following what it does: the other end of `deploy.local.leash`."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

from deploy.local import lock, process, state
from deploy.local.leash import RELEASE
from deploy.local.paths import CHECKOUT, Home
from deploy.local.plan import StackPlan

POLL_SECONDS = 0.1
STOP_SECONDS = 90.0
"""More than all patience of a stop in good order together; then the supervisor is killed."""


class Launch:
    """A supervisor of our own. If we die before the release, it stops everything and ends."""

    def __init__(self, plan: StackPlan, home: Home) -> None:
        self.home = home
        with process.open_log(home.log("supervisor")) as output:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "deploy.local"],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                cwd=CHECKOUT,
                env={**os.environ, "WANGGE_HOME": str(home.root)},
                start_new_session=True,  # Ctrl-C is ours to handle
            )
        self._say(plan.model_dump_json().encode() + b"\n")

    @property
    def exit_status(self) -> int | None:
        """The supervisor's exit status; None while it lives."""
        return self._child.poll()

    def states(self) -> Iterator[state.StackState]:
        """Each state that it writes, from the newest on, until it has ended."""
        last: state.StackState | None = None
        while True:
            ended = self._child.poll() is not None
            now = state.read(self.home)
            if now is not None and now.supervisor == self._child.pid and now != last:
                last = now
                yield now.model_copy(deep=True)
            elif ended:
                return
            else:
                time.sleep(POLL_SECONDS)

    def release(self) -> None:
        """Leave the supervisor on its own: it outlives us from now on."""
        self._say(RELEASE)

    def stop(self) -> None:
        """Have it stop everything in order, and wait for that; harmless when it has ended."""
        with self._child:  # closes the line, and waits
            if self._child.poll() is not None:
                return
            self._child.terminate()
            try:
                self._child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._child.kill()

    def _say(self, line: bytes) -> None:
        pipe = self._child.stdin
        with contextlib.suppress(BrokenPipeError):  # it has ended: `states` shows why
            if pipe is not None:
                pipe.write(line)
                pipe.flush()


def stop_running(home: Home) -> bool:
    """Have the supervisor of a home stop everything, and wait; False when there was none."""
    supervisor = lock.holder(home.lock)
    if supervisor is None:
        return False
    _signal(supervisor, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while lock.holder(home.lock) == supervisor:
        if time.monotonic() > deadline:
            _signal(supervisor, signal.SIGKILL)  # its children die with it
        time.sleep(POLL_SECONDS)
    return True


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
        os.kill(pid, number)
