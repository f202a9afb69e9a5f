"""Which component stands at a place: as looking at each would say, and as the city then was."""

from datetime import timedelta
from math import cos, pi, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.registry_v1 import ComponentState, EntrySet
from shared.registry.changes import ChangeGatherer
from shared.registry.components import Near
from shared.registry.distance import EARTH_M, metres
from shared.registry.snapshot import Snapshot
from tests.registry.entries import EPOCH, alone, component, grid, part, square, unit, version

NOW = EPOCH + timedelta(days=10)
DEGREE_M = EARTH_M * pi / 180
LAMP, BIN = "0102", "0301"
CORNERS = ((119.6, 30.2), (179.9999, -16.8), (0.0, 90.0), (-60.0, -89.9999))
"""A city of ours, one where 180 degrees meet, and two places where meridians do."""


def snapshot(*versions: EntrySet) -> Snapshot:
    return Snapshot().with_changes(versions, len(versions))


@st.composite
def places(draw: st.DrawFn, around: tuple[float, float]) -> tuple[float, float]:
    """A place within some 150 m; a few of them often, so that some are alike."""
    steps = st.integers(-12, 12) | st.floats(-12, 12)
    north, east = draw(steps) * 1e-4, draw(steps) * 1e-4
    latitude = max(-90.0, min(90.0, around[1] + north))
    longitude = around[0] + east / max(cos(radians(latitude)), 1e-4)
    return (longitude + 180) % 360 - 180, latitude


@st.composite
def cities(draw: st.DrawFn) -> tuple[list[EntrySet], tuple[float, float]]:
    """Versions of some components, and where somebody stands."""
    around = draw(st.sampled_from(CORNERS))
    versions: list[EntrySet] = []
    for serial in range(draw(st.integers(0, 8))):
        klass = draw(st.sampled_from((LAMP, LAMP, BIN)))
        for n in range(1, draw(st.integers(1, 3)) + 1):
            entry = component(klass, serial, draw(places(around)), draw(st.sampled_from(STATES)))
            since = draw(st.integers(0, 14))
            until = draw(st.none() | st.integers(since, 15))
            days = [EPOCH + timedelta(days=day) for day in (since, until or 0)]
            versions.append(
                version(entry, alone(f"{serial}/{n}"), n, since=days[0],
                        until=days[1] if until is not None else None)
            )  # fmt: skip
    return versions, draw(places(around))


STATES = tuple(ComponentState)


def by_looking_at_each(
    found: Snapshot, versions: list[EntrySet], place: tuple[float, float], within: float
) -> tuple[float, str] | None:
    codes = {one.entry.code for one in versions if one.entry.code[6:10] == LAMP}
    there = [one for code in codes if (one := found.components.get(code, NOW))]
    near = [
        (far, one.code)
        for one in there
        if one.state != "removed" and (far := metres(*place, one.longitude, one.latitude)) <= within
    ]
    return min(near, default=None)


@given(cities(), st.floats(0.5, 200))
def test_the_nearest_is_found_as_by_looking_at_each(
    city: tuple[list[EntrySet], tuple[float, float]], within: float
) -> None:
    versions, place = city
    found = snapshot(*versions)
    near = found.components.nearest(LAMP, *place, within, NOW)
    seen = None if near is None else (near.metres, near.component.code)
    assert seen == by_looking_at_each(found, versions, place, within)


@given(cities())
def test_the_version_in_force_is_the_newest_that_has_begun_unless_it_ended(
    city: tuple[list[EntrySet], tuple[float, float]],
) -> None:
    versions, _ = city
    found = snapshot(*versions)
    for code in {one.entry.code for one in versions}:
        begun = [one for one in versions if one.entry.code == code and one.valid_from <= NOW]
        latest = max(begun, key=lambda one: one.n, default=None)
        ended = latest is None or (latest.valid_until is not None and latest.valid_until <= NOW)
        known = found.components.get(code, NOW)
        assert (known and known.n) == (None if ended or latest is None else latest.n)


def test_of_two_at_one_distance_the_first_by_code_is_taken() -> None:
    east, west = (119.6001, 30.2), (119.5999, 30.2)
    found = snapshot(
        version(component(LAMP, 2, east), alone("a")), version(component(LAMP, 1, west), alone("b"))
    )
    near = found.components.nearest(LAMP, 119.6, 30.2, 20, NOW)
    assert near is not None
    assert near.component.code.endswith("000001")
    assert near.metres == pytest.approx(9.61, abs=0.01)


def test_one_that_was_moved_is_found_where_it_stands_now() -> None:
    here, there = (119.6, 30.2), (119.61, 30.2)
    later = NOW + timedelta(days=1)
    found = snapshot(
        version(component(LAMP, 1, here), alone("a")),
        version(component(LAMP, 1, there), alone("b"), 2, since=later),
    ).components
    assert isinstance(found.nearest(LAMP, *here, 20, NOW), Near)
    assert found.nearest(LAMP, *there, 20, NOW) is None
    assert found.nearest(LAMP, *here, 20, later) is None
    assert isinstance(found.nearest(LAMP, *there, 20, later), Near)


def test_the_index_is_kept_until_a_component_changes() -> None:
    first = snapshot(version(component(LAMP, 1), alone("a")))
    index = first.components
    others = [
        version(grid(1, square(0, 0)), alone("g")),
        version(unit("u", "9901", "*"), alone("u")),
    ]
    second = first.with_changes(others, 5).prepare()
    assert second.components is index
    assert second.stock is first.stock
    third = second.with_changes([version(component(LAMP, 2), alone("b"))], 6)
    assert third.components is not index
    assert third.grids is second.grids
    assert len(third.stock) == 2


def test_components_are_there_only_with_their_whole_change() -> None:
    gatherer = ChangeGatherer()
    gatherer.take(version(component(LAMP, 1), part("c", 1, 2)), 0)
    assert not gatherer.snapshot().stock
    gatherer.take(version(component(LAMP, 2), part("c", 2, 2)), 1)
    assert len(gatherer.snapshot().stock) == 2


def test_components_lie_beside_the_other_entries_and_turn_no_era() -> None:
    found = snapshot(version(component(LAMP, 1), alone("a"), since=NOW))
    assert not found.versions
    assert found.turns == ()


@pytest.mark.parametrize(
    ("one", "other", "far"),
    [
        ((0, 0), (0, 1), DEGREE_M),
        ((0, 0), (1, 0), DEGREE_M),
        ((119, 60), (120, 60), DEGREE_M / 2),
        ((179.5, 0), (-179.5, 0), DEGREE_M),
        ((0, 90), (123, 90), 0),
        ((0, 0), (180, 0), 180 * DEGREE_M),
    ],
)
def test_distances_over_the_ground(
    one: tuple[float, float], other: tuple[float, float], far: float
) -> None:
    assert metres(*one, *other) == pytest.approx(far, rel=1e-4, abs=1e-6)
    assert metres(*one, *other) == metres(*other, *one)
