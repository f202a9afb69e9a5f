"""The walker: what a change of the registry means for documents that are already open.

It keeps nothing that a restart may not lose. Which documents have not applied a change yet stands
in their columns; when the registry's snapshot has moved, an instant has passed at which a version
begins or ends, or partitions have come, the store is asked for the groups that there are, and
those that the change concerns are sent through the shell, with the change as the cause.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import structlog

from shared.contracts.envelope import SOURCE_BASE, Event
from shared.ledger.document import Change, Raw
from shared.ledger.ports import TransientError
from shared.ledger.processing import Processor
from shared.ledger.walk import Group, Walk, Walked
from shared.platform import telemetry
from shared.platform.ids import caused_id
from shared.registry.snapshot import Snapshot

S = TypeVar("S")
Stand = tuple[int, int]
"""Version of the registry and era: within one nothing is found that was not found before."""
log = structlog.get_logger("ledger")
AGAIN = timedelta(seconds=60)
"""So often all is looked at again: what failed, and what another process wrote late."""


@dataclass(slots=True)
class Walker(Generic[S]):
    """Sends open documents that the registry's changes concern, in turn with the batches.

    ``idle_s`` is the longest sleep, ``limit`` how many documents hold a turn.
    """

    processor: Processor[S]
    walks: Sequence[Walk[S]]
    idle_s: float = 0.5
    limit: int = 250
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _walked: dict[int, Stand] = field(default_factory=dict)
    """By owned partition: where it was walked last."""
    _begun: datetime | None = None
    """Since when partitions have been walked without all being forgotten."""

    def written(self, changes: Iterable[Change]) -> None:
        """Called for every write: what is opened again may lag behind the registry."""
        registry, at = self._now()
        for change in changes:
            partition = change.fields["partition"]
            if partition in self._walked and self._lags(change.fields, registry, at):
                del self._walked[partition]
                self._wake.set()

    def _lags(self, fields: dict[str, Any], registry: Snapshot, at: datetime) -> bool:
        return bool(fields.get("open")) and any(
            walk.concerns({name: fields[name] for name in walk.columns}, registry, at)
            for walk in self.walks
        )

    async def run(self) -> None:
        """Until cancelled: walk what has not been walked, sleep."""
        while self.processor.progress.halted is None:
            self._wake.clear()
            try:
                await self.round()
            except TransientError as error:
                log.warning("walker_waits", error=str(error)[:300])
                await asyncio.sleep(self.idle_s)
            except Exception:
                # A loop that ends in silence would let every later change pass.
                log.exception("walker_failed")
                await asyncio.sleep(self.idle_s)
            try:
                async with asyncio.timeout(self.idle_s):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def round(self) -> int:
        """Walk the partitions that lag behind the registry, to their end; how many documents.

        Raises TransientError when a server is away; the partitions are then walked again.
        """
        registry, at = self._now()
        stand = registry.version, registry.era(at)
        lagging = self._lagging(stand, at)
        if not lagging:
            return 0
        found = 0
        try:
            async with self.processor.turn:
                lagging = await self._in_time(lagging, registry, at)
                # Noted before the store is asked: what is written from now on may take it back.
                self._walked |= dict.fromkeys(lagging, stand)
                groups = [
                    (walk, group)
                    for walk in self.walks
                    for group in await self._groups(walk, lagging)
                    if walk.concerns(group, registry, at)
                ]
            for walk, group in groups:
                found += await self._through(walk, group, lagging, registry, at)
        except BaseException:
            for partition in lagging:
                self._walked.pop(partition, None)
            raise
        return found

    def _now(self) -> tuple[Snapshot, datetime]:
        settler = self.processor.settler
        return settler.registry.current(), settler.clock()

    def _lagging(self, stand: Stand, at: datetime) -> list[int]:
        if self._begun is None or at - self._begun >= AGAIN:
            self._walked, self._begun = {}, at
        owned = self.processor.consumer.owned()
        self._walked = {one: was for one, was in self._walked.items() if one in owned}
        return [one for one in sorted(owned) if self._walked.get(one) != stand]

    async def _in_time(self, lagging: list[int], registry: Snapshot, at: datetime) -> list[int]:
        """Partitions whose own time has passed the last turn of the registry.

        What was done before a change and still waits in its partition is handled before it.
        """
        processor = self.processor
        at_end = await processor.consumer.at_end() - processor.waiting
        times = processor.times.until(lagging, at_end, at)
        era = registry.era(at)
        turned = registry.turns[era - 1] if era else at
        return [one for one, time in times.items() if time >= turned]

    async def _groups(self, walk: Walk[S], partitions: Sequence[int]) -> Sequence[Group]:
        return await self.processor.settler.store.open_groups(partitions, walk.columns)

    async def _through(
        self,
        walk: Walk[S],
        group: Group,
        partitions: Sequence[int],
        registry: Snapshot,
        at: datetime,
    ) -> int:
        """All documents of a group, page by page; another's turn may come between two."""
        found, after = 0, ""
        while True:
            async with self.processor.turn:
                mine = self.processor.consumer.owned().intersection(partitions)
                store = self.processor.settler.store
                raws = await store.open_in(mine, group, after, self.limit)
                found += await self._send(walk, raws, registry, at)
            if len(raws) < self.limit:
                return found
            after = raws[-1]["_id"]

    async def _send(
        self, walk: Walk[S], raws: Sequence[Raw], registry: Snapshot, at: datetime
    ) -> int:
        events = [one for raw in raws if (one := self._event(walk, raw, registry, at)) is not None]
        if not events:
            return 0
        settler = self.processor.settler
        settled = await settler.settle(events, {raw["_id"]: raw for raw in raws})
        for dead in settled.dead:
            _failed(dead.event.subject, f"{dead.code}: {dead.error}")
        telemetry.WALKED.labels(self.processor.service, walk.name).inc(settled.taken)
        log.info("walk", walk=walk.name, documents=settled.taken, registry=registry.version)
        return len(events)

    def _event(
        self, walk: Walk[S], raw: Raw, registry: Snapshot, at: datetime
    ) -> Event[Walked] | None:
        folder = self.processor.settler.folder
        try:
            cause = walk.cause(folder.decider.load(raw["state"]), registry, at)
        except Exception as error:  # noqa: BLE001 - one bad document must not stop the others
            _failed(raw["_id"], f"{type(error).__name__}: {error}")
            return None
        if cause is None:
            return None
        return Event(
            id=caused_id("walk", raw["_id"], walk.name, *cause),
            source=SOURCE_BASE + folder.service,
            subject=raw["_id"],
            time=at,
            data=Walked(walk=walk.name),
            correlation_id=raw["_id"],
            causation_id=raw["_id"],
            sequence=0,
        )


def _failed(document: str, error: str) -> None:
    """It is tried again with all others, and blocks nobody."""
    log.error("walk_failed", document=document, error=error[:300])
