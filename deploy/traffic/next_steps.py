"""What follows from an event under its plot: who does what next."""

from deploy.traffic import steps
from deploy.traffic.plots import ENOUGH, Plot
from deploy.traffic.steps import Step
from shared.contracts.base import CITY_DIGITS, NEAREST_FIRST, EventData, Stage
from shared.contracts.case_v1 import OPEN_TASKS, Case, CaseEvent, CaseState, Task
from shared.contracts.cases_v1 import (
    CaseAccepted,
    CaseClosed,
    CaseDispatched,
    CaseFiled,
    CaseHandedDown,
    CaseHandedUp,
    CaseHandled,
    CaseMadeSafe,
    CaseReopened,
    FirstTaken,
    ReworkOrdered,
    SpotCheckOrdered,
)
from shared.contracts.choice_v1 import DispatchRule
from shared.contracts.escalations_v1 import ClockBreached, Mark, SupervisionOrdered
from shared.contracts.levels import SupervisionLevel
from shared.contracts.outcomes_v1 import (
    IncidentHeld,
    IncidentLinked,
    IncidentLooked,
    IncidentRejected,
    LookOrdered,
    Outcome,
)
from shared.contracts.reminders_v1 import SupervisionReminded
from shared.contracts.requests_v1 import (
    AppealMade,
    CaseExtended,
    CaseResumed,
    CaseSuspended,
    ExtensionRefused,
    ExtensionRequested,
    ReturnRefused,
    ReturnRequested,
    SuspensionRefused,
    SuspensionRequested,
)
from shared.contracts.rule_v1 import Rule
from shared.contracts.steps_v1 import CasePassedOn, CaseStepped
from shared.contracts.supervising_v1 import CaseReleased
from shared.contracts.tasks_v1 import (
    TaskAccepted,
    TaskAssigned,
    TaskDeclined,
    TaskDone,
    TaskEvent,
    TaskWithdrawn,
)

AT_THE_DESK = {
    Plot.DESK_REJECTS: steps.REJECT,
    Plot.DESK_ANSWERS: steps.ANSWER,
    Plot.DESK_TRANSFERS: steps.TRANSFER,
}
CALLS = {Plot.WHISTLE: steps.COME, Plot.DECLINED: steps.STAY_AWAY, Plot.CALLED_OFF: steps.CALL_OFF}
"""What becomes of whom the unit calls."""
AT_WORK = {
    Plot.EXTENDED: steps.EXTEND,
    Plot.EXTENSION_DENIED: steps.EXTEND,
    Plot.SUSPENDED: steps.SUSPEND,
    Plot.SUSPENSION_DENIED: steps.SUSPEND_LONG,
    Plot.RESUMED: steps.SUSPEND_LONG,
    Plot.SUPERVISED: steps.HURRY,
    **dict.fromkeys(CALLS, steps.WHISTLE),
}
"""What is asked for before the unit goes on."""
UPWARDS = frozenset({Plot.HANDED_UP, Plot.HANDED_DOWN})
MEANWHILE = {SupervisionLevel.ORDINARY: steps.URGE, SupervisionLevel.YELLOW_CARD: steps.TELL}
"""What those above do while a case is left lying."""
ALWAYS: dict[type[EventData], Step] = {
    ReturnRequested: steps.GRANT,
    ReturnRefused: steps.ACCEPT,
    ReworkOrdered: steps.HANDLED,
    SuspensionRequested: steps.ALLOW,
    ExtensionRequested: steps.ALLOW,
    CaseExtended: steps.HANDLED,
    ExtensionRefused: steps.HANDLED,
    SuspensionRefused: steps.HANDLED,
    CaseHandedUp: steps.PASS_ON,
    CaseHandedDown: steps.PASS_ON,
    CaseReleased: steps.HANDLED,
    CaseReopened: steps.ACCEPT,
    FirstTaken: steps.ACCEPT,
    CaseMadeSafe: steps.HANDLED,
    TaskAccepted: steps.SHARE_DONE,
    SpotCheckOrdered: steps.PASS,
    CaseStepped: steps.HANDLED,
    CasePassedOn: steps.RULE,
}
"""What follows whatever the plot."""
IN_ITS_PLOT: dict[tuple[Plot, type[EventData]], Step] = {
    (Plot.RETURN_REFUSED, ReturnRequested): steps.REFUSE,
    (Plot.EXTENSION_DENIED, ExtensionRequested): steps.NOT_NOW,
    (Plot.SUSPENSION_DENIED, SuspensionRequested): steps.NOT_NOW,
    (Plot.RESUMED, CaseSuspended): steps.RESUME,
    (Plot.HANDED_DOWN, CaseHandedUp): steps.HAND_DOWN,
}
"""What follows instead, or only there."""


