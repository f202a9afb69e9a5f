"""A redrawn territory is what it was: no gap, no overlap, nothing taken from a neighbour."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import shapely
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from shapely.affinity import translate
from shapely.geometry import LineString, Polygon, box, mapping, shape
from shapely.geometry.base import BaseGeometry
from shapely.ops import split

from services.intake.domain.redrawing import Drawn, Plan, Redraw, redrawn
from services.intake.domain.territory import TOLERANCE
from shared.contracts.base import Names
from shared.contracts.registry_v1 import Change, EntrySet, Grid, ZoneClass
from shared.registry.spans import midnight
from tests.unit.intake.driving import NOW

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Cutting polygons takes its time on a machine that is busy."""
COMMUNITY = "990101001001"
NAMES = Names(zh="名称", en="Name")
UNIT = 0.01
"""Degrees: a kilometre, as wide as a grid is."""


def code(serial: int) -> str:
    return f"{COMMUNITY}{serial:03}"


def version(name: str, area: BaseGeometry, **fields: object) -> EntrySet:
    grid = Grid(code=name, names=NAMES, geometry=mapping(area))
    return EntrySet.model_validate(
        {
            "key": f"grid/{name}", "n": 1, "valid_from": NOW - timedelta(days=1),
            "change": Change(id="c", part=1, count=1), "entry": grid, **fields,
        }
    )  # fmt: skip


def there(*areas: BaseGeometry) -> dict[str, EntrySet]:
    return {code(n): version(code(n), area) for n, area in enumerate(areas, 1)}


def drawn(serials: Sequence[int], areas: Sequence[BaseGeometry]) -> list[Drawn]:
    found = zip(serials, areas, strict=True)
    return [Drawn(code=code(n), names=NAMES, geometry=mapping(area)) for n, area in found]


def splitting(parts: Sequence[BaseGeometry], first: int = 11, **fields: Any) -> Redraw:  # noqa: ANN401
    grids = drawn(range(first, first + len(parts)), parts)
    return Redraw.model_validate({"kind": "split", "codes": [code(1)], "grids": grids, **fields})


def merging(*serials: int, into: int, **fields: Any) -> Redraw:  # noqa: ANN401
    codes = [code(n) for n in serials]
    return Redraw.model_validate({"kind": "merge", "codes": codes, "into": code(into), **fields})


def moving(*areas: BaseGeometry) -> Redraw:
    grids = [Drawn(code=code(n), geometry=mapping(one)) for n, one in enumerate(areas, 1)]
    return Redraw.model_validate({"kind": "move", "grids": grids})


def plan(wanted: Redraw, latest: dict[str, EntrySet], area: str | None = None) -> Plan:
    return redrawn(wanted, latest, NOW, area)


def codes(found: Plan) -> list[str]:
    return [fault.code for fault in found.faults]


def tile(column: float, row: int = 0, width: float = 1, height: float = 1) -> Polygon:
    x, y = 120 + column * UNIT, 30 + row * UNIT
    return box(x, y, x + width * UNIT, y + height * UNIT)


numbers = st.floats(0, 1, allow_nan=False)


@st.composite
def pieces(draw: st.DrawFn) -> tuple[BaseGeometry, list[BaseGeometry]]:
    """A polygon of random corners, and the parts into which random lines cut it."""
    corners = draw(st.lists(st.tuples(numbers, numbers), min_size=3, max_size=12))
    whole = shapely.MultiPoint([(120 + x * UNIT, 30 + y * UNIT) for x, y in corners]).convex_hull
    assume(isinstance(whole, Polygon) and whole.area > (UNIT / 20) ** 2)
    if draw(st.booleans()):
        whole = whole.difference(whole.centroid.buffer(UNIT / 100, quad_segs=2))
        assume(isinstance(whole, Polygon))
    parts = [whole]
    for _ in range(draw(st.integers(1, 4))):
        (x1, y1), (x2, y2) = draw(
            st.tuples(st.tuples(numbers, numbers), st.tuples(numbers, numbers))
        )
        assume(abs(x1 - x2) + abs(y1 - y2) > 0.1)
        far = [(x1 + (x2 - x1) * t, y1 + (y2 - y1) * t) for t in (-30, 30)]
        line = LineString([(120 + x * UNIT, 30 + y * UNIT) for x, y in far])
        parts = [piece for part in parts for piece in split(part, line).geoms]
    assume(len(parts) > 1)
    assume(all(part.is_valid and part.area > 1e-11 for part in parts))
    # Now and then shapely counts a bit of the hole among the parts.
    assume(abs(sum(part.area for part in parts) - whole.area) < 1e-12)
    return whole, parts


