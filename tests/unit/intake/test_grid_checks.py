"""What is found of grids: gaps, overlaps, codes that do not nest, grids without an officer."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from random import Random

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPoint, Polygon, box
from shapely.geometry.base import BaseGeometry

from services.intake.domain.findings import Finding, FindingCode, Severity, collection
from services.intake.domain.gaps import gaps
from services.intake.domain.grid_checks import Grids, brought, check, with_entries
from services.intake.domain.overlaps import neighbours, overlaps
from shared.contracts.base import Names
from shared.contracts.registry_v1 import Area, Entry, Officer, Unit
from shared.contracts.routing_rules import UnitKind
from shared.registry.distance import METRES_A_DEGREE
from shared.registry.metres import narrowing, square_metres

NORTH, EAST = 30.0, 120.0
M = 1 / METRES_A_DEGREE
"""Degrees of latitude a metre."""
COMMUNITY = "990101001001"
NAMES = Names(zh="名", en="name")


def rectangle(x: float, y: float, width: float, height: float) -> Polygon:
    """In metres from a corner of the city."""
    wide = M / narrowing(NORTH)
    return box(EAST + x * wide, NORTH + y * M, EAST + (x + width) * wide, NORTH + (y + height) * M)


def code(serial: int, community: str = COMMUNITY) -> str:
    return f"{community}{serial:03}"


def numbered(polygons: Iterable[BaseGeometry]) -> dict[str, BaseGeometry]:
    return {code(serial): one for serial, one in enumerate(polygons, start=1)}


def block(side: int = 3, without: tuple[int, ...] = ()) -> dict[str, BaseGeometry]:
    """So many by so many squares of 100 m, from the south-west, row by row."""
    squares = numbered(
        rectangle(100 * x, 100 * y, 100, 100) for y in range(side) for x in range(side)
    )
    return {one: shape for one, shape in squares.items() if int(one[-3:]) not in without}


def found(grids: Mapping[str, BaseGeometry]) -> list[Finding]:
    return [*overlaps(grids, neighbours(grids, None)), *gaps(grids)]


def test_grids_that_fill_their_area_have_neither_gap_nor_overlap() -> None:
    assert found(block()) == []


def test_a_hole_is_told_with_its_size_its_place_and_the_smallest_area_around_it() -> None:
    (gap,) = found(block(without=(5,)))
    assert (gap.code, gap.severity) == (FindingCode.GAP, Severity.REFUSED)
    assert gap.square_metres == pytest.approx(10_000, rel=1e-3)
    assert len(gap.codes) == 8
    assert COMMUNITY in gap.en
    assert gap.geometry is not None
    assert square_metres(gap.geometry.symmetric_difference(block()[code(5)])) < 1


def test_a_hole_is_found_though_the_borders_around_it_differ_by_a_hairs_breadth() -> None:
    shrunk = {one: shape.buffer(-0.02 * M) for one, shape in block(without=(5,)).items()}
    (gap,) = found(shrunk)
    assert gap.square_metres == pytest.approx(10_000, rel=0.01)


def test_a_hole_that_another_area_fills_is_none() -> None:
    grids = block(without=(5,))
    grids["990999001001001"] = block()[code(5)]
    assert found(grids) == []


def test_a_hole_between_two_communities_is_one_of_their_town() -> None:
    grids = {
        one if int(one[-3:]) < 4 else code(int(one[-3:]), "990101001002"): shape
        for one, shape in block(without=(5,)).items()
    }
    (gap,) = found(grids)
    assert "inside area 990101001 " in gap.en


def test_what_lies_between_two_counties_is_no_gap() -> None:
    west, east = block(without=(2, 5, 8, 3, 6, 9)), block(without=(1, 2, 4, 5, 7, 8))
    assert (
        found({**west, **{code(int(one[-3:]), "990102001001"): s for one, s in east.items()}}) == []
    )


COUNTIES = {
    code(serial): code(serial, f"99010{2 + serial % 3}001001")
    for serial in (1, 2, 3, 4, 6, 7, 8, 9)
}
"""Of the grids around the middle of a block, what they are called by three counties."""


def ringed(without: tuple[int, ...] = (5,)) -> dict[str, BaseGeometry]:
    return {COUNTIES.get(one, one): shape for one, shape in block(without=without).items()}


def between(grids: Mapping[str, BaseGeometry]) -> list[Finding]:
    enclosed = [*gaps(grids, between=True)]
    assert all(one.code is FindingCode.GAP_BETWEEN_COUNTIES for one in enclosed)
    return enclosed


def test_what_counties_enclose_between_them_is_told_and_not_refused() -> None:
    assert found(ringed()) == []
    (gap,) = between(ringed())
    assert gap.severity is Severity.WARNING
    assert gap.square_metres == pytest.approx(10_000, rel=1e-3)
    assert len(gap.codes) == 8
    assert "inside area 9901 " in gap.en
    assert "区划 9901 " in gap.zh


def test_what_a_county_or_another_city_fills_or_what_is_open_is_not_enclosed() -> None:
    assert between(block()) == []
    assert between(ringed(())) == []
    assert between({**ringed(), code(1, "880101001001"): block()[code(5)]}) == []
    assert between(ringed((5, 6))) == []


def test_a_hole_of_one_county_is_told_once() -> None:
    far = {code(1, "990102001001"): rectangle(300, 0, 50, 300)}
    (gap,) = gaps({**block(without=(5,)), **far}, between=True)
    assert gap.code is FindingCode.GAP


def test_a_slit_that_another_county_closes_is_told_once() -> None:
    west, east = rectangle(0, 0, 200, 200), rectangle(203, 0, 200, 200)
    ends = rectangle(0, -50, 403, 50), rectangle(0, 200, 403, 50)
    grids = {
        **numbered([west, east]),
        **{code(n, f"99010{n}001001"): one for n, one in enumerate(ends, 2)},
    }
    assert [one.code for one in gaps(grids, between=True)] == [FindingCode.GAP]


def test_a_change_that_encloses_something_between_counties_is_told_of_it() -> None:
    before, after = ringed((5, 6)), ringed()
    (changed,) = after.keys() - before.keys()

    def enclosing(one: dict[str, BaseGeometry], other: dict[str, BaseGeometry], code_: str) -> int:
        brings = brought(Grids(one), Grids(other), {code_})
        return sum(found.code is FindingCode.GAP_BETWEEN_COUNTIES for found in brings)

    assert enclosing(before, after, changed) == 1
    assert enclosing(after, after, changed) == 0
    bigger = {**after, changed: rectangle(200, 100, 150, 100)}
    assert enclosing(after, bigger, changed) == 0
    assert enclosing(ringed(()), after, changed) == 1, "its grid ends with the same change"


@pytest.mark.parametrize(
    ("width", "is_found"),
    [(0.1, False), (0.5, True), (3, True), (8, True), (12, False)],
)
def test_a_slit_that_is_open_to_the_outside_is_a_gap(width: float, is_found: bool) -> None:  # noqa: FBT001
    grids = numbered([rectangle(0, 0, 200, 200), rectangle(200 + width, 0, 200, 200)])
    assert [one.code for one in found(grids)] == [FindingCode.GAP] * is_found


def test_a_notch_in_the_border_is_no_slit() -> None:
    corner = rectangle(0, 0, 200, 200).difference(rectangle(150, 150, 60, 60))
    assert found(numbered([corner, rectangle(200, 0, 200, 150)])) == []


@pytest.mark.parametrize(
    ("width", "length", "is_found"),
    [(0.1, 1000, False), (0.15, 5, False), (1, 0.5, False), (1, 50, True), (100, 100, True)],
)
def test_an_overlap_is_more_than_a_border_drawn_twice(
    width: float,
    length: float,
    is_found: bool,  # noqa: FBT001
) -> None:
    grids = numbered([rectangle(0, 0, 200, length), rectangle(200 - width, 0, 200, length)])
    overlapping = [one for one in found(grids) if one.code is FindingCode.OVERLAP]
    assert len(overlapping) == is_found
    for one in overlapping:
        assert one.square_metres == pytest.approx(width * length, rel=1e-3)
        assert one.codes == (code(1), code(2))


def test_a_grid_within_another_overlaps_it_whole() -> None:
    (one,) = found(numbered([rectangle(0, 0, 500, 500), rectangle(100, 100, 50, 50)]))
    assert one.square_metres == pytest.approx(2_500, rel=1e-3)


seeds = st.integers(0, 2**32)


@settings(deadline=None)
@given(seeds, st.integers(4, 25))
def test_a_partition_has_no_findings_and_losing_or_growing_a_grid_gives_one_of_that_size(
    seed: int, count: int
) -> None:
    draw = Random(seed)  # noqa: S311 - a map, not a secret
    city = rectangle(0, 0, 3000, 3000)
    wide, _, far, _ = city.bounds
    points = MultiPoint([
        (draw.uniform(wide, far), draw.uniform(NORTH, NORTH + 3000 * M)) for _ in range(count)
    ])  # fmt: skip
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=city))
    grids = numbered(cell.intersection(city) for cell in cells)
    assert found(grids) == []
    lost = draw.choice(sorted(grids))
    inner = grids[lost].buffer(-5 * M)
    if square_metres(inner) < 10 or inner.geom_type != "Polygon":
        return
    holed = {**grids, lost: grids[lost].difference(inner)}
    size = pytest.approx(square_metres(inner), rel=0.01)
    assert [one.square_metres for one in found(holed)] == [size]
    doubled = {**grids, code(900): inner}
    assert [one.square_metres for one in found(doubled)] == [size]


def said(grids: Grids, only: FindingCode) -> list[tuple[str, ...]]:
    return [one.codes for one in check(grids) if one.code is only]


def officer(name: str, unit: str, *grids: str, left: str | None = None) -> Officer:
    return Officer(code=name, unit=unit, role="officer", grids=grids, left=left)


def team(name: str, area: str, kind: UnitKind = UnitKind.OFFICER_TEAM) -> Unit:
    return Unit(code=name, names=NAMES, unit_kind=kind, area=area, matters=("*",))


@pytest.mark.parametrize(
    ("entries", "without"),
    [
        ([], [1, 2]),
        ([officer("o", "t", code(1))], [2]),
        ([officer("o", "t"), team("t", COMMUNITY)], []),
        ([officer("o", "t"), team("t", COMMUNITY[:9])], []),
        ([officer("o", "t"), team("t", "990101001002")], [1, 2]),
        ([officer("o", "t", code(2)), team("t", COMMUNITY)], [1]),
        ([officer("o", "t"), team("t", COMMUNITY, UnitKind.DEPARTMENT)], [1, 2]),
        ([officer("o", "t"), officer("o", "t", left="2026-01-02"), team("t", COMMUNITY)], [1, 2]),
        ([officer("o", "t", left="2026-01-03"), team("t", COMMUNITY)], []),
    ],
)
def test_a_grid_has_an_officer_by_name_or_by_the_team_of_its_area(
    entries: list[Entry], without: list[int]
) -> None:
    grids = numbered([rectangle(0, 0, 9, 9), rectangle(9, 0, 9, 9)])
    known = with_entries(Grids(grids), entries, "2026-01-02")
    assert said(known, FindingCode.NO_OFFICER) == [(code(serial),) for serial in without]


def test_an_area_that_is_missing_is_named_once_with_its_grids() -> None:
    areas = [Area(code=COMMUNITY[:digits], names=NAMES) for digits in (4, 6, 12)]
    known = with_entries(Grids(block(2)), areas, "2026-01-02")
    (missing,) = [one for one in check(known) if one.code is FindingCode.DOES_NOT_NEST]
    assert missing.severity is Severity.WARNING
    assert missing.codes == tuple(code(serial) for serial in (1, 2, 3, 4))
    assert "990101001 " in missing.en


def test_communities_without_a_grid_are_told_by_their_county() -> None:
    areas = {COMMUNITY[:digits] for digits in (4, 6, 9, 12)} | {
        "990101001002", "990101002001", "990102001001",
    }  # fmt: skip
    known = Grids(block(2), areas)
    here, there = [one for one in check(known) if one.code is FindingCode.NO_GRID]
    assert here.severity is Severity.WARNING
    assert here.codes == ("990101001002", "990101002001")
    assert "2 communities of area 990101 " in here.en
    assert "没有网格" in here.zh
    assert there.codes == ("990102001001",)
    # A change is told of those that it brings, or takes the last grid of.
    for before, codes in ((Grids(block(2)), 2), (Grids(block(2), areas), 0)):
        brings = brought(before, known, {code(1)})
        assert sum(one.code is FindingCode.NO_GRID for one in brings) == codes
    (left,) = (
        one for one in brought(known, Grids({}, areas), ()) if one.code is FindingCode.NO_GRID
    )
    assert left.codes == (COMMUNITY,)


def test_a_grid_among_those_of_another_community_lies_in_the_wrong_one() -> None:
    stray = code(7, "990101001002")
    grids = {**block(without=(5,)), stray: block()[code(5)]}
    grids[code(8, "990101001002")] = rectangle(5000, 0, 100, 100)
    known = Grids(grids, {stray[:digits] for digits in (4, 6, 9, 12)} | {COMMUNITY})
    assert said(known, FindingCode.DOES_NOT_NEST) == [(stray,)]


def test_a_change_is_told_what_it_brings_and_nothing_else() -> None:
    areas = {COMMUNITY[:digits] for digits in (4, 6, 9, 12)}
    officers = with_entries(Grids({}), [officer("o", "t"), team("t", COMMUNITY)], "2026-01-02")

    def grids(polygons: dict[str, BaseGeometry]) -> Grids:
        return Grids(polygons, areas, officers.units, officers.officers)

    old = {**block(without=(5,)), code(50): rectangle(350, 0, 50, 50)}
    overlapping = {**old, code(51): rectangle(340, 0, 50, 50)}
    assert brought(grids(overlapping), grids(overlapping), {code(51)}) == []
    brings = brought(grids(old), grids(overlapping), {code(51)})
    assert [(one.code, one.codes) for one in brings] == [
        (FindingCode.OVERLAP, (code(50), code(51)))
    ]
    without = {one: shape for one, shape in block().items() if one != code(5)}
    holed = brought(grids(block()), grids(without), {code(5)})
    assert [one.code for one in holed] == [FindingCode.GAP]
    assert brought(grids(without), grids(block()), {code(5)}) == []


def test_findings_are_a_feature_collection() -> None:
    told = collection(found(block(without=(5,))))
    assert told["type"] == "FeatureCollection"
    (feature,) = told["features"]
    assert feature["geometry"]["type"] == "Polygon"
    assert feature["properties"]["severity"] == "refused"
    assert {"code", "codes", "zh", "en", "square_metres"} <= set(feature["properties"])


def test_the_refused_come_first() -> None:
    severities = [one.severity for one in check(Grids(block(without=(5,))))]
    assert set(severities) == set(Severity)
    assert not any(a is Severity.WARNING and b is Severity.REFUSED for a, b in pairwise(severities))
