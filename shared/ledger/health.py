"""Readiness by progress: what was handled last, and why nothing is handled any more."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Progress:
    """Whether the ledger's loops still move.

    A loop beats at least once a second while it is well, also when there is nothing to do; one
    that has not for ``stale_s`` seconds is stuck, and so is a batch that is handed back so long.
    """

    stale_s: float = 30.0
    now: Callable[[], float] = time.monotonic
    halted: str | None = None
    _last: float = field(init=False)
    _failing: tuple[float, str] | None = None

    def __post_init__(self) -> None:
        self._last = self.now()

    def moved(self) -> None:
        """An idle round of the timers came to its end."""
        self._last = self.now()

    def handled(self) -> None:
        """A batch came to its end."""
        self.moved()
        self._failing = None

    def failed(self, reason: str) -> None:
        """A batch was handed back."""
        since = self.now() if self._failing is None else self._failing[0]
        self._failing = (since, reason)

    def halt(self, reason: str) -> None:
        """Consumption stopped for good."""
        self.halted = reason

    def problem(self) -> str | None:
        """Why the service is not ready, or None."""
        if self.halted is not None:
            return self.halted
        now = self.now()
        if self._failing is not None and now - self._failing[0] > self.stale_s:
            return f"no batch was done for {now - self._failing[0]:.0f} s: {self._failing[1]}"
        if now - self._last > self.stale_s:
            return f"nothing moved for {now - self._last:.0f} s"
        return None
