"""In whose inbox an incident lies, what is to be done with it there, and how urgent that is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from services.analytics.domain.timeline import NOTHING, Stored, Timeline
from shared.contracts.base import COMMUNITY_DIGITS, TOWN_DIGITS, Stage
from shared.contracts.case_v1 import MAX_RETURNS, CaseState
from shared.contracts.levels import DIGITS, SupervisionLevel

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
    lowest: int | None = None
    """How long the code of an area may be whose centre decides, or checks; none: any."""

    def is_for(self, inbox: Inbox, unit: str | None, area: str | None) -> bool:
        """Whether it is to be done by whom an inbox is: of a unit, or of an area's centre."""
        if (self.inbox, self.unit) != (inbox, unit):
            return False
        return area is None or self.lowest is None or digits_of(area) <= self.lowest


OF_STATE = {
    "in_review": Todo(Inbox.DESK, "file", f"case/{Stage.FILING.value}"),
    "filed": Todo(Inbox.CENTRE, "reassign", f"case/{Stage.DISPATCH.value}"),
    "dispatched": Todo(Inbox.UNIT, "accept", f"lead/{Stage.ACCEPT.value}"),
    "accepted": Todo(Inbox.UNIT, "handled", f"lead/{Stage.HANDLE.value}"),
    "handled": Todo(Inbox.CHECKS, "verify", f"lead/{Stage.VERIFY.value}"),
}
OF_TASK = {"assigned": ("co_accept", Stage.ACCEPT), "accepted": ("co_done", Stage.HANDLE)}
"""By the state of a co-operating task: what its unit does next, and by which clock."""
TO_BE_SAFE = frozenset({"filed", "dispatched", "accepted"})
"""In these states an emergency may still have to be made safe."""
HANDED_BACK = OF_STATE["accepted"].action
INBOX_OF = {"unit": Inbox.UNIT, "checker": Inbox.CHECKS, "centre": Inbox.CENTRE}
"""In whose inbox a case lies of whose flow they may take the next turn."""
MAKE_SAFE = Todo(Inbox.UNIT, "make_safe", f"safe/{Stage.HANDLE.value}")
"""An emergency waits for whoever was first there, else for the unit that has it."""
LOOK = Todo(Inbox.CHECKS, "verify", f"case/{Stage.FILING.value}")
"""Whoever inspects the grid may look, whichever unit was sent."""
JUDGE = Todo(Inbox.CENTRE, "uphold", f"appeal/{Stage.HANDLE.value}")
"""An appeal waits for a decision."""
DECIDE = Todo(Inbox.CENTRE, "approve", f"request/{Stage.HANDLE.value}")
"""A request waits for a decision."""


def digits_of(area: str) -> int:
    """How long the code is of the area whose centre asks: of a grid that of its community."""
    return min(len(area), COMMUNITY_DIGITS)


def todos(timeline: Timeline) -> list[Todo]:
    """All that is to be done with an incident now; nothing, once it has its end."""
    case, outcome = timeline.case.case or NOTHING, timeline.case.outcome or NOTHING
    found: list[Todo] = []
    state, in_hand = OF_STATE.get(timeline.state), case.get("in_hand")
    lowest = None if in_hand is None else len(in_hand)
    if state is not None and state.inbox is not Inbox.UNIT:
        found.append(replace(state, lowest=_lowest(state.inbox, case, lowest)))
    elif state is not None and "lead_done_at" not in case:
        unit = (case.get("unit") or NOTHING).get("code")
        found += _of_lead(replace(state, unit=unit), case, lowest)
    if timeline.state in TO_BE_SAFE and (first := _makes_safe(case)) is not None:
        found.append(replace(MAKE_SAFE, unit=first))
    if outcome.get("look"):
        found += _look(outcome["look"])
    appeals = [one for one in case.get("appeals", ()) if one["state"] == "pending"]
    if appeals and timeline.state != CaseState.VOIDED:
        found.append(replace(JUDGE, lowest=max(DIGITS[one["level"]] for one in appeals)))
    if case.get("request") or case.get("return_pending"):
        level = (case.get("request") or NOTHING).get("level")
        decides = [one for one in (lowest, DIGITS[level] if level else None) if one is not None]
        found.append(replace(DECIDE, lowest=min(decides, default=None)))
    if state is not None:
        stands = "suspended_until" in case
        found += [todo for task in case.get("tasks", ()) for todo in _share(task, stands=stands)]
    return found


