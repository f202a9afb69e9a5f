"""How each guard is checked, and the rule that it stands for."""

from collections.abc import Callable, Collection
from datetime import timedelta

from services.dispatch.domain.disputes import disputed, in_time
from services.dispatch.domain.disputes import pending as appeal_pending
from services.dispatch.domain.dossier import Breach
from services.dispatch.domain.flowing import goes_on, turn_of
from services.dispatch.domain.guards import WHO_IS_ABOVE, WHO_URGE, Guard
from services.dispatch.domain.passing_on import above, below
from services.dispatch.domain.question import Question
from services.dispatch.domain.rearming import is_armed_otherwise, policy_of
from services.dispatch.domain.requests import MAX_EXTENSIONS, own_limits, too_far
from services.dispatch.domain.tasks import MAX_TASKS, co_operates, task_of
from services.dispatch.domain.verifiers import (
    look_is_theirs,
    no_other_looks,
    not_a_handler,
    one_level_up,
)
from services.dispatch.domain.working_time import calendar_then
from shared.contracts.base import ANONYMOUS, TOWN_DIGITS
from shared.contracts.case_v1 import MAX_RETURNS, OPEN_TASKS, Appeal, TaskState
from shared.contracts.flows import TURNS_OF, FlowActor, FlowTurn
from shared.contracts.levels import DIGITS, SupervisionLevel
from shared.contracts.policies import Policy
from shared.contracts.roles import OF_A_CENTRE, Role
from shared.contracts.rule_v1 import Rule

URGE_PAUSE = timedelta(minutes=10)
"""So long after an urging nobody urges again."""


def _reason_given(q: Question) -> bool:
    return bool(q.asked.request.reason.strip())


def _high_enough(q: Question) -> bool:
    level = q.case.request.level if q.case.request else None
    area = q.level
    return level is None or area is None or len(area) <= DIGITS[level]


def _still_to_come(q: Question) -> bool:
    until = q.case.request.until if q.case.request else None
    return until is None or until > q.asked.received_at


def _not_longer(q: Question) -> bool:
    """Beside the limit as it was filed: extensions granted before do not count."""
    amount, limit = q.asked.request.amount, own_limits(q.case, q.decided).handle
    return amount is None or limit is None or amount <= limit.amount


def _not_breached(q: Question) -> bool:
    breached, times = q.dossier.breached_at, q.case.times
    since = times.dispatched_at or times.filed_at  # what was put right on site nobody dispatched
    if q.case.flow is not None:
        since = max(since, q.case.flow.since)
    # What another unit breached before is not this one's, nor an earlier state of the flow this.
    return breached is None or breached < since


def _not_told_yet(q: Question) -> bool:
    case = q.case
    known = {one.code for one in (*case.co_units, *case.cc)}
    return q.asked.request.unit not in known | ({case.unit.code} if case.unit else set())


def _in_hand(q: Question) -> bool:
    centre, area = q.centre, q.level
    return centre is None or area is None or len(area) <= len(centre)


def _ruled_from_town(q: Question) -> bool:
    named = q.asked.request.unit is not None
    return not (named and q.to_be_ruled) or _digits(q) <= TOWN_DIGITS


def _disputed(q: Question) -> Breach | None:
    return disputed(q.case, q.dossier.breaches, q.asked.actor.unit, q.asked.request.clock)


def _appeal_in_time(q: Question) -> bool:
    breach = _disputed(q)
    if breach is None:
        return True
    calendar = calendar_then(q.case, q.registry, q.asked.received_at)
    return in_time(breach, q.asked.received_at, calendar, q.decided.requests)


def _appeal(q: Question) -> Appeal | None:
    return appeal_pending(q.case, q.asked.request.appeal)


def _not_the_appellant(q: Question) -> bool:
    found, actor = _appeal(q), q.asked.actor
    return found is None or (actor.subject != found.subject and actor.unit != found.unit)


def _above_the_unit(q: Question) -> bool:
    found, area = _appeal(q), q.level
    return found is None or area is None or len(area) <= DIGITS[found.level]


