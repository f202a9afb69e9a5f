"""Pure: a document takes an event, and what follows stands in its outbox with its final bytes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from shared.contracts.base import EventData
from shared.contracts.catalog import TOPIC_OF
from shared.contracts.envelope import SOURCE_BASE, Event, encode
from shared.contracts.topics import MAX_MESSAGE_BYTES, Topic
from shared.ledger.decider import Context, Decider, Draft, Taken
from shared.ledger.document import MAX_EVENTS, Change, Document, Entry, Raw, packed
from shared.platform.ids import caused_id

S = TypeVar("S")

PARKING = frozenset({"next_due_at"})
"""Columns that the store changes by itself, without a new version: as it parks, and lets go."""

MAX_EVENT_BYTES = MAX_MESSAGE_BYTES - 65_536
"""An event's value at most: what an outbox holds must be publishable, headers and all."""


class DocumentFullError(Exception):
    """The document has taken as many events as one may."""


class EventTooLargeError(Exception):
    """An event that follows would not fit into its topic."""


class NewerFoldError(Exception):
    """The document was written by a newer version of the rules than this process has."""


@dataclass(frozen=True, slots=True)
class Folder(Generic[S]):
    """Applies a service's rules to one document after another.

    ``partition_of`` gives the partition of a key in a topic of so many partitions. ``changed`` says
    which fields of a stored state are other than before, where most of them stay: only these are
    written then.
    """

    service: str
    decider: Decider[S]
    partition_of: Callable[[str, int], int]
    home: Topic
    """The topic by whose partitions the documents are shared out."""
    changed: Callable[[S, S], Mapping[str, Any]] | None = None

    def open(self, document_id: str, raw: Raw | None) -> Document[S]:
        """The document as read, or a new one.

        Raises NewerFoldError, and whatever the rules raise on a state that they cannot read.
        """
        if raw is None:
            return Document(
                id=document_id, partition=self.partition_of(document_id, self.home.partitions)
            )
        if raw["fold"] > self.decider.fold_version:
            raise NewerFoldError(
                f"{document_id} was written by fold {raw['fold']}, this process has "
                f"{self.decider.fold_version}: run the newer version of {self.service}"
            )
        state = self.decider.load(raw["state"]) if raw["state"] is not None else None
        return Document(
            id=document_id,
            partition=raw["partition"],
            state=state,
            stored=state if raw["fold"] == self.decider.fold_version else None,
            columns=raw if raw["fold"] == self.decider.fold_version else {},
            version=raw["version"],
            sequence=raw["sequence"],
            parked=raw.get("parked") is not None,
            seen=set(raw["seen"]),
            outbox=[Entry.from_raw(entry) for entry in raw["outbox"]],
        )

    def take(self, document: Document[S], event: Event[Any], context: Context) -> Taken[S] | None:
        """Let the document take an event; None when it has seen it before.

        Raises whatever the rules raise, DocumentFullError and EventTooLargeError; the document is
        then as before.
        """
        if event.id in document.seen:
            return None
        if len(document.seen) >= MAX_EVENTS:
            raise DocumentFullError(
                f"{document.id} has taken {MAX_EVENTS} events, no document takes more; "
                "void the case and report anew"
            )
        before = document.state
        state = self.decider.evolve(before, event)
        entries: list[Entry] = []
        for number, draft in enumerate(self.decider.decide(state, event, context)):
            emitted = self._emit(document, event, draft, number, context)
            state = self.decider.evolve(state, emitted)
            entries.append(self._entry(document, emitted, draft, context.now))
        document.state = state
        document.sequence += len(entries)
        document.seen.add(event.id)
        document.new_seen.append(event.id)
        document.new_entries.extend(entries)
        return Taken(event, before, state)

    def change(self, document: Document[S]) -> Change:
        """The write that makes the document what it now is."""
        fields: dict[str, Any] = {
            "version": document.version + 1,
            "fold": self.decider.fold_version,
            "partition": document.partition,
            "sequence": document.sequence,
            **self._stored(document),
        }
        columns = {} if document.state is None else self.decider.columns(document.state)
        unchanged = _unchanged(document.columns, columns)
        document.columns = columns
        fields |= columns
        if document.parked:
            fields["parked"] = None
        return Change(
            id=document.id,
            version=document.version,
            fields=fields,
            seen=document.new_seen,
            entries=[entry.to_raw() for entry in document.new_entries],
            replaces=not document.outbox,
            unchanged=unchanged,
        )

    def _stored(self, document: Document[S]) -> dict[str, Any]:
        """The state, or the fields of it that are other than the store has them."""
        before, after = document.stored, document.state
        if after is None:
            return {"state": None}
        if self.changed is None or before is None:
            return {"state": packed(self.decider.dump(after))}
        parts = self.changed(before, after)
        return {f"state.{name}": packed(part) for name, part in parts.items()}

    def _emit(
        self,
        document: Document[S],
        cause: Event[Any],
        draft: Draft,
        number: int,
        context: Context,
    ) -> Event[EventData]:
        return Event(
            id=caused_id(self.service, document.id, cause.id, draft.data.TYPE, number),
            source=SOURCE_BASE + self.service,
            subject=document.id,
            time=draft.at,
            data=draft.data,
            correlation_id=cause.correlation_id,
            causation_id=cause.id,
            sequence=document.sequence + number + 1,
            registry_version=context.registry.version,
            traceparent=cause.traceparent,
        )

    def _entry(
        self, document: Document[S], event: Event[EventData], draft: Draft, now: datetime
    ) -> Entry:
        headers, value = encode(event)
        if len(value) > MAX_EVENT_BYTES:
            raise EventTooLargeError(
                f"{event.type} of {event.subject} has {len(value)} bytes, "
                f"an event has {MAX_EVENT_BYTES} at most"
            )
        topic = TOPIC_OF[type(event.data)]
        if draft.key is None and topic.partitions == self.home.partitions:
            key, partition = document.id, document.partition
        else:
            key = draft.key or document.id
            partition = self.partition_of(key, topic.partitions)
        return Entry(
            id=event.id,
            topic=topic.name,
            key=key,
            partition=partition,
            headers=headers,
            value=value,
            at=now,
        )


def _unchanged(before: Raw, after: Mapping[str, Any]) -> list[str]:
    """The columns that the store has already; of `PARKING`'s it knows better than we do."""
    return [
        name
        for name, value in after.items()
        if name in before and before[name] == value and name not in PARKING
    ]
