"""The table of transitions, cell by cell: what it allows is done, all else is refused by name."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import services.dispatch
from services.dispatch.domain.actions import EFFECTS, act
from services.dispatch.domain.dossier import Decided, Dossier
from services.dispatch.domain.explanations import EXPLANATIONS
from services.dispatch.domain.guards import CHECKS, Guard
from services.dispatch.domain.lookups import NOTHING
from services.dispatch.domain.transitions import TABLE, as_markdown
from shared.contracts.base import Actor, EventData
from shared.contracts.case_v1 import Case, CaseState, UnitRef
from shared.contracts.cases_v1 import ActionRefused, CaseEvent, Rule
from shared.contracts.incidents_v1 import ActionRequest, ActionRequested, Verb
from shared.contracts.roles import Role
from shared.contracts.routing_rules import UnitKind
from tests.fakes.clock import START
from tests.unit.dispatch.city import CENTRE, CITY, CITY_REGISTRY, COUNTY, GRID, TEAM, named
from tests.unit.dispatch.desk import INCIDENT, REPORTER, actor, dispatched_desk

HANDLERS = "unit_member officer department_system"
CENTRES = "dispatcher duty_head"
EXPECTED: Mapping[Verb, tuple[str, str]] = {
    Verb.ACCEPT: ("dispatched", HANDLERS),
    Verb.RETURN: ("dispatched accepted", HANDLERS),
    Verb.APPROVE: ("dispatched accepted", CENTRES),
    Verb.DENY: ("dispatched accepted", CENTRES),
    Verb.HANDLED: ("accepted", HANDLERS),
    Verb.VERIFY: ("handled", "inspector supervisor"),
    Verb.REASSIGN: ("filed dispatched accepted", CENTRES),
    Verb.REOPEN: ("closed", "supervisor dispatcher duty_head reporter"),
    Verb.VOID: ("filed dispatched accepted handled closed", "supervisor"),
}
"""Verb by verb: in which states, by which roles; written again, against slips in the table."""

ON_CASES = tuple(EXPECTED)
"""What is no case is another story (test_followers, test_acceptance_desk)."""
ROW_OF = {row.verb: row for row in TABLE if row.states[0] in set(CaseState)}
NOW = START + timedelta(hours=1)


@dataclass(frozen=True)
class Scene:
    """An action on a case, all of whose guards hold; a test spoils one thing."""

    decided: Decided
    asked: ActionRequested

    def results(self) -> list[EventData]:
        """What follows."""
        report = dispatched_desk().inputs[0].data
        return list(
            act(Dossier(report=report, decided=self.decided), self.asked, CITY_REGISTRY, NOTHING)
        )

    def rule(self) -> Rule | None:
        """The rule by which it is refused."""
        found = self.results()
        assert found, "no action stays without an answer"
        return found[0].rule if isinstance(found[0], ActionRefused) else None

    def with_case(self, **change: Any) -> "Scene":  # noqa: ANN401
        assert self.decided.case is not None
        return self.with_decided(case=self.decided.case.model_copy(update=change))

    def with_decided(self, **change: Any) -> "Scene":  # noqa: ANN401
        return replace(self, decided=self.decided.model_copy(update=change))

    def with_actor(self, **change: Any) -> "Scene":  # noqa: ANN401
        who = self.asked.actor.model_copy(update=change)
        return replace(self, asked=self.asked.model_copy(update={"actor": who}))

    def with_request(self, **change: Any) -> "Scene":  # noqa: ANN401
        request = self.asked.request.model_copy(update=change)
        return replace(self, asked=self.asked.model_copy(update={"request": request}))


def _case(state: CaseState, *, pending: bool) -> Case:
    case = dispatched_desk().case
    unit = None if state is CaseState.FILED else case.unit
    closed = NOW - timedelta(minutes=1) if state is CaseState.CLOSED else None
    times = case.times.model_copy(update={"closed_at": closed})
    return case.model_copy(
        update={"state": state, "unit": unit, "times": times, "return_pending": pending}
    )


def scene(verb: Verb, state: CaseState, role: Role) -> Scene:
    """Somebody with one role asks; if state and role are right, nothing is in the way."""
    pending = verb in {Verb.APPROVE, Verb.DENY}
    who = actor(role, subject=REPORTER if role is Role.REPORTER else "somebody")
    if verb in {Verb.ACCEPT, Verb.RETURN, Verb.HANDLED}:
        who = who.model_copy(update={"unit": TEAM})
    request = ActionRequest(
        action=verb,
        reason="because",
        unit=COUNTY if verb is Verb.REASSIGN else None,
        passed=True if verb is Verb.VERIFY else None,
    )
    decided = Decided(
        case=_case(state, pending=pending),
        sequence=5,
        changed=4,
        reopen_within_days=7,
        participants=("member",),
        handlers=(CENTRE,),
    )
    return Scene(decided, _asked(who, request))


def _asked(who: Actor, request: ActionRequest) -> ActionRequested:
    return ActionRequested(
        incident_id=INCIDENT, action_id="a-1", received_at=NOW, actor=who, request=request
    )


def good(verb: Verb) -> Scene:
    """An action that is done."""
    states, roles = EXPECTED[verb]
    return scene(verb, CaseState(states.split()[-1]), Role(roles.split()[0]))


@pytest.mark.parametrize("verb", ON_CASES)
@pytest.mark.parametrize("state", CaseState)
def test_only_the_roles_of_the_table_act_and_only_in_its_states(
    verb: Verb, state: CaseState
) -> None:
    states, roles = EXPECTED[verb]
    for role in Role:
        rule = scene(verb, state, role).rule()
        if role not in roles.split():
            assert rule is Rule.ROLE_NOT_ALLOWED, role
        elif state not in states.split():
            assert rule is Rule.WRONG_STATE, role
        else:
            assert rule is None, role


@pytest.mark.parametrize(
    ("verb", "state"), [(verb, state) for verb in ON_CASES for state in ROW_OF[verb].states]
)
def test_what_follows_is_what_the_row_says(verb: Verb, state: CaseState) -> None:
    row = ROW_OF[verb]
    for change in ({}, {"passed": False}, {"unit": COUNTY}):
        for role in row.roles:
            one = scene(verb, state, role).with_request(**change)
            events = one.results()
            assert {type(event) for event in events} <= set(row.events)
            last = events[-1]
            assert isinstance(last, CaseEvent)
            assert last.case.state in (row.to or (state,))
            for event in events:
                assert isinstance(event, CaseEvent)
                assert event.actor == one.asked.actor
                assert (event.action_id, event.at) == ("a-1", NOW)
                assert event.reason == "because"


FILED = {"state": CaseState.FILED, "unit": None}
TEAM_REF = UnitRef(code=TEAM, names=named(TEAM), kind=UnitKind.OFFICER_TEAM, area=GRID)
SPOILT: list[tuple[Guard, Scene, Rule]] = [
    *(
        (Guard.OWN_UNIT, good(verb).with_actor(unit=unit), Rule.NOT_YOUR_UNIT)
        for verb in (Verb.ACCEPT, Verb.RETURN, Verb.HANDLED)
        for unit in (None, CENTRE)
    ),
    *(
        (Guard.REASON_GIVEN, good(verb).with_request(reason=reason), Rule.REASON_MISSING)
        for verb in (Verb.RETURN, Verb.DENY, Verb.REASSIGN, Verb.REOPEN, Verb.VOID)
        for reason in ("", " \n")
    ),
    (
        Guard.NOTHING_PENDING,
        good(Verb.RETURN).with_case(return_pending=True),
        Rule.REQUEST_PENDING,
    ),
    (Guard.RETURNS_LEFT, good(Verb.RETURN).with_case(returns=2), Rule.RETURNED_TWICE),
    *(
        (
            Guard.REQUEST_PENDING,
            good(verb).with_case(return_pending=False),
            Rule.NO_REQUEST_PENDING,
        )
        for verb in (Verb.APPROVE, Verb.DENY)
    ),
    (Guard.OUTCOME_GIVEN, good(Verb.VERIFY).with_request(passed=None), Rule.OUTCOME_MISSING),
    *(
        (
            Guard.NOT_A_HANDLER,
            good(Verb.VERIFY).with_actor(**who).with_request(passed=passed),
            Rule.HANDLER_NEVER_VERIFIES,
        )
        for who in ({"subject": "member"}, {"unit": CENTRE})
        for passed in (True, False)
    ),
    (Guard.ONE_LEVEL_UP, good(Verb.VERIFY).with_actor(area=GRID[:12]), Rule.ONE_LEVEL_UP),
    (Guard.UNIT_NAMED, good(Verb.REASSIGN).with_request(unit=None), Rule.UNKNOWN_UNIT),
    *(
        (Guard.UNIT_KNOWN, good(verb).with_request(unit="no-such"), Rule.UNKNOWN_UNIT)
        for verb in (Verb.REASSIGN, Verb.APPROVE)
    ),
    *(
        (Guard.OTHER_UNIT, good(verb).with_request(unit=TEAM), Rule.SAME_UNIT)
        for verb in (Verb.REASSIGN, Verb.APPROVE)
    ),
    *(
        (Guard.OTHER_UNIT, good(verb).with_decided(returned_by=(COUNTY,)), Rule.SAME_UNIT)
        for verb in (Verb.REASSIGN,)
    ),
    (
        Guard.OTHER_UNIT,
        good(Verb.APPROVE).with_request(unit=COUNTY).with_decided(returned_by=(COUNTY,)),
        Rule.SAME_UNIT,
    ),
    (Guard.HEAD_RULES, good(Verb.REASSIGN).with_case(returns=2), Rule.ROLE_NOT_ALLOWED),
    (
        Guard.HEAD_RULES,
        good(Verb.APPROVE).with_case(returns=1).with_request(unit=COUNTY),
        Rule.ROLE_NOT_ALLOWED,
    ),
    *(
        (
            Guard.OWN_REPORT,
            good(Verb.REOPEN).with_actor(roles=roles, subject=subject),
            Rule.ROLE_NOT_ALLOWED,
        )
        for roles, subject in (
            (("reporter",), "another"),
            # Another role that may not reopen helps a reporter nothing.
            (("reporter", "unit_member"), "another"),
        )
    ),
    (
        Guard.IN_TIME_TO_REOPEN,
        good(Verb.REOPEN).with_decided(reopen_within_days=0),
        Rule.TOO_LATE_TO_REOPEN,
    ),
]


@pytest.mark.parametrize(("guard", "spoilt", "rule"), SPOILT)
def test_a_guard_that_does_not_hold_refuses_by_its_rule(
    guard: Guard, spoilt: Scene, rule: Rule
) -> None:
    verb = spoilt.asked.request.action
    assert guard in ROW_OF[verb].guards
    assert good(verb).rule() is None
    assert spoilt.rule() is rule


def test_every_guard_of_every_row_is_spoilt_above() -> None:
    spoilt = {(one.asked.request.action, guard) for guard, one, _ in SPOILT}
    assert spoilt == {(verb, guard) for verb in ON_CASES for guard in ROW_OF[verb].guards}
    assert CHECKS.keys() == set(Guard)


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
]


@pytest.mark.parametrize("one", HOLDS)
def test_what_is_just_allowed_is_done(one: Scene) -> None:
    assert one.rule() is None


@pytest.mark.parametrize("verb", ON_CASES)
def test_an_actor_with_an_area_acts_only_within_it(verb: Verb) -> None:
    for area in (GRID[:4], GRID[:6], GRID[:9]):
        assert good(verb).with_actor(area=area).rule() is None
    for area in ("9902", "990102", "990101002", "990101001002"):
        assert good(verb).with_actor(area=area).rule() is Rule.NOT_YOUR_AREA


@pytest.mark.parametrize("verb", ON_CASES)
def test_a_stale_screen_is_refused_and_refusals_make_none_stale(verb: Verb) -> None:
    """The case changed last by event 4; event 5 is a refusal."""
    for seen in (None, 4, 5):
        assert good(verb).with_request(expected_sequence=seen).rule() is None
    for seen in (-1, 0, 3, 6):
        assert good(verb).with_request(expected_sequence=seen).rule() is Rule.STALE_SEQUENCE


@pytest.mark.parametrize("verb", ON_CASES)
@pytest.mark.parametrize("ending", [None, "rejected", "in_review", "answered", "transferred"])
def test_what_was_not_filed_is_no_case(verb: Verb, ending: Any) -> None:  # noqa: ANN401
    one = good(verb).with_decided(case=None, ending=ending)
    if verb is Verb.VERIFY and ending == "in_review":
        assert one.rule() is Rule.NO_LOOK_ORDERED
        return
    (refused,) = one.results()
    assert isinstance(refused, ActionRefused)
    assert (refused.rule, refused.action) == (Rule.NOT_A_CASE, verb.value)
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
    assert EFFECTS.keys() == set(ON_CASES) == ROW_OF.keys()
    assert all(row.why for row in TABLE)


def test_every_rule_is_explained_in_both_languages() -> None:
    assert EXPLANATIONS.keys() == set(Rule)


def test_the_readme_has_the_table_as_it_is() -> None:
    readme = Path(services.dispatch.__file__).with_name("README.md").read_text(encoding="utf-8")
    assert as_markdown() in readme
