"""The literal table: which event of a case starts, stops, resumes or cancels which clock."""

from enum import StrEnum
from typing import NamedTuple

from shared.contracts.base import Stage
from shared.contracts.cases_v1 import (
    CaseAccepted,
    CaseClosed,
    CaseDispatched,
    CaseFiled,
    CaseHandedDown,
    CaseHandedUp,
    CaseHandled,
    CaseMadeSafe,
    CaseRegridded,
    CaseReopened,
    CaseVoided,
    FirstTaken,
    HandledOnSite,
    LeadDone,
    ReworkOrdered,
    SpotCheckOrdered,
)
from shared.contracts.outcomes_v1 import (
    IncidentAnswered,
    IncidentHeld,
    IncidentLinked,
    IncidentLooked,
    IncidentRejected,
    IncidentTransferred,
    LookOrdered,
)
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
from shared.contracts.supervising_v1 import CaseRearmed
from shared.contracts.tasks_v1 import (
    TaskAccepted,
    TaskAssigned,
    TaskDeclined,
    TaskDone,
    TaskWithdrawn,
)


class Turn(StrEnum):
    """What happens to a clock."""

    START = "start"
    """A new run with the whole limit."""
    START_FIRST = "start first"
    """A first run with the whole limit; nothing where it has run before."""
    STOP = "stop"
    """Stopped, and judged: met within the limit, missed after it."""
    UNPAUSE = "unpause"
    """As resume, where it stands; nothing else."""
    RESUME = "resume"
    """A new run with what the last one had left."""
    PAUSE = "pause"
    """It stands; what is left of the limit runs on when it is resumed."""
    EXTEND = "extend"
    """It runs on with the longer limit, unless it is breached already."""
    CANCEL = "cancel"
    """Stopped, and judged for nobody."""
    GIVE_UP = "give up"
    """As cancel; but what is due by then is missed."""
    MARK = "mark"
    """It runs on, with the marks of the ladders that the case has now."""
    MOVE = "move"
    """It runs on, and counts in the grid in which its case lies now."""
    CHARGE = "charge"
    """It runs on, and is the time of the unit that it waits for now."""


class Timed(NamedTuple):
    """What a clock is about: a stage of a task."""

    task: str
    """``case``, ``lead`` (the lead task), ``request``, or ``*``: every clock that there is."""
    stage: Stage

    def __str__(self) -> str:
        return self.stage if self.task in MAIN else f"{self.task} {self.stage}"


MAIN = frozenset({"case", "lead"})
"""The tasks of which a case always has the one or the other; no two share a stage."""


def is_supervised(task: str) -> bool:
    """Whether the ladder watches a task: the case, its lead, making it safe, co-operating."""
    return task in MAIN or task == SAFE.task or task.startswith("co-")


FILING = Timed("case", Stage.FILING)
DISPATCH = Timed("case", Stage.DISPATCH)
TOTAL = Timed("case", Stage.TOTAL)
ACCEPT = Timed("lead", Stage.ACCEPT)
HANDLE = Timed("lead", Stage.HANDLE)
VERIFY = Timed("lead", Stage.VERIFY)
REQUEST = Timed("request", Stage.HANDLE)
APPEAL = Timed("appeal", Stage.HANDLE)
SAFE = Timed("safe", Stage.HANDLE)
TASK_ACCEPT = Timed("task", Stage.ACCEPT)
TASK_HANDLE = Timed("task", Stage.HANDLE)
"""Of the co-operating task that the event is about: ``co-1``, ``co-2``."""
TASKS = Timed("co-*", Stage.HANDLE)
"""Stands for every clock of co-operating tasks."""
EVERY = Timed("*", Stage.TOTAL)
"""Stands for every clock of the case."""

FROM_RECEIPT = frozenset({FILING, TOTAL})
"""Clocks that first start when the report was received (or, imported, at its own instant)."""

UNITS_CLOCKS = frozenset({ACCEPT, HANDLE})
"""Clocks that are charged to the unit that has the case."""

