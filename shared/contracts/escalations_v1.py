"""``wangge.escalations.v1``: clocks, their marks, and supervision."""

from enum import StrEnum
from typing import ClassVar, Literal

from shared.contracts.base import Contract, EventData, Id, Instant, Limit, Stage
from shared.contracts.registry_v1 import SupervisionLevel


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
    run: int


class Clock(ClockRef):
    """A clock as it is after the event; readers never compute working time."""

    state: ClockState
    grid: str | None = None
    unit: str | None = None
    matter: str | None = None
    limit: Limit
    started_at: Instant
    due_at: Instant
    stopped_at: Instant | None = None
    used_ms: int = 0
    """Time used up to the last stop, pause or resume."""


class ClocksChanged(EventData):
    """One cause changed these clocks; those not named are as before."""

    TYPE: ClassVar[str] = "cn.wangge.clocks.changed.v1"

    incident_id: Id
    case_no: str | None = None
    at: Instant
    cause: str
    """The type of the event that changed them."""
    clocks: tuple[Clock, ...]


class Mark(ClockRef):
    """A point of a clock, in percent of its limit; each is answered once."""

    percent: int
    due_at: Instant


class MarkEvent(EventData):
    """A mark that was answered."""

    incident_id: Id
    case_no: str | None = None
    at: Instant
    """When it was answered: the partition's time."""
    mark: Mark
    clock: Clock


class ClockApproaching(MarkEvent):
    """80 % of the limit are used (临期)."""

    TYPE: ClassVar[str] = "cn.wangge.clock.approaching.v1"


class ClockBreached(MarkEvent):
    """The limit is used up (超时)."""

    TYPE: ClassVar[str] = "cn.wangge.clock.breached.v1"


class MarkWithdrawn(MarkEvent):
    """The clock had been stopped before the mark was due; the stop arrived later (撤销)."""

    TYPE: ClassVar[str] = "cn.wangge.clock.mark_withdrawn.v1"


class SupervisionEvent(EventData):
    """A supervision order (督办) or its end."""

    incident_id: Id
    case_no: str | None = None
    at: Instant
    level: SupervisionLevel
    previous: SupervisionLevel | None = None
    mark: Mark | None = None
    unit: str | None = None
    grid: str | None = None


class SupervisionOrdered(SupervisionEvent):
    """Hurry, from above: ordinary, yellow card or red card; only rises."""

    TYPE: ClassVar[str] = "cn.wangge.supervision.ordered.v1"

    issuer: Literal["town", "county", "city"]
    issuer_area: str


class SupervisionLifted(SupervisionEvent):
    """The order is lifted, for the reason named."""

    TYPE: ClassVar[str] = "cn.wangge.supervision.lifted.v1"

    reason: Literal["closed", "voided", "mark_withdrawn"]


EVENTS: tuple[type[EventData], ...] = (
    ClocksChanged,
    ClockApproaching,
    ClockBreached,
    MarkWithdrawn,
    SupervisionOrdered,
    SupervisionLifted,
)
