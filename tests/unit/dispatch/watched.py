"""A case as escalation sees it: whose it is, and which clock runs for whoever has it."""

from collections.abc import Mapping
from typing import Any

from services.escalation.domain.deciding import SERVICE, Watching
from services.escalation.domain.watch import Watch
from shared.contracts.base import Limit, Limits, LimitUnit, Stage
from shared.contracts.case_v1 import OPEN_STATES, OPEN_TASKS, Case, CaseEvent, TaskState
from shared.contracts.cases_v1 import CaseHandled, CaseMadeSafe, LeadDone
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import Clock, ClockState
from shared.contracts.outcomes_v1 import IncidentHeld
from shared.contracts.topics import CASES
from shared.ledger.decider import Context
from shared.ledger.document import Document
from shared.ledger.folding import Folder
from shared.platform.partitioning import partition_of
from tests.unit.dispatch.desk import Desk

FOLDER: Folder[Watch] = Folder(SERVICE, Watching(), partition_of, CASES)
LIMIT = Limit(amount=2, unit=LimitUnit.URGENT_HOUR)
EVERY_LIMIT = Limits(dispatch=LIMIT, accept=LIMIT, handle=LIMIT, verify=LIMIT, total=LIMIT)
"""A limit of each stage: none may be without its clock then."""

CLOCK_OF: Mapping[str, tuple[str, Stage]] = {
    "in_review": ("case", Stage.FILING),
    "filed": ("case", Stage.DISPATCH),
    "dispatched": ("lead", Stage.ACCEPT),
    "accepted": ("lead", Stage.HANDLE),
    "handled": ("lead", Stage.VERIFY),
}
"""By the state of an incident: the clock of whoever is to do something now."""
CLOCK_OF_TASK: Mapping[TaskState, Stage] = {
    TaskState.ASSIGNED: Stage.ACCEPT,
    TaskState.ACCEPTED: Stage.HANDLE,
}
"""Likewise of a task that its unit still owes something for."""
AT_A_UNIT = frozenset({"dispatched", "accepted"})
"""In these states a unit is to act; in the others the desk, the centre, an inspector."""


class Watched:
    """Escalation's watch of the desk's incident, folded from what the desk publishes."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._document: Document[Watch] = FOLDER.open(desk.incident, None)
        self._read = 0
        self._case: Case | None = None
        self._danger = False
        self._limited = False
        """Whether it waits in review where a policy says for how long."""

    def follow(self) -> None:
        """Read what is new, and hold what has to hold."""
        for event in self._desk.outputs[self._read :]:
            self._take(event)
        self._read = len(self._desk.outputs)
        decided = self._desk.decided
        if decided.case is not None:
            self._every_open_case_has_an_owner_and_a_clock(decided.case)
        elif decided.ending == "in_review" and self._limited:
            assert self.running(*CLOCK_OF["in_review"]).unit is None, "the desk has it"

    def _take(self, event: Event[Any]) -> None:
        before = self._clocks()
        FOLDER.take(self._document, event, Context(self._desk.clock(), self._desk.registry))
        if isinstance(event.data, IncidentHeld):
            self._limited = event.data.filing_limit is not None
        if not isinstance(event.data, CaseEvent):
            return
        case, data = event.data.case, event.data
        if case.request is not None and (self._case is None or self._case.request is None):
            still = self._clocks()
            assert all(still[key] == one for key, one in before.items() if key != _REQUEST), (
                "asking stops no clock"
            )
        if self._case is None:
            self._danger = case.make_safe is not None
        elif isinstance(data, CaseMadeSafe | LeadDone | CaseHandled):
            self._danger = False
        self._case = case

    def _every_open_case_has_an_owner_and_a_clock(self, case: Case) -> None:
        alive = {key for key, one in self._clocks().items() if one.state in _ALIVE}
        if case.state not in OPEN_STATES:
            assert not alive - {"appeal/handle"}, "nothing is due of what is over"
            return
        self._clock("case", Stage.TOTAL, case)
        self._owner(case)
        for one in case.tasks:
            if one.state in OPEN_TASKS and case.state in AT_A_UNIT:
                assert self._clock(one.code, CLOCK_OF_TASK[one.state], case).unit == one.unit.code
        if case.request is not None and case.request.limit is not None:
            self.running("request", Stage.HANDLE)
        if self._danger:
            charged = case.first or case.unit
            assert self.running("safe", Stage.HANDLE).unit == (charged and charged.code)

    def _owner(self, case: Case) -> None:
        """The unit that has it, the units it waits for, or the centre; with a clock of theirs."""
        assert (case.unit is None) == (case.state == "filed")
        if case.lead_done_at is not None and case.state == "accepted":
            waits_for = [one for one in case.tasks if one.needed and one.state in OPEN_TASKS]
            assert waits_for, "their clocks run: each of its own task"
            return
        clock = self._clock(*CLOCK_OF[case.state], case)
        waits = case.flow is not None and case.flow.waits_for_others
        theirs = case.state in AT_A_UNIT and not (waits and clock.clock is Stage.HANDLE)
        assert clock.unit == (case.unit.code if case.unit is not None and theirs else None)

    def _clock(self, task: str, stage: Stage, case: Case) -> Clock:
        """The clock, which must run; or stand, where the case is suspended."""
        if case.suspension is None:
            return self.running(task, stage)
        clock = self._clocks()[f"{task}/{stage}"]
        assert clock.state is ClockState.PAUSED, (task, stage, clock.state)
        return clock

    def running(self, task: str, stage: Stage) -> Clock:
        """The clock, which must run."""
        clock = self._clocks().get(f"{task}/{stage}")
        assert clock is not None, (task, stage)
        assert clock.state is ClockState.RUNNING, (task, stage, clock.state)
        return clock

    def _clocks(self) -> Mapping[str, Clock]:
        return self._document.state.clocks if self._document.state else {}


_REQUEST = "request/handle"
_ALIVE = frozenset({ClockState.RUNNING, ClockState.PAUSED})
