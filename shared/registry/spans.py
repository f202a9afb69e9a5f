"""From when until when an entry is to hold, as files and requests say it: in days or instants."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from shared.contracts.base import instant_text, to_instant

FIELDS = ("valid_from", "valid_until")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class ValidityError(ValueError):
    """A field that is neither a day nor an instant; ``field`` is its name."""

    def __init__(self, field: str, said: str) -> None:
        super().__init__(said)
        self.field = field


class Span(NamedTuple):
    """Instants: ``[since, until)``; none: not said."""

    since: datetime | None = None
    until: datetime | None = None


NOT_SAID = Span()


@dataclass(frozen=True, slots=True)
class Validity:
    """``[valid_from, valid_until)``; a day is its first instant, local time of the city.

    So the first day on which an entry holds, and the first on which it holds no more.
    """

    valid_from: date | datetime | None = None
    valid_until: date | datetime | None = None

    def __bool__(self) -> bool:
        """Whether anything is said."""
        return self.valid_from is not None or self.valid_until is not None

    def span(self, zone: str) -> Span:
        """The instants. ``zone``: IANA zone of the city. Raises ValidityError: an end too early."""
        found = Span(*(_instant(name, getattr(self, name), zone) for name in FIELDS))
        if found.since and found.until and found.until <= found.since:
            raise ValidityError("valid_until", "it ends before it begins: it must be after from")
        return found

    def raw(self) -> dict[str, str]:
        """What is said, as JSON has it."""
        both = zip(FIELDS, (self.valid_from, self.valid_until), strict=True)
        return {name: _text(one) for name, one in both if one is not None}


def apart(raw: Mapping[str, Any]) -> tuple[dict[str, Any], Validity]:
    """An entry without its validity, and that. Raises ValidityError."""
    entry = dict(raw)
    said = [_moment(name, entry.pop(name, None)) for name in FIELDS]
    return entry, Validity(*said)


def _moment(field: str, value: object) -> date | datetime | None:
    """A day or an instant; of YAML it may be one already."""
    try:
        match value:
            case None | "":
                return None
            case datetime():
                found = value
            case date():
                return value
            case str() if _DAY.fullmatch(value):
                return date.fromisoformat(value)
            case str():
                found = datetime.fromisoformat(value)
            case _:
                raise ValueError  # noqa: TRY301 - one place says what is meant
        if found.tzinfo is None:
            raise ValueError  # noqa: TRY301
        return to_instant(found)
    except ValueError:
        raise ValidityError(
            field,
            f"{value!s:.40} is neither a day (2026-12-01) nor an instant with its offset "
            "(2026-12-01T08:00:00+08:00)",
        ) from None


def midnight(day: date, zone: str) -> datetime:
    """The first instant of a local day of an IANA zone."""
    return to_instant(datetime.combine(day, time.min, ZoneInfo(zone)))


def _instant(field: str, one: date | datetime | None, zone: str) -> datetime | None:
    if one is None or isinstance(one, datetime):
        return one
    try:
        return midnight(one, zone)
    except ValueError as error:
        raise ValidityError(field, str(error)) from error


def _text(one: date | datetime) -> str:
    return instant_text(one) if isinstance(one, datetime) else one.isoformat()