def _lowest(inbox: Inbox, case: Stored, in_hand: int | None) -> int | None:
    """From which level on a case is dispatched, or checked.

    After two granted returns, and of what the grid's own team has handled, that is the town's.
    """
    if inbox is Inbox.CENTRE and case.get("returns", 0) >= MAX_RETURNS:
        return TOWN_DIGITS if in_hand is None else min(in_hand, TOWN_DIGITS)
    if inbox is Inbox.CHECKS and case.get("own_team"):
        return TOWN_DIGITS
    return in_hand if inbox is Inbox.CENTRE else None


def _makes_safe(case: Stored) -> str | None:
    """The unit that is to make an emergency safe, while that is to be done."""
    over = "lead_done_at" in case or not {"made_safe_at", "handled_at"}.isdisjoint(case["times"])
    if over or not case.get("emergency"):
        return None
    unit: str | None = (case.get("first") or case.get("unit") or NOTHING).get("code")
    return unit


def _of_lead(state: Todo, case: Stored, lowest: int | None) -> Iterator[Todo]:
    """What the lead does next; of a flow's turns, what each of those does whom they are for."""
    turns = case.get("flow", NOTHING).get("turns")
    if state.action != HANDED_BACK or turns is None:
        yield state
        return
    for by in sorted({one["by"] for one in turns}):
        inbox = INBOX_OF[by]
        unit = state.unit if inbox is Inbox.UNIT else None
        of_centre = lowest if inbox is Inbox.CENTRE else None
        yield Todo(inbox, "step", state.clock, unit, of_centre)


def _look(look: Stored) -> Iterator[Todo]:
    """A look on site: for the unit that was sent, and for whoever inspects the grid."""
    yield LOOK
    if (unit := look.get("unit")) is not None:
        yield replace(LOOK, inbox=Inbox.UNIT, unit=unit["code"])


def _share(task: Stored, *, stands: bool) -> Iterator[Todo]:
    """What a co-operating unit owes, if anything; nobody joins in while the case is suspended."""
    if (then := OF_TASK.get(task["state"])) is not None:
        action, stage = then
        if stands and stage is Stage.ACCEPT:
            return
        clock = f"{task['code']}/{stage.value}"
        yield Todo(Inbox.UNIT, action, clock, task["unit"]["code"])


def columns(timeline: Timeline) -> dict[str, Any]:
    """By what inboxes find and sort: ``inboxes``, ``todo_units``, ``lowest``, ``rank``, ``due``.

    ``lowest``: so long the code of an area may be whose centre has something to do; none: any.
    ``lowest_check``: so long that of whoever verifies.
    ``cc_units``: whom an open case was copied to.
    """
    found, supervision = todos(timeline), timeline.escalation.supervision
    copied = _copied(timeline)
    if not found:
        none = dict.fromkeys(("inboxes", "todo_units", "lowest", "lowest_check", "rank", "due"))
        return {**none, "cc_units": copied}
    return {
        "cc_units": copied,
        "lowest": _lowest_of(found, Inbox.CENTRE),
        "lowest_check": _lowest_of(found, Inbox.CHECKS),
        "inboxes": sorted({one.inbox.value for one in found}),
        "todo_units": sorted({one.unit for one in found if one.unit}) or None,
        "rank": SupervisionLevel(supervision).rank if supervision else 0,
        "due": min((timeline.escalation.due(one.clock) or NEVER for one in found), default=NEVER),
    }


def _lowest_of(found: Sequence[Todo], inbox: Inbox) -> int | None:
    levels = [one.lowest for one in found if one.inbox is inbox]
    known = [one for one in levels if one is not None]
    return max(known, default=None) if len(known) == len(levels) else None


def _copied(timeline: Timeline) -> list[str] | None:
    """The units that an open case was copied to, and that owe nothing."""
    if not timeline.is_open:
        return None
    copies = (timeline.case.case or NOTHING).get("cc", ())
    return sorted({one["code"] for one in copies}) or None
