"""A unit appeals against a breach: what it may appeal against, and what becomes of it."""

from datetime import datetime

from shared.contracts.base import Stage
from shared.contracts.case_v1 import AppealState
from shared.contracts.cases_v1 import ActionRefused
from shared.contracts.escalations_v1 import (
    Clock,
    ClockBreached,
    ClockState,
    Mark,
    MarkEvent,
    MarkWithdrawn,
)
from shared.contracts.incidents_v1 import Verb
from shared.contracts.requests_v1 import AppealMade, AppealOverruled, AppealUpheld
from shared.contracts.roles import Role
from shared.contracts.rule_v1 import Rule
from tests.unit.dispatch.city import HANDLE, TEAM
from tests.unit.dispatch.desk import Desk, actor, dispatched_desk, member

BOSS = actor(Role.SUPERVISOR)


def breached(
    desk: Desk,
    kind: type[MarkEvent] = ClockBreached,
    run: int = 1,
    due_at: datetime | None = None,
) -> None:
    """Escalation says that the team missed its limit, or that it did not after all."""
    at = desk.clock()
    due = due_at or at
    mark = Mark(task="lead", clock=Stage.HANDLE, run=run, percent=100, due_at=due)
    clock = Clock(
        task="lead", clock=Stage.HANDLE, run=run, state=ClockState.RUNNING, unit=TEAM,
        limit=HANDLE, started_at=due, due_at=due,
    )  # fmt: skip
    assert desk.escalate(kind(incident_id=desk.incident, at=at, mark=mark, clock=clock)) == []


def refusal(desk: Desk, verb: Verb, who: object, **request: object) -> Rule | None:
    found = desk.ask(verb, who, **request)[0]  # type: ignore[arg-type]
    return found.rule if isinstance(found, ActionRefused) else None


def test_a_breach_is_appealed_against_once_and_decided_a_level_above() -> None:
    desk = dispatched_desk().do(("accept", member()))
    assert refusal(desk, Verb.APPEAL, member(), clock="handle") is Rule.NOT_BREACHED_BY_YOU
    breached(desk)
    (made,) = desk.ask(Verb.APPEAL, member(), clock="handle", reason="the road was closed")
    assert isinstance(made, AppealMade)
    one = made.appeal
    assert (one.task, one.clock, one.run, one.unit) == ("lead", Stage.HANDLE, 1, TEAM)
    assert (one.level, one.reason, one.state) == (
        "town", "the road was closed", AppealState.PENDING,
    )  # fmt: skip
    (upheld,) = desk.ask(Verb.UPHOLD, BOSS)
    assert isinstance(upheld, AppealUpheld)
    assert [one.state for one in desk.case.appeals] == [AppealState.UPHELD]
    assert refusal(desk, Verb.APPEAL, member(), clock="handle") is Rule.NOT_BREACHED_BY_YOU


def test_another_breach_is_another_appeal_also_of_a_closed_case() -> None:
    desk = dispatched_desk().do(("accept", member()))
    breached(desk)
    desk.ask(Verb.APPEAL, member(), clock="handle")
    desk.ask(Verb.OVERRULE, BOSS)
    breached(desk, run=2)
    desk.do(("handled", member()), ("verify", actor(Role.INSPECTOR)))
    desk.ask(Verb.APPEAL, member(), clock="handle")
    (last,) = desk.ask(Verb.OVERRULE, BOSS)
    assert isinstance(last, AppealOverruled)
    assert [(one.run, one.state) for one in desk.case.appeals] == [
        (1, AppealState.OVERRULED), (2, AppealState.OVERRULED),
    ]  # fmt: skip


def test_what_was_withdrawn_is_no_breach() -> None:
    desk = dispatched_desk().do(("accept", member()))
    breached(desk)
    breached(desk, MarkWithdrawn)
    assert refusal(desk, Verb.APPEAL, member(), clock="handle") is Rule.NOT_BREACHED_BY_YOU
