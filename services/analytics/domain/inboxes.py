"""In whose inbox an incident lies, what is to be done with it there, and how urgent that is."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from services.analytics.domain.timeline import NOTHING, Stored, Timeline
from shared.contracts.base import Stage
from shared.contracts.case_v1 import CaseState
from shared.contracts.levels import SupervisionLevel

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""Stands for the instant at which what has no running clock is due: it is last."""


class Inbox(StrEnum):
    """Whose turn it is."""

    DESK = "desk"
    """The acceptance desk's (受理)."""
    CENTRE = "centre"
    """The centre's that dispatches (派遣)."""
    UNIT = "unit"
    """The unit's that has the case (处置)."""
    CHECKS = "checks"
    """The inspectors' of the grid (核实, 核查)."""


@dataclass(frozen=True, slots=True)
class Todo:
    """What is to be done: by whom, the action, and the clock that runs for it."""

    inbox: Inbox
    action: str
    clock: str
    unit: str | None = None
    """Whose turn it is, in a unit's inbox."""


OF_STATE = {
    "in_review": Todo(Inbox.DESK, "file", f"case/{Stage.FILING.value}"),
    "filed": Todo(Inbox.CENTRE, "reassign", f"case/{Stage.DISPATCH.value}"),
    "dispatched": Todo(Inbox.UNIT, "accept", f"lead/{Stage.ACCEPT.value}"),
    "accepted": Todo(Inbox.UNIT, "handled", f"lead/{Stage.HANDLE.value}"),
    "handled": Todo(Inbox.CHECKS, "verify", f"lead/{Stage.VERIFY.value}"),
}
OF_TASK = {"assigned": ("co_accept", Stage.ACCEPT), "accepted": ("co_done", Stage.HANDLE)}
"""By the state of a co-operating task: what its unit does next, and by which clock."""
HANDED_BACK = OF_STATE["accepted"].action
INBOX_OF = {"unit": Inbox.UNIT, "checker": Inbox.CHECKS, "centre": Inbox.CENTRE}
"""In whose inbox a case lies of whose flow they may take the next turn."""
LOOK = Todo(Inbox.CHECKS, "verify", f"case/{Stage.FILING.value}")
JUDGE = Todo(Inbox.CENTRE, "uphold", f"appeal/{Stage.HANDLE.value}")
"""An appeal waits for a decision."""
DECIDE = Todo(Inbox.CENTRE, "approve", f"request/{Stage.HANDLE.value}")
"""A request waits for a decision."""


def todos(timeline: Timeline) -> list[Todo]:
    """All that is to be done with an incident now; nothing, once it has its end."""
    case, outcome = timeline.case.case or NOTHING, timeline.case.outcome or NOTHING
    found: list[Todo] = []
    state = OF_STATE.get(timeline.state)
    if state is not None and state.inbox is not Inbox.UNIT:
        found.append(state)
    elif state is not None and "lead_done_at" not in case:
        found += _of_lead(replace(state, unit=(case.get("unit") or NOTHING).get("code")), case)
    if outcome.get("look"):
        found.append(LOOK)
    waits = any(one["state"] == "pending" for one in case.get("appeals", ()))
    if waits and timeline.state != CaseState.VOIDED:
        found.append(JUDGE)
    if case.get("request") or case.get("return_pending"):
        found.append(DECIDE)
    if state is not None:
        found += [todo for task in case.get("tasks", ()) for todo in _share(task)]
    return found


def _of_lead(state: Todo, case: Stored) -> Iterator[Todo]:
    """What the lead does next; of a flow's turns, what each of those does whom they are for."""
    turns = case.get("flow", NOTHING).get("turns")
    if state.action != HANDED_BACK or turns is None:
        yield state
        return
    for by in sorted({one["by"] for one in turns}):
        inbox = INBOX_OF[by]
        yield Todo(inbox, "step", state.clock, state.unit if inbox is Inbox.UNIT else None)


def _share(task: Stored) -> Iterator[Todo]:
    """What a co-operating unit owes, if anything."""
    if (then := OF_TASK.get(task["state"])) is not None:
        action, stage = then
        clock = f"{task['code']}/{stage.value}"
        yield Todo(Inbox.UNIT, action, clock, task["unit"]["code"])


def columns(timeline: Timeline) -> dict[str, Any]:
    """By what inboxes find and sort: ``inboxes``, ``todo_units``, ``rank``, ``due``."""
    found, supervision = todos(timeline), timeline.escalation.supervision
    if not found:
        return {"inboxes": None, "todo_units": None, "rank": None, "due": None}
    return {
        "inboxes": sorted({one.inbox.value for one in found}),
        "todo_units": sorted({one.unit for one in found if one.unit}) or None,
        "rank": SupervisionLevel(supervision).rank if supervision else 0,
        "due": min((timeline.escalation.due(one.clock) or NEVER for one in found), default=NEVER),
    }
