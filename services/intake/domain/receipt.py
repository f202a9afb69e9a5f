"""A receipt: what was accepted from whom, and what its reporter may see of it.

Three parts, one a topic, so that the order between topics does not matter: what intake itself
published (``reported``, ``actions``), what became of it (``standing``, ``outcomes``), and how
urgent it is (``urgency``).
"""

from typing import Literal

from pydantic import Field

from shared.contracts.base import ANONYMOUS, Contract, Id, Instant, Names
from shared.contracts.incidents_v1 import ActionRequested, IncidentReported

UNKNOWN = "unknown"
"""With whom an open case is of which nothing was heard since that is kept (fold 2)."""


def share_of(unit: str) -> str:
    """The holder that a unit is of a case in which it co-operates: it has an open task."""
    return f"task/{unit}"


class Standing(Contract):
    """What became of an incident, as its reporter may know it."""

    state: str
    """What became of it without a case, or the state of the case."""
    sequence: int
    """The number of the event that says so."""
    rule: str | None = None
    """Why it is in review, rejected or void."""
    explanation: Names | None = None
    """The rule in words."""
    said: str | None = None
    """What whoever decided said in their own words: an answer, or why."""
    to: str | None = None
    """The platform outside that it was transferred to."""
    decided_at: Instant | None = None
    """When it was decided without a case, or put before the acceptance desk."""
    follows: Id | None = None
    """The incident that it is linked to: what is told of that case is told of this."""
    case_no: str | None = None
    """案卷号, once it is filed."""
    public: bool = True
    """Whether its matter may be shown to anybody."""
    matter: Names | None = None
    """The matter under which it was filed."""
    component: Names | None = None
    """The component that it is about."""
    place: Names | None = None
    """The place by which its address was located."""
    unit: Names | None = None
    """Who has it now."""
    holders: tuple[str, ...] | None = None
    """``kind/code`` of the grid, matter, unit and officer that a case is with, and `share_of` each
    unit with an open task; None: not known."""
    filed_at: Instant | None = None
    dispatched_at: Instant | None = None
    accepted_at: Instant | None = None
    handled_at: Instant | None = None
    closed_at: Instant | None = None
    voided_at: Instant | None = None


class ActionOutcome(Contract):
    """What dispatch did with an action."""

    state: Literal["done", "refused"]
    sequence: int
    """The number of the event that says so; the last one, where one action had several."""
    rule: str | None = None
    """Why it was refused."""
    explanation: Names | None = None
    """The rule in words."""


class Urgency(Contract):
    """How urgent a case is, as its reporter may know it."""

    due_at: Instant | None = None
    """Until when it is to be handled; none while no unit's time runs."""
    supervision: str | None = None
    """The supervision order in force."""
    clock_n: int = 0
    """The number of the event that said until when."""
    order_n: int = 0
    """The number of the event that gave the order, or ended it."""


class Receipt(Contract):
    """The document of one incident."""

    reported: IncidentReported | None = None
    """The report; none where only others' events have arrived."""
    actions: dict[str, ActionRequested] = Field(default_factory=dict)
    """Actions that were asked for, by action id."""
    standing: Standing | None = None
    """None until dispatch has decided."""
    outcomes: dict[str, ActionOutcome] = Field(default_factory=dict)
    """What became of the actions, by action id."""
    urgency: Urgency = Urgency()
    """Clocks and supervision."""

    def is_of(self, subject: str) -> bool:
        """Whether that subject has reported it; the anonymous have reported nothing."""
        reporter = self.reported.reporter.subject if self.reported else ANONYMOUS
        return subject == reporter != ANONYMOUS
