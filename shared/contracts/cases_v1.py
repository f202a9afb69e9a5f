"""``wangge.cases.v1``: what became of the incidents. Each event carries the case as it now is."""

from typing import ClassVar, Literal

from shared.contracts.base import (
    Actor,
    AreaCode,
    Code,
    EventData,
    GridCode,
    Id,
    Instant,
    Limit,
    LongText,
    Names,
    OpenEnum,
    Point,
    ShortText,
)
from shared.contracts.case_v1 import Appeal, Case, CaseState, PlaceRef, RequestKind, Task, UnitRef
from shared.contracts.choice_v1 import (
    Candidate,
    DispatchRule,
    MemberChoice,
    RoutingInputs,
    RuleRef,
    Unrouted,
)
from shared.contracts.incidents_v1 import PhotoRef
from shared.contracts.levels import Level
from shared.contracts.registry_v1 import LadderStep, Near, RequestRules
from shared.contracts.routing_rules import Source

Ending = Literal["rejected", "in_review", "linked", "answered", "transferred"]


class Rule(OpenEnum):
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
    ONE_LEVEL_UP = "one_level_up"
    NO_REQUEST_PENDING = "no_request_pending"
    REQUEST_PENDING = "request_pending"
    UNKNOWN_UNIT = "unknown_unit"
    SAME_UNIT = "same_unit"
    RETURNED_TWICE = "returned_twice"
    NOT_A_CASE = "not_a_case"
    TOO_LATE_TO_REOPEN = "too_late_to_reopen"
    REASON_MISSING = "reason_missing"
    OUTCOME_MISSING = "outcome_missing"
    REPORTED_TWICE = "reported_twice"
    DUPLICATE = "duplicate"
    NOT_A_FOLLOWER = "not_a_follower"
    SOURCE_FLOODS = "source_floods"
    UNKNOWN_PLACE = "unknown_place"
    UNKNOWN_ACTION = "unknown_action"
    TO_BE_VERIFIED = "to_be_verified"
    NOT_AS_REPORTED = "not_as_reported"
    REJECTED_BY_DESK = "rejected_by_desk"
    ANSWERED_BY_DESK = "answered_by_desk"
    TRANSFERRED_BY_DESK = "transferred_by_desk"
    APPEALED = "appealed"
    APPEALED_BEFORE = "appealed_before"
    REJECTER_NEVER_DECIDES_APPEAL = "rejecter_never_decides_appeal"
    NO_LOOK_ORDERED = "no_look_ordered"
    LOOK_ORDERED = "look_ordered"
    PLATFORM_MISSING = "platform_missing"
    NOT_IN_REVIEW = "not_in_review"
    NOT_REJECTED = "not_rejected"
    REPORTER_NEVER_VERIFIES = "reporter_never_verifies"
    SUSPENDED = "suspended"
    NOT_SUSPENDED = "not_suspended"
    UNTIL_MISSING = "until_missing"
    UNTIL_TOO_FAR = "until_too_far"
    UNTIL_PASSED = "until_passed"
    AMOUNT_MISSING = "amount_missing"
    NO_LIMIT = "no_limit"
    LONGER_THAN_THE_LIMIT = "longer_than_the_limit"
    EXTENDED_TWICE = "extended_twice"
    LIMIT_BREACHED = "limit_breached"
    LEVEL_TOO_LOW = "level_too_low"
    ASKER_NEVER_DECIDES = "asker_never_decides"
    URGED_JUST_NOW = "urged_just_now"
    COPIED_BEFORE = "copied_before"
    NOT_ABOVE = "not_above"
    NOT_BELOW = "not_below"
    WITH_HIGHER_CENTRE = "with_higher_centre"
    REQUEST_LAPSED = "request_lapsed"
    REVIEW_DATE = "review_date"
    STATE_CHANGES = "state_changes"
    NO_EMERGENCY = "no_emergency"
    SAFE_ALREADY = "safe_already"
    ANOTHER_WAS_FIRST = "another_was_first"
    UNIT_MISSING = "unit_missing"
    NO_TASK = "no_task"
    CO_OPERATES_ALREADY = "co_operates_already"
    TOO_MANY_TASKS = "too_many_tasks"
    LEAD_IS_DONE = "lead_is_done"
    NOT_BREACHED_BY_YOU = "not_breached_by_you"
    TOO_LATE_TO_APPEAL = "too_late_to_appeal"
    NO_APPEAL_PENDING = "no_appeal_pending"
    APPEAL_PENDING = "appeal_pending"


