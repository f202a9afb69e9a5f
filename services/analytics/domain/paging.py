"""Cursors: where a list goes on, opaque to whoever holds one."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta

EPOCH = datetime.fromtimestamp(0, UTC)
MILLISECOND = timedelta(milliseconds=1)


class BadCursorError(ValueError):
    """The text is no cursor of ours."""


def cursor(counts_from: datetime, incident_id: str) -> str:
    """The cursor after a row."""
    text = f"{(counts_from - EPOCH) // MILLISECOND}|{incident_id}"
    return urlsafe_b64encode(text.encode()).decode()


def position(text: str) -> tuple[datetime, str]:
    """The row after which a list goes on; raises BadCursorError."""
    try:
        millis, incident_id = urlsafe_b64decode(text.encode()).decode().split("|", 1)
        return EPOCH + int(millis) * MILLISECOND, incident_id
    except (ValueError, OverflowError) as error:
        raise BadCursorError(f"not a cursor of this list: {text[:40]}") from error
