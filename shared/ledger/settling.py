"""Settling a batch: load, decide, write, publish, pull (steps 2 to 6 without the offsets)."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from shared.contracts.base import EventData
from shared.contracts.envelope import Event
from shared.ledger.acknowledged import MOST, Acknowledged, Published
from shared.ledger.decider import Context, Projection, Taken
from shared.ledger.document import Change, Document, Raw
from shared.ledger.folding import DocumentFullError, EventTooLargeError, Folder, NewerFoldError
from shared.ledger.kept import Kept
from shared.ledger.outbox import publish
from shared.ledger.ports import Publisher, Store, TransientError, Written
from shared.ledger.steps import Step, StepHook, no_hook
from shared.platform.clock import Clock
from shared.registry.reader import RegistryView
from shared.registry.snapshot import Snapshot

S = TypeVar("S")

MAX_RACES = 20
"""How often a lost race is decided again before the batch is handed back."""
AT_ONCE = 250
"""Documents that are decided and written together.

Fewer wait less for the database and the broker, but each part costs 5 ms of its own.
"""


@dataclass(frozen=True, slots=True)
class Dead:
    """An event that could not be handled, and why."""

    event: Event[Any]
    code: str
    error: str


@dataclass(slots=True)
class Settled(Generic[S]):
    """What a batch came to: its documents after it, how much was new, and what died."""

    documents: dict[str, Document[S]] = field(default_factory=dict)
    taken: int = 0
    emitted: int = 0
    races: int = 0
    dead: list[Dead] = field(default_factory=list)

    def add(self, other: "Settled[S]") -> None:
        """Take in what another part of the batch, of other documents, came to."""
        self.documents |= other.documents
        self.count(other)

    def count(self, other: "Settled[Any]") -> None:
        """Count what came of documents of another kind."""
        self.taken += other.taken
        self.emitted += other.emitted
        self.races += other.races
        self.dead += other.dead


@dataclass(slots=True)
class _Decided(Generic[S]):
    documents: dict[str, Document[S]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    taken: list[Taken[S]] = field(default_factory=list)
    dead: list[Dead] = field(default_factory=list)


Read = Raw | Document[S]
"""A document as the store has it, or opened already, by whoever had to look into it."""
Pending = dict[str, list[Event[Any]]]
LookUp = Callable[[Sequence[Event[Any]], Snapshot, datetime], Awaitable[Any]]
"""What a service looks up in other documents before it decides a batch.

May raise TransientError.
"""
InTurn = Callable[[Sequence[Event[Any]], Snapshot, datetime], Sequence[Sequence[Event[Any]]]]
"""A batch in the parts that are settled one after another, because a later one depends on what an
earlier one wrote. All events of a document are in one part, in their order. Pure.
"""

Also = Callable[[Event[Any]], Sequence[Event[Any]]]
"""What an event asks of other documents than its own: inputs of theirs, settled with it.