class Adrift(OpenEnum):
    """Why a case lies in no grid that is in force."""

    STAYS = "stays"
    """Its grid has ended, and the area's policy keeps the case there."""
    OUTSIDE = "outside"
    """No grid holds its place; it stays with the one that held it last, until one does."""


class Outcome(EventData):
    """An outcome without a case: where the incident was, and which rule decided."""

    ENDING: ClassVar[Ending]
    """What it makes of the incident."""

    incident_id: Id
    """The incident."""
    rule: Rule
    """The rule that decided."""
    explanation: Names
    """The rule in words, for the reporter."""
    counts_from: Instant
    """From when the clocks count."""
    received_at: Instant
    """When intake received the report."""
    zone: str
    """IANA zone by which its local day is meant."""
    grid: GridCode | None = None
    """The grid in which it lies, if in any."""
    matter: str | None = None
    """The matter that was reported, known or not."""
    location: Point | None = None
    """Where it is, if that was said."""
    source: Source
    """How the report came in."""
    actor: Actor | None = None
    """Who decided; none: the rules."""
    action_id: Id | None = None
    """The action that this answers."""
    reason: ShortText = ""
    """Why, in the actor's words; of an answer the answer itself."""


class IncidentRejected(Outcome):
    """The incident was not filed, by the rule named (不予立案)."""

    TYPE: ClassVar[str] = "cn.wangge.incident.rejected.v1"
    ENDING = "rejected"


class IncidentLinked(Outcome):
    """It is a case already (重复上报): linked to it as a follower, and told what that is told."""

    TYPE: ClassVar[str] = "cn.wangge.incident.linked.v1"
    ENDING = "linked"

    case_id: Id
    """The incident whose case it is."""
    case_no: str
    """案卷号 of that case."""
    metres: float
    """How far apart they are."""
    minutes: float
    """How long after that one it was received."""
    by_second_look: bool = False
    """Whether it had been filed before it was seen to be the same."""


class IncidentSeparated(EventData):
    """A follower is linked no more: somebody found it another matter, or its case is void."""

    TYPE: ClassVar[str] = "cn.wangge.incident.separated.v1"

    incident_id: Id
    """The incident."""
    at: Instant
    """When it took effect."""
    case_id: Id
    """The incident whose follower it was."""
    actor: Actor | None = None
    """Who separated it; none: the rules, because that case was declared void."""
    action_id: Id | None = None
    """The action that this answers."""
    reason: ShortText = ""
    """Why, in the actor's words."""


class IncidentHeld(Outcome):
    """The rules could not decide: it waits in review at the acceptance desk, with a clock."""

    TYPE: ClassVar[str] = "cn.wangge.incident.held.v1"
    ENDING = "in_review"

    filing_limit: Limit | None = None
    """How long the review may take, from ``counts_from``."""
    ladder: tuple[LadderStep, ...] = ()
    """The supervision ladder of the filing clock."""


class LookOrdered(IncidentHeld):
    """Somebody is to look on site before it is filed (立案前核实); it waits in review meanwhile."""

    TYPE: ClassVar[str] = "cn.wangge.incident.look_ordered.v1"

    unit: UnitRef | None = None
    """Whose officers are to look; none: whoever inspects the grid."""


class IncidentLooked(IncidentHeld):
    """Somebody looked on site (核实反馈); what is as reported is filed next, the rest waits."""

    TYPE: ClassVar[str] = "cn.wangge.incident.looked.v1"

    passed: bool
    """Whether it is as reported."""


