"""The document of one case in escalation: its watch.

Two parts, one a topic: what the case's events said (``facts``), and what escalation itself
published (``clocks``, ``answered``, ``supervision``).
"""

from typing import Self

from pydantic import Field

from shared.contracts.base import Contract, Instant, Stage
from shared.contracts.calendars import CalendarRef
from shared.contracts.escalations_v1 import Clock, Mark, Told
from shared.contracts.ladders import (
    Colour,
    LadderStep,
    LiftedWhen,
    NoticeStep,
    Reminders,
)
from shared.contracts.levels import IssuerLevel, SupervisionLevel


class Facts(Contract):
    """What is known of the case."""

    case_no: str | None = None
    """None while the incident waits in review."""
    grid: str | None = None
    """Its grid, for the centres above it."""
    unit: str | None = None
    """The unit that has it; empty: none has, none: not known, of an older version."""
    idle: bool = False
    """Whether that can do nothing now: it is done, or its flow waits for somebody else."""
    zone: str = "UTC"
    """IANA zone of its area, for natural days."""
    calendar: CalendarRef | None = None
    """The work calendar by which its limits are counted."""
    ladder: tuple[LadderStep, ...] = ()
    """The supervision ladder by which it goes."""
    notice_ladder: tuple[NoticeStep, ...] = ()
    """Its ladder of notices."""

    @property
    def steps(self) -> tuple[LadderStep | NoticeStep, ...]:
        """The steps of both."""
        return (*self.ladder, *self.notice_ladder)


class AnsweredMark(Contract):
    """A mark that was answered and not withdrawn."""

    task: str
    clock: Stage
    run: int
    percent: int
    due_at: Instant
    spent: bool = False
    """Its order ended with the case, by hand or as it was handed back, or was due before such an
    end: nothing is owed for it."""
    until: LiftedWhen | None = None
    """When its order is lifted by itself; none: none followed."""

    @classmethod
    def of(cls, mark: Mark) -> Self:
        """A mark that is answered."""
        return cls(
            task=mark.task,
            clock=mark.clock,
            run=mark.run,
            percent=mark.percent,
            due_at=mark.due_at,
        )

    @property
    def key(self) -> tuple[str, Stage, int, int]:
        """What names it; there is one answer for each."""
        return self.task, self.clock, self.run, self.percent


class HandOrder(Contract):
    """An order that somebody gave by hand."""

    level: SupervisionLevel
    issuer: IssuerLevel
    issuer_area: str


class Standing(Contract):
    """What is told again until somebody acknowledges it."""

    n: int
    """The number of its event."""
    unit: str | None = None
    """The unit that is to hurry."""
    tell: tuple[Told, ...] | None = None
    """Who was told."""
    reminders: Reminders = ()
    """When it is told again."""
    sent: int = 0
    """The number of the last reminder that was sent."""
    conveyed: tuple[str, ...] = ()
    """The units that were told of it as it became theirs, in their order."""

    def has_told(self, unit: str) -> bool:
        """Whether a unit has it already: as it was given, or as it was conveyed."""
        return unit == self.unit or unit in self.conveyed


class Order(Standing):
    """The order in force."""

    level: SupervisionLevel
    mark: Mark | None = None
    """The mark that led to it; none: it was given by hand."""
    lifted_when: LiftedWhen = LiftedWhen.CLOSED
    acknowledged: bool = False


class Notice(Standing):
    """A notice that was raised, and that nobody has acknowledged."""

    colour: Colour
    mark: Mark


class Watch(Contract):
    """All that escalation knows of one case."""

    facts: Facts = Facts()
    """From the case's own events."""
    clocks: dict[str, Clock] = Field(default_factory=dict)
    """The latest run of each clock, by ``task/stage``."""
    began: dict[str, int] = Field(default_factory=dict)
    """The run in which each clock last began with its whole limit; later ones are resumed."""
    recounted: CalendarRef | None = None
    """The calendar by which its clocks were counted anew, if they were."""
    answered: tuple[AnsweredMark, ...] = ()
    """Marks answered, in their order."""
    supervision: SupervisionLevel | None = None
    """The level of the order in force."""
    order: Order | None = None
    """That order; none also where an older version gave it."""
    notices: tuple[Notice, ...] = ()
    """The notices that are to be acknowledged, in their order."""
    by_hand: HandOrder | None = None
    """The order that was given by hand last; no mark that is withdrawn ends it."""
    lifted_at: Instant | None = None
    """When an order was last lifted by hand, or with its case: what was due by then is not ordered
    any more."""

    @property
    def calendar(self) -> CalendarRef | None:
        """The calendar by which its clocks are counted: of two versions of one the later."""
        named, anew = self.facts.calendar, self.recounted
        if anew is None or (named is not None and named.code == anew.code and named.n > anew.n):
            return named
        return anew


def clock_key(task: str, stage: Stage) -> str:
    """Where a clock stands in ``Watch.clocks``."""
    return f"{task}/{stage}"
