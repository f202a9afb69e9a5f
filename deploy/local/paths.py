"""Where the local stack keeps its things.

``WANGGE_HOME`` (default ``.wangge`` of the checkout) holds data, logs, state and keys of one
stack; ``WANGGE_CACHE`` (default ``.wangge/cache`` of the checkout) what was downloaded, for all.
"""

import os
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one stack and the names of what lies in it."""

    root: Path

    @property
    def data(self) -> Path:
        """Everything that ``--fresh`` wipes: Kafka's log, MongoDB's files, services' files."""
        return self.root / "data"

    @property
    def logs(self) -> Path:
        """One file a process."""
        return self.root / "logs"

    @property
    def state(self) -> Path:
        """What runs where, written by the supervisor; readable by its owner only."""
        return self.root / "stack.json"

    @property
    def lock(self) -> Path:
        """Locked for as long as a supervisor lives."""
        return self.root / "stack.lock"

    @property
    def secret(self) -> Path:
        """The secret that signs this stack's development keys; readable by its owner only."""
        return self.root / "secret"

    @property
    def keys(self) -> Path:
        """A bearer token for each role, as JSON; readable by its owner only."""
        return self.root / "keys.json"

    @property
    def notice_secrets(self) -> Path:
        """The secrets by which notices are signed, one file each; readable by its owner only."""
        return self.root / "notice-secrets"

    def log(self, name: str) -> Path:
        """The log file of the process ``name``."""
        return self.logs / f"{name}.log"


def home() -> Home:
    """The home that the environment names, else the checkout's own."""
    return Home(Path(os.environ.get("WANGGE_HOME") or CHECKOUT / ".wangge").resolve())


def cache() -> Path:
    """The folder of downloads: it survives ``--fresh`` and is shared by every home."""
    return Path(os.environ.get("WANGGE_CACHE") or CHECKOUT / ".wangge" / "cache").resolve()