class IncidentAnswered(Outcome):
    """The desk knew the answer (直接答复); ``reason`` is what the reporter is told."""

    TYPE: ClassVar[str] = "cn.wangge.incident.answered.v1"
    ENDING = "answered"


class IncidentTransferred(Outcome):
    """It is for a platform outside (转办)."""

    TYPE: ClassVar[str] = "cn.wangge.incident.transferred.v1"
    ENDING = "transferred"

    to: ShortText
    """The platform that has it now."""


class CaseEvent(EventData):
    """What all events of a case say: when, by whom, why, and the case as it is now."""

    incident_id: Id
    """The incident, whose id is the case's."""
    at: Instant
    """When it took effect: for an action, the instant at which intake received it."""
    actor: Actor | None = None
    """Who acted; none: the rules."""
    action_id: Id | None = None
    """The action that this answers."""
    reason: ShortText = ""
    """Why, in the actor's words."""
    case: Case
    """The case after the event."""


class CaseFiled(CaseEvent):
    """Filed (立案): the incident is a case."""

    TYPE: ClassVar[str] = "cn.wangge.case.filed.v1"

    receipt_no: str
    """受理号 of the report."""
    description: LongText = ""
    """What is wrong, in the reporter's words."""
    external_id: ShortText | None = None
    """What the system that sent it calls it."""
    filing_limit: Limit | None = None
    """How long filing may have taken."""
    reopen_within_days: int = 7
    """Until how many days after its closing it may be opened again."""
    place: PlaceRef | None = None
    """The place by which its address was located, where it came without coordinates."""
    unrouted: Unrouted | None = None
    """Why the rules gave it to nobody."""
    candidates: tuple[Candidate, ...] = ()
    """Who might have got it, where nobody did."""
    near: Near | None = None
    """Within what another report of the same is linked to it; none: every one is filed."""
    requests: RequestRules | None = None
    """Who decides its requests, as the policy said when it was filed."""


class CaseDispatched(CaseEvent):
    """Given to a unit (派遣); ``rule`` says how the unit was found."""

    TYPE: ClassVar[str] = "cn.wangge.case.dispatched.v1"

    rule: DispatchRule
    """How the unit was found."""
    centre: str
    """The area whose centre dispatched."""
    level: Level
    """The level of that centre."""
    candidates: tuple[Candidate, ...] = ()
    """Who else might have got it."""
    chosen_by: RuleRef | None = None
    """The routing rule that decided, where one did."""
    inputs: RoutingInputs | None = None
    """What the routing rules looked at, where there were any."""
    unit_load: int | None = None
    """How many open cases the unit had, where it has a cap; may be a second old."""
    member: MemberChoice | None = None
    """To whom of the unit it was given, where its members are known."""


class CaseRegridded(CaseEvent):
    """Its grid was redrawn: it lies in another one now, or stays where it was filed."""

    TYPE: ClassVar[str] = "cn.wangge.case.regridded.v1"

    change: Id
    """The change of the registry that redrew it."""
    grid_before: GridCode
    """The grid until then; the same as the case's where it stays."""
    policy: Literal["move", "stay"]
    """What the area's policy says."""
    adrift: Adrift | None = None
    """Why it lies in no grid that is in force now; none: it lies in one."""


class MemberChanged(CaseEvent):
    """Another member of the same unit has it: the one before is of the unit no more."""

    TYPE: ClassVar[str] = "cn.wangge.case.member_changed.v1"

    change: Id
    """The change of the registry by which the member has gone."""
    member_before: Id
    """The member until then, by its pseudonymous id."""
    member: MemberChoice | None = None
    """Who has it now, and who else might have; none: the unit as a whole."""


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
    """The unit that had it."""


class ReturnRefused(CaseEvent):
    """The return was refused (驳回): the case stays, and counts as buck-passing."""

    TYPE: ClassVar[str] = "cn.wangge.case.return_refused.v1"


