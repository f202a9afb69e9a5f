"""The second look: sends documents through the shell again that look different by now.

Two things are looked for, in turn with the batches:

- cases that this process filed some seconds ago and that are near an earlier or a later one:
  another process may have filed that at the same time, or reports came in another order than they
  were received. Of each pair the later one is sent.
- followers of a case, in a partition of this process, that is none any more; all at once, so that
  the earliest of them is the first of the others.

What is sent may be in a partition of another process: documents are guarded by their versions, and
two processes that send the same send it under one id.

What follows is the rules' to say (`domain.looking_again`). A process that dies forgets what it
filed in its last seconds; the other one of the pair still looks.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from services.dispatch.domain.deciding import SERVICE
from services.dispatch.domain.dossier import Dossier
from services.dispatch.domain.looking_again import look_again, may_be_linked
from services.dispatch.domain.nearness import Sighting, cells_around, near
from services.dispatch.store import CaseReader
from shared.contracts.cases_v1 import CaseFiled
from shared.contracts.envelope import Event
from shared.ledger.document import Change, Raw
from shared.ledger.ports import TransientError
from shared.ledger.processing import Processor

log = structlog.get_logger("ledger")
AFTER = timedelta(seconds=3)
"""So long after its filing a case is looked at again: what ran beside it is written by then."""
EVERY_S = 1.0
AT_ONCE = 500
REMEMBERED = 50_000
"""Cases that wait for their second look; of more, the oldest are not looked at again."""


@dataclass(slots=True)
class SecondLook:
    """Runs beside the ticker of a subscription; make it after the subscription."""

    processor: Processor[Dossier]
    cases: CaseReader
    every_s: float = EVERY_S
    _filed: deque[tuple[str, datetime]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    _then: Callable[[Sequence[Change]], None] | None = None
    _after: str = ""

    def __post_init__(self) -> None:
        self._then = self.processor.settler.on_written
        self.processor.settler.on_written = self.written

    def written(self, changes: Sequence[Change]) -> None:
        """Called for every write: what was filed is to be looked at again."""
        now = self.processor.settler.clock()
        for change in changes:
            if change.fields.get("cell") is not None and _files(change):
                self._filed.append((change.id, now))
        if self._then is not None:
            self._then(changes)

    async def run(self) -> None:
        """Until cancelled."""
        while self.processor.progress.halted is None:
            try:
                await self.round()
            except TransientError as error:
                log.warning("second_look_waits", error=str(error)[:300])
            except Exception:
                # A loop that ends in silence would let every later duplicate pass.
                log.exception("second_look_failed")
            await asyncio.sleep(self.every_s)

    async def round(self) -> int:
        """One bounded round; how many documents were sent through the shell."""
        async with self.processor.turn:
            return await self._twins() + await self._orphans()

    async def _twins(self) -> int:
        """Cases near one another: of each pair the later is sent, with the earlier."""
        until = self.processor.settler.clock() - AFTER
        ids: list[str] = []
        while self._filed and self._filed[0][1] <= until and len(ids) < AT_ONCE:
            ids.append(self._filed.popleft()[0])
        try:
            pairs = await self._pairs(ids)
            return await self._send(await self.cases.documents(pairs), pairs)
        except TransientError:
            self._filed.extendleft((one, until) for one in reversed(ids))
            raise

    async def _pairs(self, ids: Sequence[str]) -> dict[str, str]:
        """The first by the case that may be its duplicate."""
        mine = await self.cases.filed(ids)
        around = {one.id: cells_around(one.matter, one.location, rule.metres) for one, rule in mine}
        others = await self.cases.open_in({key for keys in around.values() for key in keys})
        by_matter: defaultdict[str, list[Sighting]] = defaultdict(list)
        for other in others:
            by_matter[other.matter].append(other)
        pairs: dict[str, Sighting] = {}
        for one, rule in mine:
            for other in by_matter[one.matter]:
                if other.id != one.id and near(one, other, rule):
                    first, later = sorted((one, other), key=lambda seen: seen.order)
                    known = pairs.setdefault(later.id, first)
                    pairs[later.id] = min(first, known, key=lambda seen: seen.order)
        return {later: first.id for later, first in pairs.items()}

    async def _orphans(self) -> int:
        """Followers of what is no case any more; all such cases are gone through in rounds."""
        owned = self.processor.consumer.owned()
        lost = await self.cases.void_after(self._after, owned, AT_ONCE)
        self._after = lost[-1] if len(lost) == AT_ONCE else ""
        if not lost:
            return 0
        raws = await self.cases.followers_of(lost, AT_ONCE)
        return await self._send(raws, {raw["_id"]: raw["first"] for raw in raws})

    async def _send(self, raws: Sequence[Raw], firsts: Mapping[str, str]) -> int:
        settler = self.processor.settler
        events: list[Event[Any]] = []
        for raw in raws:
            dossier = self._load(raw)
            follows = dossier is not None and dossier.decided.follows is not None
            if dossier is None or not (follows or may_be_linked(dossier)):
                continue
            event = look_again(SERVICE, raw["_id"], dossier, firsts[raw["_id"]], settler.clock())
            if event is not None and event.id not in raw["seen"]:
                events.append(event)
        if events:
            settled = await settler.settle(events, {raw["_id"]: raw for raw in raws})
            log.info("second_look", sent=len(events), emitted=settled.emitted)
            for dead in settled.dead:
                log.error("second_look_failed", document=dead.event.subject, error=dead.error)
        return len(events)

    def _load(self, raw: Raw) -> Dossier | None:
        decider = self.processor.settler.folder.decider
        return None if raw["state"] is None else decider.load(raw["state"])


def _files(change: Change) -> bool:
    return any(entry["headers"]["ce_type"] == CaseFiled.TYPE for entry in change.entries)
