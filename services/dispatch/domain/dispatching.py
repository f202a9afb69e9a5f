"""Giving a case to a unit (派遣)."""

from datetime import datetime

from services.dispatch.domain.routing import centre_of, unit_ref
from shared.contracts.base import Actor
from shared.contracts.cases_v1 import (
    Candidate,
    Case,
    CaseDispatched,
    CaseState,
    DispatchRule,
)
from shared.contracts.registry_v1 import Unit


def dispatched(  # noqa: PLR0913 - what a dispatch says
    incident_id: str,
    case: Case,
    unit: Unit,
    at: datetime,
    rule: DispatchRule,
    *,
    candidates: tuple[Candidate, ...] = (),
    actor: Actor | None = None,
    action_id: str | None = None,
    reason: str = "",
) -> CaseDispatched:
    """The event by which a unit gets the case; the steps that another unit took are undone."""
    centre, level = centre_of(unit)
    times = case.times.model_copy(
        update={"dispatched_at": at, "accepted_at": None, "handled_at": None}
    )
    after = case.model_copy(
        update={
            "state": CaseState.DISPATCHED,
            "unit": unit_ref(unit),
            "times": times,
            "return_pending": False,
        }
    )
    return CaseDispatched(
        incident_id=incident_id,
        at=at,
        actor=actor,
        action_id=action_id,
        reason=reason,
        case=after,
        rule=rule,
        centre=centre,
        level=level,
        candidates=candidates,
    )
