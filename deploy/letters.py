"""Dead letters as an operator sees them: read from their topic, and sent again whole."""

from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from aiokafka import AIOKafkaProducer

from deploy.audit.log import KafkaLog
from shared.contracts.base import EventData, instant_text
from shared.contracts.dead_letters_v1 import RecordDied, RecordReplayed
from shared.contracts.envelope import (
    SOURCE_BASE,
    Event,
    Origin,
    UndecodableError,
    UnknownTypeError,
    decode,
    encode,
)
from shared.contracts.topics import BY_NAME, DEAD_LETTERS, MAX_MESSAGE_BYTES
from shared.ledger.ports import Record
from shared.platform.clock import system_clock
from shared.platform.consumer import UNREADABLE
from shared.platform.ids import caused_id

SEND_MS = 15_000


@dataclass(frozen=True, slots=True)
class Letter:
    """One record that a service put away; ``id`` names it and is the same however often.

    ``replayed_as`` is the offset at which the record stands again, where a replay has noted that.
    """

    id: str
    died: RecordDied
    replayed_as: int | None = None

    @property
    def whole(self) -> bool:
        """Whether the record can be sent as it was: its bytes are here, and its topic is ours."""
        died = self.died
        unreadable = any(name == UNREADABLE for name, _ in died.headers)
        empty = died.key is None and died.value is None
        return died.topic in BY_NAME and not unreadable and not empty

    def as_json(self) -> dict[str, Any]:
        """The letter without the record's bytes."""
        died = self.died
        return {
            "id": self.id,
            "service": died.service,
            "topic": died.topic,
            "partition": died.partition,
            "offset": died.offset,
            "timestamp": instant_text(died.timestamp),
            "code": died.code,
            "error": died.error,
            "document_id": died.document_id,
            "replayed_as": self.replayed_as,
        }


@dataclass(frozen=True, slots=True)
class Choice:
    """Which letters are meant; all where nothing is said."""

    topic: str | None = None
    service: str | None = None
    id: str | None = None

    def takes(self, letter: Letter) -> bool:
        """Whether a letter is meant."""
        return (
            self.topic in {None, letter.died.topic}
            and self.service in {None, letter.died.service}
            and self.id in {None, letter.id}
        )


@dataclass(frozen=True, slots=True)
class Found:
    """The letters that are meant, and how many records of their topic are no letters at all."""

    letters: list[Letter]
    unreadable: int


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay did: how many records it sent, and which letters it had to leave."""

    sent: int
    left: tuple[Letter, ...]


async def read(bootstrap: str, choice: Choice) -> Found:
    """The letters that are meant, each once, oldest first; raises KafkaError."""
    found: dict[str, Letter] = {}
    replayed: dict[str, int] = {}
    unreadable = 0
    async with KafkaLog(bootstrap) as log:
        async for records in log.read(0, await log.ends([DEAD_LETTERS], 0)):
            for event in map(_event, records):
                if event is None:
                    unreadable += 1
                elif isinstance(event.data, RecordReplayed):
                    replayed[event.data.letter_id] = event.data.replayed_as
                elif isinstance(event.data, RecordDied):
                    found.setdefault(event.id, Letter(event.id, event.data))
    letters = [replace(one, replayed_as=replayed.get(one.id)) for one in found.values()]
    return Found([letter for letter in letters if choice.takes(letter)], unreadable)


async def replay(bootstrap: str, letters: Sequence[Letter]) -> Replayed:
    """Send the records again, as they were, into their own partitions, and note it beside them.

    Two services may have put one record away: it is sent once. Whoever has handled it before
    knows its id, so sending it twice is harmless. Raises KafkaError.
    """
    places: dict[tuple[str, int, int], list[Letter]] = {}
    for letter in letters:
        if letter.whole:
            died = letter.died
            places.setdefault((died.topic, died.partition, died.offset), []).append(letter)
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap.split(","),
        client_id="wangge-dead-letters",
        acks="all",
        enable_idempotence=True,
        max_request_size=MAX_MESSAGE_BYTES,
        request_timeout_ms=SEND_MS,
    )
    async with producer:
        for same in places.values():
            offset = await _send(producer, same[0].died)
            for letter in same:
                await _note(producer, letter, offset)
    return Replayed(len(places), tuple(letter for letter in letters if not letter.whole))


async def _send(producer: AIOKafkaProducer, died: RecordDied) -> int:
    done = await producer.send_and_wait(
        died.topic,
        _raw(died.value),
        key=_raw(died.key),
        partition=died.partition,
        headers=[(name, _raw(value)) for name, value in died.headers],
    )
    return int(done.offset)


async def _note(producer: AIOKafkaProducer, letter: Letter, offset: int) -> None:
    died = letter.died
    place = f"{died.topic}/{died.partition}/{died.offset}"
    event_id = caused_id("replayed", letter.id, offset)
    event: Event[EventData] = Event(
        id=event_id,
        source=f"{SOURCE_BASE}dead-letters",
        subject=place,
        time=system_clock(),
        data=RecordReplayed(
            letter_id=letter.id,
            service=died.service,
            topic=died.topic,
            partition=died.partition,
            offset=died.offset,
            replayed_as=offset,
        ),
        correlation_id=letter.id,
        causation_id=letter.id,
        sequence=1,
    )
    headers, value = encode(event)
    raw = [(name, text.encode()) for name, text in headers.items()]
    await producer.send_and_wait(
        DEAD_LETTERS.name, value, key=place.encode(), partition=0, headers=raw
    )


def _event(record: Record) -> Event[EventData] | None:
    try:
        origin = Origin(record.topic, record.partition, record.offset)
        return decode(record.headers, record.value, origin)
    except (UndecodableError, UnknownTypeError):
        return None


def _raw(text: str | None) -> bytes | None:
    return None if text is None else b64decode(text)
