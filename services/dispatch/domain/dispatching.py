"""Giving a case to a unit (派遣)."""

from datetime import datetime

from services.dispatch.domain.by import THE_RULES, By
from services.dispatch.domain.flowing import undone
from services.dispatch.domain.requests import NOTHING_ASKED
from services.dispatch.domain.routes import Route, centre_of, unit_ref
from services.dispatch.domain.tasks import Moment, brought_in_line
from shared.contracts.base import EventData
from shared.contracts.case_v1 import Case, CaseState
from shared.contracts.cases_v1 import CaseDispatched


def given(
    incident_id: str, case: Case, route: Route, at: datetime, by: By = THE_RULES
) -> list[EventData]:
    """The route's unit gets the case, and whoever is to co-operate a task of its own."""
    first = dispatched(incident_id, case, route, at, by)
    now = Moment(incident_id, at, by)
    return [first, *brought_in_line(first.case, route.co_units, now, route.join)]


def dispatched(
    incident_id: str, case: Case, route: Route, at: datetime, by: By = THE_RULES
) -> CaseDispatched:
    """The event by which the route's unit gets the case; what another unit did is undone.

    Raises ValueError for a route to nobody.
    """
    unit = route.unit
    if unit is None:
        raise ValueError("nobody can be given the case")
    centre, level = centre_of(unit)
    times = case.times.model_copy(
        update={"dispatched_at": at, "accepted_at": None, "handled_at": None}
    )
    after = case.model_copy(
        update={
            "state": CaseState.DISPATCHED,
            "unit": unit_ref(unit),
            "member": route.member.subject if route.member else None,
            "co_units": route.co_units,
            "cc": route.cc,
            "times": times,
            **undone(case),
            **NOTHING_ASKED,
        }
    )
    return CaseDispatched(
        incident_id=incident_id,
        at=at,
        actor=by.actor,
        action_id=by.action_id,
        reason=by.reason,
        case=after,
        rule=route.rule,
        centre=centre,
        level=level,
        candidates=route.candidates,
        chosen_by=route.chosen_by,
        passed_over=route.passed_over,
        inputs=route.inputs,
        unit_load=route.unit_load,
        member=route.member,
    )
