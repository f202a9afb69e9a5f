"""Files that only their owner may read: keys, secrets, addresses with passwords."""

import os
from pathlib import Path

PRIVATE = 0o600


def write(path: Path, text: str) -> None:
    """Replace a file in one step, so that no reader sees half of one."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text + "\n")
    draft.replace(path)
