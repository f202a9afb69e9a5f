"""Delivers everything twice: what is true after once must be true after twice."""

from collections.abc import Sequence

from shared.ledger.ports import Record
from shared.ledger.processing import Processor


class Duplicator:
    """Hands every batch to each of its processors, and then again to the last."""

    def __init__(self, *processors: Processor) -> None:  # type: ignore[type-arg]
        self._processors = processors

    async def handle(self, records: Sequence[Record]) -> None:
        """The same batch to all, the last one twice, and then record by record, backwards."""
        for processor in (*self._processors, self._processors[-1]):
            assert await processor.handle(records)
        for record in reversed(records):
            assert await self._processors[0].handle([record])
