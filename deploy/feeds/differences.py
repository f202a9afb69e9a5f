"""Pure: what is different between two versions of an entry, field by field."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deploy.feeds.entry_list import written
from shared.contracts.registry_v1 import Entry
from shared.registry.spans import FIELDS

WHOLE = frozenset({"geometry"})
"""Told as a whole: nobody reads a polygon corner by corner."""
NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs; a field that one of both has not is ``-`` there."""

    field: str
    before: str
    after: str


def differences(before: Entry, after: Entry) -> list[Difference]:
    """The fields that differ, in the order of the entry; of conditions, by their codes."""
    old, new = dict(_flat(written(before))), dict(_flat(written(after)))
    return [
        Difference(field, old.get(field, NOTHING), new.get(field, NOTHING))
        for field in dict.fromkeys((*new, *old))
        if old.get(field) != new.get(field)
    ]


def of_validity(now: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[Difference]:
    """Where an entry is to begin or end otherwise; a beginning that is not said is the change's."""
    since, until = FIELDS
    return [
        Difference(field, now.get(field) or NOTHING, wanted.get(field) or NOTHING)
        for field in FIELDS
        if now.get(field) != wanted.get(field) and (field == until or wanted.get(since) is not None)
    ]


def _flat(raw: object, way: str = "") -> Iterator[tuple[str, str]]:
    """Each leaf with the way to it."""
    if isinstance(raw, Mapping):
        for name, value in raw.items():
            below = f"{way}.{name}" if way else name
            yield from [(below, _polygon(value))] if name in WHOLE else _flat(value, below)
    elif isinstance(raw, list) and raw and isinstance(raw[0], Mapping):
        for number, one in enumerate(raw, start=1):
            yield from _flat(one, f"{way}[{one.get('code', number)}]")
    else:
        yield way, ", ".join(map(str, raw)) if isinstance(raw, list) else str(raw)


def _polygon(raw: Mapping[str, object]) -> str:
    """A short name by which two different polygons are told apart."""
    digest = hashlib.sha256(str(raw.get("coordinates")).encode()).hexdigest()
    return f"{raw.get('type')} #{digest[:8]}"
