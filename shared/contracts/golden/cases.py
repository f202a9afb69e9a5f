"""Golden examples of ``wangge.cases.v1``."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.contracts.base import EventData, Limit, LimitUnit, Names
from shared.contracts.case_refs_v1 import PlaceRef
from shared.contracts.case_v1 import AppealState, CaseEvent, CaseState, RequestKind, Task, TaskState
from shared.contracts.cases_v1 import (
    ActionRefused,
    Adrift,
    CaseAccepted,
    CaseClosed,
    CaseCopied,
    CaseDispatched,
    CaseFiled,
    CaseHandedDown,
    CaseHandedUp,
    CaseHandled,
    CaseMadeSafe,
    CasePrioritised,
    CaseRegridded,
    CaseReopened,
    CaseUrged,
    CaseVoided,
    FirstTaken,
    HandledOnSite,
    LeadDone,
    MemberChanged,
    ReworkOrdered,
    SpotCheckOrdered,
)
from shared.contracts.choice_v1 import (
    Candidate,
    MemberCandidate,
    MemberChoice,
    RoutingInputs,
    RuleRef,
    Unrouted,
)
from shared.contracts.golden import story
from shared.contracts.golden.story import FULL, INCIDENT, MINIMAL, RECEIVED, Example, minutes
from shared.contracts.incidents_v1 import DistanceBand, OnSite
from shared.contracts.outcomes_v1 import (
    IncidentAnswered,
    IncidentHeld,
    IncidentLinked,
    IncidentLooked,
    IncidentRejected,
    IncidentSeparated,
    IncidentTransferred,
    LookOrdered,
    Obstacle,
    Outcome,
    PutRight,
)
from shared.contracts.policies import PolicyRef, RequestRules
from shared.contracts.registry_v1 import Near
from shared.contracts.requests_v1 import (
    AppealMade,
    AppealOverruled,
    AppealUpheld,
    CaseExtended,
    CaseResumed,
    CaseSuspended,
    ExtensionRefused,
    ExtensionRequested,
    RequestLapsed,
    ReturnGranted,
    ReturnRefused,
    ReturnRequested,
    SuspensionRefused,
    SuspensionRequested,
)
from shared.contracts.routing_rules import Source
from shared.contracts.rule_v1 import Rule
from shared.contracts.steps_v1 import CasePassedOn, CaseStepped, FlowEnded
from shared.contracts.supervising_v1 import (
    CaseAcknowledged,
    CaseRearmed,
    CaseReleased,
    CaseSupervised,
    IncidentAcknowledged,
)
from shared.contracts.tasks_v1 import (
    TaskAccepted,
    TaskAssigned,
    TaskDeclined,
    TaskDone,
    TaskWithdrawn,
)
from shared.platform import ids

FILING = Limit(amount=0.5, unit=LimitUnit.WORKING_HOUR)
ACTION = ids.action_id(story.MEMBER.subject, INCIDENT, "1")

HELD = {
    "filing_limit": FILING,
    "calendar": story.CALENDAR,
    "ladder": story.TOLD_LADDER,
    "notice_ladder": story.NOTICES,
}
SOUGHT = PutRight(matter="litter", condition="urgent", location=story.PLACE)
OUTCOMES: tuple[tuple[type[Outcome], Rule, Mapping[str, Any]], ...] = (
    (IncidentRejected, Rule.OUTSIDE_EVERY_GRID, {}),
    (IncidentHeld, Rule.UNKNOWN_MATTER, HELD),
    (LookOrdered, Rule.TO_BE_VERIFIED, {**HELD, "unit": story.TEAM, "put_right": SOUGHT}),
    (IncidentAnswered, Rule.ANSWERED_BY_DESK, {}),
)
ASKED = Task(code="co-1", unit=story.TEAM, state=TaskState.ASSIGNED, assigned_at=minutes(13))
NO_POLICY = Names(zh="该区域没有立案政策", en="The area has no policy")
DISPUTED = story.APPEAL.model_copy(update={"limit": None, "state": AppealState.PENDING})
BROUGHT = {"papers": (story.ORDERED_PAPER,), "found": (story.FINDING,)}
TURNED = {"turn": story.TURN, "state_before": story.FOUND}
LINK = {
    "case_id": ids.incident_id(story.RESIDENT.subject, "another"),
    "case_no": story.CASE_NO,
    "metres": 12.5,
    "minutes": 34.0,
}
CASE_EVENTS: tuple[tuple[type[CaseEvent], CaseState, Mapping[str, Any], Mapping[str, Any]], ...] = (
    (
        CaseFiled,
        CaseState.FILED,
        {"receipt_no": story.RECEIPT},
        {
            "description": "井盖不见了,夜里看不清。",
            "external_id": "12345-20260302-0042",
            "filing_limit": FILING,
            "place": PlaceRef(
                code="riverside-18",
                names=Names(zh="滨河路 18 号", en="18 Riverside Road"),
                score=96.5,
            ),
            "put_right": OnSite(before=story.BEFORE, after=story.AFTER, said="已设围挡"),
            "unrouted": Unrouted.OWNERLESS_COMPONENT,
            "candidates": (
                Candidate(unit="water-9901", lost="other_kind", load=200, rule="covers-at-night"),
            ),
            "passed_over": ("covers-at-night",),
            "near": Near(metres=80, hours=24),
            "requests": RequestRules(),
            "flow": story.FLOW,
            "policy": PolicyRef(code=story.CITY, n=4),
            "ladder": story.TOLD_LADDER,
            "notice_ladder": story.NOTICES,
        },
    ),
    (
        CaseDispatched,
        CaseState.DISPATCHED,
        {"rule": "nearest_unit_of_matter", "centre": story.COUNTY, "level": "county"},
        {
            "candidates": (
                Candidate(unit="water-9901", lost="at_its_cap", load=200, rule="covers-at-night"),
            ),
            "chosen_by": RuleRef(
                area=story.COUNTY,
                n=3,
                code="covers-at-night",
                names=Names(zh="夜间井盖", en="Covers at night"),
                passed_over=("covers-on-bridges",),
            ),
            "passed_over": ("covers-on-bridges",),
            "inputs": RoutingInputs(
                condition="missing",
                severity=5,
                local_time="2026-03-02T09:30",
                keywords=("井盖",),
                component_class="0101",
            ),
            "unit_load": 41,
            "member": MemberChoice(
                subject=story.MEMBER.subject,
                load=3,
                distance=DistanceBand.NEAR_BY,
                lost=(MemberCandidate(subject="m-77aa", lost="off_duty", load=1),),
                counts={"off_duty": 1},
            ),
        },
    ),
    (
        CaseRegridded,
        CaseState.DISPATCHED,
        {
            "change": ids.caused_id("golden", "redraw"),
            "grid_before": "990101002003009",
            "policy": "move",
        },
        {"adrift": Adrift.OUTSIDE},
    ),
    (
        MemberChanged,
        CaseState.DISPATCHED,
        {"change": ids.caused_id("golden", "withdrawal"), "member_before": "m-77aa"},
        {
            "member": MemberChoice(
                subject=story.MEMBER.subject,
                load=3,
                distance=DistanceBand.AWAY,
                lost=(MemberCandidate(subject="m-12bb", lost="more_loaded", load=9),),
                counts={"more_loaded": 1},
            )
        },
    ),
    (CaseAccepted, CaseState.ACCEPTED, {}, {}),
    (ReturnRequested, CaseState.DISPATCHED, {}, {}),
    (ReturnGranted, CaseState.FILED, {"returned_by": story.UNIT.code}, {}),
    (ReturnRefused, CaseState.DISPATCHED, {}, {}),
    (SuspensionRequested, CaseState.ACCEPTED, {}, {}),
    (CaseSuspended, CaseState.ACCEPTED, {}, {}),
    (SuspensionRefused, CaseState.ACCEPTED, {}, {}),
    (CaseResumed, CaseState.ACCEPTED, {}, {"rule": Rule.REVIEW_DATE}),
    (ExtensionRequested, CaseState.ACCEPTED, {}, {}),
    (
        CaseExtended,
        CaseState.ACCEPTED,
        {"extended_by": Limit(amount=1.5, unit=LimitUnit.URGENT_HOUR)},
        {},
    ),
    (ExtensionRefused, CaseState.ACCEPTED, {}, {}),
    (RequestLapsed, CaseState.ACCEPTED, {"kind": RequestKind.SUSPENSION}, {}),
    (CaseUrged, CaseState.ACCEPTED, {}, {}),
    (CaseCopied, CaseState.ACCEPTED, {"to": story.TEAM}, {}),
    (CaseHandedUp, CaseState.FILED, {"centre_before": story.TOWN}, {}),
    (CaseHandedDown, CaseState.FILED, {"centre_before": story.COUNTY}, {}),
    (CasePrioritised, CaseState.ACCEPTED, {}, {}),
    (
        CaseSupervised,
        CaseState.ACCEPTED,
        {"level": "yellow_card", "issuer": "county", "issuer_area": story.COUNTY},
        {},
    ),
    (CaseReleased, CaseState.ACCEPTED, {}, {}),
    (CaseAcknowledged, CaseState.ACCEPTED, {}, {"orders": (7, 9)}),
    (
        CaseRearmed,
        CaseState.ACCEPTED,
        {"requests": RequestRules(), "reopen_within_days": 14},
        {
            "policy": PolicyRef(code=story.CITY, n=5),
            "policy_before": PolicyRef(code=story.CITY, n=4),
            "ladder": story.TOLD_LADDER,
            "notice_ladder": story.NOTICES,
        },
    ),
    (AppealMade, CaseState.CLOSED, {"appeal": DISPUTED}, {"appeal": story.APPEAL}),
    (AppealUpheld, CaseState.CLOSED, {"appeal": DISPUTED}, {"appeal": story.APPEAL}),
    (AppealOverruled, CaseState.CLOSED, {"appeal": DISPUTED}, {"appeal": story.APPEAL}),
    (TaskAssigned, CaseState.ACCEPTED, {"task": ASKED}, {"task": story.TASK}),
    (TaskAccepted, CaseState.ACCEPTED, {"task": ASKED}, {"task": story.TASK}),
    (TaskDone, CaseState.ACCEPTED, {"task": ASKED}, {"task": story.TASK}),
    (TaskDeclined, CaseState.ACCEPTED, {"task": ASKED}, {"task": story.TASK}),
    (TaskWithdrawn, CaseState.ACCEPTED, {"task": ASKED}, {"task": story.TASK}),
    (CaseStepped, CaseState.ACCEPTED, TURNED, BROUGHT),
    (CasePassedOn, CaseState.FILED, TURNED, BROUGHT),
    (FlowEnded, CaseState.ACCEPTED, TURNED, BROUGHT),
    (LeadDone, CaseState.ACCEPTED, {}, {}),
    (FirstTaken, CaseState.DISPATCHED, {}, {}),
    (
        CaseMadeSafe,
        CaseState.ACCEPTED,
        {"unit": story.UNIT.code},
        {"photos": (story.AFTER,)},
    ),
    (CaseHandled, CaseState.HANDLED, {}, {"photos": (story.BEFORE, story.AFTER)}),
    (HandledOnSite, CaseState.CLOSED, {"photos": (story.BEFORE, story.AFTER)}, {}),
    (SpotCheckOrdered, CaseState.HANDLED, {"photos": (story.BEFORE, story.AFTER)}, {}),
    (ReworkOrdered, CaseState.ACCEPTED, {}, {}),
    (CaseClosed, CaseState.CLOSED, {}, {}),
    (CaseReopened, CaseState.DISPATCHED, {}, {}),
    (CaseVoided, CaseState.VOIDED, {"state_before": CaseState.ACCEPTED}, {}),
)
"""Each event type with the state after it, what it requires and what it may have."""


def _outcome(kind: type[Outcome], rule: Rule, **more: Any) -> Outcome:  # noqa: ANN401 - any field
    return kind(
        incident_id=INCIDENT,
        rule=rule,
        explanation=Names(zh="不在任何网格之内", en="It lies outside every grid")
        if rule is Rule.OUTSIDE_EVERY_GRID
        else Names(zh="事项清单中没有此事项", en="The list of matters does not have it"),
        counts_from=RECEIVED,
        received_at=RECEIVED,
        zone=story.ZONE,
        source=Source.RESIDENT,
        **more,
    )


def _refused(*, full: bool) -> ActionRefused:
    return ActionRefused(
        incident_id=INCIDENT,
        action_id=ACTION,
        action="verify",
        actor=story.MEMBER if full else story.RESIDENT,
        rule=Rule.HANDLER_NEVER_VERIFIES,
        explanation=Names(zh="处置者不得核查", en="Who handled it never verifies it"),
    )


def _at(sequence: int) -> datetime:
    return minutes(0.01 if sequence == 1 else 12 * sequence)


def _pair(sequence: int, full: EventData, minimal: EventData) -> list[Example]:
    at = _at(sequence)
    return [
        story.example(FULL, full, at=at, sequence=sequence),
        story.example(MINIMAL, minimal, at=at, sequence=sequence),
    ]


def examples() -> list[Example]:
    """A full and a minimal one of each type."""
    found: list[Example] = []
    place = {
        "grid": story.GRID,
        "matter": "unheard-of",
        "location": story.PLACE,
        "also": (Obstacle(rule=Rule.NO_POLICY, explanation=NO_POLICY),),
    }
    by: dict[str, Any] = {
        "actor": story.MEMBER,
        "action_id": ACTION,
        "reason": "as agreed on the telephone",
    }
    for kind, rule, more in OUTCOMES:
        found += _pair(1, _outcome(kind, rule, **place, **by, **more), _outcome(kind, rule))
    looked, to = {"passed": False}, {"to": "12345"}
    found += _pair(
        2,
        _outcome(IncidentLooked, Rule.NOT_AS_REPORTED, **place, **by, **HELD, **looked),
        _outcome(IncidentLooked, Rule.NOT_AS_REPORTED, **looked),
    )
    found += _pair(
        2,
        _outcome(IncidentTransferred, Rule.TRANSFERRED_BY_DESK, **place, **by, **to),
        _outcome(IncidentTransferred, Rule.TRANSFERRED_BY_DESK, **to),
    )
    linked = {**place, **by, **LINK, "by_second_look": True, "urged_by": story.INSPECTOR}
    found += _pair(
        1,
        _outcome(IncidentLinked, Rule.DUPLICATE, **linked),
        _outcome(IncidentLinked, Rule.DUPLICATE, **LINK),
    )
    apart: dict[str, Any] = {"incident_id": INCIDENT, "at": _at(2), "case_id": LINK["case_id"]}
    found += _pair(2, IncidentSeparated(**apart, **by), IncidentSeparated(**apart))
    seen: dict[str, Any] = {"incident_id": INCIDENT, "at": _at(2)}
    found += _pair(
        2, IncidentAcknowledged(**seen, **by, orders=(7, 9)), IncidentAcknowledged(**seen)
    )
    for number, (event, state, required, optional) in enumerate(CASE_EVENTS, 1):
        needed = {"incident_id": INCIDENT, "at": _at(number), **required}
        full = event(**{**needed, **by, **optional, "case": story.whole_case(state)})
        found += _pair(number, full, event(**{**needed, "case": story.case(state)}))
    return found + _pair(12, _refused(full=True), _refused(full=False))
