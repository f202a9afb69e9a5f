"""Pure: a document's events in a topic are numbered from 1, without a gap, in order, once each."""

from collections.abc import Sequence
from typing import Any

from deploy.audit.history import place
from deploy.audit.problems import Problem
from shared.contracts.envelope import Event

SHOWN = 5


def check(subject: str, events: Sequence[Event[Any]]) -> list[Problem]:
    """What is wrong with the numbers of one topic's events, given in the order of the log."""
    problems: list[Problem] = []
    numbers: dict[int, str] = {}
    highest = 0
    for event in events:
        number = event.sequence
        if number in numbers:
            where = f"number {number} is {numbers[number]} and, at {place(event)}, {event.id}"
            problems.append(Problem("number_twice", subject, where))
            continue
        if number < highest:
            where = f"number {number} at {place(event)} stands behind number {highest}"
            problems.append(Problem("out_of_order", subject, where))
        numbers[number] = event.id
        highest = max(highest, number)
    missing = [number for number in range(1, highest + 1) if number not in numbers]
    strange = [number for number in numbers if number < 1]
    if missing or strange:
        shown = ", ".join(map(str, [*missing, *strange][:SHOWN]))
        topic = next((e.origin.topic for e in events if e.origin is not None), "the log")
        detail = f"{topic} goes up to {highest}; missing or out of range: {shown}"
        problems.append(Problem("gap", subject, detail))
    return problems
