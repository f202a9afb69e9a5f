"""Ladders of supervision (督办) and of notices, as data of a policy, frozen in each case."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.contracts.base import OPEN_WORD, Contract, Instant, Limit, Stage
from shared.contracts.levels import IssuerLevel, SupervisionLevel

MAX_STEPS = 32
"""So many steps a ladder has at most."""
MAX_REPEATS = 24
"""So often something is told again at most."""


class Colour(StrEnum):
    """How grave a notice is: blue 蓝色, orange 橙色, red 红色."""

    BLUE = "blue"
    ORANGE = "orange"
    RED = "red"

    @property
    def rank(self) -> int:
        """How grave, from 1."""
        return list(Colour).index(self) + 1


class LiftedWhen(StrEnum):
    """When an order of the ladder is lifted by itself; by hand it may be at any time."""

    CLOSED = "closed"
    """With the case."""
    HANDLED = "handled"
    """As the unit hands back; rework is ordered again by further marks only."""


class TellRule(Contract):
    """Whom a step tells: everybody of a role, in the unit or at the centre of a level."""

    role: Annotated[str, StringConstraints(pattern=OPEN_WORD)]
    """What they are."""
    whose: Literal["unit", "town", "county", "city"]
    """Of the unit whose time it is, or of the centre above the grid on that level."""


class Repeat(Contract):
    """Told again until somebody acknowledges it (签收)."""

    every: Limit
    """After so long, and after so long again; in any of the four units."""
    times: Annotated[int, Field(ge=1, le=MAX_REPEATS)]
    """So often at most."""


TellRules = Annotated[tuple[TellRule, ...], Field(min_length=1, max_length=8)]
Reminders = Annotated[tuple[Instant, ...], Field(max_length=MAX_REPEATS)]
"""When something is told again, unless somebody acknowledges it before: in order."""


class LadderStep(Contract):
    """A step of the supervision ladder: what follows when so much of a limit is used."""

    clock: Stage
    """The clock that it watches."""
    percent: Annotated[int, Field(ge=100, le=10_000)]
    """At how much of the clock's limit, in percent."""
    level: SupervisionLevel
    """The order that is given."""
    issuer: IssuerLevel
    """The level of the centre that gives it."""
    tell: TellRules | None = None
    """Who is told; none: the unit, and the supervisors of the centre that gives it."""
    repeat: Repeat | None = None
    """How it is told again; none: it is not."""
    lifted_when: LiftedWhen = LiftedWhen.CLOSED
    """When it is lifted by itself."""


class NoticeStep(Contract):
    """A step of the ladder of notices (蓝橙红): somebody is told, and nothing is ordered."""

    clock: Stage
    """The clock that it watches."""
    percent: Annotated[int, Field(ge=1, le=10_000)]
    """At how much of the clock's limit, in percent."""
    colour: Colour
    """How grave it is."""
    tell: TellRules | None = None
    """Who is told; none: the unit, and the duty head of the town."""
    repeat: Repeat | None = None
    """How it is told again; none: it is not."""


NoticeLadder = Annotated[tuple[NoticeStep, ...], Field(max_length=MAX_STEPS)]
