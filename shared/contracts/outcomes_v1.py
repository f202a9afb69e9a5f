"""Incidents without a case, in ``wangge.cases.v1``: what became of them, and why."""

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
    Names,
    Point,
    ShortText,
)
from shared.contracts.calendars import CalendarRef
from shared.contracts.case_refs_v1 import UnitRef
from shared.contracts.ladders import LadderStep, NoticeLadder
from shared.contracts.routing_rules import Source
from shared.contracts.rule_v1 import Rule

Ending = Literal["rejected", "in_review", "linked", "answered", "transferred"]


class Obstacle(Contract):
    """A rule that stands in the way of filing."""

    rule: Rule
    """Which."""
    explanation: Names
    """The rule in words."""


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
    also: tuple[Obstacle, ...] = ()
    """What else the rules tried in vain: it stands in the way as well."""
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
    urged_by: Actor | None = None
    """Its reporter, where that one had reported the case before: it counts as urging it (催办)."""


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
    calendar: CalendarRef | None = None
    """The work calendar by which that is counted; none: there is none."""
    ladder: tuple[LadderStep, ...] = ()
    """The supervision ladder of the filing clock."""
    notice_ladder: NoticeLadder = ()
    """Its ladder of notices."""


class PutRight(Contract):
    """What somebody names instead of what was reported; none: as it was reported."""

    matter: Code | None = None
    condition: Code | None = None
    location: Point | None = None


class LookOrdered(IncidentHeld):
    """Somebody is to look on site before it is filed (立案前核实); it waits in review meanwhile."""

    TYPE: ClassVar[str] = "cn.wangge.incident.look_ordered.v1"

    unit: UnitRef | None = None
    """Who is to look; none: whoever inspects the grid."""
    put_right: PutRight | None = None
    """What the desk named instead of what was reported; filed as this, unless put right again."""


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


EVENTS: tuple[type[EventData], ...] = (
    IncidentRejected,
    IncidentHeld,
    IncidentLinked,
    IncidentSeparated,
    LookOrdered,
    IncidentLooked,
    IncidentAnswered,
    IncidentTransferred,
)
