"""Pure: every mark (case, task, clock, run, mark) is answered once, a withdrawn one as a pair."""

from collections.abc import Sequence
from typing import Any

from deploy.audit.history import place
from deploy.audit.problems import Problem
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import (
    ClockApproaching,
    ClockBreached,
    Mark,
    MarkWithdrawn,
    SupervisionLifted,
    SupervisionOrdered,
    SupervisionReleased,
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
    problems: list[Problem] = []
    answered: set[Key] = set()
    for event in sorted(escalations, key=lambda event: event.sequence):
        data = event.data
        if isinstance(data, (ClockApproaching, ClockBreached)):
            key = _key("mark", data.mark)
        elif isinstance(data, SupervisionOrdered) and data.mark is not None:
            key = _key("order", data.mark)
        elif isinstance(data, MarkWithdrawn):
            problems += _withdraw(subject, event, answered)
            continue
        elif isinstance(data, SupervisionLifted | SupervisionReleased):
            answered -= {key for key in answered if key[0] == "order"}
            continue
        else:
            continue
        if key in answered:
            problems.append(Problem("mark_twice", subject, f"{_name(key)}, {place(event)}"))
        answered.add(key)
    return problems


def _withdraw(subject: str, event: Event[Any], answered: set[Key]) -> list[Problem]:
    mark, order = _key("mark", event.data.mark), _key("order", event.data.mark)
    known = mark in answered or order in answered
    answered -= {mark, order}
    if known:
        return []
    return [Problem("mark_withdrawn_unanswered", subject, f"{_name(mark)}, {place(event)}")]
