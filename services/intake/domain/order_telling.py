"""What whoever asks is told of an order."""

from datetime import datetime

from services.intake.domain.order import Order
from services.intake.domain.orders import sees
from shared.contracts.base import Actor, Contract, Instant, Names


class UnitTold(Contract):
    """How far one unit is with an order."""

    unit: str
    names: Names
    area: str
    state: str
    """unread, read, or done."""
    read_at: Instant | None
    done_at: Instant | None
    overdue: bool
    """Whether the deadline has passed, and it is not done."""
    late: bool
    """Whether it was done after the deadline."""
    said: str
    """What the unit said of what it did."""


class OrderTold(Contract):
    """An order; without anybody's id."""

    order_id: str
    order_no: str
    """指令号: can be dictated; the last sign is a check digit."""
    state: str
    """open, overdue (open, its deadline past), done (by every unit), or withdrawn."""
    title: str
    text: str
    issued_at: Instant
    deadline: Instant
    issued_by: str | None
    """The unit of whoever issued it."""
    issued_for: str | None
    """The area of whoever issued it."""
    roles: tuple[str, ...]
    """The roles of whoever issued it."""
    to_units: tuple[str, ...]
    to_areas: tuple[str, ...]
    addressed: int
    """How many units are addressed, whether or not the caller is told which."""
    units: tuple[UnitTold, ...]
    """For a member of an addressed unit: its own only."""
    withdrawn_at: Instant | None
    withdrawn_because: str | None


def told(order: Order, caller: Actor, now: datetime) -> OrderTold | None:
    """The order as a caller is told of it; None: it is told that there is no such order."""
    mine = sees(order, caller)
    if not mine:
        return None
    issued, gone = order.issued, order.withdrawn
    return OrderTold(
        order_id=issued.order_id,
        order_no=issued.order_no,
        state=state(order, now),
        title=issued.title,
        text=issued.text,
        issued_at=issued.at,
        deadline=issued.deadline,
        issued_by=issued.actor.unit,
        issued_for=issued.actor.area,
        roles=issued.actor.roles,
        to_units=issued.to_units,
        to_areas=issued.to_areas,
        addressed=len(issued.units),
        units=tuple(one for one in _units(order, now) if one.unit in mine),
        withdrawn_at=gone.at if gone else None,
        withdrawn_because=gone.reason if gone else None,
    )


def state(order: Order, now: datetime) -> str:
    """The word for how an order stands."""
    if order.withdrawn is not None:
        return "withdrawn"
    if order.done:
        return "done"
    return "overdue" if now > order.issued.deadline else "open"


def _units(order: Order, now: datetime) -> list[UnitTold]:
    by_unit, deadline = order.by_unit, order.issued.deadline
    found: list[UnitTold] = []
    for unit in order.issued.units:
        mine = by_unit.get(unit.code)
        done_at = mine.done_at if mine else None
        said_so = "read" if done_at is None else "done"
        found.append(
            UnitTold(
                unit=unit.code,
                names=unit.names,
                area=unit.area,
                state=said_so if mine else "unread",
                read_at=mine.read_at if mine else None,
                done_at=done_at,
                overdue=order.withdrawn is None and done_at is None and now > deadline,
                late=done_at is not None and done_at > deadline,
                said=mine.said if mine else "",
            )
        )
    return found
