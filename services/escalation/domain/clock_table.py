"""The literal table: which event of a case starts, stops, resumes or cancels which clock."""

from enum import StrEnum

from shared.contracts.base import Stage
from shared.contracts.cases_v1 import (
    CaseAccepted,
    CaseClosed,
    CaseDispatched,
    CaseFiled,
    CaseHandled,
    CaseRegridded,
    CaseReopened,
    CaseVoided,
    IncidentAnswered,
    IncidentHeld,
    IncidentLinked,
    IncidentLooked,
    IncidentRejected,
    IncidentTransferred,
    LookOrdered,
    ReturnGranted,
    ReworkOrdered,
)


class Turn(StrEnum):
    """What happens to a clock."""

    START = "start"
    """A new run with the whole limit."""
    START_FIRST = "start first"
    """A first run with the whole limit; nothing where it has run before."""
    STOP = "stop"
    """Stopped, and judged: met within the limit, missed after it."""
    RESUME = "resume"
    """A new run with what the last one had left."""
    CANCEL = "cancel"
    """Stopped, and judged for nobody."""
    MOVE = "move"
    """It runs on, and counts in the grid in which its case lies now."""


TASKS: dict[Stage, str] = {
    Stage.FILING: "case",
    Stage.DISPATCH: "case",
    Stage.ACCEPT: "lead",
    Stage.HANDLE: "lead",
    Stage.VERIFY: "lead",
    Stage.TOTAL: "case",
}
"""Which task a clock belongs to."""

FROM_RECEIPT = frozenset({Stage.FILING, Stage.TOTAL})
"""Clocks that first start when the report was received (or, imported, at its own instant)."""

UNITS_CLOCKS = frozenset({Stage.ACCEPT, Stage.HANDLE})
"""Clocks that are charged to the unit that has the case."""

Turns = tuple[tuple[Turn, Stage], ...]
_ALL: Turns = tuple((Turn.CANCEL, stage) for stage in Stage)
_MOVED: Turns = tuple((Turn.MOVE, stage) for stage in Stage)
WHOLE = {_ALL: "cancel all", _MOVED: "move all that run"}
"""What is said of all clocks at once."""

TABLE: dict[str, tuple[Turns, str]] = {
    IncidentHeld.TYPE: (
        ((Turn.START, Stage.FILING),),
        "the acceptance desk has the filing limit to decide; after an appeal anew, from then on",
    ),
    LookOrdered.TYPE: (
        ((Turn.START, Stage.FILING),),
        "the look on site is part of the filing; its clock runs on, or starts",
    ),
    IncidentLooked.TYPE: (((Turn.START, Stage.FILING),), "it runs on until the filing"),
    IncidentRejected.TYPE: (((Turn.STOP, Stage.FILING),), "decided"),
    IncidentAnswered.TYPE: (((Turn.STOP, Stage.FILING),), "decided"),
    IncidentTransferred.TYPE: (((Turn.STOP, Stage.FILING),), "decided: another platform's"),
    IncidentLinked.TYPE: (((Turn.STOP, Stage.FILING),), "decided: it is a case already"),
    CaseFiled.TYPE: (
        (
            (Turn.START_FIRST, Stage.FILING),
            (Turn.STOP, Stage.FILING),
            (Turn.START, Stage.DISPATCH),
            (Turn.START, Stage.TOTAL),
        ),
        "filing runs from the receipt to the filing; total runs from the receipt",
    ),
    CaseDispatched.TYPE: (
        (
            (Turn.STOP, Stage.DISPATCH),
            (Turn.CANCEL, Stage.ACCEPT),
            (Turn.CANCEL, Stage.HANDLE),
            (Turn.START, Stage.ACCEPT),
        ),
        "reassigned: the time of the unit before is charged to nobody",
    ),
    CaseRegridded.TYPE: (_MOVED, "it lies in another grid: what runs counts there from now on"),
    CaseAccepted.TYPE: (
        ((Turn.STOP, Stage.ACCEPT), (Turn.START, Stage.HANDLE)),
        "handling runs from the acceptance",
    ),
    ReturnGranted.TYPE: (
        (
            (Turn.CANCEL, Stage.ACCEPT),
            (Turn.CANCEL, Stage.HANDLE),
            (Turn.START, Stage.DISPATCH),
        ),
        "the time that a wrongly chosen unit held the case is charged to no unit",
    ),
    CaseHandled.TYPE: (
        ((Turn.STOP, Stage.HANDLE), (Turn.START, Stage.VERIFY)),
        "handling ends when the unit hands back",
    ),
    ReworkOrdered.TYPE: (
        ((Turn.STOP, Stage.VERIFY), (Turn.RESUME, Stage.HANDLE)),
        "back at the same unit with what was left of the limit",
    ),
    CaseClosed.TYPE: (((Turn.STOP, Stage.VERIFY), (Turn.STOP, Stage.TOTAL)), "done"),
    CaseReopened.TYPE: (
        ((Turn.START, Stage.ACCEPT), (Turn.RESUME, Stage.TOTAL)),
        "the time while it was closed does not count",
    ),
    CaseVoided.TYPE: (_ALL, "it should never have been a case"),
}
"""By the event's type: what happens to the clocks, in order, and why."""


def as_markdown() -> str:
    """The table as Markdown."""
    lines = ["| event | clocks | why |", "|---|---|---|"]
    for event_type, (turns, why) in TABLE.items():
        what = WHOLE.get(turns) or ", ".join(f"{turn} {stage}" for turn, stage in turns)
        lines.append(f"| `{event_type}` | {what} | {why} |")
    return "\n".join(lines) + "\n"
