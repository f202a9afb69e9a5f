"""Imports: one change, whole or not at all, whatever is killed when.

Stage the parts, decide by one document, let the writer apply them: until the decision nothing has
changed, after it everything will.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import uuid4

from services.intake.changes import AnotherDecidedError, ChangeRecord, ChangeStore
from services.intake.domain.change import Candidate, Part, is_so, parts
from services.intake.domain.entry_rules import Fault
from services.intake.domain.findings import Finding, in_order
from services.intake.domain.validity_rules import (
    brings_end,
    scheduled_refused,
    span_refused,
)
from services.intake.domain.withdrawing import end_refused, holders_of
from services.intake.import_checking import ImportChecking, refuse
from services.intake.registry_writer import END_OF_TOPIC, RegistryWriter, Stage
from services.intake.store import EntryReader, ReceiptReader
from shared.contracts.registry_v1 import EntrySet
from shared.ledger.commands import BusyError

CHUNK_ENTRIES = 250
CHUNK_BYTES = 4 * 1024 * 1024
ATTEMPTS = 3
MAX_REFUSED = 100
"""So many parts that are refused are told; the rest is not looked at."""
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


class PartsRefusedError(Exception):
    """Parts of a change may not be made, each with why."""

    def __init__(self, refused: Sequence[tuple[Candidate, Fault]]) -> None:
        super().__init__(f"{len(refused)} parts")
        self.refused = refused


class KeyConflictError(Exception):
    """The same Idempotency-Key came with another request before."""


@dataclass(frozen=True, slots=True)
class Importer:
    """Makes changes out of many entries."""

    writer: RegistryWriter
    changes: ChangeStore
    entries: EntryReader
    checking: ImportChecking
    receipts: ReceiptReader

    async def plan(self, wanted: Wanted) -> Planned:
        """What it would change now, and what it would bring.

        Raises EntryFullError, PartsRefusedError, TooManyInstantsError, TransientError, and what
        tells the candidates raises.
        """
        now = self.writer.settler.clock()
        at = wanted.valid_from or now
        candidates = wanted.candidates
        if not isinstance(candidates, Sequence):
            candidates = await candidates(at)
        found: list[Part] = []
        refused: list[tuple[Candidate, Fault]] = []
        unchanged = 0
        for some in chunks(candidates, [len(one.raw) for one in candidates]):
            latest = await self.entries.latest([one.key for one in some])
            changing, same = await asyncio.to_thread(parts, some, latest, now)
            changing, more = await self._without_ruling(changing, latest, at, now)
            found += changing
            unchanged += same + more
            refused += await self._refused(changing, latest, at, now)
            if len(refused) >= MAX_REFUSED:
                break
        if refused:
            raise PartsRefusedError(refused)
        check = self.checking.findings if wanted.checks_grids else self.checking.of_names
        brought = await check([part.candidate for part in found], at, now)
        return Planned(found, unchanged, in_order([*wanted.findings, *brought]))

    async def _without_ruling(
        self, changing: list[Part], latest: Mapping[str, EntrySet], at: datetime, now: datetime
    ) -> tuple[list[Part], int]:
        """The parts without those that say what holds now, until a scheduled version: how many.

        Else what is exported and imported again as it is would be refused.
        """
        waiting = [
            part.candidate
            for part in changing
            if part.what != "ended"
            and scheduled_refused(
                latest.get(part.candidate.key), part.candidate.span.since or at, now
            )
        ]
        if not waiting:
            return changing, 0
        await self.checking.registry.at_least(END_OF_TOPIC)
        registry = self.checking.registry.current()
        so = {
            one.key
            for one in waiting
            if (ruling := registry.version_at(one.key, now)) is not None and is_so(ruling, one)
        }
        return [part for part in changing if part.candidate.key not in so], len(so)

    async def _refused(
        self, changing: Sequence[Part], latest: Mapping[str, EntrySet], at: datetime, now: datetime
    ) -> list[tuple[Candidate, Fault]]:
        """The parts that may not hold as they say; what ends in a redrawing has its own rules."""
        refused: list[tuple[Candidate, Fault]] = []
        for part in changing:
            if part.what == "ended":
                continue
            before = latest.get(part.candidate.key)
            fault = span_refused(part, before, at, now)
            if fault is None and before is not None and brings_end(part, before):
                held = await self.receipts.open_of(*holders_of(before.entry))
                fault = end_refused(before.entry, held)
            if fault is not None:
                refused.append((part.candidate, fault))
        return refused

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
