"""``wangge.escalations.v1``: clocks, their marks, and supervision."""

from enum import StrEnum
from typing import ClassVar, Literal

from shared.contracts.base import (
    Actor,
    Contract,
    EventData,
    Id,
    Instant,
    Limit,
    ShortText,
    Stage,
)
from shared.contracts.calendars import CalendarRef
from shared.contracts.ladders import LiftedWhen, Reminders
from shared.contracts.levels import IssuerLevel, SupervisionLevel


class ClockState(StrEnum):
    """Running, paused, or stopped within the limit (met) or after it (missed)."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"
    CANCELLED = "cancelled"
    """Stopped because its case is void or its task was taken away; judged for nobody."""


class ClockRef(Contract):
    """Which clock: the task that it belongs to, its stage, and the run (from 1)."""

    task: str
    """``case`` for the clocks of the case itself (filing, total), ``lead`` for the lead task."""
    clock: Stage
    """The stage."""
    run: int
    """Rises whenever the clock starts anew."""


class MarkAt(Contract):
    """When a mark of a clock is due."""

    percent: int
    """How much of the limit is then used."""
    due_at: Instant


class Ran(Contract):
    """A run that a suspension ended."""

    started_at: Instant
    """When it began."""
    counted_from: Instant | None = None
    """From when it counted, where not from its beginning."""
    stopped_at: Instant
    """When its case was suspended."""


class Clock(ClockRef):
    """A clock as it is after the event; readers never compute working time."""

    state: ClockState
    grid: str | None = None
    """The grid of the case."""
    unit: str | None = None
    """The unit whose time it is; none for the clocks of centres."""
    matter: str | None = None
    """The matter of the case."""
    limit: Limit
    """How long it may run."""
    started_at: Instant
    """When this run began."""
    due_at: Instant
    """When its limit is used up; before this run began, where that was before a suspension."""
    provisional: bool = False
    """Whether it may be due otherwise, as the holidays of a year are not published yet."""
    counted_from: Instant | None = None
    """From when this run counts, where not from its beginning: the next day."""
    marks: tuple[MarkAt, ...] | None = None
    """Of a clock in working time its marks: those of the limit, and of the ladders."""
    stopped_at: Instant | None = None
    """When it was stopped, or since when it stands."""
    ran: tuple[Ran, ...] | None = None
    """Of a run that goes on after suspensions: the runs that these ended, the oldest first."""
    used_ms: int = 0
    """Time used up to the last stop, pause or resume."""


class DueBefore(ClockRef):
    """When a clock was due before it was counted anew."""

    due_at: Instant


class Recounted(Contract):
    """A change of work calendars by which clocks were counted anew."""

    change: Id
    """The id of the change of the registry."""
    calendar_before: CalendarRef | None = None
    """The calendar by which they were counted until then."""
    due_before: tuple[DueBefore, ...] = ()
    """When each of the clocks was due by that."""


class ClocksChanged(EventData):
    """One cause changed these clocks; those not named are as before."""

    TYPE: ClassVar[str] = "cn.wangge.clocks.changed.v1"

    incident_id: Id
    """The incident whose clocks these are."""
    case_no: str | None = None
    """Its case number, if it has been filed."""
    at: Instant
    """When they changed: when their cause took effect."""
    cause: str
    """The type of the event that changed them."""
    calendar: CalendarRef | None = None
    """The work calendar by which those in working time are counted."""
    clocks: tuple[Clock, ...]
    """Each clock as it now is."""
    recounted: Recounted | None = None
    """Where a change of work calendars was the cause: which, and what was before; clocks that are
    due as they were are not named."""


class Mark(ClockRef):
    """A point of a clock, in percent of its limit; each is answered once."""

    percent: int
    """How much of the limit."""
    due_at: Instant
    """When so much was used."""


class Told(Contract):
    """Who is to be told of an event: whoever has a role, in a unit or at the centre of an area."""

    role: str
    """What they are, as an actor's roles."""
    area: str | None = None
    """The area of their centre."""
    unit: str | None = None
    """Their unit."""


