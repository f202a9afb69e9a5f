"""Dead letters: a record that cannot be handled is kept whole, with the reason, and not for long.

When too large a share of the last records would die, it is probably not the records that are wrong
but the program: the consumer stops and says so instead of emptying the topic into the dead letters.
Whoever knows that it is the records starts it once with a share of 1.
"""

from base64 import b64encode
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime

from shared.contracts.base import EventData
from shared.contracts.dead_letters_v1 import RecordDied
from shared.contracts.envelope import SOURCE_BASE, Event, encode
from shared.contracts.topics import DEAD_LETTERS
from shared.ledger.document import Entry
from shared.ledger.ports import Record
from shared.platform.ids import caused_id

DEAD_SHARE = 0.5
"""Of the last records so large a part may die before the consumer stops."""
LAST_TIMESTAMP = 253_402_300_800_000
"""The year 10000, in milliseconds of the epoch."""


class TooManyDeadError(Exception):
    """The consumer stops: too many of the last records could not be handled."""


@dataclass(slots=True)
class DeathWatch:
    """The dead among the last ``window`` records: from ``least`` on at most this share of them.

    ``service`` is whose setting changes the share.
    """

    window: int = 200
    least: int = 20
    share: float = DEAD_SHARE
    service: str = ""
    _last: deque[bool] = field(default_factory=deque)

    def admit(self, records: int, dead: int) -> None:
        """Raises TooManyDeadError instead of letting so many dead of a batch be put away."""
        found = sum(self._with(records, dead))
        seen = min(self.window, len(self._last) + records)
        if found >= self.least and found > self.share * seen:
            raise TooManyDeadError(
                f"{found} of the last {seen} records could not be handled; "
                "consumption stopped, no offset was committed. Look at the errors in the log, "
                "mend the producer or this service, and start it again. If it is the records that "
                f"are wrong, start it once with WANGGE_{self.service.upper()}_DEAD_SHARE=1: they "
                "are put away as dead letters, and it goes on"
            )

    def count(self, records: int, dead: int) -> None:
        """Count a batch that is done, once, however often it was tried."""
        self._last = self._with(records, dead)

    def _with(self, records: int, dead: int) -> deque[bool]:
        batch = [True] * dead + [False] * (records - dead)
        return deque([*self._last, *batch], maxlen=self.window)


def _text(raw: bytes | None) -> str | None:
    return None if raw is None else b64encode(raw).decode()


def _instant(timestamp: int) -> datetime:
    """A record's timestamp; one that is none (-1) or out of reach is the epoch."""
    if not 0 <= timestamp < LAST_TIMESTAMP:
        timestamp = 0
    return datetime.fromtimestamp(timestamp / 1000, UTC)


@dataclass(frozen=True, slots=True)
class Letter:
    """A record that is put away, and why."""

    record: Record
    code: str
    error: str
    document_id: str | None = None

    def entry(self, service: str, now: datetime) -> Entry:
        """What is published.

        The same record, service and error make the same id and bytes again, whenever that is;
        ``now`` is only the timestamp of the letter's own record.
        """
        record = self.record
        coordinates = f"{record.topic}/{record.partition}/{record.offset}"
        timestamp = _instant(record.timestamp)
        data = RecordDied(
            service=service,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            timestamp=timestamp,
            key=_text(record.key),
            headers=tuple((name, _text(raw)) for name, raw in record.headers),
            value=_text(record.value),
            code=self.code,
            error=self.error[:2000],
            document_id=self.document_id,
        )
        event_id = caused_id(service, "dead", coordinates, self.code, data.error)
        event: Event[EventData] = Event(
            id=event_id,
            source=SOURCE_BASE + service,
            subject=coordinates,
            time=timestamp,
            data=data,
            correlation_id=event_id,
            causation_id=event_id,
            sequence=1,
        )
        headers, value = encode(event)
        return Entry(
            id=event_id,
            topic=DEAD_LETTERS.name,
            key=coordinates,
            partition=0,
            headers=headers,
            value=value,
            at=now,
        )
