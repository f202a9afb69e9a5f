"""What follows from an event of a case: changed clocks, withdrawn marks, lifted orders."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

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
from services.escalation.domain.conveying import conveyed
from services.escalation.domain.counting import Ladder, in_working_time
from services.escalation.domain.folding import turned
from services.escalation.domain.marks import belated
from services.escalation.domain.moment import Moment
from services.escalation.domain.watch import Watch
from services.escalation.domain.withdrawing import HandedBack, Over, withdrawn_and_lifted
from shared.contracts.base import EventData, Limit, Stage
from shared.contracts.case_v1 import OPEN_TASKS, CaseEvent
from shared.contracts.cases_v1 import (
    CaseAccepted,
    CaseClosed,
    CaseDispatched,
    CaseFiled,
    CaseHandled,
    CaseMadeSafe,
    CaseVoided,
    FirstTaken,
    HandledOnSite,
    LeadDone,
    ReworkOrdered,
)
from shared.contracts.escalations_v1 import (
    ClocksChanged,
)
from shared.contracts.outcomes_v1 import (
    IncidentAnswered,
    IncidentHeld,
    IncidentRejected,
    IncidentTransferred,
    Outcome,
)
from shared.contracts.requests_v1 import AppealEvent, AppealMade
from shared.contracts.rule_v1 import Rule
from shared.contracts.steps_v1 import CaseStepped
from shared.contracts.tasks_v1 import TaskDeclined, TaskDone, TaskEvent, TaskWithdrawn
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
TAKEN_OVER = (
    CaseDispatched,
    CaseAccepted,
    CaseStepped,
    ReworkOrdered,
    FirstTaken,
    CaseMadeSafe,
    TaskDone,
    TaskDeclined,
    TaskWithdrawn,
)
"""By these a unit gets a case, a clock or a turn of it, or an order that was another's."""
OF_LIMITS = (DISPATCH, ACCEPT, HANDLE, VERIFY, TOTAL)
"""The clocks whose limits the filing condition gives."""


def turn(
    watch: Watch, data: CaseEvent | Outcome, at: datetime, calendar: Calendar
) -> Sequence[EventData]:
    """What escalation publishes because of a case's event, in order.

    Raises UnsupportedLimitError for working time without a work calendar.
    """
    row = TABLE.get(data.TYPE)
    if row is None:
        return ()
    turns = () if _jumps_the_queue(data) else row[0]
    changed = turn_clocks(watch.clocks, turns, _frame(data, at, calendar, watch.facts.steps))
    follows: list[EventData] = []
    if changed:
        follows.append(
            ClocksChanged(
                incident_id=data.incident_id,
                case_no=watch.facts.case_no,
                at=at,
                cause=data.TYPE,
                calendar=watch.calendar if any(map(in_working_time, changed)) else None,
                clocks=tuple(changed),
            )
        )
    withdrawn = [(clock, mark) for clock in changed for mark in belated(watch, clock, at)]
    moment = Moment(watch, data.incident_id, at, calendar)
    follows += withdrawn_and_lifted(moment, withdrawn, _over(data), changed)
    if isinstance(data, TAKEN_OVER):
        after = replace(moment, watch=turned(watch, changed))
        follows += conveyed(after, follows)
    return follows


def _jumps_the_queue(data: CaseEvent | Outcome) -> bool:
    """Whether an appeal is decided while an earlier one waits: the clock is that one's."""
    if not isinstance(data, AppealEvent) or isinstance(data, AppealMade):
        return False
    waiting = data.case.waiting_appeals
    return bool(waiting) and waiting[0].asked_at < data.appeal.asked_at


def _over(data: CaseEvent | Outcome) -> Over | None:
    """Why an order may end; None where nothing of that kind has happened."""
    if isinstance(data, CaseHandled):
        return HandedBack()
    if isinstance(data, TaskDone):
        return HandedBack((data.task.code,))
    if isinstance(data, LeadDone):
        over = [one.code for one in data.case.tasks if one.state not in OPEN_TASKS]
        return HandedBack((HANDLE.task, SAFE.task, *over))
    if not isinstance(data, ENDED):
        return None
    return "voided" if isinstance(data, CaseVoided) else "closed"


def _frame(data: CaseEvent | Outcome, at: datetime, calendar: Calendar, ladder: Ladder) -> Frame:
    limits: dict[Timed, Limit | None]
    if isinstance(data, Outcome):
        limit = data.filing_limit if isinstance(data, IncidentHeld) else None
        # The desk has the whole limit for an appeal, however long ago it was reported.
        start = at if data.rule is Rule.APPEALED else data.counts_from
        limits = {FILING: limit}
        return Frame(at, start, calendar, limits, ladder, grid=data.grid, matter=data.matter)
    case = data.case
    limits = {timed: getattr(case.limits, timed.stage) for timed in OF_LIMITS}
    if isinstance(data, CaseFiled):
        limits[FILING] = data.filing_limit
    if case.request is not None:
        limits[REQUEST] = case.request.limit
    if isinstance(data, AppealMade):
        limits[APPEAL] = data.appeal.limit
    elif isinstance(data, AppealEvent):
        # One after the other: nobody has to decide two in the time of one.
        waiting = case.waiting_appeals
        limits[APPEAL] = waiting[0].limit if waiting else None
    limits[SAFE] = case.make_safe
    for one in case.tasks:
        limits[Timed(one.code, Stage.ACCEPT)] = case.limits.accept
        limits[Timed(one.code, Stage.HANDLE)] = one.limit or case.limits.handle
    return Frame(
        at,
        case.times.counts_from,
        calendar,
        limits,
        ladder,
        grid=case.grid,
        unit=case.unit.code if case.unit else None,
        first=case.first.code if case.first else None,
        others=case.flow is not None and case.flow.waits_for_others,
        matter=case.matter.code,
        lapses_at=case.request.lapses_at if case.request else None,
        task=data.task.code if isinstance(data, TaskEvent) else None,
        units={one.code: one.unit.code for one in case.tasks},
    )