Turns = tuple[tuple[Turn, Timed], ...]
_ALL: Turns = ((Turn.CANCEL, EVERY),)
_MOVED: Turns = ((Turn.MOVE, EVERY),)
_MARKED: Turns = ((Turn.MARK, EVERY),)
_DESK_DECIDED: Turns = ((Turn.STOP, FILING),)
_DECIDED: Turns = ((Turn.STOP, REQUEST),)
_JUDGED: Turns = ((Turn.STOP, APPEAL), (Turn.START, APPEAL))
_NEXT_APPEAL = (
    "decided; where another waits, its turn has come; where an earlier one waits, nothing turns"
)
_SHARE_OVER: Turns = ((Turn.GIVE_UP, TASK_ACCEPT), (Turn.GIVE_UP, TASK_HANDLE))
_HANDED_ON: Turns = (
    (Turn.GIVE_UP, ACCEPT),
    (Turn.GIVE_UP, HANDLE),
    (Turn.GIVE_UP, REQUEST),
    (Turn.GIVE_UP, TASKS),
    (Turn.CHARGE, SAFE),
    (Turn.START, DISPATCH),
)
WHOLE = {_ALL: "cancel all", _MOVED: "move all that run", _MARKED: "mark all that run"}
"""What is said of all clocks at once."""

