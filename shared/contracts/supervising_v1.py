"""Supervision in ``wangge.cases.v1``: by hand (人工督办), acknowledged (签收), armed anew."""

from typing import ClassVar

from shared.contracts.base import Actor, EventData, Id, Instant, ShortText
from shared.contracts.case_v1 import CaseEvent
from shared.contracts.ladders import LadderStep, NoticeLadder
from shared.contracts.levels import IssuerLevel, SupervisionLevel
from shared.contracts.policies import PolicyRef, RequestRules


class CaseSupervised(CaseEvent):
    """Somebody above wants it supervised; escalation gives the order, unless one is as high."""

    TYPE: ClassVar[str] = "cn.wangge.case.supervised.v1"

    level: SupervisionLevel
    """The order that is wanted."""
    issuer: IssuerLevel
    """The level of the centre that wants it."""
    issuer_area: str
    """The area of that centre."""


class CaseReleased(CaseEvent):
    """Somebody above lifts the order that is in force, with a reason."""

    TYPE: ClassVar[str] = "cn.wangge.case.released.v1"


class CaseAcknowledged(CaseEvent):
    """Somebody has seen the order, or the notices, that he was sent (签收): no more reminders."""

    TYPE: ClassVar[str] = "cn.wangge.case.acknowledged.v1"

    orders: tuple[int, ...] = ()
    """Which: the numbers of their events in ``wangge.escalations.v1``."""


class IncidentAcknowledged(EventData):
    """As `CaseAcknowledged`, of an incident that waits in review: nothing else of it changes."""

    TYPE: ClassVar[str] = "cn.wangge.incident.acknowledged.v1"

    incident_id: Id
    """The incident."""
    at: Instant
    """When it took effect: the instant at which intake received the action."""
    actor: Actor | None = None
    """Who has seen it."""
    action_id: Id | None = None
    """The action that this answers."""
    reason: ShortText = ""
    """What that one says of it."""
    orders: tuple[int, ...] = ()
    """Which: the numbers of their events in ``wangge.escalations.v1``."""


class CaseRearmed(CaseEvent):
    """It goes by the policy now in force (按新政策重设), from then on: ladders and requests."""

    TYPE: ClassVar[str] = "cn.wangge.case.rearmed.v1"

    policy: PolicyRef | None = None
    """The policy by which it goes now."""
    policy_before: PolicyRef | None = None
    """The one before; none: an older version filed it."""
    requests: RequestRules
    """Who decides its requests from now on."""
    reopen_within_days: int
    """Until how many days after its closing it may be opened again."""
    ladder: tuple[LadderStep, ...] = ()
    """The supervision ladder by which it goes from now on."""
    notice_ladder: NoticeLadder = ()
    """Likewise the ladder of notices."""


EVENTS: tuple[type[EventData], ...] = (
    CaseSupervised,
    CaseReleased,
    CaseAcknowledged,
    IncidentAcknowledged,
    CaseRearmed,
)
