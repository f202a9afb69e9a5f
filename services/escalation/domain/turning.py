"""What follows from an event of a case: changed clocks, withdrawn marks, lifted orders."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from services.escalation.domain.clock_table import (
    ACCEPT,
    APPEAL,
    DISPATCH,
    FILING,
    HANDLE,
    REQUEST,
    SAFE,
    TABLE,
    TOTAL,
    VERIFY,
    Timed,
)
from services.escalation.domain.clocks import Frame, turn_clocks
from services.escalation.domain.counting import Ladder, in_working_time
from services.escalation.domain.marks import belated
from services.escalation.domain.supervision import earned, issuer_area, rank
from services.escalation.domain.watch import AnsweredMark, Watch, clock_key
from shared.contracts.base import EventData, Limit, Stage
from shared.contracts.case_v1 import CaseEvent
from shared.contracts.cases_v1 import CaseClosed, CaseFiled, CaseVoided, HandledOnSite
from shared.contracts.escalations_v1 import (
    Clock,
    ClocksChanged,
    Mark,
    MarkWithdrawn,
    SupervisionLifted,
    SupervisionOrdered,
)
from shared.contracts.outcomes_v1 import (
    IncidentAnswered,
    IncidentHeld,
    IncidentRejected,
    IncidentTransferred,
    Outcome,
)
from shared.contracts.requests_v1 import AppealMade
from shared.contracts.rule_v1 import Rule
from shared.contracts.tasks_v1 import TaskEvent
from shared.worktime.calendar import Calendar

ENDED = (
    CaseClosed,
    CaseVoided,
    HandledOnSite,
    IncidentRejected,
    IncidentAnswered,
    IncidentTransferred,
)
"""By these nobody has to hurry any more."""
OF_LIMITS = (DISPATCH, ACCEPT, HANDLE, VERIFY, TOTAL)
"""The clocks whose limits the filing condition gives."""
Reason = Literal["closed", "voided", "mark_withdrawn"]


def turn(
    watch: Watch, data: CaseEvent | Outcome, at: datetime, calendar: Calendar
) -> Sequence[EventData]:
    """What escalation publishes because of a case's event, in order.

    Raises UnsupportedLimitError for working time without a work calendar.
    """
    row = TABLE.get(data.TYPE)
    if row is None:
        return ()
    changed = turn_clocks(watch.clocks, row[0], _frame(data, at, calendar, watch.facts.ladder))
    follows: list[EventData] = []
    if changed:
        follows.append(
            ClocksChanged(
                incident_id=data.incident_id,
                case_no=watch.facts.case_no,
                at=at,
                cause=data.TYPE,
                calendar=watch.facts.calendar if any(map(in_working_time, changed)) else None,
                clocks=tuple(changed),
            )
        )
    withdrawn = [(clock, mark) for clock in changed for mark in belated(watch, clock, at)]
    follows += [_withdrawn(watch, data.incident_id, at, *pair) for pair in withdrawn]
    gone = {mark for _, mark in withdrawn}
    return follows + _supervision_after(watch, data, at, gone)


def _frame(data: CaseEvent | Outcome, at: datetime, calendar: Calendar, ladder: Ladder) -> Frame:
    limits: dict[Timed, Limit | None]
    if isinstance(data, Outcome):
        limit = data.filing_limit if isinstance(data, IncidentHeld) else None
        # The desk has the whole limit for an appeal, however long ago it was reported.
        start = at if data.rule is Rule.APPEALED else data.counts_from
        limits = {FILING: limit}
        return Frame(at, start, calendar, limits, ladder, data.grid, None, data.matter)
    case = data.case
    limits = {timed: getattr(case.limits, timed.stage) for timed in OF_LIMITS}
    if isinstance(data, CaseFiled):
        limits[FILING] = data.filing_limit
    if case.request is not None:
        limits[REQUEST] = case.request.limit
    if isinstance(data, AppealMade):
        limits[APPEAL] = data.appeal.limit
    limits[SAFE] = case.make_safe
    for one in case.tasks:
        limits[Timed(one.code, Stage.ACCEPT)] = case.limits.accept
        limits[Timed(one.code, Stage.HANDLE)] = case.limits.handle
    return Frame(
        at,
        case.times.counts_from,
        calendar,
        limits,
        ladder,
        case.grid,
        case.unit.code if case.unit else None,
        case.matter.code,
        data.task.code if isinstance(data, TaskEvent) else None,
        {one.code: one.unit.code for one in case.tasks},
    )


def _withdrawn(
    watch: Watch, incident_id: str, at: datetime, clock: Clock, mark: AnsweredMark
) -> MarkWithdrawn:
    return MarkWithdrawn(
        incident_id=incident_id,
        case_no=watch.facts.case_no,
        at=at,
        mark=_mark(mark),
        clock=clock,
    )


def _supervision_after(
    watch: Watch, data: CaseEvent | Outcome, at: datetime, gone: set[AnsweredMark]
) -> list[EventData]:
    level = watch.supervision
    if level is None:
        return []
    reason: Reason | None = None
    left = None
    if isinstance(data, ENDED):
        reason = "voided" if isinstance(data, CaseVoided) else "closed"
    elif gone:
        left = earned(watch.facts.ladder, [mark for mark in watch.answered if mark not in gone])
        if left is None or rank(left[0].level) < rank(level):
            reason = "mark_withdrawn"
    if reason is None:
        return []
    facts = watch.facts
    lifted = SupervisionLifted(
        incident_id=data.incident_id, case_no=facts.case_no, at=at, level=level,
        grid=facts.grid, reason=reason,
    )  # fmt: skip
    if left is None:
        return [lifted]
    step, mark = left
    again = SupervisionOrdered(
        incident_id=data.incident_id, case_no=facts.case_no, at=at, level=step.level,
        mark=_mark(mark), unit=_unit_of(watch, mark), grid=facts.grid, issuer=step.issuer,
        issuer_area=issuer_area(facts.grid, step),
    )  # fmt: skip
    return [lifted, again]


def _mark(answered: AnsweredMark) -> Mark:
    return Mark(
        task=answered.task,
        clock=answered.clock,
        run=answered.run,
        percent=answered.percent,
        due_at=answered.due_at,
    )


def _unit_of(watch: Watch, mark: AnsweredMark) -> str | None:
    """The unit whose clock it was; none where another has begun since."""
    clock = watch.clocks[clock_key(mark.task, mark.clock)]
    return clock.unit if clock.run == mark.run else None
