"""What is told of orders: a row of a list, and one order with all its units."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.analytics.domain.order import Issued, Order
from shared.contracts.base import instant_text
from shared.contracts.order_sight import Caller, units_seen

Row = dict[str, Any]


def seen_by(order: Order, caller: Caller) -> frozenset[str]:
    """Of which of its units a caller is told; none: of nothing."""
    issued = order.issued
    if issued is None:
        return frozenset()
    return units_seen(caller, issued.area, frozenset(one.code for one in issued.units))


def row(order_id: str, order: Order, now: datetime, seen: frozenset[str]) -> Row:
    """An order as a list shows it: how many units are how far, and which are overdue.

    ``addressed`` are all its units, the others those of which the caller is told (``seen``).
    """
    issued = order.issued
    if issued is None:
        return {"order_id": order_id}
    units = _units(order, issued, now, seen)
    overdue = [one["unit"] for one in units if one["overdue"]]
    return {
        "order_id": order_id,
        "order_no": issued.order_no,
        "state": order.state(now),
        "title": issued.title,
        "issued_at": instant_text(issued.at),
        "deadline": instant_text(issued.deadline),
        "by_unit": issued.by_unit,
        "area": issued.area,
        "to_areas": list(issued.to_areas),
        "addressed": len(issued.units),
        "read": sum(one["read_at"] is not None for one in units),
        "done": sum(one["done_at"] is not None for one in units),
        "done_late": sum(one["late"] for one in units),
        "overdue": len(overdue),
        "overdue_units": overdue,
        "withdrawn_at": instant_text(order.withdrawn.at) if order.withdrawn else None,
    }


def whole(order_id: str, order: Order, now: datetime, seen: frozenset[str]) -> Row:
    """One order with its text and each of the units of which the caller is told."""
    issued = order.issued
    if issued is None:
        return row(order_id, order, now, seen)
    return {
        **row(order_id, order, now, seen),
        "text": issued.text,
        "roles": list(issued.roles),
        "units": _units(order, issued, now, seen),
        "withdrawn_because": order.withdrawn.reason if order.withdrawn else None,
    }


def task(order_id: str, order: Order, unit: str, now: datetime) -> Row:
    """An order as it lies in a unit's inbox; ``actions``: what the unit can say of it."""
    issued = order.issued
    if issued is None:
        return {"order_id": order_id}
    read = unit in order.by_unit
    return {
        "order_id": order_id,
        "order_no": issued.order_no,
        "title": issued.title,
        "text": issued.text,
        "issued_at": instant_text(issued.at),
        "deadline": instant_text(issued.deadline),
        "overdue": now > issued.deadline,
        "read": read,
        "actions": ["done"] if read else ["read", "done"],
    }


def _units(order: Order, issued: Issued, now: datetime, seen: frozenset[str]) -> list[Row]:
    by_unit, waiting = order.by_unit, frozenset(order.waiting)
    found: list[Row] = []
    for one in issued.units:
        if one.code not in seen:
            continue
        said = by_unit.get(one.code)
        done_at = said.done_at if said else None
        found.append(
            {
                "unit": one.code,
                "names": {"zh": one.names.zh, "en": one.names.en},
                "area": one.area,
                "read_at": instant_text(said.read_at) if said else None,
                "done_at": instant_text(done_at) if done_at else None,
                "said": said.said if said else "",
                "late": done_at is not None and done_at > issued.deadline,
                "overdue": one.code in waiting and now > issued.deadline,
            }
        )
    return found


FIGURES = (
    "issued", "withdrawn", "addressed", "read", "done_in_time", "done_late", "overdue",
)  # fmt: skip
"""The figures of orders: ``issued`` counts all, ``withdrawn`` those that hold no more, and the
others the units of those that hold; ``overdue`` is now."""


def figures(found: Mapping[str, Any]) -> dict[str, int]:
    """The figures, of what was counted."""
    return {name: int(found.get(name, 0)) for name in FIGURES}
