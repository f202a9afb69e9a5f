"""CloudEvents 1.0 in Kafka's binary mode: attributes in headers, the data as JSON in the value."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Generic, TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError

from shared.contracts.base import EventData, Instant, instant_text
from shared.contracts.reading import WHOLE, Readers

SCHEMA_BASE = "https://wangge.cn/schemas/"
"""Where the data's JSON Schema is named; committed in ``shared/contracts/schemas``."""
SOURCE_BASE = "/wangge/"
MAX_ID = 300
"""Characters of an event's or a subject's id at most; documents keep them."""

D = TypeVar("D", bound=EventData)
_instant: TypeAdapter[datetime] = TypeAdapter(Instant)


class UndecodableError(Exception):
    """A record is not an event: a header is missing or is not text, or the data does not fit."""


class UnknownTypeError(Exception):
    """A record is an event of a type unknown to this version; to be ignored, and counted."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record stands."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Event(Generic[D]):
    """A fact. ``subject`` is the document's id, ``sequence`` its number there, from 1.

    ``time`` is when it took effect; ``registry_version`` the registry that its producer had
    (an offset, -1 for none). ``origin`` is None for what did not come from a topic.
    """

    id: str
    source: str
    subject: str
    time: datetime
    data: D
    correlation_id: str
    causation_id: str
    sequence: int
    registry_version: int = -1
    traceparent: str | None = None
    origin: Origin | None = None

    @property
    def type(self) -> str:
        """The CloudEvents type."""
        return self.data.TYPE


@cache
def schema_uri(event_type: str) -> str:
    """The name of the JSON Schema of a type's data."""
    return f"{SCHEMA_BASE}{event_type}.json"


def encode(event: Event[EventData]) -> tuple[dict[str, str], bytes]:
    """The headers and the value of the record that carries an event."""
    headers = {
        "content-type": "application/json",
        "ce_specversion": "1.0",
        "ce_id": event.id,
        "ce_type": event.data.TYPE,
        "ce_source": event.source,
        "ce_subject": event.subject,
        "ce_time": instant_text(event.time),
        "ce_dataschema": schema_uri(event.data.TYPE),
        "ce_correlationid": event.correlation_id,
        "ce_causationid": event.causation_id,
        "ce_sequence": str(event.sequence),
        "ce_registryversion": str(event.registry_version),
    }
    if event.traceparent:
        headers["ce_traceparent"] = event.traceparent
    return headers, _json(event.data)


def _json(data: EventData) -> bytes:
    """The bytes of ``model_dump_json(exclude_none=True)``, in two steps that take less time."""
    told = data.model_dump(exclude_none=True)
    try:
        made = orjson.dumps(told, instant_text, orjson.OPT_PASSTHROUGH_DATETIME)
    except TypeError:  # a number of more than 64 bits, in a field that this version does not know
        return data.model_dump_json(exclude_none=True).encode()
    # Bytes of orjson keep the 8 KB in which they were written; outboxes hold thousands of them.
    return memoryview(made).tobytes()


def decode(
    headers: Iterable[tuple[str, bytes | None]],
    value: bytes | None,
    origin: Origin,
    readers: Readers = WHOLE,
) -> Event[EventData]:
    """The event that a record carries; of its data what ``readers`` make of it.

    Raises UnknownTypeError for a well-formed event of another type, UndecodableError for the rest.
    """
    try:
        found = {
            name: raw.decode()
            for name, raw in headers
            if raw is not None and name.startswith("ce_")
        }
        event_type = found["ce_type"]
        if found["ce_specversion"] != "1.0":
            message = f"CloudEvents {found['ce_specversion']} is not supported, 1.0 is"
            raise UndecodableError(message)
        reader = readers.get(event_type)
        if reader is None:
            raise UnknownTypeError(event_type)
        if value is None:
            message = f"{event_type} has no data"
            raise UndecodableError(message)
        if max(len(found["ce_id"]), len(found["ce_subject"])) > MAX_ID:
            message = f"ce_id and ce_subject have {MAX_ID} characters at most"
            raise UndecodableError(message)
        return Event(
            id=found["ce_id"],
            source=found["ce_source"],
            subject=found["ce_subject"],
            time=_instant.validate_python(found["ce_time"]),
            data=reader(value),
            correlation_id=found.get("ce_correlationid", found["ce_id"]),
            causation_id=found.get("ce_causationid", found["ce_id"]),
            sequence=int(found["ce_sequence"]),
            registry_version=int(found.get("ce_registryversion", -1)),
            traceparent=found.get("ce_traceparent"),
            origin=origin,
        )
    except KeyError as error:
        message = f"header {error.args[0]} is missing"
        raise UndecodableError(message) from error
    except (UnicodeDecodeError, ValueError, ValidationError) as error:
        raise UndecodableError(str(error)[:2000]) from error
