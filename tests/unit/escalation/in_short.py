"""What escalation publishes, said in short lines that tests compare."""

from datetime import datetime, timedelta

from services.escalation.domain.clock_table import Timed
from shared.contracts.base import EventData
from shared.contracts.escalations_v1 import (
    Clock,
    ClockApproaching,
    ClockBreached,
    ClocksChanged,
    MarkEvent,
    MarkWithdrawn,
    SupervisionLifted,
    SupervisionOrdered,
    SupervisionReleased,
    SupervisionSatisfied,
)
from shared.contracts.reminders_v1 import (
    ConveyedEvent,
    NoticeConveyed,
    NoticeRaised,
    NoticeReminded,
    NoticesAcknowledged,
    ReminderEvent,
    SupervisionAcknowledged,
    SupervisionConveyed,
    SupervisionReminded,
)


def lines_of(data: EventData, start: datetime) -> list[str]:
    """An event in short, a line for each thing that it tells; instants in hours after the start."""
    match data:
        case ClocksChanged():
            return [_clock_line(clock, start) for clock in data.clocks]
        case MarkEvent():
            return [f"{_name(data.clock)} {_mark_said(data)}"]
        case NoticesAcknowledged():
            return [f"{one.colour} acknowledged" for one in data.notices]
        case ReminderEvent():
            return [_reminder_line(data)]
        case ConveyedEvent():
            return [_conveyed_line(data)]
        case _:
            return [_order_line(data)]


def hours_after(start: datetime, instant: datetime) -> str:
    """An instant in hours after the start."""
    return f"{(instant - start) / timedelta(hours=1):g} h"


def _clock_line(clock: Clock, start: datetime) -> str:
    return f"{_name(clock)} {clock.state}, due at {hours_after(start, clock.due_at)}"


def _name(clock: Clock) -> str:
    name = str(Timed(clock.task, clock.clock))
    return f"{name} {clock.run}" if clock.run > 1 else name


def _mark_said(data: MarkEvent) -> str:
    if isinstance(data, MarkWithdrawn):
        return f"{data.mark.percent} % withdrawn"
    if isinstance(data, NoticeRaised):
        return f"{data.colour} at {data.mark.percent} %"
    return {ClockApproaching: "approaching", ClockBreached: "breached"}[type(data)]


def _reminder_line(data: ReminderEvent) -> str:
    assert isinstance(data, SupervisionReminded | NoticeReminded)
    what = data.level if isinstance(data, SupervisionReminded) else data.colour
    return f"{what} reminder {data.number} of {data.of}"


def _conveyed_line(data: ConveyedEvent) -> str:
    assert isinstance(data, SupervisionConveyed | NoticeConveyed)
    what = data.level if isinstance(data, SupervisionConveyed) else data.colour
    return f"{what} told to {data.unit}"


def _order_line(data: EventData) -> str:
    if isinstance(data, SupervisionOrdered):
        return f"{data.level} from {data.issuer} {data.issuer_area}"
    if isinstance(data, SupervisionReleased):
        return f"{data.level} released"
    if isinstance(data, SupervisionSatisfied):
        return f"{data.level} satisfied"
    if isinstance(data, SupervisionAcknowledged):
        return f"{data.level} acknowledged"
    assert isinstance(data, SupervisionLifted)
    return f"{data.level} lifted: {data.reason}"
