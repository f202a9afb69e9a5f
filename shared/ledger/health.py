"""Readiness by progress: what was handled last, and why nothing is handled any more."""

import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class Progress:
    """Whether the ledger's loops still move.

    A loop beats at least once a second while it is well, also when there is nothing to do; one
    that has not for ``stale_s`` seconds is stuck.
    """

    stale_s: float = 30.0
    halted: str | None = None
    _last: float = field(default_factory=time.monotonic)

    def moved(self) -> None:
        """A batch, or an idle round of the timers, came to its end."""
        self._last = time.monotonic()

    def halt(self, reason: str) -> None:
        """Consumption stopped for good."""
        self.halted = reason

    def problem(self) -> str | None:
        """Why the service is not ready, or None."""
        if self.halted is not None:
            return self.halted
        silent = time.monotonic() - self._last
        if silent > self.stale_s:
            return f"nothing moved for {silent:.0f} s"
        return None