class SuspensionRequested(CaseEvent):
    """The unit asks that the clocks stand until a date (申请挂账); none does yet."""

    TYPE: ClassVar[str] = "cn.wangge.case.suspension_requested.v1"


class CaseSuspended(CaseEvent):
    """The suspension was granted (挂账): the clocks stand until its review date."""

    TYPE: ClassVar[str] = "cn.wangge.case.suspended.v1"


class SuspensionRefused(CaseEvent):
    """The suspension was refused."""

    TYPE: ClassVar[str] = "cn.wangge.case.suspension_refused.v1"


class CaseResumed(CaseEvent):
    """The suspension has ended (恢复): what was left of the limits runs on."""

    TYPE: ClassVar[str] = "cn.wangge.case.resumed.v1"

    rule: Rule | None = None
    """Why it ended by itself: its review date, or a change of state; none: somebody ended it."""


class ExtensionRequested(CaseEvent):
    """The unit asks for more time (申请延期)."""

    TYPE: ClassVar[str] = "cn.wangge.case.extension_requested.v1"


class CaseExtended(CaseEvent):
    """More time was granted (延期): the limits are longer by it."""

    TYPE: ClassVar[str] = "cn.wangge.case.extended.v1"

    extended_by: Limit
    """By how much."""


class ExtensionRefused(CaseEvent):
    """More time was refused."""

    TYPE: ClassVar[str] = "cn.wangge.case.extension_refused.v1"


class RequestLapsed(CaseEvent):
    """Nobody decided a request in time: it is denied (逾期未批)."""

    TYPE: ClassVar[str] = "cn.wangge.case.request_lapsed.v1"

    kind: RequestKind
    """What had been asked for."""


class CaseUrged(CaseEvent):
    """Somebody urges (催办): the reporter, or somebody above."""

    TYPE: ClassVar[str] = "cn.wangge.case.urged.v1"


class CaseCopied(CaseEvent):
    """A unit is told of it, and owes nothing (抄告)."""

    TYPE: ClassVar[str] = "cn.wangge.case.copied.v1"

    to: UnitRef
    """The unit."""


class CaseHandedUp(CaseEvent):
    """A centre hands it to the one above (上报): that is to find a unit."""

    TYPE: ClassVar[str] = "cn.wangge.case.handed_up.v1"

    centre_before: AreaCode
    """The area whose centre had it until then."""


class CaseHandedDown(CaseEvent):
    """A centre hands it to one below (交办): that is to find a unit."""

    TYPE: ClassVar[str] = "cn.wangge.case.handed_down.v1"

    centre_before: AreaCode
    """The area whose centre had it until then."""


class CasePrioritised(CaseEvent):
    """Supervision was heard (督办): it is more urgent now, or as any other again."""

    TYPE: ClassVar[str] = "cn.wangge.case.prioritised.v1"


class AppealEvent(CaseEvent):
    """What all events of an appeal say."""

    appeal: Appeal
    """The appeal after the event."""


class AppealMade(AppealEvent):
    """A unit appeals against a breach that it is charged with (申诉)."""

    TYPE: ClassVar[str] = "cn.wangge.appeal.made.v1"


class AppealUpheld(AppealEvent):
    """It was right: the breach is exempt in the figures, and the fact is kept."""

    TYPE: ClassVar[str] = "cn.wangge.appeal.upheld.v1"


class AppealOverruled(AppealEvent):
    """It was not: the breach counts."""

    TYPE: ClassVar[str] = "cn.wangge.appeal.overruled.v1"


class TaskEvent(CaseEvent):
    """What all events of a co-operating task say."""

    task: Task
    """The task after the event."""


class TaskAssigned(TaskEvent):
    """A unit is to co-operate (配合): by the rules, or because somebody blew the whistle (吹哨)."""

    TYPE: ClassVar[str] = "cn.wangge.task.assigned.v1"


