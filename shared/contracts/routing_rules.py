"""Routing rules (派遣规则) as data: what a report must be like, and who gets its case then."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from shared.contracts.base import AreaCode, Code, Contract, Names, OpenEnum
from shared.contracts.duty import DutyPeriod
from shared.contracts.levels import Level

MAX_RULES = 1_000
Severity = Annotated[int, Field(ge=1, le=5)]
ComponentClass = Annotated[str, StringConstraints(pattern=r"^\d{4}$")]
"""部件小类: digits 7 to 10 of a component's code (major and minor class)."""


class MatterClass(StrEnum):
    """Component (部件), event (事件) or service (服务)."""

    COMPONENT = "component"
    EVENT = "event"
    SERVICE = "service"


class UnitKind(StrEnum):
    """Whoever can be given a case (处置单位)."""

    OFFICER_TEAM = "officer_team"
    TOWN_CENTRE = "town_centre"
    DEPARTMENT = "department"
    VOLUNTEER_GROUP = "volunteer_group"
    SOCIAL_WORKERS = "social_workers"
    ENTERPRISE = "enterprise"


class Source(OpenEnum):
    """The way by which a report came in (来源)."""

    RESIDENT = "resident"
    OFFICER = "officer"
    HOTLINE = "hotline"
    SENSOR = "sensor"
    SYSTEM = "system"
    IMPORT = "import"
    PLAN = "plan"
    """Intake, by a plan of inspections."""
    INSPECTION = "inspection"
    """Whoever inspected a place by a plan, and found it."""


class When(Contract):
    """What a report must be like; what is left empty is not asked, what is given must all hold."""

    matters: tuple[Code, ...] = ()
    """One of these matters."""
    categories: tuple[str, ...] = ()
    """One of these headings stands anywhere in the matter's path."""
    classes: tuple[MatterClass, ...] = ()
    """The matter is of one of these classes."""
    conditions: tuple[Code, ...] = ()
    """Filed under one of these filing conditions."""
    areas: tuple[AreaCode, ...] = ()
    """Its grid lies in one of these areas."""
    severity_from: Severity | None = None
    """The condition is at least so grave."""
    severity_to: Severity | None = None
    """The condition is at most so grave."""
    hours: tuple[DutyPeriod, ...] = ()
    """It was received within one of these hours, local time of the area."""
    sources: tuple[Source, ...] = ()
    """It came in by one of these ways."""
    keywords: tuple[Annotated[str, StringConstraints(min_length=1, max_length=100)], ...] = ()
    """One of these stands in its description, upper and lower case being the same."""
    components: tuple[ComponentClass, ...] = ()
    """It is about a component of one of these classes."""


class Destination(Contract):
    """Who is meant: one unit by its code, or the nearest of a kind, at a level if one is named."""

    unit: Code | None = None
    """This unit."""
    unit_kind: UnitKind | None = None
    """The unit of this kind whose area is the smallest around the place."""
    level: Level | None = None
    """With a kind: only at this level."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.unit is None) == (self.unit_kind is None):
            raise ValueError("name either unit or unit_kind")
        if self.unit is not None and self.level is not None:
            raise ValueError("a unit that is named has its level; leave level out")
        return self


class RoutingRule(Contract):
    """One rule: the first of an area's whose ``when`` holds and whose lead can be had decides."""

    code: Code
    """Unique within its list; what events and figures call it."""
    names: Names
    when: When = When()
    lead: Destination
    """Who leads."""
    co_units: Annotated[tuple[Destination, ...], Field(max_length=20)] = ()
    """Who co-operates (配合)."""
    cc: Annotated[tuple[Destination, ...], Field(max_length=20)] = ()
    """Who is told and owes nothing (抄告)."""


class Rules(Contract):
    """The routing rules of an area, in their order; then come those of the areas around it."""

    kind: Literal["rules"] = "rules"
    code: AreaCode
    rules: Annotated[tuple[RoutingRule, ...], Field(max_length=MAX_RULES)]
