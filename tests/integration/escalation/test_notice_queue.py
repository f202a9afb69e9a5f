"""The queues of notices on a real MongoDB, with a moved clock and receivers that fail."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
import pytest_asyncio

from services.escalation.domain.notices import Notice, notices
from services.escalation.sender import REFUSALS, Sender, pause
from services.escalation.store import INDEX, WAITING, NoticeStore
from shared.contracts.base import to_instant
from shared.contracts.notice_targets import NoticeTarget
from shared.platform.mongo import Database, connect, database
from shared.registry.snapshot import Snapshot
from tests.fakes.clock import MovedClock
from tests.integration.escalation.sinks import AWAY, REFUSED, MemorySink
from tests.integration.intake.client import eventually
from tests.registry.entries import alone, version
from tests.unit.escalation.targets import WRITER, breached, registry, target

START = to_instant(datetime.now().astimezone())
"""Near the server's own time, by which it forgets what is older than 90 days."""
TARGETS = tuple(target(f"t{number}") for number in range(6))


class FixedRegistry:
    """A registry that does not change by itself."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    def current(self) -> Snapshot:
        return self.snapshot

    async def at_least(self, version: int) -> int:
        return version


@dataclass
class Post:
    """A store, a sender, and what they work with."""

    database: Database
    store: NoticeStore
    clock: MovedClock
    sink: MemorySink
    registry: FixedRegistry
    sender: Sender

    def another(self) -> Sender:
        """The sender of another process."""
        return Sender(self.store, self.registry, self.sink, self.clock)

    async def put(self, name: object, *targets: NoticeTarget) -> list[Notice]:
        """A breach that happens now makes notices, which are put down."""
        made = notices(breached(self.clock(), name), targets or TARGETS, WRITER, self.clock())
        await self.store.add(made)
        return made

    async def send(self, seconds: float = 0) -> None:
        """So much time passes, and what can be sent is."""
        self.clock.forward(seconds)
        await self.sender.pump()
        await self.sender.settled()

    async def until(self, so: Callable[[], bool]) -> None:
        """Let lanes run until it is so; those that wait for an answer go on waiting."""

        async def asked() -> bool:
            await self.sender.pump()
            return so()

        await eventually(asked, "the lanes")

    async def states(self, target: str) -> list[str]:
        found = await self.store.page(500, target, None, None)
        return [one["state"] for one in reversed(found)]


@pytest_asyncio.fixture(loop_scope="session")
async def post(mongo: str) -> AsyncIterator[Post]:
    client = connect(mongo, "test")
    name = f"notices_{uuid.uuid4().hex[:12]}"
    clock, sink = MovedClock(START), MemorySink()
    found = database(client, name)
    store, known = NoticeStore(found), FixedRegistry(registry(*TARGETS))
    await store.prepare()
    await store.prepare()
    yield Post(found, store, clock, sink, known, Sender(store, known, sink, clock))
    await client.drop_database(name)
    client.close()


def ids(made: Sequence[Notice], target: str) -> list[str]:
    return [one.id for one in made if one.target == target]


async def test_what_waits_is_sent_in_order_and_once(post: Post) -> None:
    made: list[Notice] = []
    for number in range(20):
        made += await post.put(number)
        post.clock.forward(1)
    await post.send()
    for one in TARGETS:
        assert sorted(post.sink.of(one.code)) == sorted(ids(made, one.code))
        # Of a webhook eight go at once, and the eights in order.
        first = post.sink.of(one.code)[:8]
        assert set(first) == set(ids(made, one.code)[:8])
        assert await post.states(one.code) == ["sent"] * 20
    await post.send(3600)
    assert len(post.sink.taken) == len(made)


async def test_read_again_nothing_is_put_down_or_sent_twice(post: Post) -> None:
    made = await post.put("a")
    assert await post.store.add(made) == set()
    await post.send()
    assert await post.store.add(made) == set()
    await post.send(3600)
    assert len(post.sink.taken) == len(TARGETS)


async def test_a_target_that_is_down_for_an_hour_loses_nothing_and_delays_nobody(
    post: Post,
) -> None:
    down, *others = TARGETS
    post.sink.answers[down.code] = AWAY
    made: list[Notice] = []
    for minute in range(60):
        new = await post.put(minute)
        made += new
        await post.send()
        for one in others:
            assert post.sink.of(one.code)[-1:] == ids(new, one.code)
        post.clock.forward(60)
    assert post.sink.of(down.code) == []
    assert post.sink.tried.count(down.code) <= 62
    del post.sink.answers[down.code]
    await post.send(pause(99).total_seconds())
    assert sorted(post.sink.of(down.code)) == sorted(ids(made, down.code))
    assert post.sink.of(down.code)[0] == ids(made, down.code)[0]
    assert set(await post.states(down.code)) == {"sent"}


async def test_a_target_that_does_not_answer_holds_up_its_own_lane_only(post: Post) -> None:
    slow, *others = TARGETS
    answers = post.sink.hanging[slow.code] = asyncio.Event()
    made = await post.put("a")
    await post.sender.pump()
    await post.until(lambda: len(post.sink.taken) == len(others))
    made += await post.put("b")
    # A lane that has just sent its last may still be letting go.
    await post.until(lambda: len(post.sink.taken) == 2 * len(others))
    assert post.sink.of(slow.code) == []
    answers.set()
    await post.sender.settled()
    assert sorted(post.sink.of(slow.code)) == sorted(ids(made, slow.code))


async def test_pauses_grow_to_a_minute_and_end_with_the_first_success(post: Post) -> None:
    (one,) = TARGETS[:1]
    post.sink.answers[one.code] = AWAY
    await post.put("a", one)
    for failures, seconds in enumerate((1, 2, 4, 8, 16, 32, 60, 60), 1):
        await post.send()
        assert len(post.sink.tried) == failures
        await post.send(seconds - 0.001)
        assert len(post.sink.tried) == failures
        post.clock.forward(0.001)
    del post.sink.answers[one.code]
    await post.send()
    post.sink.answers[one.code] = AWAY
    await post.put("b", one)
    await post.send()
    tried = len(post.sink.tried)
    await post.send(1)
    assert len(post.sink.tried) == tried + 1


async def test_after_a_day_it_is_sent_no_more(post: Post) -> None:
    one, other = TARGETS[:2]
    post.sink.answers[one.code] = post.sink.answers[other.code] = AWAY
    await post.put("old", one)
    post.clock.forward(12 * 3600)
    (young,) = await post.put("young", one)
    await post.send()
    post.clock.forward(12 * 3600)
    post.sink.answers.clear()
    await post.send()
    assert post.sink.of(one.code) == [young.id]
    assert await post.states(one.code) == ["expired", "sent"]


async def test_what_a_target_does_not_want_is_given_up_and_the_rest_goes_on(post: Post) -> None:
    (one,) = TARGETS[:1]
    post.sink.answers[one.code] = REFUSED
    await post.put("bad", one)
    for _ in range(REFUSALS):
        await post.send(60)
    assert await post.states(one.code) == ["given_up"]
    del post.sink.answers[one.code]
    (good,) = await post.put("good", one)
    await post.send(60)
    assert post.sink.of(one.code) == [good.id]


async def test_a_target_that_was_withdrawn_gets_nothing_more(post: Post) -> None:
    (one,) = TARGETS[:1]
    post.sink.answers[one.code] = AWAY
    await post.put("a", one)
    await post.send()
    gone = version(one, alone("gone"), n=2, until=post.clock())
    post.registry.snapshot = registry(one, gone)
    post.sink.answers.clear()
    await post.send(60)
    assert post.sink.taken == []
    assert await post.states(one.code) == ["given_up"]


async def test_of_two_processes_one_sends(post: Post) -> None:
    (one,) = TARGETS[:1]
    answers = post.sink.hanging[one.code] = asyncio.Event()
    other = post.another()
    await post.put("a", one)
    await post.sender.pump()
    await post.until(lambda: bool(post.sink.tried))
    await other.pump()
    await other.settled()
    assert post.sink.tried == [one.code]
    answers.set()
    await post.sender.settled()
    await other.pump()
    await other.settled()
    assert len(post.sink.taken) == 1


async def test_what_a_process_had_under_way_when_it_died_is_sent_by_another(post: Post) -> None:
    (one,) = TARGETS[:1]
    (made,) = await post.put("a", one)
    now = post.clock()
    assert await post.store.claim(one.code, "dead", now, now + timedelta(seconds=20)) == 0
    await post.send(19.9)
    assert post.sink.taken == []
    await post.send(0.1)
    assert post.sink.of(one.code) == [made.id]


async def test_a_sender_that_is_stopped_lets_go_of_its_lanes(post: Post) -> None:
    (one,) = TARGETS[:1]
    post.sink.hanging[one.code] = asyncio.Event()
    await post.put("a", one)
    running = asyncio.create_task(post.sender.run())
    post.sender.wake()
    await post.until(lambda: bool(post.sink.tried))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    post.sink.hanging.clear()
    other = post.another()
    await other.pump()
    await other.settled()
    assert len(post.sink.taken) == 1


async def test_a_page_shows_what_lies_within_an_area(post: Post) -> None:
    county, town = target("county", area="990101"), target("town", area="990101002")
    await post.put("a", county, town, target("city"))
    shown = [one["target"] for one in await post.store.page(10, None, None, "990101")]
    assert sorted(shown) == ["county", "town"]
    assert len(await post.store.page(10, None, "pending", None)) == 3
    assert await post.store.page(10, None, "sent", None) == []
    assert len(await post.store.page(1, None, None, None)) == 1


async def test_who_tries_a_target_that_is_left_alone_does_not_wait(post: Post) -> None:
    (one,) = TARGETS[:1]
    post.sink.answers[one.code] = AWAY
    await post.put("a", one)
    for _ in range(7):
        await post.send(60)
    post.sink.answers.clear()
    await post.send()
    assert post.sink.taken == []
    await post.store.hurry(one.code, post.clock())
    await post.send()
    assert len(post.sink.of(one.code)) == 1


async def test_what_waits_is_found_without_a_look_at_what_is_done(post: Post) -> None:
    for number in range(20):
        await post.put(number, *TARGETS[:1])
    await post.send()
    await post.put("waits", *TARGETS[1:2])
    told = await post.database.command(
        {
            "explain": {"aggregate": "notices", "pipeline": WAITING, "hint": INDEX, "cursor": {}},
            "verbosity": "executionStats",
        }
    )
    stats = told.get("executionStats") or told["stages"][0]["$cursor"]["executionStats"]
    assert stats["totalDocsExamined"] == stats["totalKeysExamined"] == 1
    assert [one.count for one in await post.store.queues()] == [1]
