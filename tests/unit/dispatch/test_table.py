"""The table of transitions, cell by cell: what it allows is done, all else is refused by name."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import services.dispatch
from services.dispatch.domain.actions import EFFECTS, act
from services.dispatch.domain.dossier import Dossier
from services.dispatch.domain.explanations import EXPLANATIONS
from services.dispatch.domain.guards import CHECKS, Guard
from services.dispatch.domain.lookups import NOTHING
from services.dispatch.domain.transitions import TABLE, as_diagram, as_markdown
from shared.contracts.base import Actor, Limits, Stage
from shared.contracts.case_v1 import (
    AppealState,
    CaseEvent,
    CaseState,
    RequestKind,
    TaskState,
    UnitRef,
)
from shared.contracts.cases_v1 import ActionRefused
from shared.contracts.golden.story import FINDING
from shared.contracts.incidents_v1 import Verb
from shared.contracts.requests_v1 import CaseResumed
from shared.contracts.roles import Role
from shared.contracts.routing_rules import UnitKind
from shared.contracts.rule_v1 import Rule
from tests.unit.dispatch.city import CENTRE, CITY, CITY_REGISTRY, COUNTY, GRID, HANDLE, TEAM, named
from tests.unit.dispatch.desk import REPORTER, dispatched_desk
from tests.unit.dispatch.flows import PAPER
from tests.unit.dispatch.scenes import (
    APPEAL,
    BREACH,
    EXPECTED,
    EXTENSION,
    IN_FLOW,
    KEYS,
    NOW,
    ROW_OF,
    SUSPENSION,
    Key,
    Scene,
    good,
    scene,
    share,
)


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


WAITS_NOT = {"return_pending": False}
FILED = {"state": CaseState.FILED, "unit": None}
HERE = BREACH.model_copy(update={"due_at": NOW})
OLD = BREACH.model_copy(update={"due_at": NOW - timedelta(days=3, seconds=1)})
COUNTY_REF = UnitRef(code=COUNTY, names=named(COUNTY), kind=UnitKind.DEPARTMENT, area=GRID[:6])
TEAM_REF = UnitRef(code=TEAM, names=named(TEAM), kind=UnitKind.OFFICER_TEAM, area=GRID)
LOOKING = scene((Verb.STEP, None), CaseState.ACCEPTED, Role.INSPECTOR)
RULING = scene((Verb.STEP, None), CaseState.ACCEPTED, Role.DISPATCHER)
SPOILT: list[tuple[Guard, Scene, Rule]] = [
    *(
        (Guard.OWN_UNIT, good(verb).with_actor(unit=unit), Rule.NOT_YOUR_UNIT)
        for verb in (Verb.ACCEPT, Verb.RETURN, Verb.HANDLED, Verb.SUSPEND, Verb.EXTEND)
        for unit in (None, CENTRE)
    ),
    *(
        (Guard.REASON_GIVEN, good(*key).with_request(reason=reason), Rule.REASON_MISSING)
        for key in KEYS
        if Guard.REASON_GIVEN in ROW_OF[key].guards
        for reason in ("", " \n")
    ),
    *(
        (Guard.NOTHING_PENDING, good(verb).pending(kind), Rule.REQUEST_PENDING)
        for verb in (Verb.RETURN, Verb.SUSPEND, Verb.EXTEND)
        for kind in RequestKind
    ),
    *(  # it lapses only when the rules say so: until then another cannot take its place
        (
            Guard.NOTHING_PENDING,
            good(verb).pending(SUSPENSION, lapses_at=NOW - timedelta(seconds=1)),
            Rule.REQUEST_PENDING,
        )
        for verb in (Verb.RETURN, Verb.SUSPEND, Verb.EXTEND)
    ),
    *(  # whoever decides requests is told that there is none, whatever kinds he decides
        (
            Guard.REQUEST_PENDING,
            good(verb).pending(None).with_case(**WAITS_NOT).with_actor(roles=(role,)),
            Rule.NO_REQUEST_PENDING,
        )
        for verb in (Verb.APPROVE, Verb.DENY)
        for role in ("dispatcher", "supervisor")
    ),
    (  # as a case looks whose return was asked for by an older version
        Guard.NOTHING_PENDING,
        good(Verb.RETURN).with_case(return_pending=True),
        Rule.REQUEST_PENDING,
    ),
    (Guard.RETURNS_LEFT, good(Verb.RETURN).with_case(returns=2), Rule.RETURNED_TWICE),
    *(
        (
            Guard.REQUEST_PENDING,
            good(verb).pending(None).with_case(return_pending=False),
            Rule.NO_REQUEST_PENDING,
        )
        for verb in (Verb.APPROVE, Verb.DENY)
    ),
    *(
        (
            Guard.REQUEST_PENDING,
            good(verb, kind).pending(kind, lapses_at=NOW - timedelta(seconds=1)),
            Rule.NO_REQUEST_PENDING,
        )
        for verb in (Verb.APPROVE, Verb.DENY)
        for kind in (SUSPENSION, EXTENSION)
    ),
    *(
        (
            Guard.NOT_THE_ASKER,
            good(*key).pending(kind, subject="somebody"),
            Rule.ASKER_NEVER_DECIDES,
        )
        for key in KEYS
        if (kind := key[1]) is not None
    ),
    *(
        (Guard.HIGH_ENOUGH, good(*key).with_actor(area=area), Rule.LEVEL_TOO_LOW)
        for key in KEYS
        if key[1] in {SUSPENSION, EXTENSION}
        for area in (GRID[:9], GRID[:12])
    ),
    (
        Guard.NOT_SUSPENDED,
        good(Verb.SUSPEND).with_case(suspension=good(Verb.RESUME).case.suspension),
        Rule.SUSPENDED,
    ),
    *(
        (
            Guard.NOT_SUSPENDED,
            good(verb).with_case(suspension=good(Verb.RESUME).case.suspension),
            Rule.SUSPENDED,
        )
        for verb in (Verb.WHISTLE, Verb.CO_ACCEPT)
    ),
    (
        Guard.STILL_TO_COME,
        good(Verb.APPROVE, SUSPENSION).pending(SUSPENSION, until=NOW),
        Rule.UNTIL_PASSED,
    ),
    (Guard.SUSPENDED, good(Verb.RESUME).with_case(suspension=None), Rule.NOT_SUSPENDED),
    (Guard.UNIT_OR_CENTRE, good(Verb.RESUME).with_actor(unit=CENTRE), Rule.NOT_YOUR_UNIT),
    *(
        (Guard.UNTIL_GIVEN, good(Verb.SUSPEND).with_request(until=until), Rule.UNTIL_MISSING)
        for until in (None, NOW)
    ),
    (
        Guard.UNTIL_ALLOWED,
        good(Verb.SUSPEND).with_request(until=NOW + timedelta(days=181)),
        Rule.UNTIL_TOO_FAR,
    ),
    (Guard.HAS_A_LIMIT, good(Verb.EXTEND).with_case(limits=Limits()), Rule.NO_LIMIT),
    (Guard.AMOUNT_GIVEN, good(Verb.EXTEND).with_request(amount=None), Rule.AMOUNT_MISSING),
    (
        Guard.NOT_LONGER,
        good(Verb.EXTEND).with_request(amount=2.01),
        Rule.LONGER_THAN_THE_LIMIT,
    ),
    (Guard.EXTENSIONS_LEFT, good(Verb.EXTEND).with_case(extensions=2), Rule.EXTENDED_TWICE),
    *(
        (Guard.NOT_BREACHED, replace(one, breaches=(HERE,)), Rule.LIMIT_BREACHED)
        for one in (good(Verb.EXTEND), good(Verb.APPROVE, EXTENSION))
    ),
    *(
        (Guard.MAY_URGE, good(Verb.URGE).with_actor(roles=(role,)), Rule.ROLE_NOT_ALLOWED)
        for role in ("reporter", "officer", "inspector")
    ),
    (
        Guard.NOT_JUST_URGED,
        good(Verb.URGE).with_case(urged_at=NOW - timedelta(minutes=9)),
        Rule.URGED_JUST_NOW,
    ),
    (Guard.NOT_TOLD_YET, good(Verb.CC).with_request(unit=TEAM), Rule.COPIED_BEFORE),
    (Guard.NOT_TOLD_YET, good(Verb.CC).with_case(cc=(COUNTY_REF,)), Rule.COPIED_BEFORE),
    *(
        (
            Guard.IN_HAND,
            good(*key).with_case(centre=GRID[:6]).with_actor(area=GRID[:9]),
            Rule.WITH_HIGHER_CENTRE,
        )
        for key in KEYS
        if Guard.IN_HAND in ROW_OF[key].guards
    ),
    *(
        (Guard.BREACH_IS_OURS, one, Rule.NOT_BREACHED_BY_YOU)
        for one in (
            replace(good(Verb.APPEAL), breaches=()),
            good(Verb.APPEAL).with_actor(unit=CENTRE),
            good(Verb.APPEAL).with_actor(unit=None),
            good(Verb.APPEAL).with_request(clock=None),
            good(Verb.APPEAL).with_request(clock=Stage.ACCEPT),
            good(Verb.APPEAL).with_case(appeals=(APPEAL,)),
        )
    ),
    (
        Guard.APPEAL_IN_TIME,
        replace(good(Verb.APPEAL), breaches=(OLD,)),
        Rule.TOO_LATE_TO_APPEAL,
    ),
    (
        Guard.NO_APPEAL_PENDING,
        good(Verb.APPEAL).with_case(appeals=(APPEAL.model_copy(update={"run": 7}),)),
        Rule.APPEAL_PENDING,
    ),
    *(
        (guard, one, rule)
        for verb in (Verb.UPHOLD, Verb.OVERRULE)
        for guard, one, rule in (
            (
                Guard.APPEAL_PENDING,
                good(verb).with_case(
                    appeals=(APPEAL.model_copy(update={"state": AppealState.UPHELD}),)
                ),
                Rule.NO_APPEAL_PENDING,
            ),
            (Guard.APPEAL_PENDING, good(verb).with_case(appeals=()), Rule.NO_APPEAL_PENDING),
            (
                Guard.NOT_THE_APPELLANT,
                good(verb).with_actor(subject="asker"),
                Rule.ASKER_NEVER_DECIDES,
            ),
            (Guard.NOT_THE_APPELLANT, good(verb).with_actor(unit=TEAM), Rule.ASKER_NEVER_DECIDES),
            (Guard.ABOVE_THE_UNIT, good(verb).with_actor(area=GRID[:9]), Rule.LEVEL_TOO_LOW),
        )
    ),
    *(
        (Guard.UNIT_OR_CENTRE, good(verb).with_actor(unit=CENTRE), Rule.NOT_YOUR_UNIT)
        for verb in (Verb.WHISTLE, Verb.CO_WITHDRAW)
    ),
    *(
        (Guard.NOT_CO_OPERATING, one, Rule.CO_OPERATES_ALREADY)
        for one in (
            good(Verb.WHISTLE).with_request(unit=TEAM),
            good(Verb.WHISTLE).with_case(tasks=(share(Verb.CO_DONE),)).with_request(unit=CITY),
        )
    ),
    (
        Guard.TASKS_LEFT,
        good(Verb.WHISTLE).with_case(
            tasks=(share(Verb.CO_DONE).model_copy(update={"state": TaskState.DONE}),) * 20
        ),
        Rule.TOO_MANY_TASKS,
    ),
    *(
        (guard, good(verb).with_actor(unit=unit), Rule.NO_TASK)
        for verb, guard in (
            (Verb.CO_ACCEPT, Guard.TASK_ASSIGNED),
            (Verb.CO_DONE, Guard.TASK_ACCEPTED),
            (Verb.CO_DECLINE, Guard.TASK_OPEN),
        )
        for unit in (None, TEAM, COUNTY)
    ),
    (
        Guard.TASK_ASSIGNED,
        good(Verb.CO_ACCEPT).with_case(tasks=(share(Verb.CO_DONE),)),
        Rule.NO_TASK,
    ),
    (
        Guard.TASK_ACCEPTED,
        good(Verb.CO_DONE).with_case(tasks=(share(Verb.CO_ACCEPT),)),
        Rule.NO_TASK,
    ),
    (Guard.HAS_TASK, good(Verb.CO_WITHDRAW).with_request(unit=COUNTY), Rule.NO_TASK),
    *(
        (Guard.LEAD_AT_WORK, good(verb).with_case(lead_done_at=NOW), Rule.LEAD_IS_DONE)
        for verb in (Verb.HANDLED, Verb.RETURN)
    ),
    *(
        (Guard.EMERGENCY, good(verb).with_case(emergency=False), Rule.NO_EMERGENCY)
        for verb in (Verb.TAKE_FIRST, Verb.MAKE_SAFE)
    ),
    *(
        (Guard.OF_A_UNIT, good(verb).with_actor(unit=unit), Rule.UNIT_MISSING)
        for verb in (Verb.TAKE_FIRST, Verb.MAKE_SAFE)
        for unit in (None, "no-such")
    ),
    (
        Guard.NOBODY_FIRST,
        good(Verb.TAKE_FIRST).with_case(first=TEAM_REF),
        Rule.ANOTHER_WAS_FIRST,
    ),
    (
        Guard.NOT_SAFE_YET,
        good(Verb.MAKE_SAFE).with_case(
            times=good(Verb.MAKE_SAFE).case.times.model_copy(update={"made_safe_at": NOW})
        ),
        Rule.SAFE_ALREADY,
    ),
    *(
        (Guard.HAS_FLOW, good(Verb.STEP).with_case(flow=ref), Rule.NO_FLOW)
        for ref in (None, IN_FLOW.model_copy(update={"end": IN_FLOW.state}))
    ),
    *(
        (Guard.TURN_KNOWN, one, Rule.UNKNOWN_TURN)
        for one in (
            good(Verb.STEP).with_request(turn=None),
            good(Verb.STEP).with_request(turn="in_order"),
        )
    ),
    *(
        (Guard.TURN_IS_THEIRS, one, Rule.NOT_YOUR_TURN)
        for one in (
            good(Verb.STEP).with_actor(unit=None),
            good(Verb.STEP).with_actor(unit=CENTRE),
            good(Verb.STEP).with_request(turn="look"),
            good(Verb.STEP).with_request(turn="rule"),
            LOOKING.with_request(turn="order"),
            LOOKING.with_actor(subject="member"),
            LOOKING.with_actor(unit=CENTRE),
            RULING.with_case(centre=GRID[:6]).with_actor(area=GRID[:9]),
        )
    ),
    (Guard.TURN_REASON, good(Verb.STEP).with_request(reason=" "), Rule.REASON_MISSING),
    *(
        (Guard.PAPERS_BROUGHT, good(Verb.STEP).with_request(papers=papers), Rule.PAPER_MISSING)
        for papers in (
            (),
            (PAPER.model_copy(update={"code": "another"}),),
            (PAPER, PAPER.model_copy(update={"code": "another"})),
        )
    ),
    (
        Guard.FINDINGS_BROUGHT,
        good(Verb.STEP).with_request(found=(FINDING,)),
        Rule.FINDING_MISSING,
    ),
    (
        Guard.LEVEL_GIVEN,
        good(Verb.SUPERVISE).with_request(level=None),
        Rule.SUPERVISION_MISSING,
    ),
    (
        Guard.OF_A_TOWN_OR_ABOVE,
        good(Verb.SUPERVISE).with_actor(area=GRID[:12]),
        Rule.LEVEL_TOO_LOW,
    ),
    *(
        (
            Guard.RISES,
            replace(good(Verb.SUPERVISE), supervision=level, supervised_by="9901"),
            Rule.SUPERVISED_ALREADY,
        )
        for level in ("yellow_card", "red_card")
    ),
    (Guard.IS_SUPERVISED, replace(good(Verb.RELEASE), supervision=None), Rule.NOT_SUPERVISED),
    (
        Guard.AS_HIGH_AS_THE_ISSUER,
        replace(good(Verb.RELEASE), supervised_by=GRID[:6]).with_actor(area=GRID[:9]),
        Rule.LEVEL_TOO_LOW,
    ),
    (Guard.FLOW_AT_ITS_END, good(Verb.HANDLED).with_case(flow=IN_FLOW), Rule.FLOW_GOES_ON),
    (Guard.ABOVE, good(Verb.HAND_UP).with_case(centre="9901"), Rule.NOT_ABOVE),
    (Guard.ABOVE, good(Verb.HAND_UP).with_request(area="990102"), Rule.NOT_ABOVE),
    *(
        (Guard.BELOW, good(Verb.HAND_DOWN).with_request(area=area), Rule.NOT_BELOW)
        for area in (None, "9901", "990102", "990101002")
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
    *(
        (Guard.UNIT_NAMED, good(verb).with_request(unit=None), Rule.UNKNOWN_UNIT)
        for verb in (Verb.REASSIGN, Verb.CC, Verb.WHISTLE)
    ),
    *(
        (Guard.UNIT_KNOWN, good(verb).with_request(unit="no-such"), Rule.UNKNOWN_UNIT)
        for verb in (Verb.REASSIGN, Verb.APPROVE, Verb.CC, Verb.WHISTLE)
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
