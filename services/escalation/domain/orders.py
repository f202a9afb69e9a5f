"""What a watch is after an order or a notice: given, told again, acknowledged, lifted."""

from typing import Any

from services.escalation.domain.watch import AnsweredMark, HandOrder, Notice, Order, Standing, Watch
from shared.contracts.base import EventData
from shared.contracts.escalations_v1 import (
    Mark,
    SupervisionEvent,
    SupervisionLifted,
    SupervisionOrdered,
    SupervisionSatisfied,
)
from shared.contracts.ladders import LiftedWhen
from shared.contracts.reminders_v1 import (
    AcknowledgedEvent,
    ConveyedEvent,
    NoticeRaised,
    NoticesAcknowledged,
    ReminderEvent,
)


def ordered(before: Watch, data: SupervisionOrdered, n: int) -> Watch:
    """An order is given, by the event of this number."""
    order = Order(
        n=n, level=data.level, mark=data.mark, unit=data.unit, tell=data.tell,
        reminders=data.reminders, lifted_when=data.lifted_when,
    )  # fmt: skip
    update: dict[str, Any] = {"supervision": data.level, "order": order}
    if data.mark is not None:
        after = with_answer(before.model_copy(update=update), data.mark)
        return _until(after, data.mark, data.lifted_when)
    hand = HandOrder(level=data.level, issuer=data.issuer, issuer_area=data.issuer_area)
    return before.model_copy(update={**update, "by_hand": hand})


def _until(watch: Watch, mark: Mark, lifted_when: LiftedWhen) -> Watch:
    key = AnsweredMark.of(mark).key
    answered = tuple(
        one.model_copy(update={"until": lifted_when}) if one.key == key else one
        for one in watch.answered
    )
    return watch.model_copy(update={"answered": answered})


def lifted(before: Watch, data: SupervisionEvent) -> Watch:
    """It is lifted: what it was given for is owed no more, unless a mark was none after all."""
    ended: dict[str, Any] = {"supervision": None, "order": None}
    if isinstance(data, SupervisionLifted) and data.reason == "mark_withdrawn":
        return before.model_copy(update=ended)
    for_good = not isinstance(data, SupervisionSatisfied)
    ended["answered"] = tuple(
        mark.model_copy(update={"spent": True}) if _is_spent(mark, data) else mark
        for mark in before.answered
    )
    if for_good:
        ended |= {"by_hand": None, "lifted_at": data.at}
    return before.model_copy(update=ended)


def _is_spent(mark: AnsweredMark, end: SupervisionEvent) -> bool:
    """Whether nothing is owed for a mark after the end of an order."""
    if not isinstance(end, SupervisionSatisfied):
        return True
    done = end.tasks is None or mark.task in end.tasks
    return done and mark.until is LiftedWhen.HANDLED


def told(before: Watch, data: EventData, n: int) -> Watch:
    """A notice is raised, something is told again or conveyed, or somebody has acknowledged it."""
    if isinstance(data, NoticeRaised):
        return _raised(before, data, n)
    if isinstance(data, ReminderEvent | ConveyedEvent):
        return _told_anew(before, data)
    return _acknowledged(before, data) if isinstance(data, AcknowledgedEvent) else before


def with_answer(watch: Watch, mark: Mark) -> Watch:
    """The mark is answered; what an order was lifted after is answered late, and owes nothing."""
    answered = AnsweredMark.of(mark)
    if any(one.key == answered.key for one in watch.answered):
        return watch
    if watch.lifted_at is not None and mark.due_at <= watch.lifted_at:
        answered = answered.model_copy(update={"spent": True})
    return watch.model_copy(update={"answered": (*watch.answered, answered)})


def _raised(before: Watch, data: NoticeRaised, n: int) -> Watch:
    """What was told of its clock before is told no more; it is to be acknowledged still."""
    mark, clock = data.mark, data.clock
    silent = tuple(
        one.model_copy(update={"reminders": ()})
        if (one.mark.task, one.mark.clock) == (mark.task, mark.clock)
        else one
        for one in before.notices
    )
    notice = Notice(
        n=n, colour=data.colour, mark=mark, unit=clock.unit, tell=data.tell,
        reminders=data.reminders,
    )  # fmt: skip
    after = before.model_copy(update={"notices": (*silent, notice)})
    return with_answer(after, mark)


def _told_anew(before: Watch, data: ReminderEvent | ConveyedEvent) -> Watch:
    order = before.order
    if order is not None and order.n == data.order:
        return before.model_copy(update={"order": order.model_copy(update=_said(order, data))})
    notices = tuple(
        one.model_copy(update=_said(one, data)) if one.n == data.order else one
        for one in before.notices
    )
    return before.model_copy(update={"notices": notices})


def _said(one: Standing, data: ReminderEvent | ConveyedEvent) -> dict[str, Any]:
    if isinstance(data, ReminderEvent):
        return {"sent": data.number}
    return {"conveyed": (*one.conveyed, data.unit)}


def _acknowledged(before: Watch, data: AcknowledgedEvent) -> Watch:
    if isinstance(data, NoticesAcknowledged):
        seen = {one.order for one in data.notices}
        left = tuple(one for one in before.notices if one.n not in seen)
        return before.model_copy(update={"notices": left})
    if before.order is None:
        return before
    return before.model_copy(
        update={"order": before.order.model_copy(update={"acknowledged": True})}
    )
