"""Dead letters as an operator sees them: read from their topic, and sent again whole."""

from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer

from deploy.audit.log import KafkaLog
from shared.contracts.base import instant_text
from shared.contracts.dead_letters_v1 import RecordDied
from shared.contracts.envelope import Origin, UndecodableError, UnknownTypeError, decode
from shared.contracts.topics import DEAD_LETTERS, MAX_MESSAGE_BYTES
from shared.ledger.ports import Record

SEND_MS = 15_000


@dataclass(frozen=True, slots=True)
class Letter:
    """One record that a service put away; ``id`` names it and is the same however often."""

    id: str
    died: RecordDied

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


async def read(bootstrap: str, choice: Choice) -> list[Letter]:
    """The letters that are meant, each once, oldest first; raises KafkaError."""
    found: dict[str, Letter] = {}
    async with KafkaLog(bootstrap) as log:
        async for records in log.read(0, await log.ends([DEAD_LETTERS], 0)):
            for record in records:
                letter = _letter(record)
                if letter is not None and choice.takes(letter):
                    found.setdefault(letter.id, letter)
    return list(found.values())


async def replay(bootstrap: str, letters: Sequence[Letter]) -> int:
    """Send the records again, as they were, into their own partitions; how many.

    Two services may have put one record away: it is sent once. Whoever has handled it before
    knows its id, so sending it twice is harmless. Raises KafkaError.
    """
    records = {(one.died.topic, one.died.partition, one.died.offset): one.died for one in letters}
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap.split(","),
        client_id="wangge-dead-letters",
        acks="all",
        enable_idempotence=True,
        max_request_size=MAX_MESSAGE_BYTES,
        request_timeout_ms=SEND_MS,
    )
    async with producer:
        for died in records.values():
            await producer.send_and_wait(
                died.topic,
                _raw(died.value),
                key=_raw(died.key),
                partition=died.partition,
                headers=[(name, _raw(value)) for name, value in died.headers],
            )
    return len(records)


def _letter(record: Record) -> Letter | None:
    try:
        origin = Origin(record.topic, record.partition, record.offset)
        event = decode(record.headers, record.value, origin)
    except (UndecodableError, UnknownTypeError):
        return None
    return Letter(event.id, event.data) if isinstance(event.data, RecordDied) else None


def _raw(text: str | None) -> bytes | None:
    return None if text is None else b64decode(text)