They follow from the event alone, their ids too, and have its origin: it is committed when they are
durable as well; delivered again it brings the same again, which has been seen. Pure.
"""


def of_no_other(_event: Event[Any]) -> Sequence[Event[Any]]:
    """Nothing is asked of other documents."""
    return ()


@dataclass(slots=True)
class Settler(Generic[S]):
    """The imperative shell around one kind of document."""

    folder: Folder[S]
    store: Store
    publisher: Publisher
    clock: Clock
    registry: RegistryView
    projection: Projection[S] | None = None
    step: StepHook = no_hook
    at_once: int = AT_ONCE
    on_written: Callable[[Sequence[Change]], None] | None = None
    look_up: LookUp | None = None
    in_turn: InTurn | None = None
    beside: Mapping[type[EventData], "Settler[Any]"] = field(default_factory=dict)
    """Who settles the events of these types: they are of another kind of document."""
    also: Also = of_no_other
    kept: Kept[S] = field(default_factory=Kept)
    lingers: bool = False
    """Whether what was published stays in its outbox until the next write, or until ``clear``;
    otherwise it is taken out at once."""
    _acknowledged: Acknowledged = field(default_factory=Acknowledged)

    async def settle(
        self, events: Sequence[Event[Any]], preloaded: Mapping[str, Read[S]] | None = None
    ) -> Settled[S]:
        """Make the events durable with all that follows from them, and publish it.

        ``preloaded`` are the documents that were read already; those that are opened belong to this
        call from then on. Raises TransientError when the database or the broker is away; whatever
        had been written by then is found again by whoever settles the same events next.
        """
        settled: Settled[S] = Settled()
        for other, theirs in self._of_others(events):
            settled.count(await other.settle(theirs))
        events = [one for one in events if type(one.data) not in self.beside]
        events += [more for one in events for more in self.also(one)]
        turns: Sequence[Sequence[Event[Any]]] = (events,)
        if self.in_turn is not None:
            turns = self.in_turn(events, self.registry.current(), self.clock())
        for turn in turns:
            context = await self._context(turn)
            parts = await asyncio.gather(
                *(self._settle(part, preloaded, context) for part in self._parts(turn)),
                return_exceptions=True,
            )
            for part in parts:
                if isinstance(part, BaseException):
                    raise part
                settled.add(part)
        return settled

    def _of_others(
        self, events: Sequence[Event[Any]]
    ) -> list[tuple["Settler[Any]", list[Event[Any]]]]:
        """What is of other kinds of documents, by whoever settles it."""
        found: list[tuple[Settler[Any], list[Event[Any]]]] = []
        for other in {id(one): one for one in self.beside.values()}.values():
            theirs = [one for one in events if self.beside.get(type(one.data)) is other]
            if theirs:
                found.append((other, theirs))
        return found

    async def _settle(
        self, part: Pending, preloaded: Mapping[str, Read[S]] | None, context: Context
    ) -> Settled[S]:
        settled = await self._write_all(part, preloaded, context)
        settled.emitted = await self.publish(settled.documents.values())
        return settled

    def _parts(self, events: Sequence[Event[Any]]) -> list[Pending]:
        """The events by document, in parts of ``at_once`` documents.

        While one part waits for the database or the broker, another is decided. Counters beside
        the documents know only how far they have counted, so with a projection all is one part.
        """
        pending = _by_document(events)
        size = len(pending) if self.projection is not None else self.at_once
        keys = list(pending)
        starts = range(0, len(keys), max(1, size))
        return [{key: pending[key] for key in keys[at : at + size]} for at in starts]

    async def write(
        self, events: Sequence[Event[Any]], preloaded: Mapping[str, Read[S]] | None = None
    ) -> Settled[S]:
        """Steps 2 to 4: load, decide, write; races that are lost are decided again."""
        return await self._write_all(_by_document(events), preloaded, await self._context(events))

    async def _write_all(
        self, pending: Pending, preloaded: Mapping[str, Read[S]] | None, context: Context
    ) -> Settled[S]:
        settled: Settled[S] = Settled()
        raws: Mapping[str, Read[S]] | None = preloaded
        while pending:
            if raws is None:
                raws = await self._read(pending, first=not settled.races)
            self.step(Step.LOADED)
            decided = self._decide(pending, raws, context)
            self.step(Step.DECIDED)
            written = await self._write(decided)
            self._sum_up(settled, pending, decided, written)
            pending = {key: events for key, events in pending.items() if key in written.lost}
            settled.races += bool(pending)
            raws = None
            if settled.races > MAX_RACES:
                raise TransientError(f"lost {MAX_RACES} races for {sorted(pending)[:3]}")
        return settled

    async def _context(self, events: Sequence[Event[Any]]) -> Context:
        now, registry = self.clock(), self.registry.current()
        if self.look_up is None:
            return Context(now, registry)
        return Context(now, registry, await self.look_up(events, registry, now))

    async def _read(self, pending: Pending, *, first: bool) -> Mapping[str, Read[S]]:
        """What is kept of the documents, or stored; what has just lost a race is read again."""
        if not first:
            return await self.store.load(list(pending))
        kept = self.kept.take(pending)
        if self.projection is not None and kept:
            kept = await self._as_stored(kept)
        wanted = [key for key in self._known(pending) if key not in kept]
        return {**await self.store.load(wanted), **kept} if wanted else kept

    async def _as_stored(self, kept: Mapping[str, Document[S]]) -> dict[str, Document[S]]:
        """Those that nobody has overtaken, as far as can be known.

        Counters beside the documents count by how an event changes its document, before that is
        written: what was counted from one that another process has written since would stay.
        """
        versions = await self.store.versions(list(kept))
        return {key: one for key, one in kept.items() if versions.get(key) == one.version}

    def _known(self, pending: Pending) -> list[str]:
        """The documents that may be there already, of those in a first round.

        The first event of a document's own topic begins it, so nothing is there to be read. Where
        something is (the event comes again, another topic's came before) the insert loses a race
        that nobody ran, and the next round reads it. Counters beside the documents have no such
        second round.
        """
        if self.projection is not None:
            return list(pending)
        home = self.folder.home.name
        return [key for key, events in pending.items() if not begins(events[0], home)]

    async def publish(self, documents: Iterable[Document[S]]) -> int:
        """Steps 5 and 6: publish what the documents hold, pull what was acknowledged."""
        whole = list(documents)
        self.waiting(whole)
        count = await publish(whole, self._acknowledge, self.publisher, self.step)
        self.kept.keep(whole)
        return count

    def waiting(self, documents: Iterable[Document[S]]) -> list[Document[S]]:
        """Those that wait to be published, without what this process has published already."""
        found = list(documents)
        for one in found:
            self._acknowledged.leave_out(one)
        return [one for one in found if one.unpublished]

    async def _acknowledge(self, published: Published) -> None:
        self._acknowledged.add(published)
        if not self.lingers or len(self._acknowledged) > MOST:
            await self.clear(everything=True)

    async def clear(self, *, everything: bool = False) -> None:
        """Take out of the outboxes what was published before the last call, or everything.

        Raises TransientError.
        """
        await self._acknowledged.clear(self.store, everything=everything)

    def _decide(
        self, pending: Pending, raws: Mapping[str, Read[S]], context: Context
    ) -> _Decided[S]:
        decided: _Decided[S] = _Decided()
        for key, events in pending.items():
            document: Document[S] | None = None
            dead: list[Dead] = []
            try:
                read = raws.get(key)
                document = read if isinstance(read, Document) else self.folder.open(key, read)
                self._acknowledged.leave_out(document)
                found = [self._take(document, event, context, dead) for event in events]
                if document.changed:
                    decided.changes.append(self.folder.change(document))
            except NewerFoldError as error:
                raise TransientError(str(error)) from error
            except Exception as error:  # noqa: BLE001 - one bad state must not stop the rest
                hit = events if document is None else _new(document, events)
                dead += [Dead(event, "bad_state", _said(error)) for event in hit]
            else:
                decided.documents[key] = document
                decided.taken += [one for one in found if one is not None]
            decided.dead += dead
        return decided

    def _take(
        self, document: Document[S], event: Event[Any], context: Context, dead: list[Dead]
    ) -> Taken[S] | None:
        try:
            return self.folder.take(document, event, context)
        except DocumentFullError as error:
            dead.append(Dead(event, "document_full", str(error)))
        except EventTooLargeError as error:
            dead.append(Dead(event, "event_too_large", str(error)))
        except Exception as error:  # noqa: BLE001 - a rule that fails on one must not stop the rest
            dead.append(Dead(event, "undecidable", _said(error)))
        return None

    async def _write(self, decided: _Decided[S]) -> Written:
        if self.projection is not None and decided.taken:
            await self.projection.write(decided.taken)
        self.step(Step.COUNTED)
        written = await self.store.write(decided.changes)
        self.step(Step.WRITTEN)
        self._acknowledged.replaced(
            one.id
            for one in decided.changes
            if one.replaces and one.id not in written.lost and one.id not in written.refused
        )
        if self.on_written is not None:
            self.on_written(decided.changes)
        return written

    @staticmethod
    def _sum_up(
        settled: Settled[S], pending: Pending, decided: _Decided[S], written: Written
    ) -> None:
        settled.dead += [one for one in decided.dead if one.event.subject not in written.lost]
        for key, document in decided.documents.items():
            if key in written.refused:
                settled.dead += [
                    Dead(event, "unwritable", written.refused[key])
                    for event in _new(document, pending[key])
                ]
            elif key not in written.lost:
                settled.documents[key] = document
                settled.taken += len(document.new_seen)


def begins(event: Event[Any], home: str) -> bool:
    """Whether an event is the first of its document in the document's own topic."""
    return event.sequence == 1 and event.origin is not None and event.origin.topic == home


def _by_document(events: Sequence[Event[Any]]) -> Pending:
    pending: Pending = {}
    for event in events:
        pending.setdefault(event.subject, []).append(event)
    return pending


def _new(document: Document[Any], events: Sequence[Event[Any]]) -> list[Event[Any]]:
    """Those among events that the document has taken in this round."""
    return [event for event in events if event.id in document.new_seen]


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
