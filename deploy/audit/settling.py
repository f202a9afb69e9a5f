"""Waiting, for a while, until the services have handled what was there when the audit began."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from deploy.audit.bucket import Place
from deploy.audit.owner import Owner
from deploy.audit.ports import Log, Offsets, Sources

PAUSE_S = 0.5
LEFT_BEHIND = timedelta(seconds=5)
"""An outbox entry or a due mark of this age is no longer merely being worked on."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the services are: committed offsets by group, and what still waits, by what it is.

    ``waiting`` has records behind by ``service``, outboxes and due documents by the owner's name.
    ``up_to_date`` are the places that the groups had wholly handled when the audit ``began``.
    """

    committed: dict[str, Offsets]
    waiting: dict[str, int]
    began: datetime
    up_to_date: dict[str, frozenset[Place]]

    def caught_up(self, owner: Owner, partition: int) -> bool:
        """Whether an owner had handled all of a partition number when the audit began."""
        places = {(topic.name, partition) for topic in owner.reads}
        return places <= self.up_to_date[owner.group]


async def ends(log: Log, owners: Sequence[Owner]) -> Offsets:
    """The end offsets of all topics that the owners read, now."""
    topics = {topic for owner in owners for topic in owner.reads}
    found: Offsets = {}
    for number in range(max(topic.partitions for topic in topics)):
        fitting = [topic for topic in topics if number < topic.partitions]
        for name, end in (await log.ends(fitting, number)).items():
            found[name, number] = end
    return found


async def settle(
    sources: Sources, owners: Sequence[Owner], patience_s: float, tell: Callable[[str], None]
) -> Standing:
    """Wait until everything that was there is handled, at most ``patience_s`` seconds."""
    began = sources.clock()
    until = await ends(sources.log, owners)
    deadline = time.monotonic() + patience_s
    up_to_date: dict[str, frozenset[Place]] | None = None
    while True:
        committed = {owner.group: await sources.log.committed(owner.group) for owner in owners}
        if up_to_date is None:
            up_to_date = {
                group: frozenset(place for place, end in until.items() if mine.get(place, 0) >= end)
                for group, mine in committed.items()
            }
        waiting = await _waiting(sources, owners, until, committed)
        if not waiting or time.monotonic() >= deadline:
            return Standing(committed, waiting, began, up_to_date)
        tell(", ".join(f"{name} {count}" for name, count in waiting.items()))
        await asyncio.sleep(PAUSE_S)


async def _waiting(
    sources: Sources, owners: Sequence[Owner], until: Offsets, committed: Mapping[str, Offsets]
) -> dict[str, int]:
    before = sources.clock() - LEFT_BEHIND
    waiting: dict[str, int] = {}
    for owner in owners:
        names = {topic.name for topic in owner.reads}
        mine = committed[owner.group]
        behind = sum(max(0, end - mine.get(tp, 0)) for tp, end in until.items() if tp[0] in names)
        if behind:
            waiting[owner.service] = behind
        if unsent := await sources.documents.unpublished(owner, before):
            waiting[f"{owner.name} outbox"] = unsent
        if due := await sources.documents.overdue(owner, before):
            waiting[f"{owner.name} due"] = due
    return waiting
