"""All that is checked of grids: overlaps, gaps, whether codes nest, who has no grid or officer."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from services.intake.domain.findings import Finding, FindingCode, in_order
from services.intake.domain.gaps import gaps
from services.intake.domain.overlaps import Pair, broad, neighbours, overlaps
from shared.contracts.base import CITY_DIGITS, COMMUNITY_DIGITS, COUNTY_DIGITS, NEAREST_FIRST
from shared.contracts.registry_v1 import Area, Entry, Grid, Officer, Unit
from shared.contracts.routing_rules import UnitKind

NAMED = 100
"""So many grids are named by one finding."""


@dataclass(frozen=True, slots=True)
class Grids:
    """What is in force at one instant: grids by code (degrees), and what is said of them."""

    polygons: Mapping[str, BaseGeometry]
    areas: Collection[str] = frozenset()
    """Codes of areas."""
    units: Mapping[str, Unit] = field(default_factory=dict)
    officers: Mapping[str, Officer] = field(default_factory=dict)


def with_entries(grids: Grids, entries: Iterable[Entry], day: str) -> Grids:
    """The grids, and what is said of them, once these entries are in force as well.

    ``day`` tells who of the officers has left. Grids have been normalized.
    """
    polygons, areas, units = dict(grids.polygons), set(grids.areas), dict(grids.units)
    officers = dict(grids.officers)
    for one in entries:
        match one:
            case Grid():
                polygons[one.code] = shape(one.geometry)
            case Area():
                areas.add(one.code)
            case Unit():
                units[one.code] = one
            case Officer() if one.left is not None and one.left <= day:
                officers.pop(one.code, None)
            case Officer():
                officers[one.code] = one
            case _:
                pass
    return Grids(polygons, areas, units, officers)


def without(grids: Grids, ended: Collection[str]) -> Grids:
    """What is left once the entries of these keys (``kind/code``) hold no more."""
    if not ended:
        return grids
    return Grids(
        {code: one for code, one in grids.polygons.items() if f"grid/{code}" not in ended},
        {code for code in grids.areas if f"area/{code}" not in ended},
        {code: one for code, one in grids.units.items() if f"unit/{code}" not in ended},
        {code: one for code, one in grids.officers.items() if f"officer/{code}" not in ended},
    )


def check(grids: Grids) -> list[Finding]:
    """All that is wrong with grids as they are."""
    pairs = neighbours(grids.polygons, None)
    return in_order(
        [
            *overlaps(grids.polygons, pairs),
            *gaps(grids.polygons, between=True),
            *_nesting(grids, grids.polygons),
            *_no_grid(_without_grid(grids)),
            *_misplaced(grids, pairs, grids.polygons),
            *without_officer(grids, grids.polygons),
        ]
    )


def brought(before: Grids, after: Grids, changed: Collection[str]) -> list[Finding]:
    """What a change brings: wrong after it, concerning its grids, and not so before.

    ``changed`` are the codes of the grids that are different after it; what is there before it
    only has ended by it.
    """
    pairs = neighbours(after.polygons, changed)
    # What counties enclose takes a look at all of their city.
    touched = {*changed, *(before.polygons.keys() - after.polygons.keys())}
    whole = _covers_otherwise(before, after, touched)
    areas = {code[: CITY_DIGITS if whole else COUNTY_DIGITS] for code in touched}
    old = {code: one for code, one in before.polygons.items() if code in changed}
    known = {one.codes: one for one in overlaps(before.polygons, neighbours(before.polygons, old))}
    old_gaps, new_gaps = (
        gaps(_beside(grids.polygons, areas), between=whole) for grids in (before, after)
    )
    holes = shapely.union_all([one.geometry for one in old_gaps if one.geometry])
    return in_order(
        [
            *(one for one in overlaps(after.polygons, pairs) if _grew(one, known.get(one.codes))),
            *(one for one in new_gaps if _is_new(one, holes)),
            *_nesting(after, changed),
            *_no_grid(_without_grid(after) - _without_grid(before)),
            *_misplaced(after, neighbours(after.polygons, changed), changed),
            *without_officer(after, changed),
        ]
    )


REPAIRS = {
    "unclosed_ring": "环未闭合",
    "duplicate_points": "重复点",
    "ring_order": "环的次序或方向不符",
    "self_touching": "自接触、毛刺或碎片",
}


def repair(grid: Grid, repairs: Sequence[str]) -> Finding:
    """What is told of a grid whose geometry was repaired."""
    words = "、".join(REPAIRS[one] for one in repairs)
    return Finding(
        FindingCode.REPAIRED,
        (grid.code,),
        f"网格 {grid.code} 的边界已修复：{words}",
        f"the outline of grid {grid.code} was repaired: {', '.join(repairs)}",
        shape(grid.geometry),
    )


def invalid(grid: Grid, why: str) -> Finding:
    """What is told of a grid whose geometry cannot be a grid's."""
    return Finding(
        FindingCode.INVALID_POLYGON,
        (grid.code,),
        f"网格 {grid.code} 的边界无效且无法修复：{why}",
        f"grid {grid.code}: {why}",
    )


