"""Pure: an order is issued once, its units say each word once, and nothing after its end.

Independent of the rules that made the events, so that a fault in them is found.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from deploy.audit.problems import Problem
from shared.contracts.envelope import Event
from shared.contracts.orders_v1 import (
    OrderDone,
    OrderEvent,
    OrderIssued,
    OrderRead,
    OrderWithdrawn,
)

OF_AN_INCIDENT = frozenset(
    {"intake.receipts", "dispatch.cases", "escalation.watches", "analytics.timelines"}
)
"""Documents that an order must not have: it is no incident."""


def of_order(incidents: Sequence[Event[Any]]) -> list[Event[Any]]:
    """The events of an order, in the order of their numbers."""
    found = [event for event in incidents if isinstance(event.data, OrderEvent)]
    return sorted(found, key=lambda event: event.sequence)


def check(
    subject: str, incidents: Sequence[Event[Any]], documents: Mapping[str, object]
) -> list[Problem]:
    """What is wrong with an order; nothing where the subject is none."""
    events = of_order(incidents)
    if not events:
        return []
    strays = sorted(name for name in OF_AN_INCIDENT if documents.get(name) is not None)
    problems = [Problem("order_as_incident", subject, name) for name in strays]
    said: set[tuple[str, type]] = set()
    issued: OrderIssued | None = None
    gone = False
    for event in events:
        wrong = _wrong(event.data, issued, said, gone=gone)
        if wrong is not None:
            problems.append(Problem("order_broken", subject, f"{event.type} {event.id}: {wrong}"))
        if isinstance(event.data, OrderIssued):
            issued = issued or event.data
        elif isinstance(event.data, OrderRead | OrderDone):
            said.add((event.data.unit, type(event.data)))
        gone = gone or isinstance(event.data, OrderWithdrawn)
    return problems


def _wrong(
    data: OrderEvent, issued: OrderIssued | None, said: set[tuple[str, type]], *, gone: bool
) -> str | None:
    if isinstance(data, OrderIssued):
        return None if issued is None else "issued twice"
    if issued is None:
        return "before it was issued"
    if gone:
        return "after its withdrawal"
    if isinstance(data, OrderRead | OrderDone):
        if data.unit not in {one.code for one in issued.units}:
            return f"{data.unit} is not addressed"
        if not said.isdisjoint({(data.unit, type(data)), (data.unit, OrderDone)}):
            return f"{data.unit} had said so"
    return None
