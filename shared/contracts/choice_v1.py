"""To which unit and member a case was given, by which rule, on what, and who else might have it."""

from typing import Annotated

from pydantic import Field

from shared.contracts.base import AreaCode, Code, Contract, Id, Names, OpenEnum
from shared.contracts.incidents_v1 import DistanceBand

MAX_LISTED = 10
"""Of members who did not get a case so many are listed; all are counted."""


class DispatchRule(OpenEnum):
    """How a unit was found."""

    NEAREST_UNIT_OF_MATTER = "nearest_unit_of_matter"
    NAMED_BY_DISPATCHER = "named_by_dispatcher"
    COMPONENT_MAINTAINER = "component_maintainer"
    ROUTING_RULE = "routing_rule"
    TOWN_OVERFLOW = "town_overflow"
    SUCCESSOR = "successor"
    FLOW_STATE = "flow_state"


class Unrouted(OpenEnum):
    """Why the rules gave a case to nobody; the centre rules (裁定)."""

    NO_UNIT = "no_unit"
    OWNERLESS_COMPONENT = "ownerless_component"


class Candidate(Contract):
    """A unit that might have got the case, and why it did not."""

    unit: Code
    lost: str
    """Why it was not chosen, as a stable word."""
    load: int | None = None
    """How many open cases it had, where that decided."""
    rule: Code | None = None
    """The routing rule that named it."""


class RuleRef(Contract):
    """The routing rule that decided, at its version."""

    area: AreaCode
    """The area whose rules they are."""
    n: int
    """The version of that area's rules."""
    code: Code
    names: Names
    passed_over: tuple[Code, ...] = ()
    """Rules before it whose lead could not be had."""


class RoutingInputs(Contract):
    """What the rules looked at, as it was: the same again gives the same unit."""

    condition: Code
    severity: int
    local_time: str
    """When it was received, local time of the area: ``YYYY-MM-DDTHH:MM``."""
    keywords: tuple[str, ...] = ()
    """The keywords of rules that stand in the description."""
    component_class: str | None = None
    """The class of the component that it is about."""


class MemberCandidate(Contract):
    """A member that might have got the case, and why it did not."""

    subject: Id
    lost: str
    """Why it was not chosen, as a stable word."""
    load: int = 0
    """How many open cases it had."""


class MemberChoice(Contract):
    """The member of the unit to whom the case was given, and who else might have got it."""

    subject: Id | None = None
    """The member, by its pseudonymous id; none: no member could take it."""
    load: int = 0
    """How many open cases it had; the figure may be a second old."""
    distance: DistanceBand | None = None
    """How far from the place it was, where that is known."""
    lost: tuple[MemberCandidate, ...] = ()
    """Those who might have got it, ``MAX_LISTED`` of them at most."""
    counts: dict[str, Annotated[int, Field(ge=1)]] | None = None
    """How many did not get it, by why, also of those who are not listed; none: an older version
    wrote it."""
