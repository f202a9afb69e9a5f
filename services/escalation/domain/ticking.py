"""What follows when marks are due: each is answered once, in order."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.escalation.domain.counting import APPROACHING, BREACHED
from services.escalation.domain.marks import due_marks, ladder_step
from services.escalation.domain.supervision import issuer_area, rank
from services.escalation.domain.telling import of_mark, of_order
from services.escalation.domain.watch import Watch, clock_key
from shared.contracts.base import EventData
from shared.contracts.escalations_v1 import (
    ClockApproaching,
    ClockBreached,
    Mark,
    MarkEvent,
    SupervisionOrdered,
)
from shared.contracts.levels import SupervisionLevel

ANSWERS: Mapping[int, type[MarkEvent]] = {APPROACHING: ClockApproaching, BREACHED: ClockBreached}


def tick(watch: Watch, incident_id: str, until: datetime) -> Sequence[EventData]:
    """Answer all marks that are due by ``until``, the partition's time."""
    follows: list[EventData] = []
    level = watch.supervision
    for mark in due_marks(watch, until):
        follows += _answers(watch, incident_id, mark, until)
        ordered = _order(watch, incident_id, mark, until, level)
        if ordered is not None:
            follows.append(ordered)
            level = ordered.level
    return follows


def _answers(watch: Watch, incident_id: str, mark: Mark, until: datetime) -> list[EventData]:
    clock = watch.clocks[clock_key(mark.task, mark.clock)]
    kind = ANSWERS.get(mark.percent)
    if kind is None:
        return []
    return [
        kind(
            incident_id=incident_id, case_no=watch.facts.case_no, at=until, mark=mark, clock=clock,
            tell=of_mark(clock),
        )
    ]  # fmt: skip


def _order(
    watch: Watch,
    incident_id: str,
    mark: Mark,
    until: datetime,
    level: SupervisionLevel | None,
) -> SupervisionOrdered | None:
    step = ladder_step(watch, mark)
    if step is None or rank(step.level) <= rank(level):
        return None
    clock = watch.clocks[clock_key(mark.task, mark.clock)]
    area = issuer_area(watch.facts.grid, step)
    return SupervisionOrdered(
        incident_id=incident_id,
        case_no=watch.facts.case_no,
        at=until,
        level=step.level,
        previous=level,
        mark=mark,
        unit=clock.unit,
        grid=watch.facts.grid,
        issuer=step.issuer,
        issuer_area=area,
        tell=of_order((area,), clock.unit),
    )
