"""Redrawing grids (网格调整): split, merge, move; nothing is left over and nothing lies in two.

Whatever is redrawn covers afterwards what it covered before, to within `territory.TOLERANCE`: so
no gap comes into being, and no overlap with a neighbour that was not named.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import shapely
from pydantic import Field

from services.intake.domain import territory
from services.intake.domain.entry_rules import Fault, examine, within
from shared.contracts.base import (
    COMMUNITY_DIGITS,
    Contract,
    Day,
    GridCode,
    Instant,
    Names,
    ShortText,
    instant_text,
)
from shared.contracts.registry_v1 import EntrySet, Grid

MAX_GRIDS = 300
MIN_GRIDS = 2
TOLD = 10


class Redrawing(StrEnum):
    """What is done to grids."""

    SPLIT = "split"
    MERGE = "merge"
    MOVE = "move"


class Drawn(Contract):
    """A grid as it is to be."""

    code: GridCode
    names: Names | None = None
    """None: as they are; a grid that there was not needs them."""
    geometry: dict[str, Any]
    """GeoJSON, Polygon or MultiPolygon."""


class Redraw(Contract):
    """What is asked for: one split, merge or move, made as one change."""

    kind: Redrawing
    codes: Annotated[tuple[GridCode, ...], Field(max_length=MAX_GRIDS)] = ()
    """The grid that is split, or those that are merged; a move needs none."""
    grids: Annotated[tuple[Drawn, ...], Field(max_length=MAX_GRIDS)] = ()
    """The parts of a split, the new boundaries of a move; none for a merge."""
    into: GridCode | None = None
    """The grid that a merge makes: one of those merged, or a new one."""
    names: Names | None = None
    """How that is called; none: as it is, where it is one of those merged."""
    valid_from: Instant | Day | None = None
    """From when it holds; a day begins at midnight of the area's zone; none: from now on."""
    note: ShortText = ""

    @property
    def concerned(self) -> tuple[str, ...]:
        """Codes of all grids that there are or will be, each once."""
        named = [*self.codes, *(one.code for one in self.grids)]
        return tuple(dict.fromkeys([*named, self.into] if self.into else named))


@dataclass(frozen=True, slots=True)
class Plan:
    """What a redrawing would set and end, or what is wrong with it."""

    sets: Sequence[Grid] = ()
    ends: Sequence[Grid] = ()
    """Grids that are to hold no more."""
    faults: Sequence[Fault] = ()
    warnings: Sequence[Fault] = ()


def redrawn(wanted: Redraw, latest: Mapping[str, EntrySet], at: datetime, area: str | None) -> Plan:
    """What the request changes from ``at`` on.

    ``latest`` has the latest version of each grid that there is, by code; ``area`` is the one
    within which whoever asks may change entries (None: everywhere). Slow for large grids.
    """
    olds = wanted.codes or wanted.concerned
    if faults := [*_of_request(wanted)]:
        return Plan(faults=faults)
    if faults := [*_of_old(olds, latest, at)] or [*_of_new(wanted, latest, at)]:
        return Plan(faults=faults)
    before = {code: one for code in olds if isinstance(one := latest[code].entry, Grid)}
    drawn, warnings = _merged(wanted, before) if wanted.into else (wanted.grids, [])
    checked = [examine(_grid(one, before), area) for one in drawn]
    sets = [one.entry for one in checked if isinstance(one.entry, Grid)]
    ends = [one for one in before.values() if one.code not in {new.code for new in drawn}]
    faults = [*_outside(ends, area), *(fault for one in checked for fault in one.faults)]
    if not faults and not wanted.into:
        faults = [*_uneven([*before.values()], sets)]
    return Plan(sets, ends, faults, warnings)


def _outside(ends: Sequence[Grid], area: str | None) -> Iterator[Fault]:
    for one in ends:
        if not within(one, area):
            yield Fault("not_your_area", f"grid {one.code} does not lie within your area {area}")


