"""``wangge.incidents.v1``: what was reported and which actions were asked for, as received."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, StringConstraints, model_validator

from shared.contracts.base import (
    Actor,
    AreaCode,
    Code,
    Contract,
    EventData,
    Id,
    Instant,
    Latitude,
    Longitude,
    LongText,
    OpenEnum,
    Point,
    ShortText,
    Stage,
)
from shared.contracts.levels import SupervisionLevel
from shared.contracts.plans import Finding, PlanRef
from shared.contracts.routing_rules import Source


class CoordinateSystem(OpenEnum):
    """The system in which coordinates were sent; Chinese phone maps are hundreds of metres off."""

    WGS84 = "wgs84"
    CGCS2000 = "cgcs2000"
    GCJ02 = "gcj02"
    BD09 = "bd09"


class Located(Contract):
    """Coordinates as they were sent, before they were brought to WGS 84."""

    system: CoordinateSystem
    """In which system."""
    coordinates: tuple[Longitude, Latitude]
    """As they were sent."""


class DistanceBand(OpenEnum):
    """How far from the place somebody was; positions themselves are never kept."""

    AT_THE_PLACE = "at_the_place"
    """Within 50 m."""
    NEAR_BY = "near_by"
    """Within 500 m."""
    AWAY = "away"
    """Farther away."""


class Photo(OpenEnum):
    """What a photo shows."""

    BEFORE = "before"
    AFTER = "after"


class PhotoRef(Contract):
    """A photo that is kept elsewhere: where, and the hash by which it is known to be the same."""

    shows: Photo
    """Whether it shows the place before or after the handling."""
    ref: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    """Where it is kept: a key or an address."""
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    """Its SHA-256, in hexadecimal."""


class PaperRef(Contract):
    """A paper that is kept elsewhere (文书): which, where, and the hash by which it is known."""

    code: Code
    """Which paper, as the flow calls it."""
    ref: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    """Where it is kept: a key or an address."""
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    """Its SHA-256, in hexadecimal."""


class OnSite(Contract):
    """What an officer has put right on the spot (自行处置)."""

    before: PhotoRef
    """The place before."""
    after: PhotoRef
    """The place after."""
    said: ShortText = ""
    """What was done."""

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.before.shows, self.after.shows) != (Photo.BEFORE, Photo.AFTER):
            raise ValueError("before shows the place before, after shows it after the handling")
        if self.before.sha256 == self.after.sha256:
            raise ValueError("before and after are the same photo")
        return self


class Report(Contract):
    """An incident as it was reported; equal reports under one key are one report."""

    matter: Code | None = None
    """The code of the matter, as far as the reporter knows it."""
    condition: Code | None = None
    """The code of the filing condition that holds, as far as the reporter knows it."""
    location: Point | None = None
    """Where it is."""
    address: ShortText | None = None
    """Where it is, in words."""
    area: AreaCode | None = None
    """The area that the reporter names, for what has no location."""
    description: LongText = ""
    """What is wrong, in the reporter's words."""
    source: Source = Source.RESIDENT
    """The way by which it came in."""
    component: Code | None = None
    """The code of the component that it is about, where the reporter knows it."""
    sent_location: Located | None = None
    """The location as it was sent, where that was not in WGS 84."""
    reporter_distance: DistanceBand | None = None
    """How far from the place the reporter was, where its position came with the report."""
    occurred_at: Instant | None = None
    """When it happened, as far as the reporter knows it."""
    reported_at: Instant | None = None
    """From when the clocks count; given by imports of history only, else when it was received."""
    external_id: ShortText | None = None
    """What the system that sent it calls it."""
    plan: PlanRef | None = None
    """The plan by which it is to be inspected; written by intake only."""
    arises_from: Id | None = None
    """The inspection that found it; written by intake only."""
    handled_on_site: OnSite | None = None
    """That whoever reports it, an officer, has put it right already (即报即结)."""


class IncidentReported(EventData):
    """Somebody reported something (信息收集)."""

    TYPE: ClassVar[str] = "cn.wangge.incident.reported.v1"

    incident_id: Id
    """The id of the incident, and of its case."""
    receipt_no: str
    """受理号: what the reporter is told, with a check digit."""
    received_at: Instant
    """When intake received it."""
    zone: str
    """IANA zone of the city, for local days of what never gets a grid."""
    reporter: Actor
    """Who reported it; ``anonymous`` for whoever showed no credentials."""
    report: Report
    """What was reported."""

    @property
    def counts_from(self) -> Instant:
        """When the clocks start: the report's own instant for imported history, else receipt."""
        return self.report.reported_at or self.received_at


