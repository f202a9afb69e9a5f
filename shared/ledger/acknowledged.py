"""What the broker has acknowledged and still stands in its outbox.

To take it out is a write of its own, a third as dear as the one that put it in. Most documents are
written again within a second or two: that write puts its own outbox in the place of one of which
everything has been acknowledged. What nobody writes again is taken out then. A process that is
killed leaves it there: the sweeper publishes it once more, the same bytes by the same id.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.ledger.document import Document
from shared.ledger.ports import Store

Published = Mapping[str, Sequence[str]]
"""The ids of entries, by the id of their document."""
MOST = 4000
"""Documents that wait at most."""


@dataclass(slots=True)
class Acknowledged:
    """The entries, in two generations: those of before the last ``clear``, and those since."""

    _young: dict[str, list[str]] = field(default_factory=dict)
    _old: dict[str, list[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        """How many documents have such entries; one of both generations counts twice."""
        return len(self._young) + len(self._old)

    def add(self, published: Published) -> None:
        """These have been acknowledged."""
        for key, entries in published.items():
            self._young.setdefault(key, []).extend(entries)

    def leave_out(self, document: Document[Any]) -> None:
        """They wait no more to be published where the document was read with them."""
        if document.outbox and (done := self._of(document.id)):
            document.outbox = [one for one in document.outbox if one.id not in done]

    def replaced(self, ids: Iterable[str]) -> None:
        """These documents were written with outboxes in the place of the former ones."""
        for key in ids:
            self._young.pop(key, None)
            self._old.pop(key, None)

    async def clear(self, store: Store, *, everything: bool = False) -> None:
        """Take out what was here already when this was last called, or everything.

        Raises TransientError; it is all taken out the next time then.
        """
        if everything:
            self._age()
        if self._old:
            taken = {key: list(entries) for key, entries in self._old.items()}
            await store.pull(taken)
            self._forget(taken)
        if not everything:
            self._age()

    def _age(self) -> None:
        for key, entries in self._young.items():
            self._old.setdefault(key, []).extend(entries)
        self._young = {}

    def _forget(self, taken: Published) -> None:
        """Entries may have been added to the older generation, or gone from it, meanwhile."""
        for key, entries in taken.items():
            left = [one for one in self._old.pop(key, ()) if one not in entries]
            if left:
                self._old[key] = left

    def _of(self, key: str) -> Collection[str]:
        return {*self._young.get(key, ()), *self._old.get(key, ())}
