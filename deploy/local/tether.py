"""Run a command that does not outlive its owner: ``tether.py OWNER_PID COMMAND...``.

The command takes this process's place, so that its pid is the one that the owner started. Linux
ends it when the owner dies, however the owner dies. Elsewhere a small process stays beside it and
does that. Started as a file with ``python -I -S``: the standard library only, and in 20 ms.
"""

import ctypes
import os
import signal
import sys
import time
from typing import NoReturn

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.2


def ask_kernel(owner: int) -> None:
    """Have Linux kill this process, and what takes its place, when its parent dies."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != owner:  # it died before the request
        sys.exit(1)


def alive(pid: int) -> bool:
    """Whether a process with this id exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def leave_watcher(owner: int) -> None:
    """Leave a child that kills this process's group once the owner is gone."""
    guarded = os.getpid()
    if os.fork() != 0:
        return
    os.closerange(0, 3)  # else it would hold the server's log and pipes open
    while os.getppid() == guarded:
        if not alive(owner):
            os.killpg(os.getpgrp(), signal.SIGKILL)
        time.sleep(POLL_SECONDS)
    os._exit(0)


def run(owner: int, command: list[str], *, by_kernel: bool) -> NoReturn:
    """Become ``command``, tied to ``owner`` by the kernel or by a watcher."""
    if by_kernel:
        ask_kernel(owner)
    else:
        leave_watcher(owner)
    os.execvp(command[0], command)  # noqa: S606  the caller built the list; no shell is involved


if __name__ == "__main__":
    run(int(sys.argv[1]), sys.argv[2:], by_kernel=sys.platform == "linux")
