"""Documents that were just settled, for whoever settles their next events.

What follows on an event comes back within seconds, and to read and open the document again would be
a tenth of the work. A kept document may have been overtaken, by another process or another task:
its write is guarded by its version as any other, and the race is lost then, and decided again on
what the store has.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from shared.ledger.document import Document

S = TypeVar("S")

MOST = 2000
"""Documents; 16 MB of receipts, 25 MB of timelines, while they are young."""
MOST_EVENTS = 60
"""A document that has taken more is not kept: it may be a hundred times as large as another."""


@dataclass(slots=True)
class Kept(Generic[S]):
    """The documents that were settled last, each for one taker: two would change it at once."""

    most: int = MOST
    # The oldest of a dict is found by walking over those that have gone before it.
    _documents: OrderedDict[str, Document[S]] = field(default_factory=OrderedDict)

    def take(self, ids: Iterable[str]) -> dict[str, Document[S]]:
        """Those of the documents that are here; they are the taker's from now on."""
        found = ((one, self._documents.pop(one, None)) for one in ids)
        return {one: document for one, document in found if document is not None}

    def keep(self, documents: Iterable[Document[S]]) -> None:
        """Keep what has been written and published whole; the oldest go."""
        for one in documents:
            if not (one.version or one.changed):
                continue  # nothing is known of it: its outbox was swept
            self._documents.pop(one.id, None)
            if len(one.seen) <= MOST_EVENTS:
                self._documents[one.id] = one.settled()
        while len(self._documents) > self.most:
            self._documents.popitem(last=False)
