"""An order (指令) as a document of intake: what was issued, and what its units said of it."""

from collections.abc import Mapping

from pydantic import Field

from shared.contracts.base import Contract, Instant
from shared.contracts.orders_v1 import OrderIssued, OrderWithdrawn


class UnitReceipt(Contract):
    """What one unit has said of an order."""

    unit: str
    read_at: Instant
    """When it first said anything."""
    done_at: Instant | None = None
    """When it said that it is done."""
    said: str = ""
    """What it said of what it did."""


class Order(Contract):
    """The document of one order."""

    issued: OrderIssued
    receipts: tuple[UnitReceipt, ...] = Field(default=())
    """By unit, in the order in which they first came."""
    withdrawn: OrderWithdrawn | None = None

    @property
    def by_unit(self) -> Mapping[str, UnitReceipt]:
        """The receipts by the code of their unit."""
        return {one.unit: one for one in self.receipts}

    @property
    def units(self) -> frozenset[str]:
        """The codes of the units addressed."""
        return frozenset(one.code for one in self.issued.units)

    @property
    def done(self) -> bool:
        """Whether every unit addressed has done it."""
        return len(self.receipts) == len(self.issued.units) and all(
            one.done_at is not None for one in self.receipts
        )
