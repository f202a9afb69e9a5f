"""What happens to each case: a plot is drawn when it is reported, its steps follow from events."""

from dataclasses import dataclass
from enum import StrEnum
from random import Random

from shared.contracts.base import EventData, Stage
from shared.contracts.cases_v1 import (
    CaseAccepted,
    CaseDispatched,
    CaseEvent,
    CaseFiled,
    CaseHandled,
    ReturnRefused,
    ReturnRequested,
    ReworkOrdered,
)
from shared.contracts.choice_v1 import DispatchRule
from shared.contracts.escalations_v1 import ClockBreached, SupervisionOrdered
from shared.contracts.incidents_v1 import Verb
from shared.contracts.registry_v1 import SupervisionLevel
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


WEIGHTS = {
    Plot.SMOOTH: 62,
    Plot.RETURN_GRANTED: 8,
    Plot.RETURN_REFUSED: 5,
    Plot.FAILED_CHECK: 10,
    Plot.NOT_ACCEPTED: 5,
    Plot.UNTIL_YELLOW: 6,
    Plot.UNTIL_RED: 4,
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


ACCEPT = Step(Verb.ACCEPT, Role.UNIT_MEMBER)
HANDLED = Step(Verb.HANDLED, Role.UNIT_MEMBER, "已处置 dealt with")
RETURN = Step(Verb.RETURN, Role.UNIT_MEMBER, "非本单位职责 not our duty")
GRANT = Step(Verb.APPROVE, Role.DISPATCHER, "同意退回 granted")
REFUSE = Step(Verb.DENY, Role.DISPATCHER, "属你单位职责 it is your duty")
RULE = Step(Verb.REASSIGN, Role.DISPATCHER, "无主，由中心裁定 nobody's: the centre rules")
PASS = Step(Verb.VERIFY, Role.INSPECTOR, "现场已恢复 in order", passed=True)
FAIL = Step(Verb.VERIFY, Role.INSPECTOR, "现场未清理 not in order", passed=False)
ALWAYS: dict[type[EventData], Step] = {ReturnRefused: ACCEPT, ReworkOrdered: HANDLED}
"""What follows whatever the plot."""


def draw(random: Random) -> Plot:
    """A plot by the weights."""
    (plot,) = random.choices(list(WEIGHTS), weights=list(WEIGHTS.values()))
    return plot


def next_step(plot: Plot, data: EventData) -> Step | None:
    """What follows from an event of a case under its plot; None: nobody does anything yet."""
    if isinstance(data, CaseEvent):
        return _in_the_loop(plot, data)
    if isinstance(data, ClockBreached):
        missed = data.mark.clock is Stage.ACCEPT and plot is Plot.NOT_ACCEPTED
        return ACCEPT if missed else None
    if isinstance(data, SupervisionOrdered) and data.level is ENOUGH.get(plot):
        return HANDLED
    return None


def _in_the_loop(plot: Plot, data: CaseEvent) -> Step | None:
    match data:
        case CaseFiled():
            return RULE if data.unrouted is not None else None
        case CaseDispatched():
            return _when_dispatched(plot, data)
        case ReturnRequested():
            return REFUSE if plot is Plot.RETURN_REFUSED else GRANT
        case CaseAccepted():
            return None if plot in ENOUGH else HANDLED
        case CaseHandled():
            return FAIL if plot is Plot.FAILED_CHECK and not data.case.reworks else PASS
        case _:
            return ALWAYS.get(type(data))


def _when_dispatched(plot: Plot, data: CaseDispatched) -> Step | None:
    if plot is Plot.NOT_ACCEPTED:
        return None
    ruled = data.rule is DispatchRule.NAMED_BY_DISPATCHER  # whom the centre named keeps it
    returns = plot in {Plot.RETURN_GRANTED, Plot.RETURN_REFUSED} and not ruled
    return RETURN if returns and not data.case.returns + data.case.refused_returns else ACCEPT
