"""Freshness never says more than what is counted."""

from datetime import timedelta
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError
from pytest import MonkeyPatch  # noqa: PT013 - the type

from services.analytics.freshness import BACK_OFF_S, Freshness, Standing, TopicFreshness
from shared.contracts.topics import CASES, reads
from shared.ledger.decider import Taken
from tests.fakes.clock import START, MovedClock
from tests.unit.analytics.lives import place, whole


def freshness() -> Freshness:
    return Freshness("nowhere:1", "group", reads("analytics"), MovedClock())


def places(*numbers: int) -> list[TopicPartition]:
    return [TopicPartition(CASES.name, number) for number in numbers]


def test_where_nothing_waits_it_counts_up_to_now() -> None:
    ends = dict.fromkeys(places(0, 1), 4)
    found = freshness()._topic(places(0, 1), ends, ends, START)
    assert found == TopicFreshness(offset=8, lag=0, as_of=START)


def test_where_something_waits_it_counts_up_to_the_last_record_committed() -> None:
    asked, events = freshness(), place(whole().topics["cases"])
    for event in events:  # a batch each
        asked.note([Taken(event, None, None)])
    origin = events[0].origin
    assert origin is not None
    mine = TopicPartition(origin.topic, origin.partition)
    for committed in range(1, 3):
        found = asked._topic([mine], {mine: 3}, {mine: committed}, START)
        assert (found.lag, found.as_of) == (3 - committed, events[committed - 1].time)


def test_of_several_partitions_the_farthest_behind_counts() -> None:
    asked, (one, other) = freshness(), places(0, 1)
    asked._noted[one].append((4, START - timedelta(hours=1)))
    asked._noted[other].append((4, START - timedelta(hours=2)))
    done = {one: 5, other: 5}
    found = asked._topic([one, other], {one: 6, other: 6}, done, START)
    assert found.as_of == START - timedelta(hours=2)
    found = asked._topic([one, other], {one: 6, other: 5}, done, START)
    assert found.as_of == START - timedelta(hours=1)


def test_what_another_process_counts_is_not_known_here() -> None:
    (one,) = places(0)
    found = freshness()._topic([one], {one: 6}, {one: 5}, START)
    assert (found.lag, found.as_of) == (1, None)


def test_a_lag_that_is_not_known_is_not_zero() -> None:
    assert Standing().lag_text == "unknown"
    assert Standing().told() == {"known": False, "at": None, "topics": {}}
    counted = {"t": TopicFreshness(1, 2, START)}
    assert Standing(START, known=True, topics=counted).lag_text == "2"


async def test_a_broker_that_is_away_is_asked_again_only_after_a_while(
    monkeypatch: MonkeyPatch,
) -> None:
    asked, times, now = freshness(), 0, 1000.0
    known = Standing(START, known=True, topics={"t": TopicFreshness(7, 0, START)})

    async def away(_self: Any) -> Standing:  # noqa: ANN401 - a method in another's place
        nonlocal times
        times += 1
        raise KafkaConnectionError

    asked._standing = known
    monkeypatch.setattr(Freshness, "_ask", away)
    monkeypatch.setattr("services.analytics.freshness.time.monotonic", lambda: now)
    for _ in range(3):
        found = await asked.now()
        assert (found.known, found.topics) == (False, known.topics)
    assert times == 1
    now += BACK_OFF_S
    await asked.now()
    assert times == 2
