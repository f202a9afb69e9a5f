"""``wangge.cases.v1``: what became of the incidents. Each event carries the case as it now is.

Outcomes without a case, requests, tasks and the turns of flows stand in modules of their own.
"""

from typing import ClassVar, Literal

from shared.contracts import (
    outcomes_v1,
    requests_v1,
    steps_v1,
    supervising_v1,
    tasks_v1,
)
from shared.contracts.base import (
    Actor,
    AreaCode,
    Code,
    EventData,
    GridCode,
    Id,
    Limit,
    LongText,
    Names,
    OpenEnum,
    ShortText,
)
from shared.contracts.case_refs_v1 import PlaceRef, UnitRef
from shared.contracts.case_v1 import CaseEvent, CaseState
from shared.contracts.choice_v1 import (
    Candidate,
    DispatchRule,
    MemberChoice,
    RoutingInputs,
    RuleRef,
    Unrouted,
)
from shared.contracts.flows import Flow
from shared.contracts.incidents_v1 import OnSite, PhotoRef
from shared.contracts.ladders import LadderStep, NoticeLadder
from shared.contracts.levels import Level
from shared.contracts.policies import PolicyRef, RequestRules
from shared.contracts.registry_v1 import Near
from shared.contracts.rule_v1 import Rule
from shared.contracts.work_places import works_at


class Adrift(OpenEnum):
    """Why a case lies in no grid that is in force."""

    STAYS = "stays"
    """Its grid has ended, and the area's policy keeps the case there."""
    OUTSIDE = "outside"
    """No grid holds its place; it stays with the one that held it last, until one does."""


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
    put_right: OnSite | None = None
    """What an officer says to have put right on the spot, where it is handled all the same."""
    unrouted: Unrouted | None = None
    """Why the rules gave it to nobody."""
    candidates: tuple[Candidate, ...] = ()
    """Who might have got it, where nobody did."""
    passed_over: tuple[Code, ...] = ()
    """The routing rules that held and whose lead could not be had, where nobody got it."""
    near: Near | None = None
    """Within what another report of the same is linked to it; none: every one is filed."""
    requests: RequestRules | None = None
    """Who decides its requests, as the policy said when it was filed."""
    flow: Flow | None = None
    """The flow by which it is handled, as it was when it was filed."""
    policy: PolicyRef | None = None
    """The policy under which it was filed; none: an older version filed it."""
    ladder: tuple[LadderStep, ...] = ()
    """The supervision ladder by which it goes, until it is armed anew."""
    notice_ladder: NoticeLadder = ()
    """Likewise the ladder of notices."""


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
    passed_over: tuple[Code, ...] = ()
    """The routing rules that held and whose lead could not be had, also where none decided."""
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
    """Put right on the spot, and to be checked by somebody else (抽查).

    It was drawn; or its officer, the actor, does not work there.
    """

    TYPE: ClassVar[str] = "cn.wangge.case.spot_check_ordered.v1"

    @property
    def was_drawn(self) -> bool | None:
        """Whether it was drawn; None: it is not known who put it right."""
        if self.actor is None or self.case.unit is None:
            return None
        return works_at(self.actor, self.case.grid, self.case.unit)


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
    *outcomes_v1.EVENTS,
    CaseFiled,
    CaseDispatched,
    CaseRegridded,
    MemberChanged,
    CaseAccepted,
    CaseUrged,
    CaseCopied,
    CaseHandedUp,
    CaseHandedDown,
    CasePrioritised,
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
    *requests_v1.EVENTS,
    *tasks_v1.EVENTS,
    *steps_v1.EVENTS,
    *supervising_v1.EVENTS,
)
KINDS = (
    CaseEvent,
    outcomes_v1.Outcome,
    outcomes_v1.IncidentSeparated,
    supervising_v1.IncidentAcknowledged,
    ActionRefused,
)
"""What each of them is: of a case, or of an incident without one."""
