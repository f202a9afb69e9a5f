"""``wangge.cases.v1``: what became of the incidents. Each event carries the case as it now is."""

from enum import StrEnum
from typing import ClassVar, Literal

from shared.contracts.base import (
    Actor,
    Code,
    Contract,
    EventData,
    GridCode,
    Id,
    Instant,
    Limit,
    Limits,
    LongText,
    Names,
    Point,
    ShortText,
)
from shared.contracts.incidents_v1 import Source
from shared.contracts.registry_v1 import LadderStep, MatterClass, UnitKind


class CaseState(StrEnum):
    """The states of a case (案卷状态); open are all before closed."""

    FILED = "filed"
    DISPATCHED = "dispatched"
    ACCEPTED = "accepted"
    HANDLED = "handled"
    CLOSED = "closed"
    VOIDED = "voided"


class Rule(StrEnum):
    """Why an incident was not filed, or an action refused."""

    UNKNOWN_MATTER = "unknown_matter"
    NO_MATTER = "no_matter"
    NO_LOCATION = "no_location"
    OUTSIDE_EVERY_GRID = "outside_every_grid"
    NO_POLICY = "no_policy"
    ROLE_NOT_ALLOWED = "role_not_allowed"
    WRONG_STATE = "wrong_state"
    NOT_YOUR_UNIT = "not_your_unit"
    NOT_YOUR_AREA = "not_your_area"
    STALE_SEQUENCE = "stale_sequence"
    HANDLER_NEVER_VERIFIES = "handler_never_verifies"
    NO_REQUEST_PENDING = "no_request_pending"
    REQUEST_PENDING = "request_pending"
    UNKNOWN_UNIT = "unknown_unit"
    SAME_UNIT = "same_unit"
    NOT_A_CASE = "not_a_case"
    TOO_LATE_TO_REOPEN = "too_late_to_reopen"
    REASON_MISSING = "reason_missing"
    OUTCOME_MISSING = "outcome_missing"
    REPORTED_TWICE = "reported_twice"


class MatterRef(Contract):
    """The matter under which a case was filed, at its version; it never changes for this case."""

    code: Code
    n: int
    names: Names
    klass: MatterClass
    condition: Code
    public: bool = True


class UnitRef(Contract):
    """The unit that has a task, as it was named when it was given it."""

    code: Code
    names: Names
    kind: UnitKind
    area: str


class Times(Contract):
    """The instants of a case so far; a step taken twice has its latest."""

    counts_from: Instant
    received_at: Instant
    filed_at: Instant
    dispatched_at: Instant | None = None
    accepted_at: Instant | None = None
    handled_at: Instant | None = None
    closed_at: Instant | None = None


class Case(Contract):
    """A case as it is after the event that carries it: all that a reader needs to know of it."""

    case_no: str
    state: CaseState
    grid: GridCode
    zone: str
    matter: MatterRef
    location: Point
    source: Source
    unit: UnitRef | None = None
    """Of the lead task; none while nobody has it."""
    limits: Limits
    ladder: tuple[LadderStep, ...] = ()
    """The supervision ladder under which it was filed."""
    times: Times
    return_pending: bool = False
    returns: int = 0
    refused_returns: int = 0
    reworks: int = 0
    reopenings: int = 0


class Outcome(EventData):
    """An outcome without a case: where the incident was, and which rule decided."""

    incident_id: Id
    rule: Rule
    explanation: Names
    counts_from: Instant
    received_at: Instant
    zone: str
    grid: GridCode | None = None
    matter: str | None = None
    location: Point | None = None
    source: Source


class IncidentRejected(Outcome):
    """The incident was not filed, by the rule named (不予立案)."""

    TYPE: ClassVar[str] = "cn.wangge.incident.rejected.v1"


class IncidentHeld(Outcome):
    """The rules could not decide: it waits in review at the acceptance desk, with a clock."""

    TYPE: ClassVar[str] = "cn.wangge.incident.held.v1"

    filing_limit: Limit | None = None
    ladder: tuple[LadderStep, ...] = ()


class CaseEvent(EventData):
    """What all events of a case say: when, by whom, why, and the case as it is now."""

    incident_id: Id
    at: Instant
    """When it took effect: for an action, the instant at which intake received it."""
    actor: Actor | None = None
    action_id: Id | None = None
    reason: ShortText = ""
    case: Case


class CaseFiled(CaseEvent):
    """Filed (立案): the incident is a case."""

    TYPE: ClassVar[str] = "cn.wangge.case.filed.v1"

    receipt_no: str
    description: LongText = ""
    external_id: ShortText | None = None
    filing_limit: Limit | None = None


class Candidate(Contract):
    """A unit that might have got the case, and why it did not."""

    unit: Code
    lost: str


class CaseDispatched(CaseEvent):
    """Given to a unit (派遣); ``rule`` says how the unit was found."""

    TYPE: ClassVar[str] = "cn.wangge.case.dispatched.v1"

    rule: Literal["nearest_unit_of_matter", "named_by_dispatcher", "reopened"]
    centre: str
    """The area whose centre dispatched."""
    level: Literal["city", "county", "town", "community"]
    candidates: tuple[Candidate, ...] = ()


class CaseAccepted(CaseEvent):
    """The unit took it (接收)."""

    TYPE: ClassVar[str] = "cn.wangge.case.accepted.v1"


class ReturnRequested(CaseEvent):
    """The unit says that it is not its case (申请退回); no clock stops."""

    TYPE: ClassVar[str] = "cn.wangge.case.return_requested.v1"


class ReturnGranted(CaseEvent):
    """The return was granted: the case is filed again, to be dispatched to another unit."""

    TYPE: ClassVar[str] = "cn.wangge.case.return_granted.v1"

    returned_by: Code


class ReturnRefused(CaseEvent):
    """The return was refused (驳回): the case stays, and counts as buck-passing."""

    TYPE: ClassVar[str] = "cn.wangge.case.return_refused.v1"


class CaseHandled(CaseEvent):
    """The unit handed back: it is done, to be verified (处置反馈)."""

    TYPE: ClassVar[str] = "cn.wangge.case.handled.v1"


class ReworkOrdered(CaseEvent):
    """The verification failed (返工): back to accepted with what was left of the limit."""

    TYPE: ClassVar[str] = "cn.wangge.case.rework_ordered.v1"


class CaseClosed(CaseEvent):
    """Verified and closed (核查结案)."""

    TYPE: ClassVar[str] = "cn.wangge.case.closed.v1"


class CaseReopened(CaseEvent):
    """Opened again within the set time; back to dispatched."""

    TYPE: ClassVar[str] = "cn.wangge.case.reopened.v1"


class CaseVoided(CaseEvent):
    """Declared void (作废); what it counted is taken back."""

    TYPE: ClassVar[str] = "cn.wangge.case.voided.v1"

    state_before: CaseState


class ActionRefused(EventData):
    """An action changed nothing, by the rule named."""

    TYPE: ClassVar[str] = "cn.wangge.action.refused.v1"

    incident_id: Id
    action_id: Id
    action: str
    actor: Actor
    rule: Rule
    explanation: Names


EVENTS: tuple[type[EventData], ...] = (
    IncidentRejected,
    IncidentHeld,
    CaseFiled,
    CaseDispatched,
    CaseAccepted,
    ReturnRequested,
    ReturnGranted,
    ReturnRefused,
    CaseHandled,
    ReworkOrdered,
    CaseClosed,
    CaseReopened,
    CaseVoided,
    ActionRefused,
)