@patient
@given(pieces(), st.sampled_from([None, 7, 9]))
def test_the_parts_of_a_split_reassemble_whatever_the_lines_and_the_digits(
    cut: tuple[BaseGeometry, list[BaseGeometry]], digits: int | None
) -> None:
    whole, parts = cut
    if digits is not None:
        parts = [shapely.transform(part, lambda at: at.round(digits)) for part in parts]
        assume(all(part.is_valid and part.area for part in parts))
    found = plan(splitting(parts), there(whole))
    assert found.faults == []
    assert [one.code for one in found.ends] == [code(1)]
    assert len(found.sets) == len(parts)


@patient
@given(pieces(), st.data())
def test_a_part_that_is_left_out_or_stands_twice_is_refused(
    cut: tuple[BaseGeometry, list[BaseGeometry]], data: st.DataObject
) -> None:
    whole, parts = cut
    number = data.draw(st.integers(0, len(parts) - 1))
    assume(not parts[number].buffer(-1e-6).is_empty)
    less = [one for index, one in enumerate(parts) if index != number]
    assume(len(less) > 1)
    assert codes(plan(splitting(less), there(whole))) == ["gap"]
    assert codes(plan(splitting([*parts, parts[number]]), there(whole))) == ["overlap"]


@patient
@given(pieces())
def test_what_was_split_and_is_merged_again_is_what_it_was(
    cut: tuple[BaseGeometry, list[BaseGeometry]],
) -> None:
    whole, parts = cut
    found = plan(merging(*range(1, len(parts) + 1), into=1), there(*parts))
    assert found.faults == []
    assert found.warnings == []
    (one,) = found.sets
    assert one.code == code(1)
    assert shape(one.geometry).symmetric_difference(whole).buffer(-1e-6).is_empty
    assert len(found.ends) == len(parts) - 1


@pytest.mark.parametrize(
    ("right", "said"),
    [
        (tile(0, 0).difference(tile(0, 0, 0.503)), "gap"),
        (tile(0, 0).difference(tile(0, 0, 0.497)), "overlap"),
        (box(120.005, 30, 120.01003, 30.01), "beyond"),
        (box(120.005, 30, 120.00997, 30.01), "gap"),
    ],
)
def test_a_sliver_of_three_metres_is_refused_and_one_of_centimetres_is_none(
    right: BaseGeometry, said: str
) -> None:
    left = tile(0, 0, 0.5)
    assert codes(plan(splitting([left, right]), there(tile(0)))) == [said]
    nearly = shapely.transform(tile(0).difference(left), lambda at: at + 5e-7)
    assert codes(plan(splitting([left, nearly]), there(tile(0)))) == []


def test_a_fault_says_how_much_and_where() -> None:
    found = plan(splitting([tile(0, 0, 0.5), tile(0, 0, 0.25)]), there(tile(0)))
    assert codes(found) == ["gap", "overlap"]
    assert "of 990101001001001" in found.faults[0].detail
    assert " m² near 120.00750, 30.00500" in found.faults[0].detail
    assert f"{code(11)} and {code(12)}" in found.faults[1].detail


