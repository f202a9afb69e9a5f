"""``wangge.dead-letters.v1``: records that could not be handled, whole, with the reason."""

from typing import ClassVar

from shared.contracts.base import EventData, Instant


class RecordDied(EventData):
    """A record of a topic could not be handled by a service.

    Key, header values and value are base64, because what does not decode has no text.
    """

    TYPE: ClassVar[str] = "cn.wangge.record.died.v1"

    service: str
    topic: str
    partition: int
    offset: int
    timestamp: Instant
    key: str | None
    headers: tuple[tuple[str, str], ...]
    value: str | None
    code: str
    """A stable word for the kind of error, for example ``undecodable``."""
    error: str
    document_id: str | None = None


EVENTS: tuple[type[EventData], ...] = (RecordDied,)
