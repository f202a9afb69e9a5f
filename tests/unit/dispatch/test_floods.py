"""Floods: beyond the policy's limit a source's reports wait in review, none is lost."""

import asyncio
from datetime import timedelta

import pytest

from services.dispatch.domain.flooding import source_of, window_of
from shared.contracts.base import Actor
from shared.contracts.policies import Flood, Policy
from tests.fakes.clock import START
from tests.unit.dispatch.city import ENTRIES, GRID, NEIGHBOUR, OTHER_COUNTY, entry_set, registry
from tests.unit.dispatch.crowd import Crowd, reported

FLOOD = Flood(reports=3, minutes=60)
ANYBODY = Actor(subject="anonymous")
HOTLINE = Actor(subject="hotline-9901")


def flooded() -> Crowd:
    """The city, with a limit of three an hour in both its policies; one rejects what is unfit."""
    policies = [one for one in ENTRIES if isinstance(one, Policy)]
    changed = [entry_set(one.model_copy(update={"flood": FLOOD}), n=2) for one in policies]
    return Crowd(registry=registry(ENTRIES, *changed))


def outcomes(crowd: Crowd, *numbers: int) -> list[str]:
    """What became of each: the ending with its rule, or ``case``."""
    found = [crowd.decided(number) for number in numbers]
    return [f"{one.ending} {one.rule}" if one.ending else "case" for one in found]


WAITS = "in_review source_floods"


@pytest.mark.parametrize("grid", [GRID, OTHER_COUNTY])
@pytest.mark.parametrize("batches", [1, 2, 5])
def test_beyond_the_limit_reports_wait_however_they_are_batched(grid: str, batches: int) -> None:
    """Also where the policy rejects what the rules cannot file."""
    events = [reported(n, metres=n * 60, minutes=n, by=HOTLINE, grid=grid) for n in range(1, 6)]

    async def story() -> Crowd:
        crowd = flooded()
        for start in range(0, 5, -(-5 // batches)):
            await crowd.take(*events[start : start + -(-5 // batches)])
        return await crowd.take(*events)  # again: nothing changes

    crowd = asyncio.run(story())
    assert outcomes(crowd, 1, 2, 3, 4, 5) == ["case"] * 3 + [WAITS] * 2


def test_the_next_window_begins_anew() -> None:
    events = [reported(n, metres=n * 60, minutes=n * 15, by=HOTLINE) for n in range(8)]
    crowd = asyncio.run(flooded().take(*events[1:]))
    # 01:15, 01:30, 01:45 | 02:00, 02:15, 02:30, 02:45
    assert outcomes(crowd, *range(1, 8)) == ["case"] * 6 + [WAITS]


def test_each_source_counts_for_itself() -> None:
    events = [
        reported(n, metres=n * 60, minutes=n, by=Actor(subject=f"s-{n % 2}")) for n in range(1, 7)
    ]
    assert outcomes(asyncio.run(flooded().take(*events)), *range(1, 7)) == ["case"] * 6


def test_duplicates_are_linked_first_and_do_not_count() -> None:
    near = [reported(n, minutes=n, by=HOTLINE) for n in range(1, 6)]
    far = [reported(n, metres=n * 55, minutes=n, by=HOTLINE) for n in range(6, 9)]
    crowd = asyncio.run(flooded().take(*near, *far))
    found = outcomes(crowd, *range(1, 9))
    assert found == ["case", *["linked duplicate"] * 4, "case", "case", WAITS]


def test_what_floods_is_not_rejected_for_something_else() -> None:
    events = [
        reported(n, minutes=n, by=HOTLINE, grid=OTHER_COUNTY, matter="no-such") for n in range(1, 5)
    ]
    crowd = asyncio.run(flooded().take(*events))
    assert outcomes(crowd, 1, 2, 3, 4) == [*["rejected unknown_matter"] * 3, WAITS]


def test_the_anonymous_are_counted_by_place() -> None:
    """Whoever floods a street silences nobody elsewhere."""
    here = [reported(n, metres=n * 60, minutes=n, by=ANYBODY) for n in range(1, 6)]
    there = reported(6, minutes=6, by=ANYBODY, grid=NEIGHBOUR)
    crowd = asyncio.run(flooded().take(*here, there))
    assert outcomes(crowd, *range(1, 7)) == ["case"] * 3 + [WAITS] * 2 + ["case"]
    assert source_of(here[0].data) == source_of(here[4].data) != source_of(there.data)


def test_where_no_policy_says_so_nobody_floods() -> None:
    events = [reported(n, metres=n * 60, minutes=n, by=HOTLINE) for n in range(1, 10)]
    assert outcomes(asyncio.run(Crowd().take(*events)), *range(1, 10)) == ["case"] * 9


def test_windows_are_whole_multiples_of_their_length() -> None:
    for minutes in (1, 7, 60, 1440):
        window = window_of(START, Flood(reports=1, minutes=minutes))
        assert START - timedelta(minutes=minutes) < window <= START
        again = window_of(window, Flood(reports=1, minutes=minutes))
        assert again == window