class TaskAccepted(TaskEvent):
    """The unit takes its share (报到)."""

    TYPE: ClassVar[str] = "cn.wangge.task.accepted.v1"


class TaskDone(TaskEvent):
    """The unit has done its share."""

    TYPE: ClassVar[str] = "cn.wangge.task.done.v1"


class TaskDeclined(TaskEvent):
    """The unit will not co-operate; the others go on."""

    TYPE: ClassVar[str] = "cn.wangge.task.declined.v1"


class TaskWithdrawn(TaskEvent):
    """The unit need not co-operate any more."""

    TYPE: ClassVar[str] = "cn.wangge.task.withdrawn.v1"


class LeadDone(CaseEvent):
    """The lead is done, and the case waits for others (牵头单位办结)."""

    TYPE: ClassVar[str] = "cn.wangge.case.lead_done.v1"


class FirstTaken(CaseEvent):
    """A unit was first at an emergency, and keeps the place safe until it is ruled (首接负责)."""

    TYPE: ClassVar[str] = "cn.wangge.case.first_taken.v1"


class CaseMadeSafe(CaseEvent):
    """An emergency was made safe (先行处置); the repair is still to come."""

    TYPE: ClassVar[str] = "cn.wangge.case.made_safe.v1"

    unit: Code
    """The unit that did it."""
    photos: tuple[PhotoRef, ...] = ()
    """What shows it."""


class CaseHandled(CaseEvent):
    """The unit handed back: it is done, to be verified (处置反馈)."""

    TYPE: ClassVar[str] = "cn.wangge.case.handled.v1"

    photos: tuple[PhotoRef, ...] = ()
    """What shows it."""


class HandledOnSite(CaseEvent):
    """Whoever reported it had put it right on the spot (自行处置): filed, handled and closed."""

    TYPE: ClassVar[str] = "cn.wangge.case.handled_on_site.v1"

    photos: tuple[PhotoRef, ...]
    """The place before and after."""


class SpotCheckOrdered(HandledOnSite):
    """Put right on the spot, and drawn for a check by somebody else (抽查)."""

    TYPE: ClassVar[str] = "cn.wangge.case.spot_check_ordered.v1"


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
    """Its state until then; what it counted is taken back."""


class ActionRefused(EventData):
    """An action changed nothing, by the rule named."""

    TYPE: ClassVar[str] = "cn.wangge.action.refused.v1"

    incident_id: Id
    """The incident that the action was about."""
    action_id: Id
    """The action."""
    action: str
    """What had been asked for."""
    actor: Actor
    """Who asked."""
    rule: Rule
    """The rule that forbids it."""
    explanation: Names
    """The rule in words, for the actor."""


EVENTS: tuple[type[EventData], ...] = (
    IncidentRejected,
    IncidentHeld,
    IncidentLinked,
    IncidentSeparated,
    LookOrdered,
    IncidentLooked,
    IncidentAnswered,
    IncidentTransferred,
    CaseFiled,
    CaseDispatched,
    CaseRegridded,
    MemberChanged,
    CaseAccepted,
    ReturnRequested,
    ReturnGranted,
    ReturnRefused,
    SuspensionRequested,
    CaseSuspended,
    SuspensionRefused,
    CaseResumed,
    ExtensionRequested,
    CaseExtended,
    ExtensionRefused,
    RequestLapsed,
    CaseUrged,
    CaseCopied,
    CaseHandedUp,
    CaseHandedDown,
    CasePrioritised,
    AppealMade,
    AppealUpheld,
    AppealOverruled,
    TaskAssigned,
    TaskAccepted,
    TaskDone,
    TaskDeclined,
    TaskWithdrawn,
    LeadDone,
    FirstTaken,
    CaseMadeSafe,
    CaseHandled,
    HandledOnSite,
    SpotCheckOrdered,
    ReworkOrdered,
    CaseClosed,
    CaseReopened,
    CaseVoided,
    ActionRefused,
)