TABLE: dict[str, tuple[Turns, str]] = {
    IncidentHeld.TYPE: (
        ((Turn.START, FILING),),
        "the acceptance desk has the filing limit to decide; after an appeal anew, from then on",
    ),
    LookOrdered.TYPE: (
        ((Turn.START, FILING),),
        "the look on site is part of the filing; its clock runs on, or starts",
    ),
    IncidentLooked.TYPE: (((Turn.START, FILING),), "it runs on until the filing"),
    IncidentRejected.TYPE: (_DESK_DECIDED, "decided"),
    IncidentAnswered.TYPE: (_DESK_DECIDED, "decided"),
    IncidentTransferred.TYPE: (_DESK_DECIDED, "decided: another platform's"),
    IncidentLinked.TYPE: (_DESK_DECIDED, "decided: it is a case already"),
    CaseFiled.TYPE: (
        (
            (Turn.START_FIRST, FILING),
            (Turn.STOP, FILING),
            (Turn.START, DISPATCH),
            (Turn.START, TOTAL),
            (Turn.START, SAFE),
        ),
        "filing runs from the receipt to the filing; total runs from the receipt",
    ),
    CaseDispatched.TYPE: (
        (
            (Turn.STOP, DISPATCH),
            (Turn.GIVE_UP, ACCEPT),
            (Turn.GIVE_UP, HANDLE),
            (Turn.GIVE_UP, REQUEST),
            (Turn.CHARGE, SAFE),
            (Turn.START, ACCEPT),
        ),
        "reassigned: of the unit before only what it has missed is counted",
    ),
    ReturnRequested.TYPE: (((Turn.START, REQUEST),), "somebody has to decide; nothing else turns"),
    SuspensionRequested.TYPE: (((Turn.START, REQUEST),), "asking stops no clock"),
    ExtensionRequested.TYPE: (((Turn.START, REQUEST),), "asking stops no clock"),
    ReturnRefused.TYPE: (_DECIDED, "decided"),
    SuspensionRefused.TYPE: (_DECIDED, "decided"),
    ExtensionRefused.TYPE: (_DECIDED, "decided"),
    RequestLapsed.TYPE: (_DECIDED, "denied by itself: nobody decided in time"),
    CaseSuspended.TYPE: (
        (
            (Turn.STOP, REQUEST),
            (Turn.PAUSE, HANDLE),
            (Turn.PAUSE, TASKS),
            (Turn.PAUSE, TOTAL),
        ),
        "the clocks of the case stand until it is resumed",
    ),
    CaseResumed.TYPE: (
        ((Turn.UNPAUSE, HANDLE), (Turn.UNPAUSE, TASKS), (Turn.UNPAUSE, TOTAL)),
        "what was left of the limits runs on",
    ),
    CaseExtended.TYPE: (
        ((Turn.STOP, REQUEST), (Turn.EXTEND, HANDLE), (Turn.EXTEND, TOTAL)),
        "an extension adds to the limit",
    ),
    CaseHandedUp.TYPE: (_HANDED_ON, "another centre is to find a unit"),
    CaseHandedDown.TYPE: (_HANDED_ON, "another centre is to find a unit"),
    CaseRearmed.TYPE: (_MARKED, "it goes by other ladders: what runs has their marks from now on"),
    CaseRegridded.TYPE: (_MOVED, "it lies in another grid: what runs counts there from now on"),
    CaseAccepted.TYPE: (
        ((Turn.STOP, ACCEPT), (Turn.START, HANDLE)),
        "handling runs from the acceptance",
    ),
    ReturnGranted.TYPE: (
        (
            (Turn.STOP, REQUEST),
            (Turn.CANCEL, ACCEPT),
            (Turn.CANCEL, HANDLE),
            (Turn.GIVE_UP, TASKS),
            (Turn.CHARGE, SAFE),
            (Turn.START, DISPATCH),
        ),
        "the time that a wrongly chosen unit held the case is charged to no unit",
    ),
    AppealMade.TYPE: (((Turn.START, APPEAL),), "somebody above has to decide"),
    AppealUpheld.TYPE: (_JUDGED, _NEXT_APPEAL),
    AppealOverruled.TYPE: (_JUDGED, _NEXT_APPEAL),
    TaskAssigned.TYPE: (((Turn.START, TASK_ACCEPT),), "the unit has to report"),
    TaskAccepted.TYPE: (
        ((Turn.STOP, TASK_ACCEPT), (Turn.START, TASK_HANDLE)),
        "as with the lead",
    ),
    TaskDone.TYPE: (((Turn.STOP, TASK_HANDLE),), "its share is done"),
    TaskDeclined.TYPE: (
        _SHARE_OVER,
        "it was the wrong unit, or none is needed; what it has missed stays missed",
    ),
    TaskWithdrawn.TYPE: (
        _SHARE_OVER,
        "it is not needed after all; what it has missed stays missed",
    ),
    CaseStepped.TYPE: (
        ((Turn.GIVE_UP, REQUEST), (Turn.STOP, HANDLE), (Turn.START, HANDLE)),
        "each state of a flow has a limit of its own",
    ),
    CasePassedOn.TYPE: (
        (
            (Turn.GIVE_UP, REQUEST),
            (Turn.STOP, HANDLE),
            (Turn.GIVE_UP, TASKS),
            (Turn.CHARGE, SAFE),
            (Turn.START, DISPATCH),
        ),
        "the unit has done its part; somebody else is to have it",
    ),
    FlowEnded.TYPE: (((Turn.GIVE_UP, REQUEST),), "the handing back that follows stops the rest"),
    LeadDone.TYPE: (
        ((Turn.GIVE_UP, REQUEST), (Turn.STOP, SAFE), (Turn.STOP, HANDLE)),
        "the lead is done, whoever else the case waits for",
    ),
    FirstTaken.TYPE: (
        ((Turn.CHARGE, SAFE),),
        "whoever is first there keeps the place safe until it is ruled whose it is",
    ),
    CaseMadeSafe.TYPE: (((Turn.STOP, SAFE),), "the danger is over; the repair's clock runs on"),
    HandledOnSite.TYPE: (
        ((Turn.CANCEL, DISPATCH), (Turn.CANCEL, SAFE), (Turn.STOP, TOTAL)),
        "nobody had to be found; done",
    ),
    SpotCheckOrdered.TYPE: (
        ((Turn.CANCEL, DISPATCH), (Turn.CANCEL, SAFE), (Turn.START, VERIFY)),
        "nobody had to be found; somebody else has to check it",
    ),
    CaseHandled.TYPE: (
        (
            (Turn.GIVE_UP, REQUEST),
            (Turn.STOP, SAFE),
            (Turn.STOP, HANDLE),
            (Turn.GIVE_UP, TASKS),
            (Turn.START, VERIFY),
        ),
        "handling ends when the unit hands back",
    ),
    ReworkOrdered.TYPE: (
        ((Turn.STOP, VERIFY), (Turn.RESUME, HANDLE), (Turn.START_FIRST, HANDLE)),
        "back at the same unit with what was left of the limit; of what was put right on site, all",
    ),
    CaseClosed.TYPE: (((Turn.STOP, VERIFY), (Turn.STOP, TOTAL)), "done"),
    CaseReopened.TYPE: (
        ((Turn.START, ACCEPT), (Turn.RESUME, TOTAL)),
        "the time while it was closed does not count",
    ),
    CaseVoided.TYPE: (_ALL, "it should never have been a case"),
}
"""By the event's type: what happens to the clocks, in order, and why."""


def as_markdown() -> str:
    """The table as Markdown."""
    lines = ["| event | clocks | why |", "|---|---|---|"]
    for event_type, (turns, why) in TABLE.items():
        what = WHOLE.get(turns) or ", ".join(f"{turn} {timed}" for turn, timed in turns)
        lines.append(f"| `{event_type}` | {what} | {why} |")
    return "\n".join(lines) + "\n"
