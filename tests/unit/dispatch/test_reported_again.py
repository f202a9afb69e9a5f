"""A second report of a case by who had reported it before says so: it is to count as an urging."""

import asyncio
from typing import Any

import pytest

from shared.contracts.base import ANONYMOUS, Actor
from shared.contracts.incidents_v1 import Verb
from shared.contracts.outcomes_v1 import IncidentLinked
from tests.fakes.clock import START
from tests.unit.dispatch.crowd import Crowd, reported
from tests.unit.dispatch.desk import RESIDENT, SUPERVISOR

NEIGHBOUR = Actor(subject="r-2", roles=("reporter",))
HOTLINE = Actor(subject="hotline", roles=("reporter",))
SYSTEM = Actor(subject="sanitation", roles=("department_system",))
NOBODY = Actor(subject=ANONYMOUS, roles=("reporter",))


def urged_by(crowd: Crowd, number: int) -> Actor | None:
    """Who urges by a report, as the last link of it says."""
    links = [one.data for one in crowd.events(number) if isinstance(one.data, IncidentLinked)]
    return links[-1].urged_by


def story(*batches: list[Any]) -> Crowd:
    """Reports in batches, each delivered twice, to one process and the other."""

    async def told() -> Crowd:
        crowd = Crowd()
        for batch in batches:
            await crowd.take(*batch)
            await crowd.take(*batch, process=1)
        return crowd

    return asyncio.run(told())


@pytest.mark.parametrize("together", [False, True])
def test_whoever_reports_again_what_it_has_reported_urges(together: bool) -> None:  # noqa: FBT001
    first, again = reported(1), reported(2, minutes=9)
    crowd = story([first, again]) if together else story([first], [again])
    assert crowd.links == {2: 1}
    assert urged_by(crowd, 2) == RESIDENT


def test_whoever_reports_it_for_the_first_time_does_not() -> None:
    crowd = story([reported(1)], [reported(2, minutes=9, by=NEIGHBOUR)])
    assert urged_by(crowd, 2) is None


def test_whose_first_report_was_linked_urges_by_its_second() -> None:
    mine, theirs = reported(2, minutes=5, by=NEIGHBOUR), reported(3, minutes=9, by=NEIGHBOUR)
    crowd = story([reported(1)], [mine], [theirs])
    assert (urged_by(crowd, 2), urged_by(crowd, 3)) == (None, NEIGHBOUR)


def test_another_case_of_its_own_is_no_case_that_it_has_reported_before() -> None:
    elsewhere = reported(1, metres=400, by=NEIGHBOUR)
    crowd = story([elsewhere, reported(2)], [reported(3, minutes=9, by=NEIGHBOUR)])
    assert crowd.links == {3: 2}
    assert urged_by(crowd, 3) is None


@pytest.mark.parametrize(
    ("by", "fields"),
    [
        (NOBODY, {}),
        (SYSTEM, {}),
        (HOTLINE, {"source": "hotline"}),
        (HOTLINE, {"source": "import"}),
        (RESIDENT, {"reported_at": START}),
    ],
)
def test_nobody_urges_who_is_not_known_or_reports_for_others(
    by: Actor, fields: dict[str, Any]
) -> None:
    crowd = story([reported(1, by=by)], [reported(2, minutes=9, by=by, **fields)])
    assert crowd.links == {2: 1}
    assert urged_by(crowd, 2) is None


def test_so_does_what_the_second_look_links_and_what_follows_another_case_in_the_end() -> None:
    async def told() -> None:
        crowd = Crowd()
        one, other = (process.processor.settler for process in crowd.processes)
        look_up, one.look_up = other.look_up, None
        await crowd.take(reported(1))
        await crowd.take(reported(2, minutes=1, metres=10))
        await crowd.take(reported(3, minutes=2, metres=20, by=NEIGHBOUR))
        one.look_up = look_up
        await crowd.look_again()
        assert crowd.links == {2: 1, 3: 1}
        assert (urged_by(crowd, 2), urged_by(crowd, 3)) == (RESIDENT, None)
        await crowd.take(reported(4, minutes=3, by=NEIGHBOUR))
        assert urged_by(crowd, 4) == NEIGHBOUR
        await crowd.ask(1, Verb.VOID, SUPERVISOR)
        await crowd.look_again()
        assert crowd.links == {3: 2, 4: 2}
        assert urged_by(crowd, 3) is None

    asyncio.run(told())
