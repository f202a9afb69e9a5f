"""A registry that is what the test says."""

from shared.registry.snapshot import Snapshot


class FakeRegistry:
    """Holds one snapshot; ``end`` is how far the topic goes."""

    def __init__(self, snapshot: Snapshot | None = None, end: int = -1) -> None:
        self.snapshot = snapshot or Snapshot()
        self.end = end

    def current(self) -> Snapshot:
        """The snapshot in use."""
        return self.snapshot

    async def at_least(self, version: int) -> int:
        """The version asked for, as far as the topic goes."""
        return min(version, self.end)
