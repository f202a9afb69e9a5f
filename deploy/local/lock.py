"""A file that one process at a time can hold; the kernel lets go of it when the holder dies."""

import contextlib
import fcntl
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path

POLL_SECONDS = 0.05


@contextlib.contextmanager
def hold(path: Path, *, patience: float = math.inf) -> Iterator[None]:
    """Hold ``path`` for the length of the block; children do not inherit it.

    Raises:
        BlockingIOError: somebody else still held it after ``patience`` seconds.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + patience
    with path.open("ab") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise
            time.sleep(POLL_SECONDS)
        path.write_text(str(os.getpid()), encoding="ascii")
        yield


def holder(path: Path) -> int | None:
    """The id of the process that holds ``path`` now; None when nobody does."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(file.read() or 0) or None  # empty for an instant after it was taken
    return None
