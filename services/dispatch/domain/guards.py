"""Guards: what must hold for an action beside state and role. Each names the rule it stands for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from services.dispatch.domain.dossier import Decided
from services.dispatch.domain.finding import Findings, find
from services.dispatch.domain.putting_right import put_right
from shared.contracts.base import GRID_DIGITS, TOWN_DIGITS
from shared.contracts.case_v1 import Case
from shared.contracts.cases_v1 import Rule
from shared.contracts.incidents_v1 import ActionRequested, IncidentReported, Verb
from shared.contracts.roles import Role
from shared.contracts.routing_rules import UnitKind
from shared.registry.snapshot import Snapshot

LINKED, IN_REVIEW, REJECTED = "linked", "in_review", "rejected"
"""The states of an incident without a case of its own about which something may be asked."""
MAX_RETURNS = 2
"""After so many granted returns the centre above rules whose the case is (裁定)."""
ANONYMOUS = "anonymous"
"""The reporter of whoever showed no credentials; nobody can prove to be it."""
OFFICIALS_WHO_REOPEN = frozenset({Role.SUPERVISOR, Role.DISPATCHER, Role.DUTY_HEAD})


@dataclass(frozen=True, slots=True)
class Question:
    """An action and all that guards look at."""

    asked: ActionRequested
    decided: Decided
    report: IncidentReported | None
    registry: Snapshot

    @property
    def case(self) -> Case:
        """The case; rows of incidents without one have guards that ask for none."""
        if self.decided.case is None:
            raise ValueError("there is no case")
        return self.decided.case

    @property
    def state(self) -> str:
        """The state of the case, or what has become of an incident without one."""
        if self.decided.follows is not None:
            return LINKED
        case = self.decided.case
        return case.state if case is not None else self.decided.ending or "reported"

    @property
    def reporter(self) -> str | None:
        """The subject who reported it."""
        return self.report.reporter.subject if self.report else None

    @property
    def grid(self) -> str:
        """The grid in which it lies, else the area that the report names, else nothing."""
        if self.decided.follows is not None:
            return self.decided.follows.grid or ""
        if self.decided.case is not None:
            return self.decided.case.grid
        if self.report is None:
            return ""
        found = find(self.report, self.registry, self.asked.received_at).grid
        return found.code if found else self.report.report.area or ""

    @property
    def filing(self) -> Findings | None:
        """What the registry says of the report as the actor has put it right."""
        if self.report is None:
            return None
        return find(
            put_right(self.report, self.asked.request), self.registry, self.asked.received_at
        )

    @property
    def to_be_ruled(self) -> bool:
        """Whether it names the unit after the last return that a case may have."""
        granting = self.asked.request.action is Verb.APPROVE
        return self.case.returns + granting >= MAX_RETURNS


class Guard(StrEnum):
    """The guards by name, as the table reads."""

    OWN_UNIT = "the case is with the actor's unit"
    REASON_GIVEN = "a reason is given"
    NOTHING_PENDING = "no request waits"
    REQUEST_PENDING = "a request waits"
    RETURNS_LEFT = "fewer than two returns were granted"
    OUTCOME_GIVEN = "it says whether it passed"
    NOT_A_HANDLER = "neither the actor nor its unit took part in the handling"
    ONE_LEVEL_UP = "what the grid's own team handled is verified from the town upwards"
    UNIT_NAMED = "a unit is named"
    UNIT_KNOWN = "a unit that is named exists"
    OTHER_UNIT = "it is another one, and has not returned the case unless the head rules so"
    HEAD_RULES = "after two granted returns the duty head names the unit"
    OWN_REPORT = "a mere reporter reported it"
    IN_TIME_TO_REOPEN = "it was closed within the set time"
    FILEABLE = "place, matter and policy are known, or put right with it"
    NOT_THE_REJECTER = "the actor has not rejected it before"
    REPORTED_IT = "the actor reported it"
    FIRST_APPEAL = "there was no appeal before"
    PLATFORM_NAMED = "the platform is named"
    LOCATED = "its grid is known"
    NO_LOOK_YET = "no look on site is ordered"
    LOOK_ORDERED = "a look on site is ordered"
    NOT_THE_REPORTER = "the actor did not report it"


def _own_unit(q: Question) -> bool:
    return q.case.unit is not None and q.asked.actor.unit == q.case.unit.code


def _not_a_handler(q: Question) -> bool:
    actor = q.asked.actor
    return actor.subject not in q.decided.participants and actor.unit not in q.decided.handlers


def _one_level_up(q: Question) -> bool:
    unit, area = q.case.unit, q.asked.actor.area
    own_team = (
        unit is not None
        and unit.kind is UnitKind.OFFICER_TEAM
        and q.case.grid.startswith(unit.area)
    )
    return not own_team or area is None or len(area) <= TOWN_DIGITS


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
    actor = q.asked.actor
    if OFFICIALS_WHO_REOPEN.intersection(actor.roles):
        return True
    return actor.subject == q.reporter != ANONYMOUS


def _in_time_to_reopen(q: Question) -> bool:
    closed = q.case.times.closed_at
    limit = timedelta(days=q.decided.reopen_within_days)
    return closed is not None and q.asked.received_at <= closed + limit


def _not_fileable(q: Question) -> Rule:
    return q.filing.rule if q.filing else Rule.NOT_IN_REVIEW


CHECKS: dict[Guard, tuple[Callable[[Question], bool], Rule | Callable[[Question], Rule]]] = {
    Guard.OWN_UNIT: (_own_unit, Rule.NOT_YOUR_UNIT),
    Guard.REASON_GIVEN: (lambda q: bool(q.asked.request.reason.strip()), Rule.REASON_MISSING),
    Guard.NOTHING_PENDING: (lambda q: not q.case.return_pending, Rule.REQUEST_PENDING),
    Guard.REQUEST_PENDING: (lambda q: q.case.return_pending, Rule.NO_REQUEST_PENDING),
    Guard.RETURNS_LEFT: (lambda q: q.case.returns < MAX_RETURNS, Rule.RETURNED_TWICE),
    Guard.OUTCOME_GIVEN: (lambda q: q.asked.request.passed is not None, Rule.OUTCOME_MISSING),
    Guard.NOT_A_HANDLER: (_not_a_handler, Rule.HANDLER_NEVER_VERIFIES),
    Guard.ONE_LEVEL_UP: (_one_level_up, Rule.ONE_LEVEL_UP),
    Guard.UNIT_NAMED: (lambda q: q.asked.request.unit is not None, Rule.UNKNOWN_UNIT),
    Guard.UNIT_KNOWN: (_unit_known, Rule.UNKNOWN_UNIT),
    Guard.OTHER_UNIT: (_other_unit, Rule.SAME_UNIT),
    Guard.HEAD_RULES: (_head_rules, Rule.ROLE_NOT_ALLOWED),
    Guard.OWN_REPORT: (_own_report, Rule.ROLE_NOT_ALLOWED),
    Guard.IN_TIME_TO_REOPEN: (_in_time_to_reopen, Rule.TOO_LATE_TO_REOPEN),
    Guard.FILEABLE: (lambda q: q.filing is not None and q.filing.fit is not None, _not_fileable),
    Guard.NOT_THE_REJECTER: (
        lambda q: q.decided.rejected_by != q.asked.actor.subject,
        Rule.REJECTER_NEVER_DECIDES_APPEAL,
    ),
    Guard.REPORTED_IT: (
        lambda q: q.asked.actor.subject == q.reporter != ANONYMOUS,
        Rule.ROLE_NOT_ALLOWED,
    ),
    Guard.FIRST_APPEAL: (lambda q: not q.decided.appealed, Rule.APPEALED_BEFORE),
    Guard.PLATFORM_NAMED: (
        lambda q: bool((q.asked.request.to or "").strip()),
        Rule.PLATFORM_MISSING,
    ),
    Guard.LOCATED: (lambda q: len(q.grid) == GRID_DIGITS, Rule.OUTSIDE_EVERY_GRID),
    Guard.NO_LOOK_YET: (lambda q: not q.decided.look, Rule.LOOK_ORDERED),
    Guard.LOOK_ORDERED: (lambda q: q.decided.look, Rule.NO_LOOK_ORDERED),
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
