"""The table of transitions, cell by cell: what it allows is done, all else is refused by name."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import services.dispatch
from services.dispatch.domain.actions import EFFECTS, act
from services.dispatch.domain.checks import CHECKS
from services.dispatch.domain.dossier import Dossier
from services.dispatch.domain.explanations import EXPLANATIONS
from services.dispatch.domain.guards import Guard
from services.dispatch.domain.lookups import NOTHING
from services.dispatch.domain.printed import as_diagram, as_markdown
from services.dispatch.domain.transitions import TABLE
from shared.contracts.base import Actor
from shared.contracts.case_v1 import AppealState, CaseEvent, CaseState, RequestKind
from shared.contracts.cases_v1 import ActionRefused
from shared.contracts.incidents_v1 import Verb
from shared.contracts.requests_v1 import CaseResumed
from shared.contracts.roles import Role
from shared.contracts.routing_rules import UnitKind
from shared.contracts.rule_v1 import Rule
from tests.unit.dispatch.city import CITY, CITY_REGISTRY, COUNTY, GRID, HANDLE
from tests.unit.dispatch.desk import REPORTER, actor, dispatched_desk
from tests.unit.dispatch.flows import PAPER
from tests.unit.dispatch.scenes import (
    APPEAL,
    BREACH,
    EXPECTED,
    EXTENSION,
    KEYS,
    NOW,
    ROW_OF,
    SUSPENSION,
    Key,
    Scene,
    good,
    scene,
)
from tests.unit.dispatch.spoilt import FILED, HERE, SPOILT, TEAM_REF


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("state", CaseState)
def test_only_the_roles_of_the_table_act_and_only_in_its_states(key: Key, state: CaseState) -> None:
    states, roles = EXPECTED[key]
    for role in Role:
        rule = scene(key, state, role).rule()
        if role not in roles.split():
            assert rule is Rule.ROLE_NOT_ALLOWED, role
        elif state not in states.split():
            assert rule is Rule.WRONG_STATE, role
        else:
            assert rule is None, role


@pytest.mark.parametrize(
    ("key", "state"), [(key, CaseState(state)) for key in KEYS for state in ROW_OF[key].states]
)
def test_what_follows_is_what_the_row_says(key: Key, state: CaseState) -> None:
    row = ROW_OF[key]
    changes: list[dict[str, Any]] = [{}, {"passed": False}, {"unit": COUNTY}]
    for change in changes[: 2 if key[0] is Verb.CO_WITHDRAW else 3]:  # that unit has no task
        for role in row.roles:
            one = scene(key, state, role).with_request(**change)
            events = one.results()
            assert {type(event) for event in events} <= set(row.events)
            last = events[-1]
            assert isinstance(last, CaseEvent)
            may = {*row.to, *({state} if row.may_stay or not row.to else ())}
            assert last.case.state in may
            for event in events:
                assert isinstance(event, CaseEvent)
                assert event.actor == one.asked.actor
                assert (event.action_id, event.at) == ("a-1", NOW)
                assert event.reason == "because"


@pytest.mark.parametrize("key", [key for key in KEYS if CaseState.ACCEPTED in ROW_OF[key].states])
def test_a_change_of_state_ends_a_suspension_and_nothing_else_does(key: Key) -> None:
    row, suspension = ROW_OF[key], good(Verb.RESUME).case.suspension
    one = scene(key, CaseState.ACCEPTED, min(row.roles)).with_case(suspension=suspension)
    if Guard.NOT_SUSPENDED in row.guards:
        return
    events = one.results()
    last = events[-1]
    assert isinstance(last, CaseEvent)
    if last.case.state is not CaseState.ACCEPTED:
        first = events[0]
        assert isinstance(first, CaseResumed)
        assert (first.rule, first.actor, first.case.state) == (
            Rule.STATE_CHANGES, None, CaseState.ACCEPTED,
        )  # fmt: skip
        assert last.case.suspension is None
        assert set(row.events) > {CaseResumed}
    elif key[0] in {Verb.RESUME, Verb.STEP}:
        assert last.case.suspension is None
    else:
        assert last.case.suspension == suspension or key[1] is SUSPENSION


@pytest.mark.parametrize(("guard", "spoilt", "rule"), SPOILT)
def test_a_guard_that_does_not_hold_refuses_by_its_rule(
    guard: Guard, spoilt: Scene, rule: Rule
) -> None:
    assert any(guard in row.guards for row in TABLE if row.verb is spoilt.verb)
    assert spoilt.rule() is rule


def test_every_guard_of_every_row_is_spoilt_above() -> None:
    spoilt = {(one.verb, guard) for guard, one, _ in SPOILT}
    assert spoilt == {(verb, guard) for verb, kind in KEYS for guard in ROW_OF[verb, kind].guards}
    assert CHECKS.keys() == set(Guard)


@pytest.mark.parametrize("key", KEYS)
def test_where_nothing_is_spoilt_it_is_done(key: Key) -> None:
    assert good(*key).rule() is None


HOLDS: list[Scene] = [
    # The day of the last instant is still in time.
    good(Verb.REOPEN).with_decided(reopen_within_days=1),
    # Whoever has no area, the town and all above check what the grid's own team did.
    *(good(Verb.VERIFY).with_actor(area=area) for area in (None, GRID[:9], GRID[:6], GRID[:4])),
    # A team from elsewhere is not the grid's own.
    good(Verb.VERIFY)
    .with_case(unit=TEAM_REF.model_copy(update={"area": "990101001002"}))
    .with_actor(area=GRID[:12]),
    good(Verb.VERIFY)
    .with_case(unit=TEAM_REF.model_copy(update={"kind": UnitKind.DEPARTMENT}))
    .with_actor(area=GRID[:12]),
    # The duty head's ruling may fall on who returned it.
    good(Verb.REASSIGN)
    .with_case(**FILED, returns=2)
    .with_decided(returned_by=(COUNTY, CITY))
    .with_actor(roles=("duty_head",)),
    # With the second return granted without naming anybody, the head still has to rule.
    good(Verb.APPROVE).with_case(returns=1),
    # Officials reopen what others reported.
    good(Verb.REOPEN).with_actor(roles=("reporter", "supervisor"), subject="another"),
    # At the last instant a breach may still be appealed against.
    replace(
        good(Verb.APPEAL),
        breaches=(BREACH.model_copy(update={"due_at": NOW - timedelta(days=3)}),),
    ),
    # Of another run than the one that was appealed against before.
    replace(
        good(Verb.APPEAL).with_case(
            appeals=(APPEAL.model_copy(update={"state": AppealState.OVERRULED}),)
        ),
        breaches=(BREACH, BREACH.model_copy(update={"run": 2})),
    ),
    # Ten minutes later somebody may urge again.
    good(Verb.URGE).with_case(urged_at=NOW - timedelta(minutes=10)),
    # Of its own, anybody urges.
    *(
        good(Verb.URGE).with_actor(roles=(role,), subject=REPORTER)
        for role in ("reporter", "officer")
    ),
    # So does whoever reported what is linked to it, as intake has seen.
    replace(
        good(Verb.URGE),
        asked=good(Verb.URGE).asked.model_copy(
            update={"actor": actor(Role.REPORTER, subject="another"), "follower": "i-2"}
        ),
    ),
    # A request is decided by its level and by all above.
    *(good(Verb.APPROVE, SUSPENSION).with_actor(area=area) for area in (None, "9901", "990101")),
    good(Verb.APPROVE, EXTENSION).pending(EXTENSION, level="town").with_actor(area=GRID[:9]),
    # At the very instant at which it lapses it is still decided.
    good(Verb.APPROVE, EXTENSION).pending(EXTENSION, lapses_at=NOW),
    # What another unit breached is not this one's.
    replace(
        good(Verb.EXTEND).with_case(
            times=good(Verb.EXTEND).case.times.model_copy(
                update={"dispatched_at": NOW + timedelta(seconds=1)}
            )
        ),
        breaches=(HERE,),
    ),
    # Whoever has it in hand, and every centre above it, goes on.
    *(
        good(Verb.REASSIGN).with_case(centre=GRID[:9]).with_actor(area=area)
        for area in (GRID[:9], GRID[:6], GRID[:4], None)
    ),
    # A paper may have several sheets.
    good(Verb.STEP).with_request(papers=(PAPER, PAPER.model_copy(update={"sha256": "9f" * 32}))),
    # A longer limit counts from the first one.
    good(Verb.EXTEND).with_decided(handle_limit=HANDLE).with_request(amount=2),
]


@pytest.mark.parametrize("one", HOLDS)
def test_what_is_just_allowed_is_done(one: Scene) -> None:
    assert one.rule() is None


@pytest.mark.parametrize("key", KEYS)
def test_an_actor_with_an_area_acts_only_within_it(key: Key) -> None:
    above = key[0] in {Verb.HAND_DOWN, Verb.UPHOLD, Verb.OVERRULE}
    lowest = 9 if key[1] in {None, RequestKind.RETURN} and not above else 6
    for area in (GRID[:4], GRID[:6], GRID[:9]):
        if len(area) <= lowest and not (key[0] is Verb.HAND_UP and len(area) == 4):
            one = good(*key).with_actor(area=area)
            assert one.with_case(centre=None).rule() is None
    for area in ("9902", "990102", "990101002", "990101001002"):
        assert good(*key).with_actor(area=area).rule() is Rule.NOT_YOUR_AREA


@pytest.mark.parametrize("key", KEYS)
def test_a_stale_screen_is_refused_and_refusals_make_none_stale(key: Key) -> None:
    """The case changed last by event 4; event 5 is a refusal."""
    for seen in (None, 4, 5):
        assert good(*key).with_request(expected_sequence=seen).rule() is None
    for seen in (-1, 0, 3, 6):
        assert good(*key).with_request(expected_sequence=seen).rule() is Rule.STALE_SEQUENCE


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("ending", [None, "rejected", "in_review", "answered", "transferred"])
def test_what_was_not_filed_is_no_case(key: Key, ending: Any) -> None:  # noqa: ANN401
    one = good(*key).with_decided(case=None, ending=ending)
    if key[0] is Verb.VERIFY and ending == "in_review":
        assert one.rule() is Rule.NO_LOOK_ORDERED
        return
    if key[0] is Verb.ACKNOWLEDGE and ending == "in_review":
        assert one.rule() is Rule.ROLE_NOT_ALLOWED, "it is the desk that is to hurry"
        return
    if key[0] is Verb.APPEAL and ending == "rejected":
        assert one.rule() is Rule.ROLE_NOT_ALLOWED, "it is the reporter's to appeal"
        return
    (refused,) = one.results()
    assert isinstance(refused, ActionRefused)
    assert (refused.rule, refused.action) == (Rule.NOT_A_CASE, key[0].value)
    assert (refused.actor, refused.action_id) == (one.asked.actor, "a-1")


def test_the_anonymous_reopen_nothing() -> None:
    report = dispatched_desk().inputs[0].data
    nobody = report.model_copy(update={"reporter": Actor(subject="anonymous")})
    one = good(Verb.REOPEN).with_actor(roles=("reporter",), subject="anonymous")
    (refused,) = act(Dossier(report=nobody, decided=one.decided), one.asked, CITY_REGISTRY, NOTHING)
    assert isinstance(refused, ActionRefused)
    assert refused.rule is Rule.ROLE_NOT_ALLOWED


def test_every_verb_has_a_row_and_an_effect() -> None:
    assert {row.verb for row in TABLE} == set(Verb)
    assert EFFECTS.keys() == set(KEYS) == ROW_OF.keys()
    assert all(row.why for row in TABLE)


def test_every_rule_is_explained_in_both_languages() -> None:
    assert EXPLANATIONS.keys() == set(Rule)


def test_the_readme_has_the_table_as_it_is() -> None:
    readme = Path(services.dispatch.__file__).with_name("README.md").read_text(encoding="utf-8")
    assert as_markdown() in readme


def test_the_diagram_has_every_change_of_state() -> None:
    first, *lines = as_diagram().splitlines()
    assert first == "stateDiagram-v2"
    assert "    dispatched --> accepted: accept" in lines
    assert "    accepted --> handled: co_done" in lines
    assert "    dispatched --> accepted: co_done" not in lines
    assert "    in_review --> answered: answer" in lines
    assert not [line for line in lines if "suspend" in line], "a flag is no state"
    assert len(lines) == len(set(lines))
