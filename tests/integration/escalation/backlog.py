"""Open cases with three clocks each, as escalation keeps them, written straight into its database.

Two kinds take turns: of one the handling approaches its limit (one event follows), of the other it
breaches it, which orders supervision (two events). Both come out of the real rules; each watch is
one of them, moved in time.
"""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.contracts.base import Limits, to_instant
from shared.contracts.topics import CASES
from shared.platform.mongo import Database
from shared.platform.partitioning import partition_of
from tests.unit.escalation.story import FOLDER, RULES, Story, days, hours

HANDLE_H = 24 * 70
"""So long that between 80 % and 100 % of it a week and more passes."""
LIMITS = Limits(accept=hours(24 * 200), handle=hours(HANDLE_H), total=days(400))
WAVE = 2_000
NAMESPACE = uuid.UUID("5d1f7a52-7a0e-5f0a-8a55-0c9b8b8f5c11")


@dataclass(frozen=True, slots=True)
class Model:
    """A watch as it is stored, and when its mark is due."""

    raw: dict[str, Any]
    due: datetime


def models() -> tuple[Model, Model]:
    """One that approaches its limit, and one that breaches it and has told of the former."""
    approaching, breaching = (Story(limits=LIMITS).begin(Story.call) for _ in range(2))
    breaching.forward(HANDLE_H * 0.9)
    return _model(approaching), _model(breaching)


def _model(story: Story) -> Model:
    fields = FOLDER.change(story.document).fields
    fields["state"] = RULES.dump(story.watch)
    raw = {
        **fields,
        "version": len(story.inputs),
        "seen": sorted(story.document.seen),
        "outbox": [],
    }
    return Model(raw, fields["next_due_at"])


def case_id(tag: str, number: int) -> str:
    """The id of the case of a number."""
    return str(uuid.uuid5(NAMESPACE, f"{tag}/{number}"))


def watches(tag: str, count: int, due: Callable[[int], datetime]) -> Iterator[dict[str, Any]]:
    """So many documents, each due when ``due`` says."""
    kinds = models()
    for number in range(count):
        model = kinds[number % 2]
        raw = _moved(model.raw, to_instant(due(number)) - model.due)
        key = case_id(tag, number)
        raw["_id"], raw["partition"] = key, partition_of(key, CASES.partitions)
        raw["seen"] = [f"{key[:18]}{one[18:]}" for one in raw["seen"]]
        yield raw


def _moved(value: Any, by: timedelta) -> Any:  # noqa: ANN401 - what BSON holds
    kind = type(value)
    if kind is datetime:
        return value + by
    if kind is dict:
        return {name: _moved(one, by) for name, one in value.items()}
    if kind in {list, tuple}:
        return [_moved(one, by) for one in value]
    return value


async def write(
    database: Database,
    tag: str,
    count: int,
    due: Callable[[int], datetime],
    told: Callable[[int], None] = lambda _count: None,
) -> None:
    """Write them in bulk; ``told`` is told how many there are."""
    wave: list[dict[str, Any]] = []
    for number, raw in enumerate(watches(tag, count, due), 1):
        wave.append(raw)
        if len(wave) == WAVE or number == count:
            await database["watches"].insert_many(wave, ordered=False)
            told(number)
            wave = []
