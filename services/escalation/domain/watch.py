"""The document of one case in escalation: its watch.

Two parts, one a topic: what the case's events said (``facts``), and what escalation itself
published (``clocks``, ``answered``, ``supervision``).
"""

from pydantic import Field

from shared.contracts.base import Contract, Instant, Stage
from shared.contracts.escalations_v1 import Clock
from shared.contracts.registry_v1 import LadderStep, SupervisionLevel


class Facts(Contract):
    """What is known of the case."""

    case_no: str | None = None
    """None while the incident waits in review."""
    grid: str | None = None
    """Its grid, for the centres above it."""
    ladder: tuple[LadderStep, ...] = ()
    """The supervision ladder under which it was filed."""


class AnsweredMark(Contract):
    """A mark that was answered and not withdrawn."""

    task: str
    clock: Stage
    run: int
    percent: int
    due_at: Instant


class Watch(Contract):
    """All that escalation knows of one case."""

    facts: Facts = Facts()
    """From the case's own events."""
    clocks: dict[str, Clock] = Field(default_factory=dict)
    """The latest run of each clock, by ``task/stage``."""
    answered: tuple[AnsweredMark, ...] = ()
    """Marks answered, in their order."""
    supervision: SupervisionLevel | None = None
    """The order in force."""


def clock_key(task: str, stage: Stage) -> str:
    """Where a clock stands in ``Watch.clocks``."""
    return f"{task}/{stage}"
