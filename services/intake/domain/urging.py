"""A second report of a case by who had reported it before is an urging of that case (催办)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from services.intake.domain.commands import UrgeByReport, command
from shared.contracts.envelope import Event
from shared.contracts.incidents_v1 import ActionRequest, Verb
from shared.contracts.outcomes_v1 import IncidentLinked
from shared.platform.ids import action_id

AGAIN = "同一上报人再次上报 reported again by the same reporter"


def urged(event: Event[Any]) -> Sequence[Event[Any]]:
    """What the link of a report asks of the case: to be urged, where dispatch says by whom.

    All of it follows from the link: it counts from when the report was received, and the same link
    asks for the same action.
    """
    linked = event.data
    if not isinstance(linked, IncidentLinked) or linked.urged_by is None:
        return ()
    case, by = linked.case_id, linked.urged_by
    action = action_id(by.subject, case, event.id)
    wish = UrgeByReport.model_construct(
        incident_id=case,
        action_id=action,
        received_at=linked.received_at,
        actor=by,
        request=ActionRequest(action=Verb.URGE, reason=AGAIN),
        follower=linked.incident_id,
    )
    asked = command(case, wish, linked.received_at, action)
    return (replace(asked, origin=event.origin),)
