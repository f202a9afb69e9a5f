"""The document of one incident in analytics: its timeline.

Three parts, one a topic, so that the order between topics does not matter.
"""

from typing import Literal

from pydantic import Field

from shared.contracts.base import Actor, Contract, Instant
from shared.contracts.cases_v1 import Case, Outcome
from shared.contracts.escalations_v1 import Clock
from shared.contracts.incidents_v1 import IncidentReported


class Step(Contract):
    """One event of a timeline, as it is shown."""

    sequence: int
    """Its number in its topic."""
    type: str
    at: Instant
    """When it took effect."""
    actor: Actor | None = None
    """Who acted; none: the rules."""
    action: str | None = None
    """The action that was asked for, or refused."""
    rule: str | None = None
    """The rule that decided."""
    reason: str | None = None
    """Why, in the actor's words."""
    unit: str | None = None
    """The unit that had the case after it."""
    clock: str | None = None
    """``task/stage/run``, for what concerns one clock."""
    percent: int | None = None
    """The mark, in percent of the limit."""
    level: str | None = None
    """The level of supervision."""


class Reported(Contract):
    """The part of ``incidents.v1``."""

    report: IncidentReported | None = None
    steps: tuple[Step, ...] = ()


class Decided(Contract):
    """The part of ``cases.v1``."""

    case: Case | None = None
    outcome: Outcome | None = None
    """What became of an incident without a case, or before it was one."""
    ending: Literal["rejected", "in_review"] | None = None
    decided_at: Instant | None = None
    """When it was rejected or put in review."""
    steps: tuple[Step, ...] = ()


class Clocked(Contract):
    """The part of ``escalations.v1``."""

    clocks: dict[str, Clock] = Field(default_factory=dict)
    """The latest run of each clock, by ``task/stage``."""
    supervision: str | None = None
    steps: tuple[Step, ...] = ()


class Timeline(Contract):
    """All that is shown and counted of one incident."""

    incident: Reported = Reported()
    case: Decided = Decided()
    escalation: Clocked = Clocked()

    @property
    def state(self) -> str:
        """The word of DOMAIN for where the incident is now."""
        if self.case.case is not None:
            return self.case.case.state
        return self.case.ending or "reported"
