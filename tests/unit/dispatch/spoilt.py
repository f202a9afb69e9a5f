"""Scenes in which one guard does not hold, each with the guard and the rule that refuses it."""

from dataclasses import replace
from datetime import timedelta

from services.dispatch.domain.guards import Guard
from shared.contracts.base import Limits, Stage
from shared.contracts.case_refs_v1 import UnitRef
from shared.contracts.case_v1 import AppealState, CaseState, RequestKind, TaskState
from shared.contracts.incidents_v1 import Verb
from shared.contracts.routing_rules import UnitKind
from shared.contracts.rule_v1 import Rule
from tests.unit.dispatch.city import CENTRE, CITY, COUNTY, GRID, TEAM, named
from tests.unit.dispatch.scenes import (
    APPEAL,
    BREACH,
    EXTENSION,
    HANDS,
    KEYS,
    NOW,
    ROW_OF,
    SUSPENSION,
    Scene,
    decided_by_a_town,
    good,
    share,
)
from tests.unit.dispatch.spoilt_turns import OF_FLOWS_AND_SUPERVISION

WAITS_NOT = {"return_pending": False}
FILED = {"state": CaseState.FILED, "unit": None}
HERE = BREACH.model_copy(update={"due_at": NOW})
OLD = BREACH.model_copy(update={"due_at": NOW - timedelta(days=3, seconds=1)})
COUNTY_REF = UnitRef(code=COUNTY, names=named(COUNTY), kind=UnitKind.DEPARTMENT, area=GRID[:6])
TEAM_REF = UnitRef(code=TEAM, names=named(TEAM), kind=UnitKind.OFFICER_TEAM, area=GRID)
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
        (
            Guard.NOT_THE_ASKER,
            good(verb).pending(RequestKind.RETURN, subject="somebody"),
            Rule.ASKER_NEVER_DECIDES,
        )
        for verb in (Verb.REASSIGN, Verb.HAND_UP, Verb.HAND_DOWN)
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
            guard,
            decided_by_a_town(*key).with_case(centre=GRID[:6]).with_actor(area=GRID[:9]),
            Rule.WITH_HIGHER_CENTRE,
        )
        for key in KEYS
        for guard in HANDS & set(ROW_OF[key].guards)
    ),
    *(
        (
            Guard.RULED_FROM_TOWN,
            good(verb)
            .with_case(returns=2)
            .with_request(unit=COUNTY)
            .with_actor(roles=("duty_head",), area=GRID[:12]),
            Rule.LEVEL_TOO_LOW,
        )
        for verb in (Verb.REASSIGN, Verb.APPROVE)
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
                Guard.APPEAL_PENDING,
                good(verb).with_request(appeal="lead/handle/2"),
                Rule.NO_APPEAL_PENDING,
            ),
            (
                Guard.NOT_THE_APPELLANT,
                good(verb).with_actor(subject="asker"),
                Rule.ASKER_NEVER_DECIDES,
            ),
            (Guard.NOT_THE_APPELLANT, good(verb).with_actor(unit=TEAM), Rule.ASKER_NEVER_DECIDES),
            (
                Guard.NOT_THE_ISSUER,
                replace(good(verb), issuers=("issuer",)).with_actor(subject="issuer"),
                Rule.ISSUER_NEVER_DECIDES_APPEAL,
            ),
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
        for verb in (Verb.HANDLED, Verb.RETURN, Verb.SUSPEND, Verb.EXTEND)
    ),
    (
        Guard.STILL_TO_DO,
        good(Verb.WHISTLE)
        .with_actor(roles=("unit_member",), unit=TEAM)
        .with_case(lead_done_at=NOW),
        Rule.LEAD_IS_DONE,
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
    *(
        (
            Guard.NOT_SAFE_YET,
            good(verb).with_case(
                times=good(verb).case.times.model_copy(update={"made_safe_at": NOW})
            ),
            Rule.SAFE_ALREADY,
        )
        for verb in (Verb.TAKE_FIRST, Verb.MAKE_SAFE)
    ),
    *OF_FLOWS_AND_SUPERVISION,
    (Guard.ABOVE, good(Verb.HAND_UP).with_case(centre="9901"), Rule.NOT_ABOVE),
    (Guard.ABOVE, good(Verb.HAND_UP).with_request(area="990102"), Rule.NOT_ABOVE),
    *(
        (Guard.BELOW, good(Verb.HAND_DOWN).with_request(area=area), Rule.NOT_BELOW)
        for area in (None, "9901", "990102", "990101002")
    ),
    (Guard.OUTCOME_GIVEN, good(Verb.VERIFY).with_request(passed=None), Rule.OUTCOME_MISSING),
    (
        Guard.FAILURE_EXPLAINED,
        good(Verb.VERIFY).with_request(passed=False, reason=" "),
        Rule.REASON_MISSING,
    ),
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
    (Guard.HEAD_RULES, good(Verb.REASSIGN).with_case(returns=2), Rule.DUTY_HEAD_RULES),
    (
        Guard.HEAD_RULES,
        good(Verb.APPROVE).with_case(returns=1).with_request(unit=COUNTY),
        Rule.DUTY_HEAD_RULES,
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
