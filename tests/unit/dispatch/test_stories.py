"""Cases from beginning to end, as the rule book tells them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.contracts.base import Actor, EventData
from shared.contracts.case_v1 import CaseState
from shared.contracts.cases_v1 import (
    ActionRefused,
    CaseClosed,
    CaseDispatched,
    CaseReopened,
    CaseVoided,
    ReworkOrdered,
)
from shared.contracts.levels import SupervisionLevel
from shared.contracts.requests_v1 import ReturnGranted
from shared.contracts.roles import Role
from shared.contracts.routing_rules import UnitKind
from shared.contracts.rule_v1 import Rule
from tests.unit.dispatch.city import (
    CENTRE,
    CITY,
    CITY_REGISTRY,
    COUNTY,
    ELSEWHERE,
    ENTRIES,
    GRID,
    OTHER_COUNTY,
    TEAM,
    entry_set,
    matter,
    point,
    registry,
)
from tests.unit.dispatch.desk import (
    DISPATCHER,
    HEAD,
    INSPECTOR,
    RESIDENT,
    SUPERVISOR,
    Desk,
    actor,
    dispatched_desk,
    member,
    refold,
)


def _rule(follows: list[EventData]) -> Rule | None:
    return follows[0].rule if isinstance(follows[0], ActionRefused) else None


def _unit(desk: Desk) -> str | None:
    return desk.case.unit.code if desk.case.unit else None


def test_from_the_report_to_the_closing_every_step_has_its_instant() -> None:
    desk = dispatched_desk()
    desk.do(("accept", member()), ("handled", member()), ("verify", INSPECTOR))
    assert desk.case.state is CaseState.CLOSED
    times = desk.case.times
    steps = (times.dispatched_at, times.accepted_at, times.handled_at, times.closed_at)
    assert steps == tuple(desk.inputs[0].time + timedelta(seconds=n) for n in range(4))
    assert [event.sequence for event in desk.outputs] == [1, 2, 3, 4, 5]
    # What follows from an action took effect when that was received; its cause is the action.
    assert [event.time for event in desk.outputs[2:]] == [one.time for one in desk.inputs[1:]]
    assert [event.causation_id for event in desk.outputs[2:]] == [one.id for one in desk.inputs[1:]]


def test_a_granted_return_goes_to_the_next_unit_in_one_decision() -> None:
    desk = dispatched_desk().do(("accept", member()), ("return", member()))
    assert (desk.case.state, desk.case.return_pending) == (CaseState.ACCEPTED, True)
    granted, again = desk.ask("approve", DISPATCHER, reason="true")
    assert isinstance(granted, ReturnGranted)
    assert (granted.returned_by, granted.case.state, granted.case.unit) == (
        TEAM, CaseState.FILED, None,
    )  # fmt: skip
    assert isinstance(again, CaseDispatched)
    assert (again.rule, again.level, again.reason) == ("nearest_unit_of_matter", "town", "true")
    assert {one.unit: one.lost for one in again.candidates}[TEAM] == "returned_before"
    assert (_unit(desk), desk.case.returns, desk.case.return_pending) == (CENTRE, 1, False)
    assert desk.case.times.accepted_at is None
    assert desk.case.times.dispatched_at == granted.at == again.at


def test_a_dispatcher_who_grants_a_return_may_name_who_gets_the_case() -> None:
    desk = dispatched_desk().do(("return", member()))
    granted, again = desk.ask("approve", DISPATCHER, unit=COUNTY)
    assert isinstance(granted, ReturnGranted)
    assert isinstance(again, CaseDispatched)
    assert (again.rule, _unit(desk)) == ("named_by_dispatcher", COUNTY)


def test_a_return_that_leaves_no_unit_waits_for_a_dispatcher() -> None:
    desk = Desk()
    desk.report(matter="dispute")
    desk.do(("return", member(CENTRE)))
    (granted,) = desk.ask("approve", DISPATCHER)
    assert isinstance(granted, ReturnGranted)
    assert (desk.case.state, _unit(desk)) == (CaseState.FILED, None)
    assert _rule(desk.ask("reassign", DISPATCHER, unit=CENTRE)) is Rule.SAME_UNIT
    desk.ask("reassign", DISPATCHER, unit=COUNTY)
    assert (desk.case.state, _unit(desk)) == (CaseState.DISPATCHED, COUNTY)


def test_after_two_granted_returns_the_duty_head_rules_and_nobody_returns_again() -> None:
    desk = dispatched_desk().do(("return", member()), ("approve", DISPATCHER))
    desk.do(("return", member(CENTRE)))
    (granted,) = desk.ask("approve", DISPATCHER)
    assert isinstance(granted, ReturnGranted)
    assert (desk.case.state, desk.case.returns) == (CaseState.FILED, 2)
    assert _rule(desk.ask("reassign", DISPATCHER, unit=COUNTY)) is Rule.DUTY_HEAD_RULES
    desk.ask("reassign", HEAD, unit=TEAM)
    assert (desk.case.state, _unit(desk)) == (CaseState.DISPATCHED, TEAM)
    assert _rule(desk.ask("return", member())) is Rule.RETURNED_TWICE
    desk.do(("accept", member()))
    assert _rule(desk.ask("return", member())) is Rule.RETURNED_TWICE


def test_the_duty_head_may_rule_while_granting_the_second_return() -> None:
    desk = dispatched_desk().do(("return", member()), ("approve", DISPATCHER))
    desk.do(("return", member(CENTRE)))
    assert _rule(desk.ask("approve", DISPATCHER, unit=TEAM)) is Rule.DUTY_HEAD_RULES
    assert _rule(desk.ask("approve", HEAD, unit=CENTRE)) is Rule.SAME_UNIT
    assert _rule(desk.ask("approve", HEAD, unit=TEAM)) is None
    assert (desk.case.returns, _unit(desk)) == (2, TEAM)


def test_a_refused_return_leaves_the_case_where_it_is_and_is_counted() -> None:
    desk = dispatched_desk().do(("return", member()), ("deny", DISPATCHER))
    assert (desk.case.state, _unit(desk)) == (CaseState.DISPATCHED, TEAM)
    assert (desk.case.refused_returns, desk.case.returns) == (1, 0)
    desk.do(("accept", member()), ("return", member()), ("deny", HEAD))
    assert (desk.case.state, desk.case.refused_returns) == (CaseState.ACCEPTED, 2)


def test_a_return_lapses_when_the_unit_hands_back_after_all() -> None:
    desk = dispatched_desk().do(("accept", member()), ("return", member()), ("handled", member()))
    assert not desk.case.return_pending
    assert _rule(desk.ask("approve", DISPATCHER)) is Rule.WRONG_STATE


def test_a_return_lapses_when_the_centre_reassigns() -> None:
    desk = dispatched_desk().do(("return", member()))
    desk.ask("reassign", DISPATCHER, unit=COUNTY)
    assert (desk.case.return_pending, desk.case.returns) == (False, 0)
    assert _rule(desk.ask("approve", DISPATCHER)) is Rule.NO_REQUEST_PENDING
    # It has not returned it: the centre may give it back.
    assert _rule(desk.ask("reassign", DISPATCHER, unit=TEAM)) is None


def test_a_case_that_is_taken_away_has_the_steps_of_its_new_unit_only() -> None:
    desk = dispatched_desk().do(("accept", member()))
    (again,) = desk.ask("reassign", DISPATCHER, unit=COUNTY, reason="the road is theirs")
    assert isinstance(again, CaseDispatched)
    assert (again.rule, again.level, again.candidates) == ("named_by_dispatcher", "county", ())
    assert (again.actor, again.reason) == (DISPATCHER, "the road is theirs")
    times = desk.case.times
    assert (times.dispatched_at, times.accepted_at) == (again.at, None)
    assert _rule(desk.ask("accept", member())) is Rule.NOT_YOUR_UNIT


def test_a_case_is_dispatched_anew_under_the_version_of_its_matter() -> None:
    desk = dispatched_desk(matter="pothole")
    assert _unit(desk) == COUNTY
    desk.do(("return", member(COUNTY)))
    now = desk.clock()
    other_kind = entry_set(matter("pothole", UnitKind.TOWN_CENTRE), 2, now)
    desk.registry = registry(ENTRIES, other_kind)
    desk.do(("approve", DISPATCHER))
    assert _unit(desk) == CITY


def test_a_case_whose_matter_was_withdrawn_is_dispatched_all_the_same() -> None:
    desk = dispatched_desk().do(("return", member()))
    desk.registry = registry(ENTRIES, entry_set(matter("litter"), 2, desk.clock(), desk.clock()))
    desk.do(("approve", DISPATCHER))
    assert _unit(desk) == CENTRE


def test_a_failed_check_is_rework_at_the_same_unit() -> None:
    desk = dispatched_desk().do(("accept", member()), ("handled", member()))
    accepted_at = desk.case.times.accepted_at
    (rework,) = desk.ask("verify", INSPECTOR, passed=False, reason="still dirty")
    assert isinstance(rework, ReworkOrdered)
    assert (desk.case.state, desk.case.reworks, _unit(desk)) == (CaseState.ACCEPTED, 1, TEAM)
    assert (desk.case.times.accepted_at, desk.case.times.handled_at) == (accepted_at, None)
    desk.do(("handled", member(subject="another")), ("verify", INSPECTOR))
    assert (desk.case.state, desk.case.reworks) == (CaseState.CLOSED, 1)


@pytest.mark.parametrize(
    "who",
    [
        actor(Role.INSPECTOR, subject=f"member-of-{TEAM}"),
        actor(Role.INSPECTOR, subject="colleague", unit=TEAM),
        actor(Role.SUPERVISOR, subject="first-handler"),
        actor(Role.SUPERVISOR, subject="other", unit=CENTRE),
    ],
)
def test_nobody_who_took_part_in_the_handling_verifies_it(who: Actor) -> None:
    """The centre's member accepted it and had it taken away; the team handled it."""
    desk = dispatched_desk()
    desk.ask("reassign", DISPATCHER, unit=CENTRE)
    desk.do(("accept", member(CENTRE, "first-handler")))
    desk.ask("reassign", DISPATCHER, unit=TEAM)
    desk.do(("accept", member()), ("handled", member()))
    for passed in (True, False):
        assert _rule(desk.ask("verify", who, passed=passed)) is Rule.HANDLER_NEVER_VERIFIES
    assert desk.case.state is CaseState.HANDLED
    desk.do(("verify", INSPECTOR))
    assert isinstance(desk.outputs[-1].data, CaseClosed)