class MarkEvent(EventData):
    """A mark that was answered."""

    incident_id: Id
    """The incident whose clock it is."""
    case_no: str | None = None
    """Its case number, if it has been filed."""
    at: Instant
    """When it was answered: the partition's time."""
    mark: Mark
    """Which point of which clock."""
    clock: Clock
    """The clock as it now is."""
    tell: tuple[Told, ...] | None = None
    """Whom to tell: the unit whose time it is, and the town's centre."""


class ClockApproaching(MarkEvent):
    """80 % of the limit are used (临期)."""

    TYPE: ClassVar[str] = "cn.wangge.clock.approaching.v1"


class ClockBreached(MarkEvent):
    """The limit is used up (超时)."""

    TYPE: ClassVar[str] = "cn.wangge.clock.breached.v1"


class MarkWithdrawn(MarkEvent):
    """The mark is none (撤销): its clock had been stopped before, or it is due later now."""

    TYPE: ClassVar[str] = "cn.wangge.clock.mark_withdrawn.v1"


class SupervisionEvent(EventData):
    """A supervision order (督办) or its end."""

    incident_id: Id
    """The incident whose case is supervised."""
    case_no: str | None = None
    """Its case number, if it has been filed."""
    at: Instant
    """When it took effect."""
    level: SupervisionLevel
    """The level ordered, or lifted."""
    previous: SupervisionLevel | None = None
    """The level before it."""
    mark: Mark | None = None
    """The mark that led to it."""
    unit: str | None = None
    """The unit that is to hurry."""
    grid: str | None = None
    """The grid of the case."""
    tell: tuple[Told, ...] | None = None
    """Whom to tell: the centre that orders or had ordered, and the unit that is to hurry."""


class SupervisionOrdered(SupervisionEvent):
    """Hurry, from above: ordinary, yellow card or red card; only rises."""

    TYPE: ClassVar[str] = "cn.wangge.supervision.ordered.v1"

    issuer: IssuerLevel
    """The level of the centre that orders."""
    issuer_area: str
    """The area of that centre."""
    actor: Actor | None = None
    """Who ordered it by hand; none: the ladder."""
    said: ShortText = ""
    """Why, in that one's words."""
    reminders: Reminders = ()
    """When it is told again, until somebody acknowledges it."""
    lifted_when: LiftedWhen = LiftedWhen.CLOSED
    """When it is lifted by itself."""


class SupervisionLifted(SupervisionEvent):
    """The order is lifted, for the reason named."""

    TYPE: ClassVar[str] = "cn.wangge.supervision.lifted.v1"

    reason: Literal["closed", "voided", "mark_withdrawn"]
    """Why it is lifted."""


class SupervisionReleased(SupervisionEvent):
    """The order is lifted by hand, by the same or a higher level (人工解除)."""

    TYPE: ClassVar[str] = "cn.wangge.supervision.released.v1"

    actor: Actor | None = None
    """Who lifted it."""
    said: ShortText = ""
    """Why."""


class SupervisionSatisfied(SupervisionEvent):
    """The order is lifted: the unit has handed back, and its step asked for no more (反馈解除)."""

    TYPE: ClassVar[str] = "cn.wangge.supervision.satisfied.v1"

    tasks: tuple[str, ...] | None = None
    """The tasks that are done, where the case is not handed back yet; none: all."""


LIFTED = (SupervisionLifted, SupervisionReleased, SupervisionSatisfied)
"""The ends of an order."""
EVENTS: tuple[type[EventData], ...] = (
    ClocksChanged,
    ClockApproaching,
    ClockBreached,
    MarkWithdrawn,
    SupervisionOrdered,
    SupervisionLifted,
    SupervisionReleased,
    SupervisionSatisfied,
)
