"""Who may verify: nobody who took part in the handling, and of the grid's own team one above."""

from services.dispatch.domain.question import Question
from shared.contracts.base import TOWN_DIGITS
from shared.contracts.roles import Role


def not_a_handler(q: Question) -> bool:
    """Whether neither the actor nor his unit took part in the handling."""
    actor, first = q.asked.actor, q.case.first
    # Dossiers of an older version do not have whoever was first among the handlers.
    if first is not None and actor.unit == first.code:
        return False
    if actor.subject in q.decided.participants or actor.unit in q.decided.handlers:
        return False
    return not _put_right_by(q)


def _put_right_by(q: Question) -> bool:
    """Whether the actor, or its unit, has put it right on the spot, whatever became of it since."""
    reported, actor = q.report, q.asked.actor
    if reported is None or reported.report.handled_on_site is None:
        return False
    unit = reported.reporter.unit
    return actor.subject == reported.reporter.subject or (unit is not None and actor.unit == unit)


def one_level_up(q: Question) -> bool:
    """Whether the actor is of the town or above, where the grid's own team has handled it."""
    return not q.case.is_own_teams or q.level is None or len(q.level) <= TOWN_DIGITS


def no_other_looks(q: Question) -> bool:
    """Whether nobody was sent to look yet, or somebody else is to go instead."""
    named = q.asked.request.unit
    return not q.decided.look or (named is not None and named != q.decided.look_by)


def look_is_theirs(q: Question) -> bool:
    """Whether the actor is an inspector, or of whom the look on site was ordered."""
    sent, actor = q.decided.look_by, q.asked.actor
    if Role.INSPECTOR in actor.roles:
        return True
    return actor.unit == sent if sent is not None else Role.OFFICER in actor.roles
