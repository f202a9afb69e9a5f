"""The clock, passed in wherever time matters, so that tests can move it."""

from collections.abc import Callable
from datetime import UTC, datetime

from shared.contracts.base import to_instant

Clock = Callable[[], datetime]
"""Says what time it is: UTC, cut to milliseconds."""


def system_clock() -> datetime:
    """The machine's time."""
    return to_instant(datetime.now(UTC))
