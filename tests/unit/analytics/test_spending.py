"""Whose the time of a case was, as it is told: spans, sums, and whether they add up."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain import stored, telling
from services.analytics.domain.timeline import Timeline
from shared.contracts.base import Limit, LimitUnit, Stage, instant_text
from shared.contracts.case_v1 import Suspension
from shared.contracts.cases_v1 import CaseFiled
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import Clock, ClocksChanged, ClockState
from shared.contracts.requests_v1 import CaseResumed, CaseSuspended, ReturnGranted
from tests.unit.analytics.lives import (
    SECRET,
    START,
    UNITS,
    Life,
    Topics,
    fold,
    interleaved,
    lives,
    whole,
)

HOUR = 3_600_000
LATER = START + timedelta(days=90)


def events(topics: Topics) -> list[Event[Any]]:
    return [event for told in topics.values() for event in told]


def time_of(timeline: Timeline, now: datetime = LATER, *, official: bool = True) -> Any:  # noqa: ANN401
    return telling.whole("i", timeline, now, official=official)["time"]


def of(life: Life, now: datetime = LATER, *, official: bool = True) -> Any:  # noqa: ANN401
    return time_of(fold(events(life.topics)), now, official=official)


def shown(spans: Sequence[dict[str, Any]]) -> list[tuple[str, str | None, int, str | None]]:
    """Stage, unit, hours, note."""
    return [
        (one["stage"], one["unit"], one["ms"] // HOUR, one["note"] and one["note"]["code"])
        for one in spans
    ]


def suspended(life: Life) -> Life:
    """The clocks stand for a step of time."""
    life.now += timedelta(hours=5)
    stands = Suspension(since=life.now, until=life.now + timedelta(days=2), reason="parts")
    before, case = life.case, life.case.model_copy(update={"suspension": stands, "suspensions": 1})
    fields: dict[str, Any] = {"incident_id": life.incident, "actor": SECRET}
    life.tell_timed(before, CaseSuspended(at=life.now, case=case, **fields))
    life.now += timedelta(hours=5)
    before, case = life.case, life.case.model_copy(update={"suspension": None})
    life.tell_timed(before, CaseResumed(at=life.now, case=case, **fields))
    return life


def test_each_span_says_whose_it_is_or_why_nobodys() -> None:
    life = suspended(whole())
    for move in ("return", "dispatch", "accept", "handle", "close"):
        life.move(move, UNITS[1])
    time = of(life)
    assert shown(time["spans"]) == [
        ("filing", None, 5, "centre"),
        ("dispatch", None, 5, "centre"),
        ("accept", None, 5, "returned"),
        ("handle", None, 5, "returned"),
        ("handle", None, 5, "suspended"),
        ("handle", None, 5, "returned"),
        ("dispatch", None, 5, "centre"),
        ("accept", UNITS[1], 5, None),
        ("handle", UNITS[1], 5, None),
        ("verify", None, 5, "centre"),
    ]
    assert [one["held_by"] for one in time["spans"][2:6]] == [UNITS[0]] * 4
    assert time["spans"][4]["suspension"] == {
        "n": 1,
        "since": instant_text(START + timedelta(hours=20)),
        "until": instant_text(START + timedelta(hours=68)),
        "reason": "parts",
    }
    assert all(one["names"]["en"] for one in time["spans"] if one["held_by"])
    assert (time["adds_up"], time["running"], time["ms"]) == (True, False, 50 * HOUR)
    assert {one["stage"]: one["ms"] // HOUR for one in time["stages"]} == {
        "filing": 5, "dispatch": 10, "accept": 10, "handle": 20, "verify": 5,
    }  # fmt: skip
    assert {one["unit"]: one["ms"] // HOUR for one in time["units"]} == {None: 40, UNITS[1]: 10}


def test_an_open_case_runs_on_until_now() -> None:
    life = whole()
    time = of(life, life.now + timedelta(hours=7, microseconds=1))
    assert time["running"]
    assert time["spans"][-1]["ms"] == 7 * HOUR
    assert time["until"] == instant_text(life.now + timedelta(hours=7))
    # A clock that is behind takes nothing off.
    assert of(life, START)["until"] == instant_text(life.now)


@given(st.data())
def test_any_life_adds_up_in_any_order_between_topics(data: st.DataObject) -> None:
    topics = data.draw(lives())
    time = time_of(stored.load(stored.dump(fold(data.draw(interleaved(topics))))))
    if not any(isinstance(one.data, CaseFiled) for one in topics["cases"]):
        assert time is None
        return
    assert time["adds_up"]
    edges = [instant_text(START), *(one["until"] for one in time["spans"])]
    assert [one["from"] for one in time["spans"]] == edges[:-1]
    assert edges[-1] == time["until"]
    for sums in (time["spans"], time["stages"], time["units"]):
        assert sum(one["ms"] for one in sums) == time["ms"]
    public = time_of(fold(events(topics)), official=False)
    assert public["adds_up"]
    assert [one["ms"] for one in public["spans"]] == [one["ms"] for one in time["spans"]]
    assert not {"unit", "held_by", "names", "suspension"} & set(public["spans"][0])
    assert "units" not in public


def test_it_says_when_an_event_is_missing_and_is_right_when_that_comes_late() -> None:
    life = whole()
    life.move("handle", UNITS[0])
    told = events(life.topics)
    late = next(one for one in told if one.type == "cn.wangge.case.accepted.v1")
    told.remove(late)
    without = time_of(fold(told))
    assert not without["adds_up"]
    assert time_of(fold([*told, late])) == of(life)
    assert of(life)["adds_up"]


def test_steps_that_an_older_version_folded_tell_nothing() -> None:
    raw = stored.dump(fold(events(whole().topics)))
    for step in raw["case"]["steps"]:
        step.pop("waits", None)
    assert time_of(stored.load(raw)) is None
    raw = stored.dump(fold(events(whole().topics)))
    del raw["case"]["case"]["time"]
    assert time_of(stored.load(raw)) is None


def test_what_is_kept_for_it_is_no_part_of_a_step() -> None:
    timeline = fold(events(suspended(whole()).topics))
    for official in (True, False):
        steps = telling.whole("i", timeline, LATER, official=official)["timeline"]
        assert not {"waits", "unit_names", "suspension"} & {name for one in steps for name in one}
        assert ("parts" in str(steps)) is False


def test_the_public_reads_no_words_of_a_suspension() -> None:
    life = suspended(whole())
    assert "parts" in str(of(life))
    assert "parts" not in str(of(life, official=False))


def in_working_time(life: Life, cause: str, clock: Clock, **change: Any) -> None:  # noqa: ANN401
    """Its clock changes."""
    now = clock.model_copy(update=change)
    told = ClocksChanged(incident_id=life.incident, at=life.now, cause=cause, clocks=(now,))
    life.tell(told)


def test_working_time_is_what_the_clocks_have_counted() -> None:
    """Paused and resumed, each run says what is used of all; a returned one is no unit's."""
    life, due = whole(), LATER
    clock = Clock(
        task="lead", clock=Stage.HANDLE, run=1, state=ClockState.RUNNING, unit=UNITS[0],
        limit=Limit(amount=3, unit=LimitUnit.WORKING_DAY), started_at=START, due_at=due,
    )  # fmt: skip
    total = clock.model_copy(update={"task": "case", "clock": Stage.TOTAL})
    in_working_time(life, "accepted", clock)
    in_working_time(life, "accepted", total, used_ms=99)
    in_working_time(life, "suspended", clock, state=ClockState.PAUSED, used_ms=2 * HOUR)
    in_working_time(life, "resumed", clock, run=2, used_ms=2 * HOUR)
    in_working_time(life, "handled", clock, run=2, state=ClockState.MET, used_ms=5 * HOUR)
    returned = ReturnGranted.TYPE
    in_working_time(life, "accepted", clock, run=3)
    in_working_time(life, returned, clock, run=3, state=ClockState.CANCELLED, used_ms=HOUR)
    working = [(one["stage"], one["unit"], one["ms"] // HOUR) for one in of(life)["working"]]
    assert working == [("handle", UNITS[0], 5), ("handle", None, 1)]
    assert "working" not in of(life, official=False)
    steps = telling.whole("i", fold(events(life.topics)), LATER, official=True)["timeline"]
    assert not any("runs" in one for one in steps)
