"""What happens to each case: a plot is drawn when it is reported, its steps follow from events."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from random import Random
from typing import Any

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
from shared.contracts.incidents_v1 import Verb
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
from shared.platform.security import Role


class Plot(StrEnum):
    """How a case goes."""

    SMOOTH = "smooth"
    RETURN_GRANTED = "return_granted"
    RETURN_REFUSED = "return_refused"
    FAILED_CHECK = "failed_check"
    NOT_ACCEPTED = "not_accepted"
    """Nobody accepts it until that limit is missed."""
    UNTIL_YELLOW = "until_yellow"
    """Accepted, and left lying until the yellow card."""
    UNTIL_RED = "until_red"
    """Accepted, and left lying until the red card."""
    EXTENDED = "extended"
    """The unit asks for more time, and gets it."""
    EXTENSION_DENIED = "extension_denied"
    SUSPENDED = "suspended"
    """The unit asks that the clocks stand for some seconds, and they do."""
    SUSPENSION_DENIED = "suspension_denied"
    RESUMED = "resumed"
    """They do, and the unit goes on before it had to."""
    WHISTLE = "whistle"
    """The unit needs another one, and calls it."""
    DECLINED = "declined"
    """Whom it calls will not come; it goes on alone."""
    CALLED_OFF = "called_off"
    """It calls another one, and does without it after all."""
    HANDED_UP = "handed_up"
    """The centre hands it to the one above, which finds a unit."""
    HANDED_DOWN = "handed_down"
    """The one above hands it down again, to the town's, and names who has it."""
    SUPERVISED = "supervised"
    """Somebody above orders to hurry, by hand, and lifts the order."""
    URGED = "urged"
    """Whoever reported it asks after it."""
    REOPENED = "reopened"
    """It was closed, and is not in order after all."""
    VOIDED = "voided"
    """It should never have been a case."""
    SEPARATED = "separated"
    """It is taken for what was reported before, and is something else."""
    DESK_FILES = "desk_files"
    """It lacks something; the desk puts it right."""
    DESK_LOOKS = "desk_looks"
    """Nobody can tell what it is from here; somebody is sent to look, then it is put right."""
    DESK_REJECTS = "desk_rejects"
    DESK_ANSWERS = "desk_answers"
    DESK_TRANSFERS = "desk_transfers"


SPOILT = {
    Plot.DESK_FILES: 35,
    Plot.DESK_LOOKS: 15,
    Plot.DESK_REJECTS: 20,
    Plot.DESK_ANSWERS: 15,
    Plot.DESK_TRANSFERS: 15,
}
"""Plots of reports that the rules cannot file, once they come before the desk."""
WEIGHTS = {
    Plot.SMOOTH: 64,
    Plot.RETURN_GRANTED: 7,
    Plot.RETURN_REFUSED: 4,
    Plot.FAILED_CHECK: 6,
    Plot.EXTENDED: 3,
    Plot.SUSPENDED: 3,
    Plot.HANDED_UP: 3,
    Plot.WHISTLE: 3,
    Plot.EXTENSION_DENIED: 2,
    Plot.SUSPENSION_DENIED: 2,
    Plot.RESUMED: 2,
    Plot.DECLINED: 2,
    Plot.CALLED_OFF: 2,
    Plot.HANDED_DOWN: 2,
    Plot.SUPERVISED: 2,
    Plot.URGED: 2,
    Plot.REOPENED: 2,
    Plot.VOIDED: 2,
    Plot.NOT_ACCEPTED: 4,
    Plot.UNTIL_YELLOW: 4,
    Plot.UNTIL_RED: 3,
}
IGNORED = frozenset({Plot.NOT_ACCEPTED, Plot.UNTIL_YELLOW, Plot.UNTIL_RED})
"""Plots that miss a limit; they are played on matters whose limits are short."""
ENOUGH = {
    Plot.UNTIL_YELLOW: SupervisionLevel.YELLOW_CARD,
    Plot.UNTIL_RED: SupervisionLevel.RED_CARD,
}


@dataclass(frozen=True, slots=True)
class Step:
    """What somebody will ask for next: the role, and for a verification its result."""

    verb: Verb
    role: Role
    reason: str = ""
    passed: bool | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    """What else the request says."""
    until_s: float | None = None
    """So many seconds from then: the review date of a suspension."""
    of_task: bool = False
    """Whether the unit takes it that co-operates in the task of the event."""
    by_reporter: bool = False
    """Whether only whoever reported it may ask."""


