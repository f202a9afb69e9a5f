"""Plans (巡查, 排查, 专项) as data: which places are inspected, on which days, and for what."""

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.base import AreaCode, Code, Contract, Day, GridCode, LongText, Names, OpenEnum

MAX_TARGETS, MAX_DATES, MAX_ITEMS = 2_000, 400, 100


class PlanKind(OpenEnum):
    """What kind of plan it is."""

    PATROL = "patrol"
    """巡查: somebody goes round."""
    SURVEY = "survey"
    """排查: everything of a kind is looked at once."""
    CAMPAIGN = "campaign"
    """专项: something is looked at with special care for a time."""


class CheckItem(Contract):
    """What is looked at (检查项)."""

    code: Code
    """Unique within its plan."""
    names: Names
    finding: Code
    """The matter under which what is found wrong is reported."""


class Every(Contract):
    """Every so many days, from the first to the last."""

    first: Day
    last: Day
    days: Annotated[int, Field(ge=1, le=366)] = 1


class Plan(Contract):
    """A plan: each of its places is to be inspected on each of its days.

    By whoever handles its matter there.
    """

    kind: Literal["plan"] = "plan"
    code: Code
    names: Names
    plan_kind: PlanKind
    matter: Code
    """The matter of its inspections: who makes them, within which limits, by which flow."""
    places: Annotated[tuple[Code, ...], Field(max_length=MAX_TARGETS)] = ()
    """Places of the list (地名地址)."""
    grids: Annotated[tuple[GridCode, ...], Field(max_length=MAX_TARGETS)] = ()
    """Grids."""
    areas: Annotated[tuple[AreaCode, ...], Field(max_length=100)] = ()
    """Every grid of these areas."""
    dates: Annotated[tuple[Day, ...], Field(max_length=MAX_DATES)] = ()
    """The days, local to the area."""
    every: Every | None = None
    """Instead of dates, or beside them."""
    checklist: Annotated[tuple[CheckItem, ...], Field(min_length=1, max_length=MAX_ITEMS)]
    """What is looked at."""


class PlanRef(Contract):
    """The plan by which an inspection was ordered, as it was on that day."""

    code: Code
    names: Names
    plan_kind: PlanKind
    n: int
    """The version of the plan."""
    day: Day
    """The day for which it was planned."""
    target: Code
    """The place or the grid."""
    checklist: tuple[CheckItem, ...]
    """What is to be looked at."""


class Finding(Contract):
    """Something that an inspection found wrong; it is an incident of its own."""

    item: Code
    """Of the plan's checklist."""
    description: LongText = ""
    """What is wrong."""
    incident_id: Annotated[str, Field(max_length=64)]
    """The incident as which it was reported."""