def test_a_closed_case_is_reopened_at_its_unit_within_the_days_of_its_policy() -> None:
    desk = dispatched_desk(location=point(OTHER_COUNTY))
    worker = member(ELSEWHERE)
    desk.do(("accept", worker), ("handled", worker), ("verify", INSPECTOR))
    desk.clock.forward(3 * 86_400 - 1)  # the request comes a second later: the last instant
    (reopened,) = desk.ask("reopen", RESIDENT, reason="it is back")
    assert isinstance(reopened, CaseReopened)
    case = desk.case
    assert (case.state, _unit(desk), case.reopenings) == (CaseState.DISPATCHED, ELSEWHERE, 1)
    assert case.times.dispatched_at == reopened.at
    assert (case.times.accepted_at, case.times.handled_at, case.times.closed_at) == (
        None, None, None,
    )  # fmt: skip
    # Who handled it the first time does not verify the second time either.
    desk.do(("accept", member(ELSEWHERE, "new")), ("handled", member(ELSEWHERE, "new")))
    old = actor(Role.INSPECTOR, subject=worker.subject)
    assert _rule(desk.ask("verify", old, passed=True)) is Rule.HANDLER_NEVER_VERIFIES
    desk.do(("verify", INSPECTOR))
    desk.clock.forward(3 * 86_400)
    assert _rule(desk.ask("reopen", RESIDENT)) is Rule.TOO_LATE_TO_REOPEN


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [("accept", member())],
        [("return", member())],
        [("accept", member()), ("handled", member())],
        [("accept", member()), ("handled", member()), ("verify", INSPECTOR)],
    ],
)
def test_a_void_case_says_what_it_was_and_is_over(steps: list[tuple[str, Actor]]) -> None:
    desk = dispatched_desk().do(*steps)
    before = desk.case
    (voided,) = desk.ask("void", SUPERVISOR, reason="a drill")
    assert isinstance(voided, CaseVoided)
    assert (voided.state_before, voided.reason) == (before.state, "a drill")
    assert (desk.case.state, desk.case.return_pending) == (CaseState.VOIDED, False)
    for verb in ("void", "reopen", "accept", "reassign"):
        who = actor(Role.SUPERVISOR, Role.UNIT_MEMBER, Role.DISPATCHER, subject="all", unit=CENTRE)
        assert _rule(desk.ask(verb, who, unit=COUNTY)) is Rule.WRONG_STATE