class Verb(OpenEnum):
    """What may be asked for a case; an action that dispatch does not know is refused."""

    ACCEPT = "accept"
    RETURN = "return"
    APPROVE = "approve"
    DENY = "deny"
    HANDLED = "handled"
    VERIFY = "verify"
    REASSIGN = "reassign"
    REOPEN = "reopen"
    VOID = "void"
    SEPARATE = "separate"
    FILE = "file"
    REJECT = "reject"
    ANSWER = "answer"
    TRANSFER = "transfer"
    LOOK = "look"
    APPEAL = "appeal"
    SUSPEND = "suspend"
    RESUME = "resume"
    EXTEND = "extend"
    URGE = "urge"
    CC = "cc"
    HAND_UP = "hand_up"
    HAND_DOWN = "hand_down"
    TAKE_FIRST = "take_first"
    MAKE_SAFE = "make_safe"
    WHISTLE = "whistle"
    CO_ACCEPT = "co_accept"
    CO_DONE = "co_done"
    CO_DECLINE = "co_decline"
    CO_WITHDRAW = "co_withdraw"
    UPHOLD = "uphold"
    OVERRULE = "overrule"
    STEP = "step"
    SUPERVISE = "supervise"
    RELEASE = "release"
    ACKNOWLEDGE = "acknowledge"
    REARM = "rearm"


class ActionRequest(Contract):
    """An action as it was asked for; equal requests under one key are one action."""

    action: Verb
    """What is asked for."""
    reason: ShortText = ""
    """Why, in the actor's words."""
    expected_sequence: int | None = None
    """The number of the case's last event that the actor had seen; guards a stale screen."""
    unit: Code | None = None
    """For ``reassign``: to whom; for ``approve`` of a return: who gets it next (else the rules);
    for ``look``: who looks on site (else the team of the grid); for ``cc``: who is told; for
    ``whistle``, ``co_withdraw``: who is to co-operate, or no more."""
    passed: bool | None = None
    """For ``verify``: whether the place is in order; before filing: whether it is as reported."""
    matter: Code | None = None
    """For ``file``, ``look`` and a ``verify`` before filing: the matter that it really is."""
    condition: Code | None = None
    """Likewise the filing condition."""
    location: Point | None = None
    """Likewise where it really is, WGS 84."""
    sent_location: Located | None = None
    """That location as it was sent, where that was not in WGS 84."""
    needed: bool = True
    """For ``whistle``: whether the case waits for that task (吹哨报到)."""
    to: ShortText | None = None
    """For ``transfer``: the platform outside that it goes to."""
    until: Instant | None = None
    """For ``suspend``: when it ends by itself, at the latest (review date)."""
    amount: Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)] | None = None
    """For ``extend``: by how much, in the unit of the case's limit to handle it."""
    clock: Stage | None = None
    """For ``appeal`` of a unit: the clock whose breach it disputes (申诉)."""
    appeal: ShortText | None = None
    """For ``uphold``, ``overrule``: which appeal, by its clock as the case tells it
    (``lead/handle/1``); else the one that was made first."""
    photos: Annotated[tuple[PhotoRef, ...], Field(max_length=20)] = ()
    """For ``handled``, ``make_safe``, ``appeal``: what shows it."""
    level: SupervisionLevel | None = None
    """For ``supervise``: which order (督办)."""
    turn: Code | None = None
    """For ``step``: the turn of the flow that is taken."""
    papers: Annotated[tuple[PaperRef, ...], Field(max_length=20)] = ()
    """For ``step``: the papers that come with it."""
    found: Annotated[tuple[Finding, ...], Field(max_length=20)] = ()
    """For ``step``: what an inspection found, each reported as an incident of its own."""
    area: AreaCode | None = None
    """For ``hand_up``, ``hand_down``: the area whose centre gets it (up: else the next one)."""


class ActionRequested(EventData):
    """Somebody asked for an action on a case; dispatch decides whether it may be done."""

    TYPE: ClassVar[str] = "cn.wangge.action.requested.v1"

    incident_id: Id
    """The incident whose case it is about."""
    action_id: Id
    """The id under which its outcome is found."""
    received_at: Instant
    """When intake received it; from then it counts."""
    actor: Actor
    """Who asks, by the credentials."""
    request: ActionRequest
    """What is asked for."""
    follower: Id | None = None
    """For ``urge``: the follower of the case whose reporter asks; written by intake only."""


EVENTS: tuple[type[EventData], ...] = (IncidentReported, ActionRequested)
