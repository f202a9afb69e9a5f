"""An order (指令) as analytics knows it: what was issued, what its units said; nobody's id."""

from collections.abc import Mapping
from datetime import datetime

from shared.contracts.base import Contract, Instant, Names


class Addressed(Contract):
    """A unit that an order reaches."""

    code: str
    names: Names
    area: str


class Issued(Contract):
    """What was issued."""

    order_no: str
    title: str
    text: str
    day: str
    """The local day."""
    at: Instant
    deadline: Instant
    by_unit: str | None = None
    area: str | None = None
    """The area of whoever issued it."""
    roles: tuple[str, ...] = ()
    to_areas: tuple[str, ...] = ()
    units: tuple[Addressed, ...] = ()


class Said(Contract):
    """What one unit said."""

    unit: str
    read_at: Instant
    done_at: Instant | None = None
    said: str = ""


class Withdrawn(Contract):
    """That it holds no more."""

    at: Instant
    reason: str


class Order(Contract):
    """The document of one order; what came late stands beside what it is about."""

    issued: Issued | None = None
    said: tuple[Said, ...] = ()
    withdrawn: Withdrawn | None = None

    @property
    def by_unit(self) -> Mapping[str, Said]:
        """What was said, by unit."""
        return {one.unit: one for one in self.said}

    @property
    def waiting(self) -> tuple[str, ...]:
        """The units that have still to do it, by code."""
        if self.issued is None or self.withdrawn is not None:
            return ()
        done = {one.unit for one in self.said if one.done_at is not None}
        return tuple(one.code for one in self.issued.units if one.code not in done)

    @property
    def standing(self) -> str:
        """The word for how it stands, whatever the time: open, done or withdrawn."""
        if self.withdrawn is not None:
            return "withdrawn"
        return "open" if self.waiting else "done"

    def state(self, now: datetime) -> str:
        """The word for how it stands now: an open one whose deadline has passed is overdue."""
        if self.issued is not None and self.standing == "open" and now > self.issued.deadline:
            return "overdue"
        return self.standing
