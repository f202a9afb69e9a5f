"""Imports: one change, whole or not at all, whatever is killed when.

Stage the parts, decide by one document, let the writer apply them: until the decision nothing has
changed, after it everything will.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import uuid4

from services.intake.changes import AnotherDecidedError, ChangeRecord, ChangeStore
from services.intake.domain.change import Candidate, Part, parts
from services.intake.domain.findings import Finding, in_order
from services.intake.import_checking import ImportChecking, refuse
from services.intake.registry_writer import RegistryWriter, Stage
from services.intake.store import EntryReader
from shared.ledger.commands import BusyError

CHUNK_ENTRIES = 250
CHUNK_BYTES = 4 * 1024 * 1024
ATTEMPTS = 3
T = TypeVar("T")
Drawn = Callable[[datetime], Awaitable[Sequence[Candidate]]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an import asks for."""

    change: str
    digest: str
    actor: str
    note: str
    valid_from: datetime | None
    candidates: Sequence[Candidate] | Drawn
    """Or what tells them of the instant of its taking force, once all before it is applied."""
    findings: Sequence[Finding] = ()
    """What reading it found already."""
    accept_findings: bool = False
    """Whether it is made although it brings what is refused."""
    checks_grids: bool = True
    """Whether its grids are compared with what is in force."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What an import would change."""

    parts: Sequence[Part]
    unchanged: int
    findings: Sequence[Finding] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """A change that is decided; ``findings`` where it was this request that decided it."""

    record: ChangeRecord
    findings: Sequence[Finding] = ()


class KeyConflictError(Exception):
    """The same Idempotency-Key came with another request before."""


@dataclass(frozen=True, slots=True)
class Importer:
    """Makes changes out of many entries."""

    writer: RegistryWriter
    changes: ChangeStore
    entries: EntryReader
    checking: ImportChecking

    async def plan(self, wanted: Wanted) -> Planned:
        """What it would change now, and what it would bring.

        Raises EntryFullError, TransientError, and what tells the candidates raises.
        """
        now = self.writer.settler.clock()
        at = wanted.valid_from or now
        candidates = wanted.candidates
        if not isinstance(candidates, Sequence):
            candidates = await candidates(at)
        found: list[Part] = []
        unchanged = 0
        for some in chunks(candidates, [len(one.raw) for one in candidates]):
            latest = await self.entries.latest([one.key for one in some])
            changing, same = await asyncio.to_thread(parts, some, latest, now)
            found += changing
            unchanged += same
        brought: Sequence[Finding] = ()
        if wanted.checks_grids:
            brought = await self.checking.findings([part.candidate for part in found], at)
        return Planned(found, unchanged, in_order([*wanted.findings, *brought]))

    async def decide(self, wanted: Wanted) -> Decided | Planned:
        """The change, decided and not yet published, or a plan without parts: nothing to change.

        Raises FindingsError, KeyConflictError, BusyError, TransientError, and what `plan` does.
        """
        for _ in range(ATTEMPTS):
            async with self.writer.taking_turn():
                before = await self.changes.get(wanted.change)
                if before is not None:
                    if before.digest != wanted.digest:
                        raise KeyConflictError(wanted.change)
                    return Decided(before)
                try:
                    return await self._decide(wanted)
                except AnotherDecidedError:
                    continue
        raise BusyError("other changes of the registry are being made")

    async def _decide(self, wanted: Wanted) -> Decided | Planned:
        head = await self.changes.head()
        plan = await self.plan(wanted)
        if not plan.parts:
            return plan
        if not wanted.accept_findings:
            refuse(plan.findings)
        staged = str(uuid4())
        await self._stage(staged, plan.parts)
        now = self.writer.settler.clock()
        record = ChangeRecord(
            id=wanted.change,
            staged=staged,
            serial=head + 1,
            count=len(plan.parts),
            unchanged=plan.unchanged,
            digest=wanted.digest,
            actor=wanted.actor,
            note=wanted.note,
            valid_from=wanted.valid_from or now,
            decided_at=now,
        )
        try:
            await self.changes.decide(record)
        except AnotherDecidedError:
            await self.changes.drop(staged)
            raise
        self.writer.hook(Stage.DECIDED)
        return Decided(record, plan.findings)

    async def _stage(self, staged: str, found: Sequence[Part]) -> None:
        first = 1
        now = self.writer.settler.clock()
        for some in chunks(found, [len(part.candidate.raw) for part in found]):
            await self.changes.stage(staged, first, [part.candidate for part in some], now)
            self.writer.hook(Stage.CHUNK_STAGED)
            first += len(some)
        self.writer.hook(Stage.STAGED)


def chunks(things: Sequence[T], sizes: Sequence[int]) -> Iterator[Sequence[T]]:
    """Runs of things, in order, each of a bounded number and size."""
    begin = size = 0
    for number, one in enumerate(sizes):
        if number > begin and (number - begin == CHUNK_ENTRIES or size + one > CHUNK_BYTES):
            yield things[begin:number]
            begin, size = number, 0
        size += one
    if begin < len(things):
        yield things[begin:]
