"""What follows when marks are due: each is answered once, in order."""

from collections.abc import Mapping, Sequence

from services.escalation.domain.counting import APPROACHING, BREACHED
from services.escalation.domain.marks import due_marks, is_past, ladder_step, notice_step
from services.escalation.domain.moment import Moment
from services.escalation.domain.repeating import instants, reminded
from services.escalation.domain.supervision import issuer_area, rank
from services.escalation.domain.telling import of_mark, of_notice, of_step
from services.escalation.domain.watch import clock_key
from shared.contracts.base import EventData
from shared.contracts.escalations_v1 import (
    Clock,
    ClockApproaching,
    ClockBreached,
    Mark,
    MarkEvent,
    SupervisionOrdered,
)
from shared.contracts.levels import SupervisionLevel
from shared.contracts.reminders_v1 import NoticeRaised

ANSWERS: Mapping[int, type[MarkEvent]] = {APPROACHING: ClockApproaching, BREACHED: ClockBreached}


def tick(moment: Moment) -> Sequence[EventData]:
    """Answer all marks that are due by then, the partition's time, and tell again what is."""
    follows: list[EventData] = []
    level = moment.watch.supervision
    for mark in due_marks(moment.watch, moment.at):
        follows += _answers(moment, mark)
        follows += _notices(moment, mark)
        ordered = _order(moment, mark, level)
        if ordered is not None:
            follows.append(ordered)
            level = ordered.level
    return [*follows, *reminded(moment, follows)]


def _clock(moment: Moment, mark: Mark) -> Clock:
    return moment.watch.clocks[clock_key(mark.task, mark.clock)]


def _answers(moment: Moment, mark: Mark) -> list[EventData]:
    kind = ANSWERS.get(mark.percent)
    if kind is None:
        return []
    clock = _clock(moment, mark)
    return [kind(**moment.common, mark=mark, clock=clock, tell=of_mark(clock))]


def _notices(moment: Moment, mark: Mark) -> list[EventData]:
    step = notice_step(moment.watch, mark)
    if step is None:
        return []
    clock = _clock(moment, mark)
    raised = NoticeRaised(
        **moment.common,
        mark=mark,
        clock=clock,
        tell=of_notice(step, clock),
        colour=step.colour,
        reminders=instants(step.repeat, moment.at, moment.calendar),
    )
    return [raised]


def _order(moment: Moment, mark: Mark, level: SupervisionLevel | None) -> SupervisionOrdered | None:
    step, clock = ladder_step(moment.watch, mark), _clock(moment, mark)
    if step is None or rank(step.level) <= rank(level):
        return None
    if is_past(moment.watch, clock, mark.due_at):
        return None
    grid, unit = moment.watch.facts.grid, clock.unit
    return SupervisionOrdered(
        **moment.common,
        level=step.level,
        previous=level,
        mark=mark,
        unit=unit,
        grid=grid,
        issuer=step.issuer,
        issuer_area=issuer_area(grid, step),
        tell=of_step(step, grid, unit),
        reminders=instants(step.repeat, moment.at, moment.calendar),
        lifted_when=step.lifted_when,
    )