def test_one_part_of_a_split_may_keep_the_code_and_the_names() -> None:
    halves = [tile(0, 0, 0.5), tile(0).difference(tile(0, 0, 0.5))]
    found = plan(splitting(halves, first=1), there(tile(0)))
    assert [one.code for one in found.sets] == [code(1), code(2)]
    assert found.ends == []


def test_a_grid_keeps_its_class_of_place_and_a_new_one_has_that_of_all_it_is_made_of() -> None:
    busy, rural = ZoneClass.BUSY, ZoneClass.RURAL
    latest = there(tile(0), tile(1), tile(2))
    for serial, found in ((1, busy), (2, busy), (3, rural)):
        classed(latest, serial, found)
    halves = [tile(0, width=0.5), tile(0.5, width=0.5)]
    assert [one.zone_class for one in plan(splitting(halves), latest).sets] == [busy, busy]
    alone = {code(1): latest[code(1)]}
    assert [one.zone_class for one in plan(splitting(halves, first=1), alone).sets] == [busy] * 2
    for serials, into, whole in (((1, 2), 9, busy), ((2, 3), 9, None), ((2, 3), 3, rural)):
        (one,) = plan(merging(*serials, into=into, names=NAMES), latest).sets
        assert one.zone_class is whole
    borders = [tile(0, width=0.5), tile(0.5, width=1.5)]
    assert {one.zone_class for one in plan(moving(*borders), latest).sets} == {busy}


def classed(latest: dict[str, EntrySet], serial: int, found: ZoneClass) -> None:
    version_ = latest[code(serial)]
    entry = version_.entry.model_copy(update={"zone_class": found})
    latest[code(serial)] = version_.model_copy(update={"entry": entry})


def test_a_merge_of_what_does_not_touch_is_told_and_makes_a_grid_of_pieces() -> None:
    found = plan(merging(1, 2, into=2), there(tile(0), tile(3)))
    assert [one.code for one in found.warnings] == ["not_connected"]
    assert found.sets[0].geometry["type"] == "MultiPolygon"
    assert [one.code for one in found.ends] == [code(1)]


def test_a_merge_into_a_new_code_ends_all_and_needs_names() -> None:
    latest = there(tile(0), tile(1))
    assert codes(plan(merging(1, 2, into=9), latest)) == ["names_missing"]
    found = plan(merging(1, 2, into=9, names=NAMES), latest)
    assert [one.code for one in found.sets] == [code(9)]
    assert len(found.ends) == 2
    assert shape(found.sets[0].geometry).area == pytest.approx(2 * UNIT * UNIT)


def test_slivers_between_merged_grids_are_closed() -> None:
    near = translate(tile(1), 4e-7)
    found = plan(merging(1, 2, into=1), there(tile(0), near))
    assert found.warnings == []
    assert found.sets[0].geometry["type"] == "Polygon"
    assert len(found.sets[0].geometry["coordinates"]) == 1


def test_two_shores_of_a_lake_are_one_grid_in_spite_of_slivers() -> None:
    shore = tile(0).difference(tile(0).buffer(-UNIT / 4))
    west, east = shore.intersection(tile(0, 0, 0.5)), shore.difference(tile(0, 0, 0.5))
    found = plan(merging(1, 2, into=1), there(west, translate(east, 4e-7)))
    assert found.warnings == []
    assert len(found.sets[0].geometry["coordinates"]) == 2


@patient
@given(st.floats(0.05, 0.95))
def test_a_moved_border_keeps_the_union_and_the_names(at: float) -> None:
    latest = there(tile(0), tile(1))
    left, right = tile(0, 0, 2 * at), tile(0, 0, 2).difference(tile(0, 0, 2 * at))
    found = plan(moving(left, right), latest)
    assert found.faults == []
    assert [one.names for one in found.sets] == [NAMES, NAMES]
    assert found.ends == []
    # What lies between nothing and the tolerance is either.
    assume(not 0 < abs(2 * at - 1) * UNIT < 2 * TOLERANCE)
    assert codes(plan(moving(left, tile(1)), latest)) == (
        ["gap"] if at < 0.5 else ["overlap"] if at > 0.5 else []
    )


