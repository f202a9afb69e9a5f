"""What happens to a case by itself when its time has come: a request lapses, a suspension ends."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from services.dispatch.domain.by import THE_RULES, By
from services.dispatch.domain.dossier import Dossier
from services.dispatch.domain.requests import NOTHING_ASKED
from shared.contracts.base import EventData, instant_text
from shared.contracts.case_v1 import Case
from shared.contracts.requests_v1 import CaseResumed, RequestLapsed
from shared.contracts.rule_v1 import Rule
from shared.worktime.natural import MILLISECOND

GRACE = timedelta(seconds=10)
"""A decision that was made in time may still be on its way when a request lapses."""


def next_due(dossier: Dossier) -> datetime | None:
    """When something is due next; None for nothing."""
    case = dossier.decided.open_case
    return min((due for due, _ in _all_due(case)), default=None) if case else None


def due_mark(dossier: Dossier) -> tuple[object, ...] | None:
    """What is due next, by name and instant."""
    case = dossier.decided.open_case
    first = min(_all_due(case), default=None) if case else None
    return None if first is None else (first[1], instant_text(first[0]))


def ticked(incident_id: str, dossier: Dossier, until: datetime) -> Sequence[EventData]:
    """All that is due by then, in its order."""
    case = dossier.decided.open_case
    if case is None:
        return ()
    follows: list[EventData] = []
    for _, what in sorted(one for one in _all_due(case) if one[0] <= until):
        event = _lapsed(incident_id, case) if what == "request" else _reviewed(incident_id, case)
        case = event.case
        follows.append(event)
    return follows


def reviewed(incident_id: str, case: Case, at: datetime) -> CaseResumed | None:
    """The end of a suspension whose review date has come by then; None: it goes on, or is none.

    Whatever is done afterwards is done with the clocks running, also where nobody has ticked yet.
    """
    if case.suspension is None or at < case.suspension.until:
        return None
    return _reviewed(incident_id, case)


def resumed(
    incident_id: str, case: Case, at: datetime, rule: Rule | None, by: By = THE_RULES
) -> CaseResumed:
    """The suspension ends; what was left of the limits runs on."""
    return CaseResumed(
        incident_id=incident_id,
        at=at,
        actor=by.actor,
        action_id=by.action_id,
        reason=by.reason,
        case=case.model_copy(update={"suspension": None}),
        rule=rule,
    )


def _all_due(case: Case) -> Iterator[tuple[datetime, str]]:
    if case.request is not None and case.request.lapses_at is not None:
        yield case.request.lapses_at + GRACE, "request"
    if case.suspension is not None:
        yield case.suspension.until, "suspension"


def _lapsed(incident_id: str, case: Case) -> RequestLapsed:
    request = case.request
    if request is None or request.lapses_at is None:
        raise ValueError("no request lapses")
    # A millisecond later: who decides in the last one is in time, and who never does is not.
    return RequestLapsed(
        incident_id=incident_id,
        at=request.lapses_at + MILLISECOND,
        case=case.model_copy(update=NOTHING_ASKED),
        kind=request.kind,
    )


def _reviewed(incident_id: str, case: Case) -> CaseResumed:
    if case.suspension is None:
        raise ValueError("it is not suspended")
    return resumed(incident_id, case, case.suspension.until, Rule.REVIEW_DATE)
