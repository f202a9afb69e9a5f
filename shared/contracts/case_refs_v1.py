"""What a case refers to, as each was named when the case was given it."""

from typing import Annotated

from pydantic import Field

from shared.contracts.base import Code, Contract, Instant, Names
from shared.contracts.flows import FlowTurn
from shared.contracts.routing_rules import Destination, MatterClass, UnitKind


class MatterRef(Contract):
    """The matter under which a case was filed, at its version; it never changes for this case."""

    code: Code
    n: int
    """Its version in the registry."""
    names: Names
    klass: MatterClass
    """Component, event or service."""
    condition: Code
    """The filing condition that gave the limits."""
    public: bool = True
    """Whether the case may appear in answers to anybody."""


class UnitRef(Contract):
    """The unit that has a task, as it was named when it was given it."""

    code: Code
    names: Names
    kind: UnitKind
    """What it is."""
    area: str
    """Where it acts."""


class NamedCode(Contract):
    """Something by its code and its names."""

    code: Code
    names: Names


class FlowRef(Contract):
    """How far the flow is (流程环节) by which a case is handled."""

    code: Code
    """Which flow; its states and turns stand in the filing."""
    n: int
    """Its version in the registry."""
    names: Names
    state: NamedCode
    """The state in which it is, or was at its end."""
    since: Instant
    """From when it is in it."""
    turns: tuple[FlowTurn, ...] = ()
    """What may be done there: whom each turn is for, and what it asks for."""
    lead: Destination | None = None
    """Who has the case in this state, where the flow says so."""
    others: bool = False
    """Whether only others than its unit can go on from this state, an inspector or the centre: of
    the turns that are left none is the unit's. Its time is no unit's then."""
    end: NamedCode | None = None
    """The end to which it came; none: it goes on, also after a failed verification."""
    missed: bool = False
    """Whether what was to be done was not, when it came to that end."""
    taken: dict[str, int] = Field(default_factory=dict)
    """How often each turn was taken that may be taken only so often, by ``state/turn``."""

    def key(self, turn: FlowTurn) -> str:
        """By which a turn out of the state in which it is stands in ``taken``."""
        return f"{self.state.code}/{turn.code}"

    def is_left(self, turn: FlowTurn) -> bool:
        """Whether a turn out of the state in which it is may be taken once more."""
        return turn.at_most is None or self.taken.get(self.key(turn), 0) < turn.at_most

    @property
    def left(self) -> tuple[FlowTurn, ...]:
        """The turns out of the state in which it is that may be taken once more."""
        return tuple(one for one in self.turns if self.is_left(one))

    @property
    def waits_for_others(self) -> bool:
        """Whether its unit can do nothing until somebody else has taken a turn."""
        return self.others and self.end is None


class ComponentRef(Contract):
    """The component that a case is about, as it was when it was filed."""

    code: Code
    names: Names
    metres: float
    """How far from the reported place it stands."""
    owner: Code | None = None
    """The unit that owned it."""
    maintainer: Code | None = None
    """The unit that kept it in order."""


class PlaceRef(Contract):
    """The place of the list by which an address was located."""

    code: Code
    names: Names
    score: Annotated[float, Field(ge=0, le=100)]
    """How well the address fits, from 0 to 100."""
