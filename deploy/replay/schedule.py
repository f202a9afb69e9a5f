"""When each row is posted, as reported when, and under which key."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from deploy.feeds.rows import Row
from shared.contracts.base import instant_text
from shared.contracts.incidents_v1 import CoordinateSystem

BATCH = 200
"""Rows in one request at most."""
WINDOW_S = 0.25
"""Rows that are due so closely together go in one request."""


@dataclass(frozen=True, slots=True)
class Item:
    """One row as intake takes it."""

    row: Row
    reported_at: datetime
    idempotency_key: str

    def body(self) -> dict[str, Any]:
        """An item of a batch."""
        report = self.row.report.model_dump(mode="json", exclude_none=True)
        if (system := self.row.location_system) is not CoordinateSystem.WGS84:
            report["location_system"] = system.value
        return {
            "idempotency_key": self.idempotency_key,
            "incident": {**report, "reported_at": instant_text(self.reported_at)},
        }


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that are posted together, and how many seconds after the start."""

    after_s: float
    items: tuple[Item, ...]


def items(rows: Sequence[Row], name: str, ends_at: datetime | None) -> list[Item]:
    """The rows, oldest first, at their own instants, or moved so that the last is at ``ends_at``.

    A row's key says the format, its own key, and for moved files where they end: so the same
    replay again changes nothing, and a replay at other instants is not taken for the same.
    """
    if not rows:
        return []
    shift = timedelta() if ends_at is None else ends_at - rows[-1].at
    mark = "" if ends_at is None else f"@{instant_text(ends_at)}"
    return [Item(row, row.at + shift, f"{name}:{row.key}{mark}") for row in rows]


def batches(found: Sequence[Item], speed: float | None) -> Iterator[Batch]:
    """The rows in batches, in time order; ``speed`` times as fast as they came, None: at once."""
    some: list[Item] = []
    begin = 0.0
    for item in found:
        after = 0.0 if speed is None else (item.row.at - found[0].row.at).total_seconds() / speed
        if some and (len(some) == BATCH or after > begin + WINDOW_S):
            yield Batch(begin, tuple(some))
            some = []
        if not some:
            begin = after
        some.append(item)
    if some:
        yield Batch(begin, tuple(some))
