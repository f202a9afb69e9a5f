"""Child processes: started tied to us, with a log file and a group of their own; stopped surely."""

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

TETHER = Path(__file__).with_name("tether.py")
LOG_BYTES = 32 * 1024 * 1024
"""A log that has grown beyond this is set aside (one generation) when its process starts."""
GIST_BYTES = 65536
GIST_LINES = 8
ERROR = re.compile(r'ERROR|FATAL|"s":"[EF]"|"level": ?"(error|critical)"|Error\b|Exception\b')
"""How Kafka, mongod, our services and a Python traceback mark what went wrong."""


async def spawn(
    command: Sequence[str], *, log: Path, env: Mapping[str, str], cwd: Path | None = None
) -> asyncio.subprocess.Process:
    """Start ``command`` so that it dies with us; what it prints is appended to ``log``.

    It leads its own process group: Ctrl-C in a terminal reaches us, not it. The call must come
    from the main thread, as the kernel ties a child to the thread that started it.
    """
    with open_log(log) as output:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-S",
            str(TETHER),
            str(os.getpid()),
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
        )


def open_log(path: Path) -> BinaryIO:
    """Open a log for appending; one that has grown too large becomes ``<name>.1`` first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_name(f"{path.name}.1"))
    return path.open("ab")


async def stop(process: asyncio.subprocess.Process, *, grace: float) -> int:
    """End the process by SIGTERM, after ``grace`` seconds by SIGKILL; give its exit status.

    What it may have left in its group is killed too. Harmless when it has ended already.
    """
    if process.returncode is not None:  # its id may belong to somebody else by now
        return process.returncode
    signal_group(process.pid, signal.SIGTERM)
    try:
        return await asyncio.wait_for(process.wait(), grace)
    except TimeoutError:
        return await kill(process)
    finally:
        signal_group(process.pid, signal.SIGKILL)


async def kill(process: asyncio.subprocess.Process) -> int:
    """End the process and its group by SIGKILL, now; give its exit status."""
    if process.returncode is None:
        signal_group(process.pid, signal.SIGKILL)
    return await process.wait()


def signal_group(pid: int, number: signal.Signals) -> None:
    """Send a signal to the group that ``pid`` leads, if there is any of it left.

    macOS refuses permission, where Linux says that nobody is there.
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def log_gist(path: Path, begin: int = 0) -> str:
    """The last lines of a log from byte ``begin`` on that tell of errors, else its last lines."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        size = path.stat().st_size
        file.seek(max(begin if begin <= size else 0, size - GIST_BYTES))
        lines = file.read().decode(errors="replace").splitlines()
    telling = [line for line in lines if ERROR.search(line)]
    return "\n".join((telling or lines)[-GIST_LINES:])
