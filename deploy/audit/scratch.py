"""What an audit keeps outside memory: a temporary SQLite database."""

import sqlite3
from typing import ClassVar, Self

CACHE_KIB = 64 * 1024


class Scratch:
    """A database of its own, in memory while it is small, else on disk; gone when it is closed."""

    SCHEMA: ClassVar[str]

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.executescript(self.SCHEMA)
        self._database.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()
