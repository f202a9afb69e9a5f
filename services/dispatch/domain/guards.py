"""Guards: what must hold for an action beside state and role. Each names the rule it stands for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from services.dispatch.domain.dossier import Decided
from shared.contracts.cases_v1 import Case, Rule
from shared.contracts.incidents_v1 import ActionRequested
from shared.contracts.registry_v1 import UnitKind
from shared.contracts.roles import Role
from shared.registry.snapshot import Snapshot

TOWN_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Question:
    """An action and all that guards look at."""

    asked: ActionRequested
    case: Case
    decided: Decided
    reporter: str | None
    registry: Snapshot


class Guard(StrEnum):
    """The guards by name, as the table reads."""

    OWN_UNIT = "the case is with the actor's unit"
    REASON_GIVEN = "a reason is given"
    NOTHING_PENDING = "no request waits"
    REQUEST_PENDING = "a request waits"
    OUTCOME_GIVEN = "it says whether it passed"
    NOT_A_HANDLER = "the actor took no part in the handling"
    ONE_LEVEL_UP = "what the grid's own team handled is verified from the town upwards"
    UNIT_KNOWN = "the unit named exists"
    OTHER_UNIT = "the unit is another one, and has not returned the case"
    OWN_REPORT = "a reporter reported it"
    IN_TIME_TO_REOPEN = "it was closed within the set time"


def _own_unit(q: Question) -> bool:
    return q.case.unit is not None and q.asked.actor.unit == q.case.unit.code


def _not_a_handler(q: Question) -> bool:
    actor = q.asked.actor
    return actor.subject not in q.decided.participants and actor.unit not in q.decided.handlers


def _one_level_up(q: Question) -> bool:
    unit, area = q.case.unit, q.asked.actor.area
    own_team = unit is not None and unit.kind is UnitKind.OFFICER_TEAM
    return not own_team or area is None or len(area) <= TOWN_DIGITS


def _unit_known(q: Question) -> bool:
    named = q.asked.request.unit
    return named is not None and q.registry.unit(named, q.asked.received_at) is not None


def _other_unit(q: Question) -> bool:
    named = q.asked.request.unit
    has_it = q.case.unit is not None and q.case.unit.code == named
    return not has_it and named not in q.decided.returned_by


def _own_report(q: Question) -> bool:
    others = set(q.asked.actor.roles) - {Role.REPORTER}
    return bool(others) or q.asked.actor.subject == q.reporter


def _in_time_to_reopen(q: Question) -> bool:
    closed = q.case.times.closed_at
    limit = timedelta(days=q.decided.reopen_within_days)
    return closed is not None and q.asked.received_at <= closed + limit


CHECKS: dict[Guard, tuple[Callable[[Question], bool], Rule]] = {
    Guard.OWN_UNIT: (_own_unit, Rule.NOT_YOUR_UNIT),
    Guard.REASON_GIVEN: (lambda q: bool(q.asked.request.reason.strip()), Rule.REASON_MISSING),
    Guard.NOTHING_PENDING: (lambda q: not q.case.return_pending, Rule.REQUEST_PENDING),
    Guard.REQUEST_PENDING: (lambda q: q.case.return_pending, Rule.NO_REQUEST_PENDING),
    Guard.OUTCOME_GIVEN: (lambda q: q.asked.request.passed is not None, Rule.OUTCOME_MISSING),
    Guard.NOT_A_HANDLER: (_not_a_handler, Rule.HANDLER_NEVER_VERIFIES),
    Guard.ONE_LEVEL_UP: (_one_level_up, Rule.NOT_YOUR_AREA),
    Guard.UNIT_KNOWN: (_unit_known, Rule.UNKNOWN_UNIT),
    Guard.OTHER_UNIT: (_other_unit, Rule.SAME_UNIT),
    Guard.OWN_REPORT: (_own_report, Rule.ROLE_NOT_ALLOWED),
    Guard.IN_TIME_TO_REOPEN: (_in_time_to_reopen, Rule.TOO_LATE_TO_REOPEN),
}
