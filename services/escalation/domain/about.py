"""What of an event a notice tells."""

from datetime import datetime
from typing import Any

from shared.contracts.base import Contract, EventData, Instant, Stage
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import (
    ClockApproaching,
    ClockBreached,
    ClockState,
    Mark,
    MarkEvent,
    MarkWithdrawn,
    SupervisionEvent,
    SupervisionLifted,
    SupervisionOrdered,
    SupervisionReleased,
    SupervisionSatisfied,
    Told,
)
from shared.contracts.ladders import Colour
from shared.contracts.levels import SupervisionLevel
from shared.contracts.notice_targets import NoticeTarget, Occasion
from shared.contracts.reminders_v1 import (
    ConveyedEvent,
    NoticeConveyed,
    NoticeRaised,
    NoticeReminded,
    ReminderEvent,
    SupervisionConveyed,
    SupervisionReminded,
)

TEST = "test"
"""The occasion of a notice that somebody asks for, to see whether it arrives."""
RAISED = "notice_raised"
COUNTED_ANEW = "mark_counted_anew"
"""By these words a withdrawn mark is told whose clock runs on, by another limit or calendar."""
ORDER_AGAIN, NOTICE_AGAIN = "supervision_reminded", "notice_reminded"
"""The occasions of what targets ask for by a word of their own (`NoticeTarget`)."""
ORDER_CONVEYED, NOTICE_CONVEYED = "supervision_conveyed", "notice_conveyed"
"""The occasions of what is told to another unit: whoever asks for the first has them."""
OCCASIONS: dict[type[EventData], str] = {
    ClockApproaching: Occasion.APPROACHING,
    ClockBreached: Occasion.BREACHED,
    MarkWithdrawn: Occasion.MARK_WITHDRAWN,
    SupervisionOrdered: Occasion.ORDERED,
    SupervisionLifted: Occasion.LIFTED,
    SupervisionReleased: Occasion.LIFTED,
    SupervisionSatisfied: Occasion.LIFTED,
    NoticeRaised: RAISED,
    SupervisionReminded: ORDER_AGAIN,
    NoticeReminded: NOTICE_AGAIN,
    SupervisionConveyed: ORDER_CONVEYED,
    NoticeConveyed: NOTICE_CONVEYED,
}
"""Of what there are notices."""


class About(Contract):
    """What happened, to which case, whose time it was, and who is to be told."""

    occasion: str
    """An `Occasion`, or one of those above."""
    at: Instant
    """When it happened."""
    target: str | None = None
    """Of a test: the target that it is for."""
    incident_id: str | None = None
    case_no: str | None = None
    grid: str | None = None
    unit: str | None = None
    matter: str | None = None
    task: str | None = None
    stage: Stage | None = None
    """Of the clock."""
    percent: int | None = None
    """Of the mark."""
    due_at: Instant | None = None
    """When the limit is used up; of a withdrawn mark or an order, when that mark was due."""
    due_anew: Instant | None = None
    """Of a withdrawn mark whose clock runs on: when its limit is used up now."""
    colour: Colour | None = None
    """Of a notice of the ladder."""
    number: int | None = None
    of: int | None = None
    """Of a reminder: the how manieth it is, of how many."""
    level: SupervisionLevel | None = None
    previous: SupervisionLevel | None = None
    issuer: str | None = None
    """The level of the centre that orders."""
    issuer_area: str | None = None
    reason: str | None = None
    """Why an order was lifted. What people wrote stays in the platform."""
    tell: tuple[Told, ...] | None = None

    @property
    def phrases(self) -> str:
        """By which phrases of the words it is told: those of its occasion, but for one."""
        return self.occasion if self.due_anew is None else COUNTED_ANEW


def about(event: Event[Any]) -> About | None:
    """What a notice of this event tells; None for one of which there are none."""
    data = event.data
    occasion = OCCASIONS.get(type(data))
    if isinstance(data, MarkEvent) and occasion is not None:
        return _of_mark(event, data, occasion)
    if isinstance(data, SupervisionEvent) and occasion is not None:
        return _of_order(event, data, occasion)
    if isinstance(data, ReminderEvent | ConveyedEvent) and occasion is not None:
        return _of_what_stands(event, data, occasion)
    return None


def of_test(target: NoticeTarget, at: datetime) -> About:
    """What a test of a target tells."""
    return About(occasion=TEST, at=at, target=target.code)


def _of_mark(event: Event[Any], data: MarkEvent, occasion: str) -> About:
    clock = data.clock
    withdrawn = occasion == Occasion.MARK_WITHDRAWN
    anew = withdrawn and clock.state is ClockState.RUNNING
    return About(
        **_of_case(event, data, occasion),
        grid=clock.grid,
        unit=clock.unit,
        matter=clock.matter,
        due_at=data.mark.due_at if withdrawn else clock.due_at,
        due_anew=clock.due_at if anew else None,
        colour=data.colour if isinstance(data, NoticeRaised) else None,
        **_mark(data.mark),
    )


def _of_what_stands(event: Event[Any], data: ReminderEvent | ConveyedEvent, occasion: str) -> About:
    """An order or a notice that was told before, told again or to another unit."""
    again = data if isinstance(data, ReminderEvent) else None
    return About(
        **_of_case(event, data, occasion),
        grid=data.grid,
        unit=data.unit,
        level=data.level if isinstance(data, SupervisionReminded | SupervisionConveyed) else None,
        colour=data.colour if isinstance(data, NoticeReminded | NoticeConveyed) else None,
        number=again.number if again else None,
        of=again.of if again else None,
        **_due(data.mark),
    )


def _of_order(event: Event[Any], data: SupervisionEvent, occasion: str) -> About:
    ordered = data if isinstance(data, SupervisionOrdered) else None
    why: str | None = None
    if isinstance(data, SupervisionLifted):
        why = data.reason
    elif isinstance(data, SupervisionReleased):
        why = "by_hand"
    elif isinstance(data, SupervisionSatisfied):
        why = "handled"
    return About(
        **_of_case(event, data, occasion),
        grid=data.grid,
        unit=data.unit,
        level=data.level,
        previous=data.previous,
        issuer=None if ordered is None else ordered.issuer,
        issuer_area=None if ordered is None else ordered.issuer_area,
        reason=why,
        **_due(data.mark),
    )


def _of_case(
    event: Event[Any],
    data: MarkEvent | ReminderEvent | ConveyedEvent | SupervisionEvent,
    occasion: str,
) -> dict[str, Any]:
    return {
        "occasion": occasion,
        "at": event.time,
        "incident_id": data.incident_id,
        "case_no": data.case_no,
        "tell": data.tell,
    }


def _due(mark: Mark | None) -> dict[str, Any]:
    """Of the mark that led to an order, or to none."""
    return {} if mark is None else {"due_at": mark.due_at, **_mark(mark)}


def _mark(mark: Mark) -> dict[str, Any]:
    return {"task": mark.task, "stage": mark.clock, "percent": mark.percent}
