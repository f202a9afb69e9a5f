"""How the indexes of a snapshot grow by what a change brings, rather than being built again."""

from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Any

from shared.contracts.registry_v1 import EntrySet, Grid, Place
from shared.registry.codes import (
    grouped,
    kind_of_unit,
    matters_of_unit,
    unit_of_officer,
    with_codes,
)
from shared.registry.validity import with_turns


def grids_of(versions: Iterable[EntrySet]) -> list[tuple[EntrySet, Grid]]:
    """The versions that are of grids, each with its grid."""
    return [(one, one.entry) for one in versions if isinstance(one.entry, Grid)]


def places_of(versions: Iterable[EntrySet]) -> list[tuple[EntrySet, Place]]:
    """The versions that are of places, each with its place."""
    return [(one, one.entry) for one in versions if isinstance(one.entry, Place)]


def in_order(versions: tuple[EntrySet, ...]) -> tuple[EntrySet, ...]:
    """The versions of one entry by number, of which the last was added last."""
    # Of two changes the one decided first may be whole last.
    if len(versions) == 1 or versions[-2].n < versions[-1].n:
        return versions
    return tuple(sorted(versions, key=lambda version: version.n))


def grown(
    built: Mapping[str, Any], later: Mapping[str, list[EntrySet]], *, stocked: bool
) -> dict[str, Any]:
    """Of the indexes that a snapshot has built, by name, what its successor begins with.

    ``later`` are the new versions by kind of entry, ``stocked`` says that there are components
    among the new ones. An index that cannot grow and has something new in it is left out: it is
    built again when it is asked for.
    """
    kept = {
        name: built[name]
        for name, stale in (
            ("components", stocked),
            ("places", bool(later.get("place"))),
            ("_compiled", False),
        )
        if name in built and not stale
    }
    for name, (kind, grow) in _GROWING.items():
        if name in built:
            more = [*chain(*later.values())] if kind is None else later.get(kind, ())
            kept[name] = grow(built[name], more) if more else built[name]
    return kept


_GROWING: Mapping[str, tuple[str | None, Callable[[Any, Iterable[EntrySet]], Any]]] = {
    "grids": ("grid", lambda index, later: index.with_versions(grids_of(later))),
    "units_of_matter": ("unit", lambda codes, later: grouped(codes, later, matters_of_unit)),
    "units_of_kind": ("unit", lambda codes, later: grouped(codes, later, kind_of_unit)),
    "officers_of_unit": ("officer", lambda codes, later: grouped(codes, later, unit_of_officer)),
    "policy_codes": ("policy", with_codes),
    "calendar_codes": ("calendar", with_codes),
    "turns": (None, with_turns),
}
"""Indexes, the kind of entry that each is of (None: of any), and how it grows."""
