"""What is due, in order, page by page: what was read once is not read again in the same round."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.ledger.document import Raw
from shared.ledger.ports import Store


@dataclass(slots=True)
class DueQueue:
    """Reads on from the instant of the last document, while those before it are still at work.

    ``until`` and ``since``: by partition, as `Store.due` takes them.
    """

    store: Store
    until: Mapping[int, datetime]
    since: Mapping[int, datetime]
    found: int = 0
    more: bool = True
    """Whether the last page was full."""
    last: datetime | None = None
    _same: list[str] = field(default_factory=list)
    """The documents that were read and are due at the last instant: a thousand may be at once."""

    async def page(self, size: int) -> Sequence[Raw]:
        """The next documents, so many at most. Raises TransientError."""
        page = await self.store.due(self.until, size, self.since, self._same)
        self.found, self.more = self.found + len(page), len(page) >= size
        if page:
            self._read_on(page)
        return page

    def read_up_to(self, until: Mapping[int, datetime]) -> Mapping[int, datetime]:
        """The instants before which nothing was left unread, of all partitions that were asked."""
        if self.last is None or not self.more:
            return until
        return {one: min(time, self.last) for one, time in until.items()}

    def _read_on(self, page: Sequence[Raw]) -> None:
        last: datetime = page[-1]["next_due_at"]
        if last != self.last:
            self._same = []
        self._same += [raw["_id"] for raw in page if raw["next_due_at"] == last]
        self.last = last
        self.until = {one: time for one, time in self.until.items() if time >= last}
        self.since = dict.fromkeys(self.until, last)
