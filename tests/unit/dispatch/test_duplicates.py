"""Duplicates, in any order of arrival: the same cases, and every other report follows one."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from math import cos, radians, sin
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.dispatch.domain.linking import sighting
from services.dispatch.domain.nearness import cell, cells_around, first_of, near
from shared.contracts.base import Point
from shared.contracts.envelope import Event
from shared.contracts.registry_v1 import Near
from shared.registry.distance import METRES_A_DEGREE, metres
from tests.fakes.clock import START
from tests.unit.dispatch.city import CITY_REGISTRY
from tests.unit.dispatch.crowd import Crowd, reported

RULE = Near()
reports = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 30)), min_size=1, max_size=9).map(
    lambda found: [
        reported(number, metres=place * 30, minutes=hours * 30)
        for number, (place, hours) in enumerate(found, 1)
    ]
)
"""Reports on a street, 30 m and half an hour apart: up to 240 m and 15 hours."""


def expected(events: Sequence[Event[Any]]) -> tuple[set[int], dict[int, int]]:
    """Cases and links when reports come one by one, in the order in which they were received."""
    seen = sorted(
        filter(None, (sighting(one.data, CITY_REGISTRY, START) for one in events)),
        key=lambda one: one.order,
    )
    cases: list[Any] = []
    links: dict[int, int] = {}
    for one in seen:
        twin = first_of(one, cases, RULE)
        if twin is None:
            cases.append(one)
        else:
            links[_number(one.id)] = _number(twin.case_id)
    return {_number(one.id) for one in cases}, links


def _number(incident: str) -> int:
    return int(incident.replace("-", ""), 16)


@settings(max_examples=60, deadline=None)
@given(events=reports, data=st.data())
def test_in_one_batch_every_order_gives_the_same_links(
    events: list[Event[Any]], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(events))

    async def story() -> None:
        crowd = await Crowd().take(*shuffled)
        assert (crowd.cases, crowd.links) == expected(events)
        await crowd.take(*reversed(shuffled))  # delivered again: nothing changes
        assert (crowd.cases, crowd.links) == expected(events)
        assert await crowd.look_again() == 0

    asyncio.run(story())


@settings(max_examples=100, deadline=None)
@given(events=reports, data=st.data())
def test_in_any_batches_of_two_processes_the_second_look_leaves_the_same_cases(
    events: list[Event[Any]], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(events))
    cuts = sorted({0, len(events), *data.draw(st.lists(st.integers(0, len(events)), max_size=4))})

    async def story() -> None:
        crowd = Crowd()
        for number, (start, end) in enumerate(pairwise(cuts)):
            await crowd.take(*shuffled[start:end], process=number % 2)
            if data.draw(st.booleans()):
                await crowd.take(*shuffled[:end], process=(number + 1) % 2)
            if data.draw(st.booleans()):
                await crowd.look_again()
        await crowd.look_again()
        cases, _ = expected(events)
        assert crowd.cases == cases
        assert crowd.links.keys() == set(range(1, len(events) + 1)) - cases
        by_number = {
            _number(one.subject): sighting(one.data, CITY_REGISTRY, START) for one in events
        }
        for follower, first in crowd.links.items():
            one, other = by_number[follower], by_number[first]
            assert one is not None
            assert other is not None
            assert first in cases, "never to a follower"
            assert near(one, other, RULE)
            assert other.order < one.order

    asyncio.run(story())


places = st.tuples(st.floats(-180, 180, allow_nan=False), st.floats(-84, 84, allow_nan=False))


@pytest.mark.parametrize("radius", [1.0, 50.0, 2_000.0])
def test_whatever_is_within_the_radius_stands_in_a_cell_around(radius: float) -> None:
    draw = Random(1)  # noqa: S311 - places, no secrets
    for _ in range(5_000):
        longitude, latitude = draw.uniform(-180, 180), draw.uniform(-84, 84)
        share, turn = draw.uniform(0.95, 1), draw.uniform(0, 6.283)
        north = radius * share * cos(turn) / METRES_A_DEGREE
        east = radius * share * sin(turn) / METRES_A_DEGREE / cos(radians(latitude + north))
        other = ((longitude + east + 180) % 360 - 180, latitude + north)
        around = cells_around("litter", Point(coordinates=(longitude, latitude)), radius)
        assert len(around) <= 6
        if metres(longitude, latitude, *other) <= radius:
            assert cell("litter", Point(coordinates=other), radius) in around


@given(one=places, other=places)
def test_the_distance_is_symmetric_and_at_most_half_round_the_earth(
    one: tuple[float, float], other: tuple[float, float]
) -> None:
    there, back = metres(*one, *other), metres(*other, *one)
    assert there == pytest.approx(back, abs=1e-6)
    assert 0 <= there <= 20_015_200


def test_the_distance_of_known_places() -> None:
    """A degree of the equator and of a meridian; Hangzhou to Beijing as maps have it."""
    assert metres(0, 0, 1, 0) == pytest.approx(111_195, abs=1)
    assert metres(120, 30, 120, 31) == pytest.approx(111_195, abs=1)
    assert metres(120.155, 30.274, 116.407, 39.904) == pytest.approx(1_126_000, rel=0.005)