def _of_request(wanted: Redraw) -> Iterator[Fault]:
    """What is wrong with it by itself, whatever grids there are."""
    drawn = [one.code for one in wanted.grids]
    if len(set(drawn)) < len(drawn) or len(set(wanted.codes)) < len(wanted.codes):
        yield Fault("duplicate_key", "a grid is named twice; name each once")
    merge = wanted.kind is Redrawing.MERGE
    if not merge and (wanted.into or wanted.names):
        yield Fault("invalid", "into and names are of a merge only")
    if wanted.kind is Redrawing.SPLIT and (len(wanted.codes) != 1 or len(drawn) < MIN_GRIDS):
        yield Fault("invalid", "a split has one grid in codes, and two parts or more in grids")
    elif merge and (len(wanted.codes) < MIN_GRIDS or drawn or not wanted.into):
        yield Fault("invalid", "a merge has two grids or more in codes, into, and no grids")
    elif wanted.kind is Redrawing.MOVE and (len(drawn) < MIN_GRIDS or wanted.codes):
        yield Fault("invalid", "a move has two grids or more in grids, and no codes")


def _of_old(codes: Sequence[str], latest: Mapping[str, EntrySet], at: datetime) -> Iterator[Fault]:
    """Which of the grids to be redrawn are not in force, until further notice."""
    for code in codes:
        version = latest.get(code)
        if version is None:
            yield Fault("unknown_grid", f"there is no grid {code}")
        elif version.valid_until is not None or version.valid_from > at:
            yield Fault("not_in_force", f"grid {code} {_when(version)}; it cannot be redrawn then")


def _of_new(wanted: Redraw, latest: Mapping[str, EntrySet], at: datetime) -> Iterator[Fault]:
    """Which grids cannot come into being beside them; a move makes none."""
    if wanted.kind is Redrawing.MOVE:
        return
    named = {one.code: one.names for one in wanted.grids}
    if wanted.into:
        named[wanted.into] = wanted.names
    for code in named.keys() - set(wanted.codes):
        version = latest.get(code)
        if version is not None and (version.valid_until is None or version.valid_until > at):
            yield Fault("code_in_use", f"there is a grid {code} already; use a code that is free")
        if named[code] is None:
            yield Fault("names_missing", f"grid {code} is new: say how it is called, in zh and en")
    communities = sorted({code[:COMMUNITY_DIGITS] for code in wanted.concerned})
    if len(communities) > 1:
        yield Fault(
            "another_community",
            f"grids of one community are split or merged, these are of {', '.join(communities)}: "
            "the first 12 digits of their codes must be the same",
        )


def _when(version: EntrySet) -> str:
    if version.valid_until is not None:
        return f"is withdrawn from {instant_text(version.valid_until)} on"
    return f"has version {version.n} only from {instant_text(version.valid_from)} on"


def _merged(wanted: Redraw, before: Mapping[str, Grid]) -> tuple[list[Drawn], list[Fault]]:
    areas = [territory.read(one.geometry) for one in before.values()]
    union = territory.united(areas)
    drawn = Drawn(code=wanted.into or "", names=wanted.names, geometry=territory.written(union))
    pieces = len(territory.pieces(union))
    if pieces == 1:
        return [drawn], []
    detail = f"the grids do not all touch: grid {drawn.code} will consist of {pieces} pieces"
    return [drawn], [Fault("not_connected", detail)]


def _grid(drawn: Drawn, before: Mapping[str, Grid]) -> Grid:
    """The grid as it will be; what is not said stays.

    A new one has the class of place of those that it is made of; none where these differ.
    """
    own = before.get(drawn.code)
    if own is None:
        first, *others = before.values()
        alike = all(one.zone_class == first.zone_class for one in others)
        own = first.model_copy(update={"zone_class": first.zone_class if alike else None})
    said = {"names": drawn.names} if drawn.names else {}
    return own.model_copy(update={"code": drawn.code, "geometry": drawn.geometry, **said})


def _uneven(before: Sequence[Grid], after: Sequence[Grid]) -> Iterator[Fault]:
    """Where the territory differs, and where grids overlap."""
    areas = [territory.read(one.geometry) for one in after]
    old = shapely.union_all([territory.read(one.geometry) for one in before])
    new = shapely.union_all(areas)
    codes = ", ".join(one.code for one in before[:TOLD])
    left, more = territory.differences(old, new)
    if not left.is_empty:
        yield Fault("gap", f"{territory.told(left)} of {codes} would lie in no grid any more")
    if not more.is_empty:
        yield Fault("beyond", f"{territory.told(more)} did not belong to {codes} before")
    for one, other, both in territory.overlaps(areas)[:TOLD]:
        pair = f"{after[one].code} and {after[other].code}"
        yield Fault("overlap", f"{pair} would overlap: {territory.told(both)}")