def next_step(plot: Plot, data: EventData) -> Step | None:
    """What follows from an event under its plot; None: nobody does anything yet."""
    if isinstance(data, Outcome):
        return _without_a_case(plot, data)
    if isinstance(data, CaseEvent):
        return _in_the_loop(plot, data)
    if isinstance(data, ClockBreached):
        return _when_breached(plot, data.mark)
    if isinstance(data, SupervisionOrdered) and data.mark is None:
        return steps.RELEASE if plot is Plot.SUPERVISED else None
    if isinstance(data, SupervisionOrdered | SupervisionReminded) and plot in ENOUGH:
        return _when_supervised(plot, data)
    return None


def _when_supervised(plot: Plot, data: SupervisionOrdered | SupervisionReminded) -> Step | None:
    """Nobody looks at the order itself; who is reminded of it signs, and waits for a higher one."""
    enough = data.level is ENOUGH[plot]
    if isinstance(data, SupervisionReminded):
        return steps.ACKNOWLEDGE if data.number == 1 and not enough else None
    return steps.HANDLED if enough else MEANWHILE.get(data.level)


def _when_breached(plot: Plot, mark: Mark) -> Step | None:
    if plot is Plot.NOT_ACCEPTED and (mark.task, mark.clock) == ("lead", Stage.ACCEPT):
        return steps.ACCEPT
    # It was left lying, and its unit does not agree that it is to blame.
    disputes = plot is Plot.UNTIL_RED and (mark.task, mark.clock) == ("lead", Stage.HANDLE)
    return steps.DISPUTE if disputes else None


def _without_a_case(plot: Plot, data: Outcome) -> Step | None:
    match data:
        case LookOrdered():
            return steps.NOT_FOUND if plot is Plot.FAILED_CHECK else steps.LOOKED
        case IncidentLooked():
            return _when_looked(plot, data)
        case IncidentHeld():
            looks = plot is Plot.DESK_LOOKS and data.rule is Rule.UNKNOWN_MATTER
            return steps.LOOK if looks else AT_THE_DESK.get(plot, steps.FILE)
        case IncidentLinked():
            return steps.SEPARATE if plot is Plot.SEPARATED else None
        case IncidentRejected():
            return steps.APPEAL if data.actor is None else None
        case _:
            return None


def _when_looked(plot: Plot, data: IncidentLooked) -> Step | None:
    """As reported it is filed by itself, unless something else was wrong with it."""
    if not data.passed:
        return steps.NOTHING_THERE
    return steps.FILE if plot is Plot.DESK_LOOKS else None


def _in_the_loop(plot: Plot, data: CaseEvent) -> Step | None:
    match data:
        case CaseFiled(unrouted=None):
            return steps.ASK_AFTER if plot is Plot.URGED else None
        case CaseFiled():
            return steps.RULE
        case CaseDispatched():
            return _when_dispatched(plot, data)
        case CaseAccepted():
            # Opened again, it is safe already.
            danger = data.case.emergency and data.case.times.made_safe_at is None
            work = steps.MAKE_SAFE if danger else steps.HANDLED
            asked = AT_WORK.get(plot, work)
            if asked is steps.EXTEND and data.case.limits.handle is None:
                asked = work  # there is no limit to extend
            return None if plot in ENOUGH else asked
        case CaseHandled():
            return steps.FAIL if plot is Plot.FAILED_CHECK and not data.case.reworks else steps.PASS
        case _:
            return _when_decided(plot, data)


