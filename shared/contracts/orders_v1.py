"""Orders (指令) without a case, in ``wangge.incidents.v1``: issued, read, done, withdrawn.

An order has an id of its own, which is the key and the subject of its records: it is no incident,
and never becomes a case.
"""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from shared.contracts.base import (
    Actor,
    AreaCode,
    Code,
    EventData,
    Id,
    Instant,
    LongText,
    ShortText,
)
from shared.contracts.case_refs_v1 import UnitRef

OrderTitle = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""What an order is called."""


class OrderEvent(EventData):
    """What all events of an order tell."""

    order_id: Id
    """The order."""
    at: Instant
    """When intake received it; from then it counts."""
    actor: Actor
    """Who did it, by the credentials."""


class OrderIssued(OrderEvent):
    """Units are told to do something by a deadline (下达指令)."""

    TYPE: ClassVar[str] = "cn.wangge.order.issued.v1"

    order_no: str
    """指令号: can be dictated, with a check digit, as a receipt number."""
    zone: str
    """IANA zone of the city, for local days."""
    title: OrderTitle
    """What it is called."""
    text: LongText = ""
    """What is to be done."""
    deadline: Instant
    """Until when; done at this instant is in time."""
    to_units: Annotated[tuple[Code, ...], Field(max_length=1000)] = ()
    """The units that were named, by code."""
    to_areas: Annotated[tuple[AreaCode, ...], Field(max_length=1000)] = ()
    """The areas that were named: every unit in force within them is addressed."""
    units: Annotated[tuple[UnitRef, ...], Field(min_length=1, max_length=1000)]
    """Who is addressed, as it was named then; by code. It does not change any more."""


class OrderRead(OrderEvent):
    """A unit has read the order (已阅); only where it did not say at once that it is done."""

    TYPE: ClassVar[str] = "cn.wangge.order.read.v1"

    unit: Code
    """Which of the units addressed."""


class OrderDone(OrderEvent):
    """A unit has done what the order says (办结); it has read it, too."""

    TYPE: ClassVar[str] = "cn.wangge.order.done.v1"

    unit: Code
    """Which of the units addressed."""
    said: ShortText = ""
    """What it said of it."""


class OrderWithdrawn(OrderEvent):
    """The order holds no more (撤回指令): nobody has to do it, no receipt is taken."""

    TYPE: ClassVar[str] = "cn.wangge.order.withdrawn.v1"

    reason: ShortText
    """Why."""


EVENTS: tuple[type[EventData], ...] = (OrderIssued, OrderRead, OrderDone, OrderWithdrawn)
