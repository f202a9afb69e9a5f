"""Which breach a unit may appeal against, until when, and which appeal is decided."""

from collections.abc import Sequence
from datetime import datetime

from services.dispatch.domain.dossier import Breach
from services.dispatch.domain.requests import DEFAULT
from shared.contracts.base import Stage
from shared.contracts.case_v1 import Appeal, Case
from shared.contracts.policies import RequestRules
from shared.worktime.calendar import Calendar
from shared.worktime.limits import due


def disputed(
    case: Case, breaches: Sequence[Breach], unit: str | None, clock: Stage | None
) -> Breach | None:
    """The latest breach of that clock that a unit is charged with and has not appealed against."""
    known = {(one.task, one.clock, one.run) for one in case.appeals}
    found = [
        one
        for one in breaches
        if one.unit == unit is not None
        and one.clock is clock
        and (one.task, one.clock, one.run) not in known
    ]
    return max(found, key=lambda one: (one.due_at, one.run), default=None)


def in_time(breach: Breach, at: datetime, calendar: Calendar, rules: RequestRules | None) -> bool:
    """Whether a breach may still be appealed against: it counts from when it was told."""
    return at <= due(breach.known_at, (rules or DEFAULT).appeal_within, calendar)


def pending(case: Case, named: str | None) -> Appeal | None:
    """The appeal that waits for a decision: the one that is named, else the one made first.

    It is named by its clock, as the case tells it: ``lead/handle/1``.
    """
    waiting = case.waiting_appeals
    return next((one for one in waiting if named in {None, _name(one)}), None)


def _name(appeal: Appeal) -> str:
    return f"{appeal.task}/{appeal.clock.value}/{appeal.run}"
