"""Each turn that a case takes, as a story through the whole stack; stories run side by side."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain

import pytest

from services.dispatch.domain.transitions import ROWS, TABLE, Transition
from tests.e2e.city import City
from tests.e2e.stories import (
    ground,
    of_flows,
    of_supervision,
    of_the_desk,
    of_time,
    of_units,
    on_site,
)
from tests.stackdriver import Stack

Tale = Callable[[City], None]
AT_ONCE = 8
"""So many at once: they wait most of the time."""
WAITING_LONGEST_FIRST = (of_time, of_supervision, of_flows, on_site, of_the_desk, of_units)
STORIES: tuple[Tale, ...] = tuple(chain.from_iterable(one.STORIES for one in WAITING_LONGEST_FIRST))


@pytest.fixture(scope="module")
def city(stack: Stack) -> City:
    found = City(stack)
    ground.prepare(found)
    return found


@pytest.fixture(scope="module")
def told(city: City) -> Iterator[dict[Tale, Future[None]]]:
    """All stories, as they are told."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {one: pool.submit(one, city) for one in STORIES}


@pytest.mark.parametrize("story", STORIES, ids=lambda one: one.__name__)
def test_it_goes_through_the_whole_stack(story: Tale, told: dict[Tale, Future[None]]) -> None:
    assert told[story].result() is None, "it is told to its end"


def shows(row: Transition) -> set[str]:
    """The events by which it is told from the other rows of its verb: its own, if it has any."""
    elsewhere = chain.from_iterable(one.events for one in TABLE if one is not row)
    own = set(row.events) - set(elsewhere)
    return {one.TYPE for one in own or row.events}


def test_every_action_of_the_table_is_taken_in_some_story(
    city: City, told: dict[Tale, Future[None]]
) -> None:
    for one in told.values():
        one.exception()

    def is_taken(row: Transition) -> bool:
        done = {incident for verb, incident in city.done if verb == row.verb}
        if len(ROWS[row.verb]) == 1:
            return bool(done)
        wanted = shows(row)
        return any(
            wanted & {step["type"] for step in city.case(incident)["timeline"]} for incident in done
        )

    missing = [(row.verb, row.states, row.request) for row in TABLE if not is_taken(row)]
    assert missing == [], "an action that no story takes"


def test_the_audit_is_clean_when_all_are_told(city: City, told: dict[Tale, Future[None]]) -> None:
    for one in told.values():
        one.exception()
    found = city.stack.audit()
    assert found["clean"], found["problems"][:5]
    ends = {
        name: found[name] for name in ("filed", "rejected", "linked", "answered", "transferred")
    }
    assert all(ends.values()), ends
    assert found["accepted"] == sum(ends.values()) + found["in_review"]
