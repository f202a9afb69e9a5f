"""Followers whose case is void, or that were separated: each is decided again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from deploy.audit.followers import Followers
from deploy.audit.history import gather
from deploy.audit.owners import DOSSIERS
from services.dispatch.domain import following
from shared.contracts.cases_v1 import CaseFiled
from shared.contracts.golden import story
from shared.contracts.incidents_v1 import Verb
from shared.contracts.outcomes_v1 import IncidentLinked, IncidentSeparated
from shared.contracts.topics import INCIDENTS
from shared.ledger.ports import TransientError
from tests.fakes.publisher import FakePublisher, Fate
from tests.unit.audit.world import World

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest_asyncio.fixture
async def linking() -> World:
    """A city in which duplicates are linked."""
    world = World(duplicates="link")
    await world.import_city()
    return world


async def linked(city: World) -> tuple[str, str]:
    """A case and its follower."""
    first = await city.report("1")
    await city.settle()
    city.clock.forward(60)
    follower = await city.report("2")
    await city.settle()
    assert [type(one.data) for one in city.history(follower)] == [IncidentLinked]
    return first, follower


async def test_a_separated_follower_of_which_nothing_became_is_found(
    linking: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, follower = await linked(linking)
    monkeypatch.setattr(following, "file", lambda *_: [])
    await linking.act(follower, Verb.SEPARATE, story.DISPATCHER, reason="another one")
    await linking.settle()

    report = await linking.audit()

    assert [(one.kind, one.id) for one in report.problems] == [("no_outcome", follower)]
    assert (report.accepted, report.filed, report.linked) == (2, 1, 0)
    assert "separated" in report.problems[0].detail


async def test_what_becomes_of_a_separated_one_is_in_flight_until_it_is_published(
    linking: World,
) -> None:
    _, follower = await linked(linking)
    settler = linking.services[DOSSIERS.name].settler
    publisher = settler.publisher
    assert isinstance(publisher, FakePublisher)
    told = IncidentSeparated.TYPE
    publisher.fate = lambda one: Fate.ACKNOWLEDGED if one.headers["ce_type"] == told else Fate.LOST
    await linking.act(follower, Verb.SEPARATE, story.DISPATCHER, reason="another one")
    asked = gather(follower, linking.records(INCIDENTS, follower))[0].of(INCIDENTS.name)[-1]
    with pytest.raises(TransientError):
        await settler.settle([asked])
    kinds = [type(one.data) for one in linking.history(follower)]
    assert kinds == [IncidentLinked, IncidentSeparated]

    report = await linking.audit()

    assert report.problems == ()
    assert (report.accepted, report.filed, report.linked) == (2, 1, 0)
    assert report.in_flight["without an outcome yet"] == 1


async def test_a_follower_of_a_void_case_that_is_not_decided_again_is_found(
    linking: World,
) -> None:
    first, follower = await linked(linking)
    await linking.act(first, Verb.VOID, story.SUPERVISOR, reason="nothing there")
    await linking.settle()

    linking.clock.forward(60)
    young = await linking.audit()
    linking.clock.forward(1)
    old = await linking.audit()
    assert await linking.look_again() == 1
    await linking.settle()

    assert young.problems == ()
    assert [(one.kind, one.id) for one in old.problems] == [("first_void", follower)]
    assert first in old.problems[0].detail
    assert CaseFiled in [type(one.data) for one in linking.history(follower)]
    assert (await linking.audit()).problems == ()


@pytest.fixture
def followers() -> Iterator[Followers]:
    """Nobody follows anybody."""
    with Followers() as found:
        yield found


def left(followers: Followers) -> list[str]:
    return [one.id for one in followers.left_behind(NOW)]


def test_the_earliest_follower_is_the_one_that_is_kept(followers: Followers) -> None:
    for name, seconds in (("later", 90), ("earliest", 200), ("last", 1)):
        followers.follow("first", name, NOW - seconds * SECOND)
    followers.follow("another", "its follower", NOW)
    assert list(followers.batches()) == [{"another": "its follower", "first": "earliest"}]
    followers.void("first", NOW - 100 * SECOND)
    assert left(followers) == ["earliest"]


def test_who_was_linked_after_the_case_was_void_has_as_much_time(followers: Followers) -> None:
    followers.void("first", NOW - 1000 * SECOND)
    followers.follow("first", "late", NOW - 59 * SECOND)
    assert left(followers) == []


def test_the_more_are_void_the_longer_it_takes_to_go_through_them(followers: Followers) -> None:
    followers.follow("first", "follower", NOW - 1000 * SECOND)
    followers.void("first", NOW - 65 * SECOND)
    assert left(followers) == ["follower"]
    for number in range(600):
        followers.void(f"void {number}", NOW - 1000 * SECOND)
    assert left(followers) == []