ACCEPT = Step(Verb.ACCEPT, Role.UNIT_MEMBER)
HANDLED = Step(Verb.HANDLED, Role.UNIT_MEMBER, "已处置 dealt with")
RETURN = Step(Verb.RETURN, Role.UNIT_MEMBER, "非本单位职责 not our duty")
GRANT = Step(Verb.APPROVE, Role.DISPATCHER, "同意退回 granted")
REFUSE = Step(Verb.DENY, Role.DISPATCHER, "属你单位职责 it is your duty")
RULE = Step(Verb.REASSIGN, Role.DISPATCHER, "无主，由中心裁定 nobody's: the centre rules")
EXTEND = Step(Verb.EXTEND, Role.UNIT_MEMBER, "需等配件 parts have to come", more={"amount": 0.005})
SUSPEND = Step(Verb.SUSPEND, Role.UNIT_MEMBER, "待产权单位确认 the owner has to agree", until_s=40)
SUSPEND_LONG = replace(SUSPEND, until_s=600)
ALLOW = Step(Verb.APPROVE, Role.SUPERVISOR, "情况属实，同意 granted")
HAND_UP = Step(Verb.HAND_UP, Role.DISPATCHER, "超出本级权限 beyond this level")
PASS_ON = Step(Verb.REASSIGN, Role.DUTY_HEAD, "由上级中心指派 named by the centre above")
URGE = Step(Verb.URGE, Role.SUPERVISOR, "请尽快处置 please hurry")
TELL = Step(Verb.CC, Role.LEADER, "抄告属地 for the town to know")
ACKNOWLEDGE = Step(Verb.ACKNOWLEDGE, Role.UNIT_MEMBER, "收到，立即办理 seen, on our way")
PASS = Step(Verb.VERIFY, Role.INSPECTOR, "现场已恢复 in order", passed=True)
FAIL = Step(Verb.VERIFY, Role.INSPECTOR, "现场未清理 not in order", passed=False)
CLERK = Role.ACCEPTANCE_DESK
FILE = Step(Verb.FILE, CLERK, "补正后立案 put right and filed")
AT_THE_DESK = {
    Plot.DESK_REJECTS: Step(Verb.REJECT, CLERK, "属物业内部事务 on private ground"),
    Plot.DESK_ANSWERS: Step(Verb.ANSWER, CLERK, "每周一清运 collected every Monday"),
    Plot.DESK_TRANSFERS: Step(
        Verb.TRANSFER, CLERK, "不属本平台 another platform's", more={"to": "12345"}
    ),
}
NOTHING_THERE = Step(Verb.REJECT, CLERK, "现场核实无此情况 nothing was found on site")
LOOKED = Step(Verb.VERIFY, Role.INSPECTOR, "现场属实 as reported", passed=True)
NOT_FOUND = Step(Verb.VERIFY, Role.INSPECTOR, "现场未发现 nothing found", passed=False)
APPEAL = Step(Verb.APPEAL, Role.OFFICER, "确在辖区内，请复核 it is ours", by_reporter=True)
WHISTLE = Step(Verb.WHISTLE, Role.UNIT_MEMBER, "需配合处置 another unit is needed")
COME = Step(Verb.CO_ACCEPT, Role.UNIT_MEMBER, "已报到 on our way", of_task=True)
SHARE_DONE = Step(Verb.CO_DONE, Role.UNIT_MEMBER, "配合完成 our share is done", of_task=True)
STAY_AWAY = Step(Verb.CO_DECLINE, Role.UNIT_MEMBER, "抽不出人手 nobody to spare", of_task=True)
CALL_OFF = Step(Verb.CO_WITHDRAW, Role.UNIT_MEMBER, "已无需配合 not needed after all")
CALLS = {Plot.WHISTLE: COME, Plot.DECLINED: STAY_AWAY, Plot.CALLED_OFF: CALL_OFF}
"""What becomes of whom the unit calls."""
RESUME = Step(Verb.RESUME, Role.UNIT_MEMBER, "条件已具备 it can go on")
NOT_NOW = Step(Verb.DENY, Role.SUPERVISOR, "理由不充分，不予同意 no reason for it")
HAND_DOWN = Step(Verb.HAND_DOWN, Role.DUTY_HEAD, "由属地处置 for the town to handle")
HURRY = Step(
    Verb.SUPERVISE, Role.SUPERVISOR, "群众反映强烈 many ask for it", more={"level": "yellow_card"}
)
RELEASE = Step(Verb.RELEASE, Role.SUPERVISOR, "已督促到位 they are on their way")
REOPEN = Step(Verb.REOPEN, Role.DISPATCHER, "复发，须重新处置 it is back")
VOID = Step(Verb.VOID, Role.SUPERVISOR, "误立案 it should not be a case")
SEPARATE = Step(Verb.SEPARATE, Role.DISPATCHER, "另一处问题 another one after all")
ASK_AFTER = Step(Verb.URGE, Role.OFFICER, "何时处置？ when will it be done?", by_reporter=True)
LOOK = Step(Verb.LOOK, CLERK, "派人现场核实 somebody is to look")
AT_WORK = {
    Plot.EXTENDED: EXTEND,
    Plot.EXTENSION_DENIED: EXTEND,
    Plot.SUSPENDED: SUSPEND,
    Plot.SUSPENSION_DENIED: SUSPEND_LONG,
    Plot.RESUMED: SUSPEND_LONG,
    Plot.SUPERVISED: HURRY,
    **dict.fromkeys(CALLS, WHISTLE),
}
"""What is asked for before the unit goes on."""
UPWARDS = frozenset({Plot.HANDED_UP, Plot.HANDED_DOWN})
TAKE_FIRST = Step(Verb.TAKE_FIRST, Role.UNIT_MEMBER, "已到场看护 on the spot, keeping it safe")
DISPUTE = Step(
    Verb.APPEAL,
    Role.UNIT_MEMBER,
    "道路封闭，无法到场 the road was closed",
    more={"clock": "handle"},
)
UPHOLD = Step(Verb.UPHOLD, Role.SUPERVISOR, "情况属实 it was so")
OVERRULE = Step(Verb.OVERRULE, Role.SUPERVISOR, "理由不成立 that is no reason")
MAKE_SAFE = Step(Verb.MAKE_SAFE, Role.UNIT_MEMBER, "险情已排除 the danger is over")
MEANWHILE = {SupervisionLevel.ORDINARY: URGE, SupervisionLevel.YELLOW_CARD: TELL}
"""What those above do while a case is left lying."""
ALWAYS: dict[type[EventData], Step] = {
    ReturnRequested: GRANT,
    ReturnRefused: ACCEPT,
    ReworkOrdered: HANDLED,
    SuspensionRequested: ALLOW,
    ExtensionRequested: ALLOW,
    CaseExtended: HANDLED,
    ExtensionRefused: HANDLED,
    SuspensionRefused: HANDLED,
    CaseHandedUp: PASS_ON,
    CaseHandedDown: PASS_ON,
    CaseReleased: HANDLED,
    CaseReopened: ACCEPT,
    FirstTaken: ACCEPT,
    CaseMadeSafe: HANDLED,
    TaskAccepted: SHARE_DONE,
    SpotCheckOrdered: PASS,
    CaseStepped: HANDLED,
    CasePassedOn: RULE,
}
"""What follows whatever the plot."""
IN_ITS_PLOT: dict[tuple[Plot, type[EventData]], Step] = {
    (Plot.RETURN_REFUSED, ReturnRequested): REFUSE,
    (Plot.EXTENSION_DENIED, ExtensionRequested): NOT_NOW,
    (Plot.SUSPENSION_DENIED, SuspensionRequested): NOT_NOW,
    (Plot.RESUMED, CaseSuspended): RESUME,
    (Plot.HANDED_DOWN, CaseHandedUp): HAND_DOWN,
}
"""What follows instead, or only there."""