def test_a_refusal_changes_nothing_but_the_number_of_the_last_event() -> None:
    desk = dispatched_desk()
    before = desk.decided
    (refused,) = desk.ask("accept", member(CENTRE))
    assert isinstance(refused, ActionRefused)
    assert refused.explanation.zh
    assert desk.decided == before.model_copy(update={"sequence": before.sequence + 1})
    # A screen from before the refusal is not stale: nothing has changed.
    desk.ask("accept", member(), expected_sequence=before.sequence)
    assert desk.case.state is CaseState.ACCEPTED


def test_an_incident_that_is_filed_after_its_review_is_no_longer_in_review() -> None:
    held, filed = Desk(), Desk()
    held.report(matter="no-such")
    filed.report()
    later = replace(filed.outputs[0], sequence=2)
    decided = refold([*held.inputs, *held.outputs, later]).decided
    assert (decided.ending, decided.rule, decided.sequence) == (None, None, 2)
    assert decided.case == filed.outputs[0].data.case


def test_supervision_is_known_and_changes_nothing_but_how_urgent_it_is() -> None:
    desk = dispatched_desk()
    before = desk.case
    desk.supervise(SupervisionLevel.YELLOW_CARD)
    ordered = desk.supervision
    desk.supervise(SupervisionLevel.YELLOW_CARD, lifted=True)
    assert (ordered, desk.supervision) == ("yellow_card", None)
    assert desk.case == before.model_copy(update={"watchers": ("9901",)})


def test_supervision_of_what_was_never_reported_is_taken() -> None:
    desk = Desk(CITY_REGISTRY)
    assert desk.supervise(SupervisionLevel.ORDINARY) == []
    desk.report()
    assert desk.case.grid == GRID


@pytest.mark.parametrize("turn", ["make_safe", "take_first"])
def test_whoever_was_first_or_made_the_place_safe_does_not_verify_it(turn: str) -> None:
    danger = matter("litter")
    urgent = danger.conditions[0].model_copy(update={"emergency": True})
    danger = danger.model_copy(update={"conditions": (urgent,)})
    desk = Desk(registry([danger if one.code == "litter" else one for one in ENTRIES]))
    desk.report()
    desk.do((turn, member(COUNTY)), ("accept", member()), ("handled", member()))
    for who in (
        actor(Role.INSPECTOR, subject=f"member-of-{COUNTY}"),
        actor(Role.SUPERVISOR, subject="colleague", unit=COUNTY),
    ):
        assert _rule(desk.ask("verify", who, passed=True)) is Rule.HANDLER_NEVER_VERIFIES
    desk.do(("verify", INSPECTOR))
