"""What a file held for the registry, and where in the file each entry of it stands."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from deploy.feeds.faults import Fault
from shared.contracts.registry_v1 import Entry, entry_key
from shared.registry.spans import Validity


@dataclass(frozen=True, slots=True)
class Places:
    """Where the entries of a file stand: on which lines, or in which features of a collection."""

    each: Callable[[], Sequence[int]]
    """The number of each entry, from 1; asked only when something is wrong with one."""
    counted: str = "line"
    """What the numbers count."""


@dataclass(frozen=True, slots=True)
class Content:
    """The entries of one kind in a file, and the rows from which nothing could follow."""

    entries: tuple[Entry, ...]
    faults: tuple[Fault, ...] = ()
    validities: Mapping[str, Validity] = field(default_factory=dict)
    """From when until when entries hold, by ``kind/code``, where the file says so."""
    places: Places | None = None
    """None where an entry follows from many rows."""


def repeated(entries: Sequence[Entry], places: Places) -> list[Fault]:
    """The entries whose code stands in the file already: only one of them could hold."""
    first: dict[str, int] = {}
    twice = [
        (number, before)
        for number, one in enumerate(entries)
        if (before := first.setdefault(entry_key(one), number)) != number
    ]
    at = places.each() if twice else ()
    return [
        Fault(
            at[number],
            f"code: {entries[number].code} stands at {places.counted} {at[before]} already",
        )
        for number, before in twice
    ]


def refused(content: Content, errors: Iterable[Mapping[str, Any]]) -> tuple[list[Fault], str]:
    """What intake refused by the lines of the file, and what the numbers count.

    ``errors`` name an entry by its ``index`` in the file's, from 0. Without lines entries count.
    """
    places = content.places or Places(lambda: range(1, len(content.entries) + 1), "entry")
    at = places.each()
    found = [
        Fault(
            at[one["index"]],
            f"{one['code']}: {one['detail']}",
            (one.get("explanation") or {}).get("zh", ""),
        )
        for one in errors
    ]
    return found, places.counted
