"""Golden examples of ``wangge.incidents.v1``."""

from shared.contracts.base import Stage
from shared.contracts.golden import story
from shared.contracts.golden.story import FULL, INCIDENT, MINIMAL, RECEIVED, Example, minutes
from shared.contracts.incidents_v1 import (
    ActionRequest,
    ActionRequested,
    CoordinateSystem,
    DistanceBand,
    IncidentReported,
    Located,
    OnSite,
    Report,
    Verb,
)
from shared.contracts.levels import SupervisionLevel
from shared.contracts.routing_rules import Source
from shared.platform import ids

REPORT = Report(
    matter="manhole-cover",
    condition="missing",
    location=story.PLACE,
    address="临江市滨河路 18 号门前",
    area=story.TOWN,
    description="井盖不见了,夜里看不清。",
    source=Source.HOTLINE,
    component="9901010101000017",
    sent_location=Located(system=CoordinateSystem.GCJ02, coordinates=(120.1598, 30.2717)),
    reporter_distance=DistanceBand.NEAR_BY,
    occurred_at=minutes(-20),
    reported_at=minutes(-5),
    external_id="12345-20260302-0042",
    plan=story.PLANNED,
    arises_from=ids.incident_id(story.MEMBER.subject, "inspection"),
    handled_on_site=OnSite(before=story.BEFORE, after=story.AFTER, said="put back"),
)


def _reported(report: Report) -> IncidentReported:
    return IncidentReported(
        incident_id=INCIDENT,
        receipt_no=story.RECEIPT,
        received_at=RECEIVED,
        zone=story.ZONE,
        reporter=story.SUPERVISOR if report is REPORT else story.RESIDENT,
        report=report,
    )


def _requested(request: ActionRequest, *, full: bool) -> ActionRequested:
    actor = story.DISPATCHER.model_copy(update={"unit": "centre-990101"})
    return ActionRequested(
        incident_id=INCIDENT,
        action_id=ids.action_id(actor.subject, INCIDENT, "3"),
        received_at=minutes(14),
        actor=actor if full else story.RESIDENT,
        request=request,
        follower=ids.incident_id(story.RESIDENT.subject, "2") if full else None,
    )


def examples() -> list[Example]:
    """At least a full and a minimal one of each type."""
    asked = ActionRequest(
        action=Verb.REASSIGN,
        reason="Water company's cover",
        expected_sequence=3,
        unit="water-9901",
        passed=False,
        needed=False,
        matter="manhole-cover",
        condition="missing",
        location=story.PLACE,
        sent_location=Located(system=CoordinateSystem.GCJ02, coordinates=(120.1598, 30.2717)),
        to="12345",
        until=minutes(3000),
        amount=1.5,
        photos=(story.AFTER,),
        level=SupervisionLevel.YELLOW_CARD,
        turn="order",
        papers=(story.ORDERED_PAPER,),
        found=(story.FINDING,),
        clock=Stage.HANDLE,
        appeal="lead/handle/1",
        area=story.COUNTY,
    )
    urged = ActionRequest(action=Verb.REOPEN)
    at = minutes(14)
    return [
        story.example(FULL, _reported(REPORT), at=RECEIVED, sequence=1),
        story.example(MINIMAL, _reported(Report()), at=RECEIVED, sequence=1),
        story.example(FULL, _requested(asked, full=True), at=at, sequence=2),
        story.example(MINIMAL, _requested(urged, full=False), at=at, sequence=2),
    ]
