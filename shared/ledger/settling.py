"""Settling a batch: load, decide, write, publish, pull (steps 2 to 6 without the offsets)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from shared.contracts.envelope import Event
from shared.ledger.decider import Context, Projection, Taken
from shared.ledger.document import Change, Document, Raw
from shared.ledger.folding import DocumentFullError, Folder
from shared.ledger.outbox import publish
from shared.ledger.ports import Publisher, Store, TransientError
from shared.ledger.steps import Step, StepHook, no_hook
from shared.platform.clock import Clock
from shared.registry.reader import RegistryView

S = TypeVar("S")

MAX_RACES = 20
"""How often a lost race is decided again before the batch is handed back."""


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
    on_written: Callable[[Sequence[Change]], None] | None = None

    async def settle(
        self, events: Sequence[Event[Any]], preloaded: Mapping[str, Raw] | None = None
    ) -> Settled[S]:
        """Make the events durable with all that follows from them, and publish it.

        Raises TransientError when the database or the broker is away; whatever had been written
        by then is found again by whoever settles the same events next.
        """
        settled = await self.write(events, preloaded)
        settled.emitted = await self.publish(settled.documents.values())
        return settled

    async def write(
        self, events: Sequence[Event[Any]], preloaded: Mapping[str, Raw] | None = None
    ) -> Settled[S]:
        """Steps 2 to 4: load, decide, write; races that are lost are decided again."""
        context = Context(now=self.clock(), registry=self.registry.current())
        pending: dict[str, list[Event[Any]]] = {}
        for event in events:
            pending.setdefault(event.subject, []).append(event)
        settled: Settled[S] = Settled()
        while pending:
            raws = preloaded if preloaded is not None else await self.store.load(list(pending))
            preloaded = None
            self.step(Step.LOADED)
            lost = await self._round(pending, raws, context, settled)
            pending = {key: pending[key] for key in lost}
            settled.races += bool(pending)
            if settled.races > MAX_RACES:
                message = f"lost {MAX_RACES} races for {sorted(pending)[:3]}"
                raise TransientError(message)
        return settled

    async def publish(self, documents: Sequence[Document[S]] | Any) -> int:  # noqa: ANN401
        """Steps 5 and 6: publish what the documents hold, pull what was acknowledged."""
        return await publish(documents, self.store, self.publisher, self.step)

    async def _round(
        self,
        pending: Mapping[str, Sequence[Event[Any]]],
        raws: Mapping[str, Raw],
        context: Context,
        settled: Settled[S],
    ) -> frozenset[str]:
        batch: dict[str, Document[S]] = {}
        taken: list[Taken[S]] = []
        dead: list[Dead] = []
        for key, events in pending.items():
            document = self.folder.open(key, raws.get(key))
            batch[key] = document
            for event in events:
                self._take(document, event, context, taken, dead)
        self.step(Step.DECIDED)
        if self.projection is not None and taken:
            await self.projection.write(taken)
        self.step(Step.COUNTED)
        changes = [self.folder.change(document) for document in batch.values() if document.changed]
        written = await self.store.write(changes)
        self.step(Step.WRITTEN)
        settled.dead += [one for one in dead if one.event.subject not in written.lost]
        for key, error in written.refused.items():
            settled.dead += [Dead(event, "unwritable", error) for event in pending[key]]
        for key, document in batch.items():
            if key not in written.lost and key not in written.refused:
                settled.documents[key] = document
                settled.taken += len(document.new_seen)
        if self.on_written is not None:
            self.on_written(changes)
        return written.lost

    def _take(
        self,
        document: Document[S],
        event: Event[Any],
        context: Context,
        taken: list[Taken[S]],
        dead: list[Dead],
    ) -> None:
        try:
            one = self.folder.take(document, event, context)
        except DocumentFullError as error:
            dead.append(Dead(event, "document_full", str(error)))
        except Exception as error:  # noqa: BLE001 - a rule that fails on one record must not stop the rest
            dead.append(Dead(event, "undecidable", f"{type(error).__name__}: {error}"))
        else:
            if one is not None:
                taken.append(one)
