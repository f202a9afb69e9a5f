"""Pure: the events of one case, in their order."""

from collections.abc import Sequence
from typing import Any

from deploy.audit.history import place
from deploy.audit.problems import Kind, Problem
from shared.contracts.envelope import Event


def whole(cases: Sequence[Event[Any]]) -> list[Event[Any]]:
    """All events of an incident, in order; none where one is missing: what it said is not known."""
    events = sorted(cases, key=lambda event: event.sequence)
    numbers = [event.sequence for event in events]
    return events if numbers == list(range(1, len(events) + 1)) else []


def broken(kind: Kind, subject: str, event: Event[Any], wrong: str) -> Problem:
    """An event that may not be so, and why."""
    return Problem(kind, subject, f"{event.type} at {place(event)}: {wrong}")
