"""Of ``wangge.escalations.v1``: notices (蓝橙红), and what is told until acknowledged (签收)."""

from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts.base import Actor, Contract, EventData, Id, Instant, ShortText
from shared.contracts.escalations_v1 import Mark, MarkEvent, Told
from shared.contracts.ladders import Colour, Reminders
from shared.contracts.levels import SupervisionLevel


class NoticeRaised(MarkEvent):
    """A step of the ladder of notices was reached: blue, orange or red; nothing is ordered."""

    TYPE: ClassVar[str] = "cn.wangge.notice.raised.v1"

    colour: Colour
    """How grave it is."""
    reminders: Reminders = ()
    """When it is told again, until somebody acknowledges it or its clock stands."""


class ReminderEvent(EventData):
    """What nobody has acknowledged is told again; numbers that are left out were passed over."""

    incident_id: Id
    """The incident whose case it is."""
    case_no: str | None = None
    """Its case number, if it has been filed."""
    at: Instant
    """When it was sent: the partition's time."""
    order: int
    """The number of the event in this topic that is told again."""
    number: Annotated[int, Field(ge=1)]
    """The how manieth reminder of it this is."""
    of: Annotated[int, Field(ge=1)]
    """Of how many."""
    due_at: Instant
    """When it was due."""
    mark: Mark | None = None
    """The mark that led to what is told again."""
    unit: str | None = None
    """The unit that is to hurry."""
    grid: str | None = None
    """The grid of the case."""
    tell: tuple[Told, ...] | None = None
    """Whom to tell: whoever was told first, in its unit's place the one that is to hurry now."""


class SupervisionReminded(ReminderEvent):
    """The order in force is told again (催签)."""

    TYPE: ClassVar[str] = "cn.wangge.supervision.reminded.v1"

    level: SupervisionLevel
    """The order."""


class NoticeReminded(ReminderEvent):
    """A notice is told again."""

    TYPE: ClassVar[str] = "cn.wangge.notice.reminded.v1"

    colour: Colour
    """Its colour."""


class ConveyedEvent(EventData):
    """What stands is told to the unit that took over the case, or the clock: to each unit once."""

    incident_id: Id
    """The incident whose case it is."""
    case_no: str | None = None
    """Its case number, if it has been filed."""
    at: Instant
    """When the unit was given the case, or its clock."""
    order: int
    """The number of the event in this topic that is told."""
    mark: Mark | None = None
    """The mark that led to it."""
    unit: str
    """The unit that is to hurry from then on."""
    grid: str | None = None
    """The grid of the case."""
    tell: tuple[Told, ...] | None = None
    """Whom to tell: those of that unit, in the places of those who were told first."""


class SupervisionConveyed(ConveyedEvent):
    """The order in force is told to the unit that the case was given to (督办转达).

    Acknowledged or not: who has acknowledged it, and how it is told again, stays as it was.
    """

    TYPE: ClassVar[str] = "cn.wangge.supervision.conveyed.v1"

    level: SupervisionLevel
    """The order."""


class NoticeConveyed(ConveyedEvent):
    """A notice that nobody has acknowledged is told to the unit whose its clock is now."""

    TYPE: ClassVar[str] = "cn.wangge.notice.conveyed.v1"

    colour: Colour
    """Its colour."""


class NoticeRef(Contract):
    """A notice that was raised."""

    order: int
    """The number of its event in this topic."""
    colour: Colour
    """How grave it was."""
    mark: Mark
    """Which point of which clock."""


class AcknowledgedEvent(EventData):
    """Somebody has seen it, and it is told no more."""

    incident_id: Id
    """The incident whose case it is."""
    case_no: str | None = None
    """Its case number, if it has been filed."""
    at: Instant
    """When it was acknowledged."""
    unit: str | None = None
    """The unit that is to hurry."""
    grid: str | None = None
    """The grid of the case."""
    actor: Actor | None = None
    """Who acknowledged it."""
    said: ShortText = ""
    """In that one's words."""
    tell: tuple[Told, ...] | None = None
    """Whom to tell: whoever had been told of it."""


class SupervisionAcknowledged(AcknowledgedEvent):
    """The order in force was acknowledged (督办签收); it stays in force."""

    TYPE: ClassVar[str] = "cn.wangge.supervision.acknowledged.v1"

    order: int
    """The number of the order's event in this topic."""
    level: SupervisionLevel
    """The order."""


class NoticesAcknowledged(AcknowledgedEvent):
    """Notices were acknowledged (通知签收)."""

    TYPE: ClassVar[str] = "cn.wangge.notice.acknowledged.v1"

    notices: tuple[NoticeRef, ...]
    """Which."""


EVENTS: tuple[type[EventData], ...] = (
    NoticeRaised,
    SupervisionReminded,
    NoticeReminded,
    SupervisionConveyed,
    NoticeConveyed,
    SupervisionAcknowledged,
    NoticesAcknowledged,
)
