"""Pure: each event of a case comes in a state in which it may, and leads to the one it must.

Independent of the rules that made the events, so that a fault in them is found.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from deploy.audit.case_events import broken
from deploy.audit.problems import Problem
from shared.contracts.case_v1 import CaseEvent
from shared.contracts.cases_v1 import (
    CaseAccepted,
    CaseClosed,
    CaseCopied,
    CaseDispatched,
    CaseFiled,
    CaseHandedDown,
    CaseHandedUp,
    CaseHandled,
    CaseMadeSafe,
    CasePrioritised,
    CaseRegridded,
    CaseReopened,
    CaseUrged,
    CaseVoided,
    FirstTaken,
    HandledOnSite,
    LeadDone,
    MemberChanged,
    ReworkOrdered,
    SpotCheckOrdered,
)
from shared.contracts.envelope import Event
from shared.contracts.outcomes_v1 import IncidentSeparated
from shared.contracts.requests_v1 import (
    AppealMade,
    AppealOverruled,
    AppealUpheld,
    CaseExtended,
    CaseResumed,
    CaseSuspended,
    ExtensionRefused,
    ExtensionRequested,
    RequestLapsed,
    ReturnGranted,
    ReturnRefused,
    ReturnRequested,
    SuspensionRefused,
    SuspensionRequested,
)
from shared.contracts.steps_v1 import CasePassedOn, CaseStepped, FlowEnded
from shared.contracts.supervising_v1 import (
    CaseAcknowledged,
    CaseRearmed,
    CaseReleased,
    CaseSupervised,
)
from shared.contracts.tasks_v1 import (
    TaskAccepted,
    TaskAssigned,
    TaskDeclined,
    TaskDone,
    TaskWithdrawn,
)

NONE, SAME = "none", "same"
WITH_A_UNIT = "dispatched accepted"
NOT_HANDLED = f"filed {WITH_A_UNIT}"
OPEN = f"{NOT_HANDLED} handled"
NOT_VOID = f"{OPEN} closed"
CHANGES: Mapping[type[CaseEvent], tuple[str, str]] = {
    CaseFiled: (NONE, "filed"),
    CaseDispatched: (NOT_HANDLED, "dispatched"),
    CaseRegridded: (OPEN, SAME),
    MemberChanged: (WITH_A_UNIT, SAME),
    CaseAccepted: ("dispatched", "accepted"),
    ReturnRequested: (WITH_A_UNIT, SAME),
    ReturnGranted: (WITH_A_UNIT, "filed"),
    ReturnRefused: (WITH_A_UNIT, SAME),
    SuspensionRequested: ("accepted", SAME),
    CaseSuspended: ("accepted", SAME),
    SuspensionRefused: ("accepted", SAME),
    CaseResumed: ("accepted", SAME),
    ExtensionRequested: ("accepted", SAME),
    CaseExtended: ("accepted", SAME),
    ExtensionRefused: ("accepted", SAME),
    RequestLapsed: (WITH_A_UNIT, SAME),
    AppealMade: (NOT_VOID, SAME),
    AppealUpheld: (NOT_VOID, SAME),
    AppealOverruled: (NOT_VOID, SAME),
    CaseHandedUp: (NOT_HANDLED, "filed"),
    CaseHandedDown: (NOT_HANDLED, "filed"),
    CaseCopied: (OPEN, SAME),
    CaseUrged: (OPEN, SAME),
    CasePrioritised: (OPEN, SAME),
    CaseSupervised: (OPEN, SAME),
    CaseReleased: (OPEN, SAME),
    CaseAcknowledged: (OPEN, SAME),
    CaseRearmed: (OPEN, SAME),
    TaskAssigned: (WITH_A_UNIT, SAME),
    TaskAccepted: (WITH_A_UNIT, SAME),
    TaskDone: (WITH_A_UNIT, SAME),
    TaskDeclined: (WITH_A_UNIT, SAME),
    TaskWithdrawn: (WITH_A_UNIT, SAME),
    CaseStepped: ("accepted", SAME),
    CasePassedOn: ("accepted", "filed"),
    FlowEnded: ("accepted", SAME),
    FirstTaken: (NOT_HANDLED, SAME),
    CaseMadeSafe: (NOT_HANDLED, SAME),
    LeadDone: ("accepted", SAME),
    CaseHandled: ("accepted", "handled"),
    HandledOnSite: ("filed", "closed"),
    SpotCheckOrdered: ("filed", "handled"),
    ReworkOrdered: ("handled", "accepted"),
    CaseClosed: ("handled", "closed"),
    CaseReopened: ("closed", "dispatched"),
    CaseVoided: (NOT_VOID, "voided"),
}
"""In which states an event may come, and to which it leads."""


def check(subject: str, events: Sequence[Event[Any]]) -> list[Problem]:
    """What may not follow what came before; ``events`` are whole, in their order."""
    problems: list[Problem] = []
    state = NONE
    for event in events:
        if isinstance(event.data, IncidentSeparated):
            state = NONE  # filed anew, it lives anew
        if not isinstance(event.data, CaseEvent):
            continue
        after = event.data.case.state.value
        if wrong := _wrong(type(event.data), state, after):
            problems.append(broken("life_broken", subject, event, wrong))
        state = after
    return problems


def _wrong(kind: type[CaseEvent], before: str, after: str) -> str:
    """What is wrong with an event between two states; nothing where it may be."""
    sources, target = CHANGES[kind]
    if before not in sources.split():
        return f"it was {before}"
    if after != (before if target == SAME else target):
        return f"from {before} to {after}"
    return ""
