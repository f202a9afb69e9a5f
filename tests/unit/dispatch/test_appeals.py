"""A unit appeals against a breach: what it may appeal against, and what becomes of it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services.dispatch.domain.deciding import is_nothing
from services.dispatch.domain.dossier import Dossier
from services.dispatch.domain.explanations import EXPLANATIONS
from services.dispatch.domain.folding import evolve
from services.dispatch.handlers import READERS
from shared.contracts.base import Stage
from shared.contracts.case_v1 import AppealState
from shared.contracts.cases_v1 import ActionRefused, CaseHandled
from shared.contracts.escalations_v1 import (
    Clock,
    ClockBreached,
    ClocksChanged,
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
    assert "or none of that name" in EXPLANATIONS[Rule.NO_APPEAL_PENDING].en, "others wait"
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


def changed(desk: Desk, *clocks: Clock) -> ClocksChanged:
    """Escalation says how clocks stand now."""
    at, cause = desk.clock(), CaseHandled.TYPE
    return ClocksChanged(incident_id=desk.incident, at=at, cause=cause, clocks=clocks)


def late(
    desk: Desk, run: int = 1, unit: str | None = TEAM, state: ClockState = ClockState.MISSED
) -> Clock:
    """The clock of handling, which was due an hour ago."""
    due = desk.clock() - timedelta(hours=1)
    return Clock(
        task="lead", clock=Stage.HANDLE, run=run, state=state, unit=unit, limit=HANDLE,
        started_at=due, due_at=due, stopped_at=desk.clock(),
    )  # fmt: skip


def dossier(desk: Desk) -> Dossier:
    assert desk.document.state is not None
    return desk.document.state


def runs(desk: Desk) -> list[tuple[int, datetime | None]]:
    """The breaches that are known, and from when."""
    return [(one.run, one.told_at) for one in dossier(desk).breaches]


def test_what_was_missed_without_a_mark_is_appealed_against_too() -> None:
    desk = dispatched_desk().do(("accept", member()))
    desk.clock.forward(7200)
    assert desk.escalate(changed(desk, late(desk))) == []
    (breach,) = dossier(desk).breaches
    assert (breach.unit, breach.due_at, breach.told_at) == (
        TEAM, desk.clock() - timedelta(hours=1), desk.clock(),
    )  # fmt: skip
    (made,) = desk.ask(Verb.APPEAL, member(), clock="handle")
    assert isinstance(made, AppealMade)
    assert refusal(desk, Verb.APPEAL, member(), clock="handle") is Rule.NOT_BREACHED_BY_YOU


def test_rework_that_had_nothing_left_is_appealed_against_by_itself() -> None:
    desk = dispatched_desk().do(("accept", member()))
    breached(desk)
    desk.escalate(changed(desk, late(desk), late(desk, run=2)))
    appealed = [desk.ask(Verb.APPEAL, member(), clock="handle")[0] for _ in range(2)]
    assert [one.appeal.run for one in appealed if isinstance(one, AppealMade)] == [1, 2]


def test_of_breaches_due_at_once_the_later_run_is_the_latest() -> None:
    desk = dispatched_desk().do(("accept", member()))
    desk.escalate(changed(desk, late(desk), late(desk, run=2)))
    (made,) = desk.ask(Verb.APPEAL, member(), clock="handle")
    assert isinstance(made, AppealMade)
    assert made.appeal.run == 2


def test_a_mark_and_the_clock_that_it_was_of_are_one_breach() -> None:
    desk = dispatched_desk().do(("accept", member()))
    breached(desk)
    told_at = desk.clock()
    desk.clock.forward(3600)
    desk.escalate(changed(desk, late(desk)))
    assert runs(desk) == [(1, told_at)], "known since the mark"
    breached(desk, MarkWithdrawn)
    assert runs(desk) == []


def test_a_clock_that_was_missed_is_no_breach_once_its_mark_is_withdrawn() -> None:
    desk = dispatched_desk().do(("accept", member()))
    desk.escalate(changed(desk, late(desk)))
    breached(desk, MarkWithdrawn)
    assert runs(desk) == []


@pytest.mark.parametrize("state", ClockState)
@pytest.mark.parametrize("unit", [TEAM, None])
def test_what_no_unit_has_missed_is_passed_over_and_changes_nothing(
    state: ClockState, unit: str | None
) -> None:
    desk = dispatched_desk()
    data = changed(desk, late(desk, unit=unit, state=state))
    before = dossier(desk)
    desk.escalate(data)
    is_charged = state is ClockState.MISSED and unit == TEAM
    assert is_nothing(desk.inputs[-1]) is not is_charged
    assert (dossier(desk) == before) is not is_charged


def test_of_changed_clocks_as_little_is_read_as_a_dossier_keeps() -> None:
    desk = dispatched_desk()
    data = changed(desk, late(desk))
    read = READERS[ClocksChanged.TYPE](data.model_dump_json().encode())
    desk.escalate(data)
    event = replace(desk.inputs[-1], data=read)
    assert not is_nothing(event)
    assert evolve(None, event).breaches == dossier(desk).breaches
