"""A file that one process at a time can hold; the kernel lets go of it when the holder dies."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def hold(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold ``path`` for the length of the block; children do not inherit it.

    Raises:
        BlockingIOError: somebody else holds it, and ``wait`` is false.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield


def held(path: Path) -> bool:
    """Whether somebody holds ``path`` now."""
    if not path.exists():
        return False
    try:
        with hold(path, wait=False):
            return False
    except BlockingIOError:
        return True