def _when_decided(plot: Plot, data: CaseEvent) -> Step | None:
    if isinstance(data, TaskEvent):
        return _of_task(plot, data)
    if isinstance(data, CaseClosed):
        again = plot is Plot.REOPENED and not data.case.reopenings and data.case.flow is None
        return steps.REOPEN if again else None
    if isinstance(data, CaseResumed):
        return steps.HANDLED if data.rule in {Rule.REVIEW_DATE, None} else None
    if isinstance(data, AppealMade):
        return steps.UPHOLD if len(data.appeal.unit) % 2 else steps.OVERRULE
    return IN_ITS_PLOT.get((plot, type(data))) or ALWAYS.get(type(data))


def _of_task(plot: Plot, data: TaskEvent) -> Step | None:
    if isinstance(data, TaskAssigned):
        # Nobody comes to a case that is about to go elsewhere.
        leaves = plot is Plot.RETURN_GRANTED and _is_returned(plot, data)
        if leaves or plot is Plot.VOIDED or _is_handed_up(plot, data.case):
            return None
        return CALLS.get(plot, steps.COME) if _called(data.case, data.task) else steps.COME
    if isinstance(data, TaskDone | TaskDeclined | TaskWithdrawn):
        return steps.HANDLED if plot in CALLS and _all_called_are_done(data.case) else None
    return ALWAYS.get(type(data))


def _all_called_are_done(case: Case) -> bool:
    """Whether whoever was called by a whistle, after the acceptance, is done, and all others."""
    if case.state is not CaseState.ACCEPTED or case.lead_done_at is not None:
        return False
    called = any(_called(case, one) for one in case.tasks)
    return called and not any(one.state in OPEN_TASKS for one in case.tasks)


def _called(case: Case, task: Task) -> bool:
    """Whether the unit called it; the others were there when it accepted."""
    accepted = case.times.accepted_at
    return accepted is not None and task.assigned_at > accepted


def called(case: Case) -> str | None:
    """The unit that was called, and that the case waits for."""
    open_ones = (one for one in case.tasks if one.state in OPEN_TASKS and _called(case, one))
    return next((one.unit.code for one in open_ones), None)


def below(case: Case) -> str:
    """The next area below that of the centre that has it, around its grid."""
    here = len(case.centre or case.grid[:CITY_DIGITS])
    return case.grid[: next((one for one in reversed(NEAREST_FIRST) if one > here), here)]


def _when_dispatched(plot: Plot, data: CaseDispatched) -> Step | None:
    if plot is Plot.NOT_ACCEPTED:
        return None
    if plot is Plot.VOIDED:
        return steps.VOID
    if _is_handed_up(plot, data.case):
        return steps.HAND_UP
    if plot is Plot.SMOOTH and _may_be_first(data.case):
        return steps.TAKE_FIRST
    ruled = data.rule is DispatchRule.NAMED_BY_DISPATCHER  # whom the centre named keeps it
    return steps.RETURN if _is_returned(plot, data) and not ruled else steps.ACCEPT


def _may_be_first(case: Case) -> bool:
    """Whether somebody has to keep the place safe, and nobody does."""
    return case.emergency and case.first is None and case.times.made_safe_at is None


def _is_handed_up(plot: Plot, case: Case) -> bool:
    """Whether the centre hands it up: once, and not what the city has."""
    below = case.unit is not None and len(case.unit.area) > CITY_DIGITS
    return plot in UPWARDS and case.centre is None and below


def _is_returned(plot: Plot, data: CaseDispatched | TaskEvent) -> bool:
    """Whether the unit returns it: once, and only what the rules gave it by themselves."""
    asked_before = data.case.returns + data.case.refused_returns > 0
    returns = plot in {Plot.RETURN_GRANTED, Plot.RETURN_REFUSED}
    return returns and not asked_before and data.actor is None
