"""Step 1: what of a batch is an event, what is of an unknown type, and what is neither."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.contracts.base import extra_fields
from shared.contracts.envelope import Event, Origin, UndecodableError, UnknownTypeError, decode
from shared.contracts.reading import WHOLE, Readers
from shared.ledger.dead_letters import Letter
from shared.ledger.ports import Record
from shared.platform import telemetry

Nothing = Callable[[Event[Any]], bool]
"""Whether an event changes no document of the reader, whatever the document is. Pure."""


def of_some(_event: Event[Any]) -> bool:
    """Every event changes some document."""
    return False


@dataclass(slots=True)
class Decoded:
    """The events of a batch in order, letters for what is no event, and what was passed over."""

    events: list[Event[Any]] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    unknown: int = 0
    passed: int = 0

    def pass_over(self, topics: Collection[str], nothing: Nothing) -> None:
        """Take out the events of these topics and those that are nothing, and count them."""
        taken = [one for one in self.events if not (_topic(one) in topics or nothing(one))]
        self.passed += len(self.events) - len(taken)
        self.events = taken


def decode_all(
    records: Sequence[Record],
    passes: Collection[bytes] = (),
    checks: Collection[str] = (),
    readers: Readers = WHOLE,
    nothing: Nothing = of_some,
) -> Decoded:
    """Decode a batch; unknown types and fields are counted, never dead.

    ``passes`` are types that change nothing for this reader: they are counted and not looked into.
    ``checks`` are topics of which it handles nothing, and only puts away what is no event;
    ``readers`` say what it looks at in the others, ``nothing`` what is nothing to it by what it
    says, and not by its type.
    """
    decoded = Decoded()
    for record in records:
        if passes and _type(record) in passes:
            decoded.passed += 1
            continue
        origin = Origin(record.topic, record.partition, record.offset)
        try:
            event = decode(record.headers, record.value, origin, readers)
        except UnknownTypeError as unknown:
            decoded.unknown += 1
            telemetry.UNKNOWN_TYPES.labels(record.topic, str(unknown)[:100]).inc()
        except UndecodableError as error:
            decoded.letters.append(Letter(record, "undecodable", str(error)))
        except Exception as error:  # noqa: BLE001 - bytes that nobody thought of stop no partition
            said = f"{type(error).__name__}: {error}"
            decoded.letters.append(Letter(record, "undecodable", said))
        else:
            if extra := extra_fields(event.data):
                telemetry.UNKNOWN_FIELDS.labels(record.topic, event.type).inc(len(extra))
            decoded.events.append(event)
    decoded.pass_over(checks, nothing)
    return decoded


def _topic(event: Event[Any]) -> str | None:
    return event.origin.topic if event.origin is not None else None


def _type(record: Record) -> bytes | None:
    return next((raw for name, raw in record.headers if name == "ce_type"), None)