def draw(random: Random, weights: Mapping[Plot, int] = WEIGHTS) -> Plot:
    """A plot by the weights."""
    (plot,) = random.choices(list(weights), weights=list(weights.values()))
    return plot


def next_step(plot: Plot, data: EventData) -> Step | None:
    """What follows from an event under its plot; None: nobody does anything yet."""
    if isinstance(data, Outcome):
        return _without_a_case(plot, data)
    if isinstance(data, CaseEvent):
        return _in_the_loop(plot, data)
    if isinstance(data, ClockBreached):
        return _when_breached(plot, data.mark)
    if isinstance(data, SupervisionOrdered) and data.mark is None:
        return RELEASE if plot is Plot.SUPERVISED else None
    if isinstance(data, SupervisionOrdered | SupervisionReminded) and plot in ENOUGH:
        return _when_supervised(plot, data)
    return None


def _when_supervised(plot: Plot, data: SupervisionOrdered | SupervisionReminded) -> Step | None:
    """Nobody looks at the order itself; who is reminded of it signs, and waits for a higher one."""
    enough = data.level is ENOUGH[plot]
    if isinstance(data, SupervisionReminded):
        return ACKNOWLEDGE if data.number == 1 and not enough else None
    return HANDLED if enough else MEANWHILE.get(data.level)


