"""Flows (流程) as data: the states of an ordinary, a hazard's, a dispute's handling, and its turns.

A flow is the inner life of a case that a unit has accepted. Its states have limits of their own;
what leads to an end hands the case back.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.base import Code, Contract, Limit, Names
from shared.contracts.roles import CENTRE, CHECKERS, HANDLERS, Role
from shared.contracts.routing_rules import Destination

MAX_STATES, MAX_TURNS, MAX_PAPERS = 50, 20, 10


class FlowActor(StrEnum):
    """Who takes a turn."""

    UNIT = "unit"
    """The unit that has the case (处置单位)."""
    CHECKER = "checker"
    """An inspector or a supervisor who took no part in the handling (复查)."""
    CENTRE = "centre"
    """The centre that has it in hand (指挥中心)."""


TURNS_OF: Mapping[FlowActor, frozenset[Role]] = {
    FlowActor.UNIT: HANDLERS,
    FlowActor.CHECKER: CHECKERS,
    FlowActor.CENTRE: CENTRE,
}
"""The roles of those for whom a turn may be."""


class Paper(Contract):
    """A paper that a turn must bring (文书): an agreement, an order to put something right."""

    code: Code
    names: Names


class FlowTurn(Contract):
    """A way out of a state."""

    code: Code
    """What the action ``step`` names; unique within its state."""
    names: Names
    to: Code
    """The state that follows."""
    by: FlowActor = FlowActor.UNIT
    """Who takes it."""
    reason: bool = False
    """Whether a reason has to be given."""
    papers: Annotated[tuple[Paper, ...], Field(max_length=MAX_PAPERS)] = ()
    """What has to come with it."""
    finds: bool = False
    """Whether it brings what an inspection found: one finding at least, or none with any other."""
    at_most: Annotated[int, Field(ge=1, le=MAX_TURNS)] | None = None
    """How often a case may take it, whatever lies between; none: as often as it comes there."""


class FlowState(Contract):
    """A state of a flow (环节); one without turns is an end."""

    code: Code
    names: Names
    limit: Limit | None = None
    """How long it may take; an end has none. The first state has the filing condition's limit of
    handling, where that has one."""
    lead: Destination | None = None
    """Who has the case in this state, where it is another one than before."""
    turns: Annotated[tuple[FlowTurn, ...], Field(max_length=MAX_TURNS)] = ()
    closes: bool = False
    """Of an end: whether it closes the case, with nobody to verify it."""
    missed: bool = False
    """Of an end: whether what was to be done was not (未能检查); it counts as missed, not done."""

    @property
    def is_end(self) -> bool:
        """Whether the case is handed back here."""
        return not self.turns


class Flow(Contract):
    """A flow: what an accepted case goes through until it is handed back."""

    kind: Literal["flow"] = "flow"
    code: Code
    names: Names
    start: Code
    """The state in which it begins."""
    states: Annotated[tuple[FlowState, ...], Field(min_length=2, max_length=MAX_STATES)]

    def state(self, code: str) -> FlowState | None:
        """The state of that code, if there is one."""
        return next((one for one in self.states if one.code == code), None)