def _has_task(q: Question, states: Collection[TaskState]) -> bool:
    return task_of(q.case, q.asked.actor.unit, states) is not None


def _of_a_unit(q: Question) -> bool:
    unit = q.asked.actor.unit
    return unit is not None and q.registry.unit(unit, q.asked.received_at) is not None


def _turn(q: Question) -> FlowTurn | None:
    return turn_of(q.case, q.asked.request.turn)


def _turn_is_theirs(q: Question) -> bool:
    turn, roles = _turn(q), q.asked.actor.roles
    if turn is None or not TURNS_OF[turn.by].intersection(roles):
        return False
    match turn.by:
        case FlowActor.UNIT:
            return _own_unit(q)
        case FlowActor.CHECKER:
            return not_a_handler(q)
        case FlowActor.CENTRE:
            return _in_hand(q)


def _turn_left(q: Question) -> bool:
    turn = _turn(q)
    return q.case.flow is None or turn is None or q.case.flow.is_left(turn)


def _turn_reason(q: Question) -> bool:
    turn = _turn(q)
    return turn is None or not turn.reason or _reason_given(q)


def _papers_brought(q: Question) -> bool:
    """Of one code several sheets may come, each once: the hash tells which is which."""
    turn, papers = _turn(q), q.asked.request.papers
    if turn is None or len({(one.code, one.sha256) for one in papers}) < len(papers):
        return False
    return {one.code for one in papers} == {one.code for one in turn.papers}


def _findings_brought(q: Question) -> bool:
    turn, found = _turn(q), q.asked.request.found
    plan = q.report.report.plan if q.report else None
    items = {one.code for one in plan.checklist} if plan else set()
    if turn is None or turn.finds != bool(found):
        return False
    return all(one.item in items for one in found)


def _digits(q: Question) -> int:
    """How long the code of the actor's area is; of one who acts everywhere none."""
    return len(q.level or "")


def _rises(q: Question) -> bool:
    wanted, now = q.asked.request.level, q.dossier.supervision
    return wanted is None or now is None or wanted.rank > SupervisionLevel(now).rank


def _told_or_above(q: Question) -> bool:
    if WHO_IS_ABOVE.intersection(q.asked.actor.roles) or _own_unit(q):
        return True
    return _has_task(q, OPEN_TASKS)


def _policy(q: Question) -> Policy | None:
    return policy_of(q.case, q.registry, q.asked.received_at)


def _armed_otherwise(q: Question) -> bool:
    policy = _policy(q)
    return policy is not None and is_armed_otherwise(q.case, q.decided, policy, q.registry)


def _own_unit(q: Question) -> bool:
    return q.case.unit is not None and q.asked.actor.unit == q.case.unit.code


def _unit_known(q: Question) -> bool:
    named = q.asked.request.unit
    return named is None or q.registry.unit(named, q.asked.received_at) is not None


def _other_unit(q: Question) -> bool:
    named = q.asked.request.unit
    if q.case.unit is not None and q.case.unit.code == named:
        return False
    return named not in q.decided.returned_by or q.to_be_ruled


def _head_rules(q: Question) -> bool:
    named = q.asked.request.unit is not None
    return not (named and q.to_be_ruled) or Role.DUTY_HEAD in q.asked.actor.roles


def _own_report(q: Question) -> bool:
    return bool(OF_A_CENTRE.intersection(q.asked.actor.roles)) or _reported_it(q)


def _condition_known(q: Question) -> bool:
    named, fit = q.asked.request.condition, q.filing.fit if q.filing else None
    return named is None or fit is None or named in {one.code for one in fit.matter.conditions}


def _may_urge(q: Question) -> bool:
    above = bool(WHO_URGE.intersection(q.asked.actor.roles))
    return above or q.asked.follower is not None or _reported_it(q)


def _reported_it(q: Question) -> bool:
    return q.asked.actor.subject == q.reporter != ANONYMOUS


