"""``wangge.dead-letters.v1``: records that could not be handled, whole, with the reason."""

from typing import ClassVar

from shared.contracts.base import EventData, Instant


class RecordDied(EventData):
    """A record of a topic could not be handled by a service.

    Key, header values and value are base64, because what does not decode has no text.
    """

    TYPE: ClassVar[str] = "cn.wangge.record.died.v1"

    service: str
    """Which service could not handle it."""
    topic: str
    """Where the record stands: its topic, ..."""
    partition: int
    """... its partition ..."""
    offset: int
    """... and its offset."""
    timestamp: Instant
    """The record's own timestamp."""
    key: str | None = None
    """The record's key, base64."""
    headers: tuple[tuple[str, str | None], ...]
    """The record's headers in order: names, and values in base64 or null as in the record."""
    value: str | None = None
    """The record's value, base64."""
    code: str
    """A stable word for the kind of error, for example ``undecodable``."""
    error: str
    """What went wrong, in words."""
    document_id: str | None = None
    """The document that the event is about, where it could be decoded."""


class RecordReplayed(EventData):
    """A record that was put away was sent again, as it was, into its own partition."""

    TYPE: ClassVar[str] = "cn.wangge.record.replayed.v1"

    letter_id: str
    """The event that had put it away."""
    service: str
    """The service that could not handle it."""
    topic: str
    """Where the record stood, and stands again."""
    partition: int
    """The partition of both."""
    offset: int
    """Where it stood."""
    replayed_as: int
    """The offset at which it stands again."""


EVENTS: tuple[type[EventData], ...] = (RecordDied, RecordReplayed)