def _beside(
    polygons: Mapping[str, BaseGeometry], areas: Collection[str]
) -> dict[str, BaseGeometry]:
    """The grids of areas, and those of others that lie in or beside them."""
    prefixes = tuple(areas)
    own = [one for code, one in polygons.items() if code.startswith(prefixes)]
    if not own:
        return {}
    frame = shapely.box(*shapely.total_bounds(own))
    return {
        code: one
        for code, one in polygons.items()
        if code.startswith(prefixes) or one.intersects(frame)
    }


def _covers_otherwise(before: Grids, after: Grids, codes: Iterable[str]) -> bool:
    """Whether grids cover another place as a whole: most changes move a border between them."""
    old, new = before.polygons, after.polygons
    differing = [code for code in codes if old.get(code) != new.get(code)]
    if not any(code in old for code in differing):
        return bool(differing)
    was = shapely.unary_union([old[code] for code in differing if code in old])
    now = shapely.unary_union([new[code] for code in differing if code in new])
    return not broad(was.symmetric_difference(now)).is_empty


def _grew(now: Finding, before: Finding | None) -> bool:
    if before is None or now.geometry is None or before.geometry is None:
        return True
    return not broad(now.geometry.difference(before.geometry)).is_empty


def _is_new(gap: Finding, before: BaseGeometry) -> bool:
    return gap.geometry is not None and not broad(gap.geometry.difference(before)).is_empty


def _nesting(grids: Grids, codes: Iterable[str]) -> Iterator[Finding]:
    """Areas above the grids that there are not."""
    missing: dict[str, list[str]] = defaultdict(list)
    for code in sorted(codes):
        for digits in NEAREST_FIRST:
            if code[:digits] not in grids.areas:
                missing[code[:digits]].append(code)
    for area, below in sorted(missing.items()):
        yield Finding(
            FindingCode.DOES_NOT_NEST,
            tuple(below[:NAMED]),
            f"{len(below)} 个网格的上级区划 {area} 不存在，请一并导入",
            f"area {area} of {len(below)} grids does not exist; import it as well",
        )


def _without_grid(grids: Grids) -> set[str]:
    """The communities in which no grid lies."""
    communities = {code for code in grids.areas if len(code) == COMMUNITY_DIGITS}
    return communities - {code[:COMMUNITY_DIGITS] for code in grids.polygons}


def _no_grid(communities: Collection[str]) -> Iterator[Finding]:
    """Communities that nobody manages, by their counties."""
    counties: dict[str, list[str]] = defaultdict(list)
    for code in sorted(communities):
        counties[code[:COUNTY_DIGITS]].append(code)
    for county, found in sorted(counties.items()):
        yield Finding(
            FindingCode.NO_GRID,
            tuple(found[:NAMED]),
            f"区划 {county} 有 {len(found)} 个社区（村）没有网格：{found[0]} 等",
            f"{len(found)} communities of area {county} have no grid, the first is {found[0]}",
        )


def _misplaced(grids: Grids, pairs: Iterable[Pair], codes: Collection[str]) -> Iterator[Finding]:
    """Grids away from their own community, most of whose neighbours are of one other."""
    beside: dict[str, Counter[str]] = defaultdict(Counter)
    for one, other in pairs:
        beside[one][other[:COMMUNITY_DIGITS]] += 1
        beside[other][one[:COMMUNITY_DIGITS]] += 1
    sizes = Counter(code[:COMMUNITY_DIGITS] for code in grids.polygons)
    for code in sorted(codes):
        own, around = code[:COMMUNITY_DIGITS], beside[code]
        if sizes[own] == 1 or not around or own in around:
            continue
        ((other, count),) = around.most_common(1)
        if count >= 2 and 2 * count > around.total():  # noqa: PLR2004 - one neighbour says nothing
            yield Finding(
                FindingCode.DOES_NOT_NEST,
                (code,),
                f"网格 {code} 不与本社区任何网格相邻，{count} 个邻格属于 {other}",
                f"grid {code} touches no grid of its community, {count} of its neighbours are "
                f"of {other}",
                grids.polygons[code],
            )


def without_officer(grids: Grids, codes: Iterable[str]) -> Iterator[Finding]:
    """Grids that no officer looks after: by name, or as one of a team for all grids there."""
    named = {code for officer in grids.officers.values() for code in officer.grids}
    manned = {
        unit.area
        for officer in grids.officers.values()
        if not officer.grids
        and (unit := grids.units.get(officer.unit)) is not None
        and unit.unit_kind is UnitKind.OFFICER_TEAM
    }
    for code in sorted(codes):
        if code not in named and not any(code[:digits] in manned for digits in NEAREST_FIRST):
            yield Finding(
                FindingCode.NO_OFFICER,
                (code,),
                f"网格 {code} 没有网格员",
                f"grid {code} has no officer",
                grids.polygons[code],
            )