def _in_time_to_reopen(q: Question) -> bool:
    closed = q.case.times.closed_at
    limit = timedelta(days=q.decided.reopen_within_days)
    return closed is not None and q.asked.received_at <= closed + limit


def _not_fileable(q: Question) -> Rule:
    return q.filing.rule if q.filing else Rule.NOT_IN_REVIEW


CHECKS: dict[Guard, tuple[Callable[[Question], bool], Rule | Callable[[Question], Rule]]] = {
    Guard.OWN_UNIT: (_own_unit, Rule.NOT_YOUR_UNIT),
    Guard.REASON_GIVEN: (_reason_given, Rule.REASON_MISSING),
    Guard.NOTHING_PENDING: (lambda q: q.pending is None, Rule.REQUEST_PENDING),
    Guard.REQUEST_PENDING: (
        lambda q: q.pending is not None and q.in_time,
        Rule.NO_REQUEST_PENDING,
    ),
    Guard.STILL_TO_COME: (_still_to_come, Rule.UNTIL_PASSED),
    Guard.NOT_THE_ASKER: (
        lambda q: q.case.request is None or q.case.request.subject != q.asked.actor.subject,
        Rule.ASKER_NEVER_DECIDES,
    ),
    Guard.HIGH_ENOUGH: (_high_enough, Rule.LEVEL_TOO_LOW),
    Guard.NOT_SUSPENDED: (lambda q: q.case.suspension is None, Rule.SUSPENDED),
    Guard.SUSPENDED: (lambda q: q.case.suspension is not None, Rule.NOT_SUSPENDED),
    Guard.UNIT_OR_CENTRE: (
        lambda q: bool(OF_A_CENTRE.intersection(q.asked.actor.roles)) or _own_unit(q),
        Rule.NOT_YOUR_UNIT,
    ),
    Guard.UNTIL_GIVEN: (
        lambda q: q.asked.request.until is not None and q.asked.request.until > q.asked.received_at,
        Rule.UNTIL_MISSING,
    ),
    Guard.UNTIL_ALLOWED: (
        lambda q: (
            q.asked.request.until is None
            or not too_far(q.asked.request.until, q.asked.received_at, q.decided.requests)
        ),
        Rule.UNTIL_TOO_FAR,
    ),
    Guard.HAS_A_LIMIT: (lambda q: q.case.limits.handle is not None, Rule.NO_LIMIT),
    Guard.AMOUNT_GIVEN: (lambda q: q.asked.request.amount is not None, Rule.AMOUNT_MISSING),
    Guard.NOT_LONGER: (_not_longer, Rule.LONGER_THAN_THE_LIMIT),
    Guard.EXTENSIONS_LEFT: (lambda q: q.case.extensions < MAX_EXTENSIONS, Rule.EXTENDED_TWICE),
    Guard.NOT_BREACHED: (_not_breached, Rule.LIMIT_BREACHED),
    Guard.MAY_URGE: (_may_urge, Rule.ROLE_NOT_ALLOWED),
    Guard.NOT_JUST_URGED: (
        lambda q: q.case.urged_at is None or q.asked.received_at >= q.case.urged_at + URGE_PAUSE,
        Rule.URGED_JUST_NOW,
    ),
    Guard.NOT_TOLD_YET: (_not_told_yet, Rule.COPIED_BEFORE),
    Guard.IN_HAND: (_in_hand, Rule.WITH_HIGHER_CENTRE),
    Guard.UNIT_OR_IN_HAND: (lambda q: _own_unit(q) or _in_hand(q), Rule.WITH_HIGHER_CENTRE),
    Guard.REPORTER_OR_IN_HAND: (
        lambda q: _reported_it(q) or _in_hand(q),
        Rule.WITH_HIGHER_CENTRE,
    ),
    Guard.RULED_FROM_TOWN: (_ruled_from_town, Rule.LEVEL_TOO_LOW),
    Guard.BREACH_IS_OURS: (lambda q: _disputed(q) is not None, Rule.NOT_BREACHED_BY_YOU),
    Guard.APPEAL_IN_TIME: (_appeal_in_time, Rule.TOO_LATE_TO_APPEAL),
    Guard.APPEAL_PENDING: (lambda q: _appeal(q) is not None, Rule.NO_APPEAL_PENDING),
    Guard.NOT_THE_APPELLANT: (_not_the_appellant, Rule.ASKER_NEVER_DECIDES),
    Guard.NOT_THE_ISSUER: (
        lambda q: q.asked.actor.subject not in q.dossier.issuers,
        Rule.ISSUER_NEVER_DECIDES_APPEAL,
    ),
    Guard.ABOVE_THE_UNIT: (_above_the_unit, Rule.LEVEL_TOO_LOW),
    Guard.NOT_CO_OPERATING: (
        lambda q: not co_operates(q.case, q.asked.request.unit or ""),
        Rule.CO_OPERATES_ALREADY,
    ),
    Guard.TASKS_LEFT: (lambda q: len(q.case.tasks) < MAX_TASKS, Rule.TOO_MANY_TASKS),
    Guard.TASK_ASSIGNED: (lambda q: _has_task(q, {TaskState.ASSIGNED}), Rule.NO_TASK),
    Guard.TASK_ACCEPTED: (lambda q: _has_task(q, {TaskState.ACCEPTED}), Rule.NO_TASK),
    Guard.TASK_OPEN: (lambda q: _has_task(q, OPEN_TASKS), Rule.NO_TASK),
    Guard.HAS_TASK: (
        lambda q: task_of(q.case, q.asked.request.unit, OPEN_TASKS) is not None,
        Rule.NO_TASK,
    ),
    Guard.LEAD_AT_WORK: (lambda q: q.case.lead_done_at is None, Rule.LEAD_IS_DONE),
    Guard.STILL_TO_DO: (
        lambda q: (
            q.case.lead_done_at is None or bool(OF_A_CENTRE.intersection(q.asked.actor.roles))
        ),
        Rule.LEAD_IS_DONE,
    ),
    Guard.EMERGENCY: (lambda q: q.case.emergency, Rule.NO_EMERGENCY),
    Guard.NOT_SAFE_YET: (lambda q: q.case.times.made_safe_at is None, Rule.SAFE_ALREADY),
    Guard.NOBODY_FIRST: (lambda q: q.case.first is None, Rule.ANOTHER_WAS_FIRST),
    Guard.OF_A_UNIT: (_of_a_unit, Rule.UNIT_MISSING),
    Guard.ABOVE: (lambda q: above(q.case, q.asked) is not None, Rule.NOT_ABOVE),
    Guard.BELOW: (lambda q: below(q.case, q.asked) is not None, Rule.NOT_BELOW),
    Guard.RETURNS_LEFT: (lambda q: q.case.returns < MAX_RETURNS, Rule.RETURNED_TWICE),
    Guard.OUTCOME_GIVEN: (lambda q: q.asked.request.passed is not None, Rule.OUTCOME_MISSING),
    Guard.NOT_A_HANDLER: (not_a_handler, Rule.HANDLER_NEVER_VERIFIES),
    Guard.ONE_LEVEL_UP: (one_level_up, Rule.ONE_LEVEL_UP),
    Guard.UNIT_NAMED: (lambda q: q.asked.request.unit is not None, Rule.UNKNOWN_UNIT),
    Guard.UNIT_KNOWN: (_unit_known, Rule.UNKNOWN_UNIT),
    Guard.OTHER_UNIT: (_other_unit, Rule.SAME_UNIT),
    Guard.HEAD_RULES: (_head_rules, Rule.DUTY_HEAD_RULES),
    Guard.OWN_REPORT: (_own_report, Rule.ROLE_NOT_ALLOWED),
    Guard.IN_TIME_TO_REOPEN: (_in_time_to_reopen, Rule.TOO_LATE_TO_REOPEN),
    Guard.FILEABLE: (lambda q: q.filing is not None and q.filing.fit is not None, _not_fileable),
    Guard.NOT_THE_REJECTER: (
        lambda q: q.decided.rejected_by != q.asked.actor.subject,
        Rule.REJECTER_NEVER_DECIDES_APPEAL,
    ),
    Guard.NOT_WHO_APPEALED: (
        lambda q: not (q.decided.appealed and _reported_it(q)),
        Rule.ASKER_NEVER_DECIDES,
    ),
    Guard.REPORTED_IT: (_reported_it, Rule.ROLE_NOT_ALLOWED),
    Guard.FIRST_APPEAL: (lambda q: not q.decided.appealed, Rule.APPEALED_BEFORE),
    Guard.PLATFORM_NAMED: (
        lambda q: bool((q.asked.request.to or "").strip()),
        Rule.PLATFORM_MISSING,
    ),
    Guard.LOCATED: (
        lambda q: q.filing is not None and q.filing.grid is not None,
        Rule.OUTSIDE_EVERY_GRID,
    ),
    Guard.CONDITION_KNOWN: (_condition_known, Rule.UNKNOWN_CONDITION),
    Guard.FAILURE_EXPLAINED: (
        lambda q: q.asked.request.passed is not False or _reason_given(q),
        Rule.REASON_MISSING,
    ),
    Guard.NO_LOOK_YET: (no_other_looks, Rule.LOOK_ORDERED),
    Guard.LOOK_ORDERED: (lambda q: q.decided.look, Rule.NO_LOOK_ORDERED),
    Guard.LOOK_IS_THEIRS: (look_is_theirs, Rule.NOT_YOUR_UNIT),
    Guard.LEVEL_GIVEN: (lambda q: q.asked.request.level is not None, Rule.SUPERVISION_MISSING),
    Guard.RISES: (_rises, Rule.SUPERVISED_ALREADY),
    Guard.IS_SUPERVISED: (lambda q: q.dossier.supervision is not None, Rule.NOT_SUPERVISED),
    Guard.TOLD_OF: (lambda q: bool(q.dossier.told), Rule.NOT_SUPERVISED),
    Guard.NOT_SEEN_YET: (lambda q: bool(q.dossier.unacknowledged), Rule.ACKNOWLEDGED_ALREADY),
    Guard.TOLD_OR_ABOVE: (_told_or_above, Rule.NOT_YOUR_UNIT),
    Guard.POLICY_THERE: (lambda q: _policy(q) is not None, Rule.NO_POLICY),
    Guard.ARMED_OTHERWISE: (_armed_otherwise, Rule.NOTHING_TO_REARM),
    Guard.AS_HIGH_AS_THE_ISSUER: (
        lambda q: _digits(q) <= len(q.dossier.supervised_by or "") or not q.dossier.supervised_by,
        Rule.LEVEL_TOO_LOW,
    ),
    Guard.FLOW_AT_ITS_END: (lambda q: not goes_on(q.case), Rule.FLOW_GOES_ON),
    Guard.HAS_FLOW: (lambda q: goes_on(q.case), Rule.NO_FLOW),
    Guard.TURN_KNOWN: (lambda q: _turn(q) is not None, Rule.UNKNOWN_TURN),
    Guard.TURN_IS_THEIRS: (_turn_is_theirs, Rule.NOT_YOUR_TURN),
    Guard.TURN_LEFT: (_turn_left, Rule.TURN_USED_UP),
    Guard.TURN_REASON: (_turn_reason, Rule.REASON_MISSING),
    Guard.FINDINGS_BROUGHT: (_findings_brought, Rule.FINDING_MISSING),
    Guard.PAPERS_BROUGHT: (_papers_brought, Rule.PAPER_MISSING),
    Guard.NOT_THE_REPORTER: (
        lambda q: q.asked.actor.subject != q.reporter,
        Rule.REPORTER_NEVER_VERIFIES,
    ),
}


def broken(guard: Guard, question: Question) -> Rule | None:
    """The rule by which a guard forbids it; None where it holds."""
    holds, rule = CHECKS[guard]
    if holds(question):
        return None
    return rule if isinstance(rule, Rule) else rule(question)
