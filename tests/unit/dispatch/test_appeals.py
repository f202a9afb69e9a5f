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
from shared.contracts.levels import SupervisionLevel
from shared.contracts.requests_v1 import AppealMade, AppealOverruled, AppealUpheld
from shared.contracts.roles import Role
from shared.contracts.rule_v1 import Rule
from tests.unit.dispatch.city import CITY, HANDLE, TEAM
from tests.unit.dispatch.desk import SUPERVISOR, Desk, actor, dispatched_desk, member

BOSS = actor(Role.SUPERVISOR)


def breached(  # noqa: PLR0913 - what a mark is about
    desk: Desk,
    kind: type[MarkEvent] = ClockBreached,
    run: int = 1,
    *,
    task: str = "lead",
    stage: Stage = Stage.HANDLE,
    unit: str = TEAM,
    due_at: datetime | None = None,
) -> None:
    """Escalation says that a unit missed its limit, or that it did not after all."""
    at = desk.clock()
    due = due_at or at
    mark = Mark(task=task, clock=stage, run=run, percent=100, due_at=due)
    clock = Clock(
        task=task, clock=stage, run=run, state=ClockState.RUNNING, unit=unit,
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


def disputed_twice() -> Desk:
    """The lead and the city's department, which co-operates, have both appealed."""
    desk = dispatched_desk().do(("accept", member()))
    desk.ask(Verb.WHISTLE, member(), unit=CITY)
    breached(desk)
    breached(desk, task="co-1", unit=CITY)
    for unit in (TEAM, CITY):
        (made,) = desk.ask(Verb.APPEAL, member(unit), clock="handle")
        assert isinstance(made, AppealMade)
    return desk


def decided(desk: Desk) -> dict[str, AppealState]:
    return {one.task: one.state for one in desk.case.appeals}


def test_the_appeal_of_one_unit_takes_no_other_its_own() -> None:
    desk = disputed_twice()
    (first,) = desk.ask(Verb.OVERRULE, BOSS)
    assert isinstance(first, AppealOverruled)
    assert first.appeal.unit == TEAM, "none is named: the one that was made first"
    assert decided(desk) == {"lead": AppealState.OVERRULED, "co-1": AppealState.PENDING}
    (second,) = desk.ask(Verb.UPHOLD, BOSS)
    assert isinstance(second, AppealUpheld)
    assert decided(desk) == {"lead": AppealState.OVERRULED, "co-1": AppealState.UPHELD}
    assert refusal(desk, Verb.UPHOLD, BOSS) is Rule.NO_APPEAL_PENDING


def test_a_decision_names_its_appeal() -> None:
    desk = disputed_twice()
    assert refusal(desk, Verb.UPHOLD, BOSS, appeal="co-1/handle/2") is Rule.NO_APPEAL_PENDING
    (upheld,) = desk.ask(Verb.UPHOLD, BOSS, appeal="co-1/handle/1")
    assert isinstance(upheld, AppealUpheld)
    assert decided(desk) == {"lead": AppealState.PENDING, "co-1": AppealState.UPHELD}


def test_one_unit_appeals_against_each_clock_that_it_breached() -> None:
    desk = dispatched_desk()
    breached(desk, stage=Stage.ACCEPT)
    desk.do(("accept", member()))
    breached(desk)
    for clock in ("accept", "handle"):
        assert isinstance(desk.ask(Verb.APPEAL, member(), clock=clock)[0], AppealMade)
    assert refusal(desk, Verb.APPEAL, member(), clock="handle") is Rule.NOT_BREACHED_BY_YOU


def test_no_appeal_waits_in_what_is_no_case() -> None:
    desk = disputed_twice()
    desk.ask(Verb.OVERRULE, BOSS)
    desk.do(("void", SUPERVISOR))
    assert decided(desk) == {"lead": AppealState.OVERRULED}


def test_whoever_gave_the_card_by_hand_decides_no_appeal_even_when_it_is_lifted() -> None:
    desk = dispatched_desk().do(("accept", member()))
    breached(desk)
    desk.supervise(SupervisionLevel.RED_CARD, by=BOSS)
    desk.supervise(SupervisionLevel.RED_CARD, lifted=True)
    desk.ask(Verb.APPEAL, member(), clock="handle")
    assert refusal(desk, Verb.OVERRULE, BOSS) is Rule.ISSUER_NEVER_DECIDES_APPEAL
    (upheld,) = desk.ask(Verb.UPHOLD, actor(Role.SUPERVISOR, subject="another"))
    assert isinstance(upheld, AppealUpheld)
