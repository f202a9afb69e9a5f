"""Returns (退回): asked for, granted or refused; and reassigning (改派)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.dispatch.domain.doing import Doing
from services.dispatch.domain.flowing import undone
from services.dispatch.domain.requests import NOTHING_ASKED, own_limits, request
from services.dispatch.domain.routing import route
from services.dispatch.domain.tasks import all_withdrawn
from shared.contracts.base import EventData
from shared.contracts.case_v1 import MAX_RETURNS, CaseState, RequestKind
from shared.contracts.requests_v1 import ReturnGranted, ReturnRefused, ReturnRequested


def ask(doing: Doing) -> Sequence[EventData]:
    """The unit says that it is not its case."""
    found = request(
        RequestKind.RETURN, doing.asked, doing.case, doing.decided.requests, doing.calendar
    )
    return [doing.event(ReturnRequested, {"return_pending": True, "request": found})]


def grant(doing: Doing) -> Sequence[EventData]:
    """Dispatched anew: to the unit named, or by the rules, or after the second by the head."""
    case = doing.case
    if case.unit is None:
        raise ValueError("a case that no unit has cannot be returned")
    granted = doing.event(
        ReturnGranted,
        {
            **with_nobody(doing),
            "returns": case.returns + 1,
        },
        UNDONE,
        returned_by=case.unit.code,
    )
    if doing.asked.request.unit is not None:
        return [granted, *doing.given_as_named(granted.case)]
    if granted.case.returns >= MAX_RETURNS:
        return [granted]  # the rules were wrong twice: the duty head names the unit
    away = {*doing.decided.returned_by, case.unit.code}
    chosen = route(doing.subject, doing.routing(away))
    return [granted] if chosen.unit is None else [granted, *doing.given(granted.case, chosen)]


def refuse(doing: Doing) -> Sequence[EventData]:
    """It stays, and counts as buck-passing."""
    change = {**NOTHING_ASKED, "refused_returns": doing.case.refused_returns + 1}
    return [doing.event(ReturnRefused, change)]


def reassign(doing: Doing) -> Sequence[EventData]:
    """The centre names the unit."""
    limits = own_limits(doing.case, doing.decided)
    return doing.given_as_named(doing.case.model_copy(update={"limits": limits}))


def with_nobody(doing: Doing) -> dict[str, Any]:
    """What a case looks like that nobody has any more; whoever was told of it has been told."""
    return {
        **NOTHING_ASKED,
        "state": CaseState.FILED,
        "unit": None,
        "member": None,
        "limits": own_limits(doing.case, doing.decided),
        **all_withdrawn(doing.case, doing.at),
        **undone(doing.case),
    }


UNDONE: Mapping[str, datetime | None] = {"dispatched_at": None, "accepted_at": None}
"""Its instants then."""
