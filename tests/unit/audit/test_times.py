"""The ledger of time in a case's events: what is wrong with one is said, and of which event."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from deploy.audit import times
from shared.contracts.case_v1 import CaseEvent
from shared.contracts.envelope import Event
from tests.unit.dispatch.desk import INCIDENT, INSPECTOR, dispatched_desk, member

SECOND = timedelta(seconds=1)
NONE = {"time": None, "time_until": None}


def history() -> list[Event[Any]]:
    """A case from its filing to its closing."""
    desk = dispatched_desk()
    desk.do(("accept", member()), ("handled", member()), ("verify", INSPECTOR))
    return list(desk.outputs)


def changed(event: Event[CaseEvent], change: Mapping[str, Any]) -> Event[Any]:
    """The event with its ledger changed, or without one."""
    case = event.data.case.model_copy(update=change)
    return replace(event, data=event.data.model_copy(update={"case": case}))


def found(events: list[Event[Any]]) -> list[str]:
    problems = times.check(INCIDENT, events)
    assert {one.kind for one in problems} <= {"time_broken"}
    return [one.detail for one in problems]


def test_what_dispatch_tells_adds_up() -> None:
    assert found(history()) == []
    assert found(list(reversed(history()))) == []


def test_an_event_without_its_ledger_is_found() -> None:
    events = history()
    events[3] = changed(events[3], NONE)
    (detail,) = found(events)
    assert "no ledger" in detail
    assert events[3].type in detail


@pytest.mark.parametrize("place", [2, 3, 4])
def test_shares_that_are_not_the_life_are_found_at_their_first_event(place: int) -> None:
    events = history()
    time = events[place].data.case.time
    short = {**time, next(reversed(time)): 1}
    events[place] = changed(events[place], {"time": short})
    (detail,) = found(events)
    assert events[place].type in detail


def test_time_until_another_instant_is_found() -> None:
    events = history()
    case = events[2].data.case
    share = next(reversed(case.time))
    more = {**case.time, share: case.time[share] + 1000}
    events[2] = changed(events[2], {"time": more, "time_until": case.time_until + SECOND})
    (detail,) = found(events)
    assert "until" in detail


def test_of_a_history_with_a_gap_nothing_is_said() -> None:
    events = history()
    del events[2]
    assert found(events) == []


def test_a_case_of_an_older_version_owes_no_ledger() -> None:
    assert found([changed(one, NONE) for one in history()]) == []
