"""Pure: codes of entries by what they are asked for by, for the indexes of a snapshot."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import TypeVar

from shared.contracts.registry_v1 import Entry, EntrySet, Officer, Unit
from shared.contracts.routing_rules import UnitKind

K = TypeVar("K", bound=Hashable)


def grouped(
    before: Mapping[K, tuple[str, ...]],
    versions: Iterable[EntrySet],
    groups: Callable[[Entry], Iterable[K]],
) -> Mapping[K, tuple[str, ...]]:
    """The codes of entries by the groups to which they belong, and those there were before."""
    found: dict[K, set[str]] = defaultdict(set)
    for entry in (one.entry for one in versions):
        for group in groups(entry):
            found[group].add(entry.code)
    later = {
        group: tuple(sorted(codes.union(before.get(group, ())))) for group, codes in found.items()
    }
    return {**before, **later}


def matters_of_unit(entry: Entry) -> Iterable[tuple[str, str]]:
    """Each matter that a unit handles, with its area."""
    return [(one, entry.area) for one in entry.matters] if isinstance(entry, Unit) else ()


def kind_of_unit(entry: Entry) -> Iterable[tuple[UnitKind, str]]:
    """A unit's kind, with its area."""
    return [(entry.unit_kind, entry.area)] if isinstance(entry, Unit) else ()


def unit_of_officer(entry: Entry) -> Iterable[str]:
    """The unit whose member an officer is."""
    return [entry.unit] if isinstance(entry, Officer) else ()


def with_codes(before: tuple[str, ...], versions: Iterable[EntrySet]) -> tuple[str, ...]:
    """The codes of areas that have an entry, longest first, and those there were before."""
    codes = {*before, *(one.entry.code for one in versions)}
    return tuple(sorted(codes, key=lambda code: (-len(code), code)))


def kind_of(key: str) -> str:
    """The kind that ``kind/code`` names."""
    return key.partition("/")[0]