def _when_breached(plot: Plot, mark: Mark) -> Step | None:
    if plot is Plot.NOT_ACCEPTED and (mark.task, mark.clock) == ("lead", Stage.ACCEPT):
        return ACCEPT
    # It was left lying, and its unit does not agree that it is to blame.
    disputes = plot is Plot.UNTIL_RED and (mark.task, mark.clock) == ("lead", Stage.HANDLE)
    return DISPUTE if disputes else None


def _without_a_case(plot: Plot, data: Outcome) -> Step | None:
    match data:
        case LookOrdered():
            return NOT_FOUND if plot is Plot.FAILED_CHECK else LOOKED
        case IncidentLooked():
            return _when_looked(plot, data)
        case IncidentHeld():
            looks = plot is Plot.DESK_LOOKS and data.rule is Rule.UNKNOWN_MATTER
            return LOOK if looks else AT_THE_DESK.get(plot, FILE)
        case IncidentLinked():
            return SEPARATE if plot is Plot.SEPARATED else None
        case IncidentRejected():
            return APPEAL if data.actor is None else None
        case _:
            return None


def _when_looked(plot: Plot, data: IncidentLooked) -> Step | None:
    """As reported it is filed by itself, unless something else was wrong with it."""
    if not data.passed:
        return NOTHING_THERE
    return FILE if plot is Plot.DESK_LOOKS else None


def _in_the_loop(plot: Plot, data: CaseEvent) -> Step | None:
    match data:
        case CaseFiled(unrouted=None):
            return ASK_AFTER if plot is Plot.URGED else None
        case CaseFiled():
            return RULE
        case CaseDispatched():
            return _when_dispatched(plot, data)
        case CaseAccepted():
            work = MAKE_SAFE if data.case.emergency else HANDLED
            return None if plot in ENOUGH else AT_WORK.get(plot, work)
        case CaseHandled():
            return FAIL if plot is Plot.FAILED_CHECK and not data.case.reworks else PASS
        case _:
            return _when_decided(plot, data)


def _when_decided(plot: Plot, data: CaseEvent) -> Step | None:
    if isinstance(data, TaskEvent):
        return _of_task(plot, data)
    if isinstance(data, CaseClosed):
        again = plot is Plot.REOPENED and not data.case.reopenings and data.case.flow is None
        return REOPEN if again else None
    if isinstance(data, CaseResumed):
        return HANDLED if data.rule in {Rule.REVIEW_DATE, None} else None
    if isinstance(data, AppealMade):
        return UPHOLD if len(data.appeal.unit) % 2 else OVERRULE
    return IN_ITS_PLOT.get((plot, type(data))) or ALWAYS.get(type(data))


def _of_task(plot: Plot, data: TaskEvent) -> Step | None:
    if isinstance(data, TaskAssigned):
        # Nobody comes to a case that is about to go elsewhere.
        leaves = plot is Plot.RETURN_GRANTED and _is_returned(plot, data)
        if leaves or plot is Plot.VOIDED or _is_handed_up(plot, data.case):
            return None
        return CALLS.get(plot, COME) if _called(data.case, data.task) else COME
    if isinstance(data, TaskDone | TaskDeclined | TaskWithdrawn):
        return HANDLED if plot in CALLS and _all_called_are_done(data.case) else None
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
        return VOID
    if _is_handed_up(plot, data.case):
        return HAND_UP
    if plot is Plot.SMOOTH and data.case.emergency and data.case.first is None:
        return TAKE_FIRST
    ruled = data.rule is DispatchRule.NAMED_BY_DISPATCHER  # whom the centre named keeps it
    return RETURN if _is_returned(plot, data) and not ruled else ACCEPT


def _is_handed_up(plot: Plot, case: Case) -> bool:
    """Whether the centre hands it up: once, and not what the city has."""
    below = case.unit is not None and len(case.unit.area) > CITY_DIGITS
    return plot in UPWARDS and case.centre is None and below


def _is_returned(plot: Plot, data: CaseDispatched | TaskEvent) -> bool:
    """Whether the unit returns it: once, and only what the rules gave it by themselves."""
    asked_before = data.case.returns + data.case.refused_returns > 0
    returns = plot in {Plot.RETURN_GRANTED, Plot.RETURN_REFUSED}
    return returns and not asked_before and data.actor is None
