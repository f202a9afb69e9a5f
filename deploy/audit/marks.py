"""Pure: every mark (case, task, clock, run, mark) is answered once, a withdrawn one as a pair.

What is told again is told by each number once, and not after somebody has acknowledged it; what is
told to another unit is told to each once, while it stands.
"""

from collections.abc import Sequence
from typing import Any

from deploy.audit.history import place
from deploy.audit.problems import Problem
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import (
    LIFTED,
    ClockApproaching,
    ClockBreached,
    Mark,
    MarkWithdrawn,
    SupervisionEvent,
    SupervisionOrdered,
)
from shared.contracts.reminders_v1 import (
    ConveyedEvent,
    NoticeRaised,
    NoticesAcknowledged,
    ReminderEvent,
    SupervisionAcknowledged,
)

Key = tuple[str, str, str, int, int]


def _key(what: str, mark: Mark) -> Key:
    return what, mark.task, mark.clock, mark.run, mark.percent


def _name(key: Key) -> str:
    what, task, clock, run, percent = key
    return f"{what} {task}/{clock} run {run} at {percent} %"


def check(subject: str, escalations: Sequence[Event[Any]]) -> list[Problem]:
    """Marks answered more than once, and withdrawals of what was not answered.

    A mark and the supervision order that follows from it are two answers of two kinds. After a
    withdrawal the same mark may be answered again: the clock may have gone on. After a lifted
    order one that remains earned may be given again.
    """
    in_order = sorted(escalations, key=lambda event: event.sequence)
    problems = [*_reminders(subject, in_order), *_conveyed(subject, in_order)]
    answered: set[Key] = set()
    for event in in_order:
        data = event.data
        if isinstance(data, (ClockApproaching, ClockBreached)):
            key = _key("mark", data.mark)
        elif isinstance(data, SupervisionOrdered) and data.mark is not None:
            key = _key("order", data.mark)
        elif isinstance(data, MarkWithdrawn):
            problems += _withdraw(subject, event, answered)
            continue
        elif isinstance(data, NoticeRaised):
            key = _key("notice", data.mark)
        elif isinstance(data, LIFTED):
            answered -= {key for key in answered if key[0] == "order"}
            continue
        else:
            continue
        if key in answered:
            problems.append(Problem("mark_twice", subject, f"{_name(key)}, {place(event)}"))
        answered.add(key)
    return problems


def _withdraw(subject: str, event: Event[Any], answered: set[Key]) -> list[Problem]:
    keys = {_key(what, event.data.mark) for what in ("mark", "order", "notice")}
    known = bool(keys & answered)
    answered -= keys
    if known:
        return []
    name = _name(_key("mark", event.data.mark))
    return [Problem("mark_withdrawn_unanswered", subject, f"{name}, {place(event)}")]


def _reminders(subject: str, in_order: Sequence[Event[Any]]) -> list[Problem]:
    """Reminders of nothing, sent twice, or sent although it was acknowledged or lifted."""
    problems: list[Problem] = []
    stands: dict[int, tuple[int, int]] = {}
    """So often each is told again, and the number of the last time."""
    order = 0
    for event in in_order:
        data = event.data
        if isinstance(data, ReminderEvent):
            of, last = stands.get(data.order, (0, 0))
            if not last < data.number <= of:
                what = f"reminder {data.number} of number {data.order}, {place(event)}"
                problems.append(Problem("reminded_wrongly", subject, what))
            stands[data.order] = of, max(last, data.number)
            continue
        for number in _told_no_more(data, order):
            stands.pop(number, None)
        if isinstance(data, SupervisionOrdered | NoticeRaised):
            stands[event.sequence] = len(data.reminders), 0
        if isinstance(data, SupervisionOrdered):
            order = event.sequence
    return problems


def _conveyed(subject: str, in_order: Sequence[Event[Any]]) -> list[Problem]:
    """What was told to a unit that had been told of it, or that did not stand any more."""
    problems: list[Problem] = []
    told: dict[int, set[str | None]] = {}
    """Of what stands, by its number, the units that know of it."""
    order = 0
    for event in in_order:
        data = event.data
        if isinstance(data, ConveyedEvent):
            units = told.setdefault(data.order, {data.unit})
            if data.unit in units:
                what = f"number {data.order} to {data.unit}, {place(event)}"
                problems.append(Problem("conveyed_wrongly", subject, what))
            units.add(data.unit)
            continue
        if not isinstance(data, SupervisionAcknowledged):  # an order stands on
            for number in _told_no_more(data, order):
                told.pop(number, None)
        if isinstance(data, SupervisionOrdered):
            order, told[event.sequence] = event.sequence, {data.unit}
        elif isinstance(data, NoticeRaised):
            told[event.sequence] = {data.clock.unit}
    return problems


def _told_no_more(data: object, order: int) -> Sequence[int]:
    """The numbers of what is told no more after an event; ``order`` is that of the last order."""
    match data:
        case SupervisionEvent():
            return [order]
        case SupervisionAcknowledged():
            return [data.order]
        case NoticesAcknowledged():
            return [one.order for one in data.notices]
        case _:
            return []
