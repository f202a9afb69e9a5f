"""A clock that is moved by hand."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


class MovedClock:
    """Says the same time until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> datetime:
        """Move it by so many seconds (negative: a jump back); the new time."""
        self.now += timedelta(seconds=seconds)
        return self.now