def test_a_move_takes_nothing_from_a_grid_that_is_not_named() -> None:
    found = plan(moving(tile(0), tile(1, 0, 1.5)), there(tile(0), tile(1), tile(2)))
    assert codes(found) == ["beyond"]


HALVES = [tile(0, 0, 0.5), tile(0).difference(tile(0, 0, 0.5))]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "split", "codes": [code(1)], "grids": drawn([11], [tile(0)])}, "invalid"),
        ({"kind": "split", "grids": drawn([11, 12], HALVES)}, "invalid"),
        ({"kind": "split", "codes": [code(1)], "grids": drawn([11, 11], HALVES)}, "duplicate_key"),
        (
            {
                "kind": "split", "codes": [code(1)], "grids": drawn([11, 12], HALVES),
                "into": code(2),
            },
            "invalid",
        ),
        ({"kind": "merge", "codes": [code(1)], "into": code(1)}, "invalid"),
        ({"kind": "merge", "codes": [code(1), code(2)]}, "invalid"),
        ({"kind": "merge", "codes": [code(1), code(1)], "into": code(1)}, "duplicate_key"),
        ({"kind": "move", "grids": drawn([1], [tile(0)])}, "invalid"),
        ({"kind": "move", "codes": [code(1)], "grids": drawn([1, 2], HALVES)}, "invalid"),
        ({"kind": "split", "codes": [code(7)], "grids": drawn([11, 12], HALVES)}, "unknown_grid"),
        ({"kind": "split", "codes": [code(3)], "grids": drawn([11, 12], HALVES)}, "not_in_force"),
        ({"kind": "split", "codes": [code(4)], "grids": drawn([11, 12], HALVES)}, "not_in_force"),
        ({"kind": "split", "codes": [code(1)], "grids": drawn([1, 2], HALVES)}, "code_in_use"),
        (
            {
                "kind": "split", "codes": [code(1)],
                "grids": [drawn([11], HALVES[:1])[0], Drawn(
                    code="990101001002001", names=NAMES, geometry=mapping(HALVES[1]))],
            },
            "another_community",
        ),
        (
            {
                "kind": "split", "codes": [code(1)],
                "grids": [drawn([11], HALVES[:1])[0], Drawn(
                    code=code(12), names=NAMES, geometry={"type": "Point", "coordinates": [1, 2]})],
            },
            "invalid_polygon",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_redrawn_is_refused(fields: dict[str, Any], said: str) -> None:
    latest = there(tile(0), tile(1))
    latest[code(3)] = version(code(3), tile(2), valid_until=NOW)
    latest[code(4)] = version(code(4), tile(3), valid_from=NOW + timedelta(hours=1))
    assert set(codes(plan(Redraw.model_validate(fields), latest))) == {said}


def test_the_code_of_a_grid_that_ended_before_is_free() -> None:
    latest = there(tile(0)) | {code(11): version(code(11), tile(5), valid_until=NOW)}
    assert plan(splitting(HALVES), latest).faults == []
    later = latest | {code(11): version(code(11), tile(5), valid_until=NOW + timedelta(days=1))}
    assert codes(plan(splitting(HALVES), later)) == ["code_in_use"]


def test_who_administers_another_area_redraws_nothing() -> None:
    for wanted in (splitting(HALVES), merging(1, 2, into=1)):
        found = plan(wanted, there(tile(0), tile(1)), "990102")
        assert set(codes(found)) == {"not_your_area"}


@pytest.mark.parametrize(
    ("zone", "at"),
    [
        ("Asia/Shanghai", datetime(2026, 3, 7, 16, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 3, 8, 5, tzinfo=UTC)),
        ("Asia/Beirut", datetime(2026, 3, 7, 22, tzinfo=UTC)),
    ],
)
def test_a_day_begins_at_midnight_of_its_zone(zone: str, at: datetime) -> None:
    assert midnight(date(2026, 3, 8), zone) == at
