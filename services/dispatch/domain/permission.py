"""Whether an action may be done: the table's row and its guards, in a fixed order."""

from services.dispatch.domain.dossier import Decided
from services.dispatch.domain.explanations import EXPLANATIONS
from services.dispatch.domain.guards import CHECKS, LINKED, Guard, Question
from services.dispatch.domain.transitions import ROWS, Transition
from shared.contracts.cases_v1 import ActionRefused, Rule
from shared.contracts.incidents_v1 import ActionRequested


def refusal(question: Question) -> Rule | None:
    """The rule by which the action is refused, or None when it may be done.

    First whether there is what the row is about, then whether the actor saw it as it is, then role,
    area and state, then the guards.
    """
    decided, asked = question.decided, question.asked
    request, actor = asked.request, asked.actor
    row = ROWS.get(request.action)
    if row is not None and LINKED in row.states:
        if decided.follows is None:
            return Rule.NOT_A_FOLLOWER
    elif decided.case is None or decided.follows is not None:
        return Rule.NOT_A_CASE
    if row is None:
        return Rule.UNKNOWN_ACTION
    checks: tuple[tuple[bool, Rule], ...] = (
        (_seen_as_it_is(request.expected_sequence, decided), Rule.STALE_SEQUENCE),
        (bool(row.roles.intersection(actor.roles)), Rule.ROLE_NOT_ALLOWED),
        (_in_area(question, row), Rule.NOT_YOUR_AREA),
        (question.state in row.states, Rule.WRONG_STATE),
    )
    for holds, rule in checks:
        if not holds:
            return rule
    guards = [CHECKS[guard] for guard in row.guards]
    return next((rule for holds_for, rule in guards if not holds_for(question)), None)


def _in_area(question: Question, row: Transition) -> bool:
    """Whether the actor's area holds the incident, or its unit, which has the case to handle.

    A unit keeps what it has accepted, also when redrawn grids put it into another area.
    """
    actor = question.asked.actor
    if actor.area is None or question.grid.startswith(actor.area):
        return True
    if Guard.OWN_UNIT not in row.guards:
        return False
    unit = question.case.unit
    return unit is not None and actor.unit == unit.code and unit.area.startswith(actor.area)


def refused(asked: ActionRequested, rule: Rule) -> ActionRefused:
    """The answer to an action that may not be done."""
    return ActionRefused(
        incident_id=asked.incident_id,
        action_id=asked.action_id,
        action=asked.request.action,
        actor=asked.actor,
        rule=rule,
        explanation=EXPLANATIONS[rule],
    )


def _seen_as_it_is(expected: int | None, decided: Decided) -> bool:
    """Whether the actor's screen shows the case as it is: refusals since have changed nothing."""
    return expected is None or decided.changed <= expected <= decided.sequence
