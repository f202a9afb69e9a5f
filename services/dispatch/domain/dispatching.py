"""Giving a case to a unit (派遣)."""

from collections.abc import Sequence
from datetime import datetime

from services.dispatch.domain.by import THE_RULES, By
from services.dispatch.domain.flowing import undone
from services.dispatch.domain.requests import NOTHING_ASKED
from services.dispatch.domain.routes import Route, centre_of, unit_ref
from services.dispatch.domain.tasks import Moment, brought_in_line, co_operating
from shared.contracts.base import EventData
from shared.contracts.case_refs_v1 import UnitRef
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

    Whoever co-operates or was told stays so. A centre to which it was handed keeps it in hand while
    units of its area have it: of any other it decides nothing. Whoever was first there keeps the
    place safe until somebody rules whose it is. Raises ValueError for a route to nobody.
    """
    unit = route.unit
    if unit is None:
        raise ValueError("nobody can be given the case")
    centre, level = centre_of(unit)
    times = case.times.model_copy(
        update={"dispatched_at": at, "accepted_at": None, "handled_at": None}
    )
    handed = case.centre is not None and unit.area.startswith(case.centre)
    after = case.model_copy(
        update={
            "state": CaseState.DISPATCHED,
            "unit": unit_ref(unit),
            "member": route.member.subject if route.member else None,
            "centre": case.centre if handed else None,
            "first": case.first if by.actor is None else None,
            **_others(case, route, unit.code),
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


def _others(case: Case, route: Route, lead: str) -> dict[str, tuple[UnitRef, ...]]:
    """Who co-operates beside the lead, and who is told without it: the route's, and from before."""
    co_units = _together(lead, (), co_operating(case), route.co_units)
    return {"co_units": co_units, "cc": _together(lead, co_units, case.cc, route.cc)}


def _together(
    lead: str, others: Sequence[UnitRef], before: Sequence[UnitRef], more: Sequence[UnitRef]
) -> tuple[UnitRef, ...]:
    gone = {lead, *(one.code for one in others)}
    found = {one.code: one for one in (*before, *more) if one.code not in gone}
    return tuple(found.values())
