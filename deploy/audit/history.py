"""Pure: what stands in the log about one document, decoded, each event once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from deploy.audit.problems import Problem
from shared.contracts.envelope import Event, Origin, UndecodableError, UnknownTypeError, decode
from shared.ledger.ports import Record
from shared.platform.partitioning import partition_of

Content = tuple[str, bytes | None, tuple[tuple[str, bytes | None], ...], bytes | None]


@dataclass(slots=True)
class History:
    """The events of one subject: by topic, first occurrences in the order of their offsets.

    ``undecodable`` are the coordinates of records that are no events, ``unknown`` counts those of
    unknown types, ``repeats`` the byte-identical repetitions, which are legal.
    """

    subject: str
    events: dict[str, list[Event[Any]]] = field(default_factory=dict)
    undecodable: list[tuple[str, int, int]] = field(default_factory=list)
    unknown: int = 0
    repeats: int = 0

    def of(self, topic: str) -> list[Event[Any]]:
        """The events in one topic."""
        return self.events.get(topic, [])

    def all(self) -> Iterator[Event[Any]]:
        """The events of all topics, topic by topic."""
        for events in self.events.values():
            yield from events


def content(record: Record) -> Content:
    """What must be the same wherever an id stands: topic, key, headers, value."""
    return record.topic, record.key, tuple(record.headers), record.value


def gather(subject: str, records: Iterable[Record]) -> tuple[History, list[Problem]]:
    """Read the records of a subject, given topic by topic in the order of their offsets."""
    history = History(subject)
    problems: list[Problem] = []
    contents: dict[str, Content] = {}
    for record in records:
        origin = Origin(record.topic, record.partition, record.offset)
        try:
            event = decode(record.headers, record.value, origin)
        except UnknownTypeError:
            history.unknown += 1
            continue
        except UndecodableError:
            history.undecodable.append((record.topic, record.partition, record.offset))
            continue
        if event.id in contents:
            if contents[event.id] == content(record):
                history.repeats += 1
            else:
                where = f"event {event.id} at {place(event)} is not what it was before"
                problems.append(Problem("two_contents", subject, where))
            continue
        contents[event.id] = content(record)
        history.events.setdefault(record.topic, []).append(event)
    return history, problems


def place(event: Event[Any]) -> str:
    """Where an event stands: topic/partition/offset, or its outbox."""
    origin = event.origin
    return "the outbox" if origin is None else f"{origin.topic}/{origin.partition}/{origin.offset}"


def misplaced(subject: str, records: Iterable[Record], partitions: int) -> list[Problem]:
    """Records of a subject whose key is another, or that lie in another partition than its own."""
    expected = partition_of(subject, partitions)
    return [
        Problem("wrong_place", subject, f"{record.topic}/{record.partition}/{record.offset}")
        for record in records
        if record.key != subject.encode() or record.partition != expected
    ]
