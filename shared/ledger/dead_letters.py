"""Dead letters: a record that cannot be handled is kept whole, with the reason, and not for long.

When too large a share of the last records would die, it is not the records that are wrong but
the program: the consumer stops and says so instead of emptying the topic into the dead letters.
"""

from base64 import b64encode
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime

from shared.contracts.dead_letters_v1 import RecordDied
from shared.contracts.envelope import SOURCE_BASE, Event, encode
from shared.contracts.topics import DEAD_LETTERS
from shared.ledger.document import Entry
from shared.ledger.ports import Record
from shared.platform.ids import caused_id


class TooManyDeadError(Exception):
    """The consumer stops: too many of the last records could not be handled."""


@dataclass(slots=True)
class DeathWatch:
    """The share of dead records among the last ``window``; at most ``share`` once over ``least``."""

    window: int = 200
    least: int = 20
    share: float = 0.5
    _last: deque[bool] = field(default_factory=deque)

    def admit(self, records: int, dead: int) -> None:
        """Count a batch; raises TooManyDeadError instead of letting its dead be put away."""
        self._last.extend([True] * dead + [False] * (records - dead))
        while len(self._last) > self.window:
            self._last.popleft()
        found = sum(self._last)
        if found >= self.least and found > self.share * len(self._last):
            message = (
                f"{found} of the last {len(self._last)} records could not be handled; "
                "consumption stopped, no offset was committed. Look at the errors in the log, "
                "mend the producer or this service, and start it again"
            )
            raise TooManyDeadError(message)


def _text(raw: bytes | None) -> str | None:
    return None if raw is None else b64encode(raw).decode()


def dead_letter(  # noqa: PLR0913 - a letter names all of them
    service: str,
    record: Record,
    code: str,
    error: str,
    now: datetime,
    document_id: str | None = None,
) -> Entry:
    """The entry that puts a record away; the same record of one service makes the same id again."""
    coordinates = f"{record.topic}/{record.partition}/{record.offset}"
    data = RecordDied(
        service=service,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp=datetime.fromtimestamp(record.timestamp / 1000, UTC),
        key=_text(record.key),
        headers=tuple((name, b64encode(raw).decode()) for name, raw in record.headers),
        value=_text(record.value),
        code=code,
        error=error[:2000],
        document_id=document_id,
    )
    event_id = caused_id(service, "dead", coordinates)
    event = Event(
        id=event_id,
        source=SOURCE_BASE + service,
        subject=coordinates,
        time=now,
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
