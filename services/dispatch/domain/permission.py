"""Whether an action may be done: the table's row and its guards, in a fixed order."""

from services.dispatch.domain.checks import broken
from services.dispatch.domain.dossier import Decided
from services.dispatch.domain.guards import Guard
from services.dispatch.domain.question import (
    IN_REVIEW,
    LINKED,
    REJECTED,
    Question,
)
from services.dispatch.domain.transitions import ROWS, Transition
from shared.contracts.base import CITY_DIGITS
from shared.contracts.case_refs_v1 import UnitRef
from shared.contracts.case_v1 import CaseState
from shared.contracts.levels import DIGITS
from shared.contracts.registry_v1 import Unit
from shared.contracts.rule_v1 import Rule

OF_THE_UNIT = frozenset({
    Guard.OWN_UNIT, Guard.UNIT_OR_CENTRE, Guard.TURN_IS_THEIRS, Guard.TOLD_OR_ABOVE,
    Guard.OF_A_UNIT,
})  # fmt: skip
OF_TASKS = frozenset({
    Guard.TASK_ASSIGNED, Guard.TASK_ACCEPTED, Guard.TASK_OPEN, Guard.TOLD_OR_ABOVE,
    Guard.OF_A_UNIT,
})  # fmt: skip
_STATES_OF_CASES = frozenset(CaseState)
_ABOUT = {
    LINKED: Rule.NOT_A_FOLLOWER,
    IN_REVIEW: Rule.NOT_IN_REVIEW,
    REJECTED: Rule.NOT_REJECTED,
}


def judged(question: Question) -> Transition | Rule:
    """The row by which the action may be done, or the rule by which it is refused.

    First whether there is what the row is about, then whether the actor saw it as it is, then role,
    area, level and state, then the guards.
    """
    decided, asked = question.decided, question.asked
    request, actor = asked.request, asked.actor
    rows, about = ROWS.get(request.action, ()), _about(question.state)
    if not rows:
        return Rule.UNKNOWN_ACTION if about is Rule.NOT_A_CASE else Rule.NOT_A_CASE
    fitting = rows_for(question)
    if not fitting:
        return _about(rows[0].states[0]) or Rule.NOT_A_CASE
    # Of decisions on a request that is not there, the one that the actor could make.
    fitting = [one for one in fitting if question.state in one.states] or fitting
    row = next((one for one in fitting if one.roles.intersection(actor.roles)), fitting[0])
    checks: tuple[tuple[bool, Rule], ...] = (
        (_seen_as_it_is(request.expected_sequence, decided), Rule.STALE_SEQUENCE),
        (bool(row.roles.intersection(actor.roles)), Rule.ROLE_NOT_ALLOWED),
        (_in_area(question, row), Rule.NOT_YOUR_AREA),
        (_high_enough(question, row), Rule.LEVEL_TOO_LOW),
        (question.state in row.states, Rule.WRONG_STATE),
    )
    for holds, rule in checks:
        if not holds:
            return rule
    found = (broken(guard, question) for guard in row.guards)
    return next((rule for rule in found if rule is not None), row)


def rows_for(question: Question) -> list[Transition]:
    """The rows of what is asked about such an incident; of decisions those on what is pending."""
    about, pending = _about(question.state), question.pending
    rows = ROWS.get(question.asked.request.action, ())
    fitting = [one for one in rows if _about(one.states[0]) is about]
    if pending is None:
        return fitting
    return [one for one in fitting if one.request in {None, pending}]


def _about(state: str) -> Rule | None:
    """What an action in this state is about, by the rule that refuses it to all else.

    None: an incident about which nothing can be asked.
    """
    return Rule.NOT_A_CASE if state in _STATES_OF_CASES else _ABOUT.get(state)


def _in_area(question: Question, row: Transition) -> bool:
    """Whether the actor's area holds the incident, or its unit, which has the case to handle.

    A unit keeps what it has accepted, also when redrawn grids put it into another area.
    """
    actor = question.asked.actor
    if actor.area is None or question.grid.startswith(actor.area):
        return True
    if not question.grid:  # nobody knows where: the desk of the whole city
        return len(actor.area) <= CITY_DIGITS
    if Guard.LOOK_IS_THEIRS in row.guards and actor.unit == question.decided.look_by is not None:
        return True  # whoever the desk sent, wherever it is from
    return any(
        one.code == actor.unit and one.area.startswith(actor.area) for one in _acting(question, row)
    )


def _high_enough(question: Question, row: Transition) -> bool:
    """Whether the actor is of the lowest level whose people may, or of one above."""
    area = question.level
    return row.lowest is None or area is None or len(area) <= DIGITS[row.lowest]


def _acting(question: Question, row: Transition) -> list[UnitRef | Unit]:
    """The units whose own action the row is."""
    found: list[UnitRef | Unit | None] = []
    if OF_THE_UNIT.intersection(row.guards):
        found.append(question.case.unit)
    if OF_TASKS.intersection(row.guards):
        found += [one.unit for one in question.case.tasks]
    if Guard.OF_A_UNIT in row.guards:
        found.append(question.case.first)
    if Guard.BREACH_IS_OURS in row.guards:
        found += question.charged
    return [one for one in found if one is not None]


def _seen_as_it_is(expected: int | None, decided: Decided) -> bool:
    """Whether the actor's screen shows the case as it is: refusals since have changed nothing."""
    return expected is None or decided.changed <= expected <= decided.sequence
