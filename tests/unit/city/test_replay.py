"""A replay: when each row is posted, under which key, and how it is accounted for."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from deploy.client import AwayError, Client
from deploy.feeds.faults import Fault
from deploy.feeds.rows import Row
from deploy.replay import outcomes, posting, report, schedule
from deploy.replay.outcomes import Outcome, Period
from deploy.replay.posting import Posted
from shared.contracts.incidents_v1 import Report

START = datetime(2018, 10, 21, 4, 0, tzinfo=UTC)


def row(number: int, minutes: float = 0, grid: str | None = None, unit: str | None = None) -> Row:
    at = START + timedelta(minutes=minutes)
    return Row(number, f"k{number}", at, Report(matter="m"), grid, unit, {})


def test_a_second_replay_has_the_same_keys_and_bodies() -> None:
    rows = [row(1), row(2, 5)]
    first, again = (schedule.items(rows, "nyc311", None) for _ in range(2))
    assert [one.body() for one in first] == [one.body() for one in again]
    assert first[1].body()["idempotency_key"] == "nyc311:k2"
    assert first[1].body()["incident"]["reported_at"] == "2018-10-21T04:05:00.000Z"


def test_a_moved_file_ends_when_it_is_told_to_and_has_keys_of_its_own() -> None:
    end = datetime(2026, 1, 2, tzinfo=UTC)
    moved = schedule.items([row(1), row(2, 5)], "nyc311", end)
    assert [one.reported_at for one in moved] == [end - timedelta(minutes=5), end]
    assert moved[0].idempotency_key != schedule.items([row(1)], "nyc311", None)[0].idempotency_key
    other = schedule.items([row(1), row(2, 5)], "nyc311", end + timedelta(seconds=1))
    assert other[0].idempotency_key != moved[0].idempotency_key


def test_rows_come_as_fast_as_asked_for_and_in_order() -> None:
    items = schedule.items([row(1), row(2), row(3, 1), row(4, 10)], "f", None)
    plan = list(schedule.batches(items, speed=60))
    assert [(batch.after_s, [i.row.number for i in batch.items]) for batch in plan] == [
        (0.0, [1, 2]),
        (1.0, [3]),
        (10.0, [4]),
    ]


def test_as_fast_as_possible_means_full_batches_at_once() -> None:
    items = schedule.items([row(n) for n in range(schedule.BATCH + 1)], "f", None)
    plan = list(schedule.batches(items, None))
    assert [len(batch.items) for batch in plan] == [schedule.BATCH, 1]
    assert {batch.after_s for batch in plan} == {0.0}


def test_every_row_is_accounted_for_once() -> None:
    rows = [
        row(1, grid="g1", unit="u1"),
        row(2, grid="g2", unit="u2"),
        row(3, grid="park"),
        row(4),
        row(5),
        row(6),
        row(7),
    ]
    posted = Posted({1: "a", 2: "b", 3: "c", 4: "d", 5: "e", 6: "f"}, {7: "invalid"})
    known = {
        "a": Outcome("dispatched", None, "g1", "u1"),
        "b": Outcome("closed", None, "g1", "u1"),
        "c": Outcome("filed", None, "g2"),
        "d": Outcome("rejected", "no_location", None),
        "e": Outcome("in_review", "unknown_matter", None),
    }
    found = report.account(rows, [Fault(9, "bad")], posted, known, {"g1", "g2"})
    assert (found.rows, found.unreadable, found.accepted) == (8, 1, 6)
    assert (found.filed, found.rejected, found.in_review, found.unaccounted) == (
        3,
        {"no_location": 1},
        {"unknown_matter": 1},
        1,
    )
    assert found.refused == {"invalid": 1}
    assert (found.grid_named, found.grid_equal) == (2, 1)
    assert (found.unit_named, found.unit_equal) == (2, 1)
    assert not found.whole


def test_an_account_is_whole_when_every_row_was_accepted_and_decided() -> None:
    known = {"a": Outcome("rejected", "no_location", None)}
    assert report.account([row(1)], [], Posted({1: "a"}), known, set()).whole
    assert not report.account([row(1)], [], Posted({1: "a"}), {}, set()).whole
    assert not report.account([row(1)], [], Posted({}, {1: "x"}), {}, set()).whole
    assert not report.account([row(1)], [Fault(2, "")], Posted({1: "a"}), known, set()).whole


async def test_only_what_intake_was_too_busy_for_is_posted_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(posting, "PAUSES_S", (0.0, 0.0))
    asked: list[list[str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        keys = [one["idempotency_key"] for one in json.loads(request.content)["items"]]
        asked.append(keys)
        results = [
            {"status": 503, "problem": {"code": "busy"}}
            if key == "f:k2" and len(asked) == 1
            else {"status": 422, "problem": {"code": "invalid"}}
            if key == "f:k3"
            else {"status": 202, "incident_id": key}
            for key in keys
        ]
        return httpx.Response(207, json={"items": results})

    progress: list[int] = []
    async with Client("http://intake", transport=httpx.MockTransport(answer)) as client:
        items = schedule.items([row(1), row(2), row(3)], "f", None)
        posted = await posting.post(client, schedule.batches(items, None), progress.append)
    assert asked == [["f:k1", "f:k2", "f:k3"], ["f:k2"]]
    assert posted.incidents == {1: "f:k1", 2: "f:k2"}
    assert posted.refused == {3: "invalid"}
    assert progress == [3]


async def test_an_intake_that_stays_busy_ends_the_replay_with_a_clear_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(posting, "PAUSES_S", (0.0, 0.0))

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(207, json={"items": [{"status": 503}]})

    async with Client("http://intake", transport=httpx.MockTransport(answer)) as client:
        plan = schedule.batches(schedule.items([row(1)], "f", None), None)
        with pytest.raises(AwayError, match="1 rows"):
            await posting.post(client, plan, lambda _: None)


PERIOD = Period(START, START + timedelta(hours=20))


def told(incident: str, state: str = "rejected") -> dict[str, str | None]:
    return {
        "incident_id": incident,
        "state": state,
        "reason": "no_location",
        "grid": None,
        "unit": None,
    }


async def test_a_few_outcomes_are_asked_for_one_by_one_until_all_are_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outcomes, "POLL_S", 0.0)
    times: Counter[str] = Counter()

    def answer(request: httpx.Request) -> httpx.Response:
        incident = request.url.path.rsplit("/", 1)[-1]
        times[incident] += 1
        if times[incident] == 1:
            return httpx.Response(404, json={"code": "not_found", "detail": "-"})
        state = "rejected" if times[incident] > 2 else "reported"
        return httpx.Response(200, json=told(incident, state))

    async with Client("http://analytics", transport=httpx.MockTransport(answer)) as client:
        known = await outcomes.wait(client, ["a", "b"], PERIOD, 10, lambda _: None)
    assert known == {name: Outcome("rejected", "no_location", None) for name in ("a", "b")}
    assert times == {"a": 3, "b": 3}


async def test_many_outcomes_are_found_in_the_list_of_their_days(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outcomes, "FEW", 1)
    monkeypatch.setattr(outcomes, "LIST_S", 0.0)
    asked: list[dict[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(dict(request.url.params))
        page: dict[str, object]
        if "cursor" in request.url.params:
            page = {"items": [told("b")], "next": None}
        else:
            page = {"items": [told("a"), told("another"), told("b", "reported")], "next": "more"}
        return httpx.Response(200, json=page)

    progress: list[int] = []
    async with Client("http://analytics", transport=httpx.MockTransport(answer)) as client:
        known = await outcomes.wait(client, ["a", "b"], PERIOD, 10, progress.append)
    assert set(known) == {"a", "b"}
    assert progress == [2]
    days = {"from": "2018-10-20", "to": "2018-10-23", "limit": "500"}
    assert asked == [days, {**days, "cursor": "more"}]


async def test_an_outcome_that_never_comes_ends_with_the_patience() -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=told("a", "reported"))

    async with Client("http://analytics", transport=httpx.MockTransport(answer)) as client:
        assert await outcomes.wait(client, ["a"], PERIOD, 0.0, lambda _: None) == {}
