"""What is checked of a case after each of its events: state, clocks, time, who took part."""

from collections import Counter

from services.dispatch.domain.tasks import MAX_TASKS
from shared.casetime.spans import Tiling, moment
from shared.contracts.base import Actor, EventData, Limit
from shared.contracts.case_v1 import OPEN_TASKS, Case, CaseEvent, CaseState, RequestKind, TaskState
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
    CaseReopened,
    CaseUrged,
    CaseVoided,
    FirstTaken,
    HandledOnSite,
    LeadDone,
    ReworkOrdered,
    SpotCheckOrdered,
)
from shared.contracts.outcomes_v1 import Outcome
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
from shared.contracts.roles import Role
from shared.contracts.steps_v1 import CasePassedOn, CaseStepped, FlowEnded, FlowEvent
from shared.contracts.supervising_v1 import (
    CaseAcknowledged,
    CaseRearmed,
    CaseReleased,
    CaseSupervised,
    IncidentAcknowledged,
)
from shared.contracts.tasks_v1 import (
    TaskAccepted,
    TaskAssigned,
    TaskDeclined,
    TaskDone,
    TaskWithdrawn,
)
from shared.worktime.natural import MILLISECOND
from tests.unit.dispatch.city import CENTRE, CITY, COUNTY
from tests.unit.dispatch.desk import Desk
from tests.unit.dispatch.machines_city import OF_MANY

CHANGES: dict[type[CaseEvent], tuple[str, str]] = {
    CaseFiled: ("none", "filed"),
    CaseDispatched: ("filed dispatched accepted", "dispatched"),
    CaseAccepted: ("dispatched", "accepted"),
    ReturnRequested: ("dispatched accepted", "same"),
    ReturnGranted: ("dispatched accepted", "filed"),
    ReturnRefused: ("dispatched accepted", "same"),
    SuspensionRequested: ("accepted", "same"),
    CaseSuspended: ("accepted", "same"),
    SuspensionRefused: ("accepted", "same"),
    CaseResumed: ("accepted", "same"),
    ExtensionRequested: ("accepted", "same"),
    CaseExtended: ("accepted", "same"),
    ExtensionRefused: ("accepted", "same"),
    RequestLapsed: ("accepted", "same"),
    CaseUrged: ("filed dispatched accepted handled", "same"),
    CaseCopied: ("filed dispatched accepted handled", "same"),
    CaseHandedUp: ("filed dispatched accepted", "filed"),
    CaseHandedDown: ("filed dispatched accepted", "filed"),
    CasePrioritised: ("filed dispatched accepted handled", "same"),
    AppealMade: ("filed dispatched accepted handled closed", "same"),
    AppealUpheld: ("filed dispatched accepted handled closed", "same"),
    AppealOverruled: ("filed dispatched accepted handled closed", "same"),
    TaskAssigned: ("dispatched accepted", "same"),
    TaskAccepted: ("dispatched accepted", "same"),
    TaskDone: ("dispatched accepted", "same"),
    TaskDeclined: ("dispatched accepted", "same"),
    TaskWithdrawn: ("dispatched accepted", "same"),
    CaseStepped: ("accepted", "same"),
    CasePassedOn: ("accepted", "filed"),
    FlowEnded: ("accepted", "same"),
    LeadDone: ("accepted", "same"),
    FirstTaken: ("filed dispatched accepted", "same"),
    CaseMadeSafe: ("filed dispatched accepted", "same"),
    CaseSupervised: ("filed dispatched accepted handled", "same"),
    CaseReleased: ("filed dispatched accepted handled", "same"),
    CaseAcknowledged: ("filed dispatched accepted handled", "same"),
    CaseRearmed: ("filed dispatched accepted handled", "same"),
    HandledOnSite: ("filed", "closed"),
    SpotCheckOrdered: ("filed", "handled"),
    CaseHandled: ("accepted", "handled"),
    ReworkOrdered: ("handled", "accepted"),
    CaseClosed: ("handled", "closed"),
    CaseReopened: ("closed", "dispatched"),
    CaseVoided: ("filed dispatched accepted handled closed", "voided"),
}
"""DOMAIN's states once more: from which an event may lead, and to which."""

HANDED_ON = CaseDispatched | ReturnGranted | CaseHandedUp | CaseHandedDown
"""By these somebody else is to have it."""


class Witness:
    """Sees every event of the desk's incident, and keeps count beside the rules."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.state = "none"
        """Of the case, by its last event."""
        self.known: Case | None = None
        """The case itself, by its last event."""
        self._tiling: Tiling | None = None
        self._handle: Limit | None = None
        """To handle it, as it was filed or in the state of its flow."""
        self._waited = False
        """Whether a flow has ever waited for others."""
        self.handlers: set[str] = set()
        """Whoever took part in the handling."""
        self.units: set[str] = set()
        """Of which units they were."""
        self._returned_by: Counter[str] = Counter()
        """How often each unit has given it back."""
        self._returns = 0
        """Since a flow last passed it on to a unit."""
        self._passed_on = False
        """Whether that was the last that happened."""

    def follow(self, follows: list[EventData], who: Actor | None) -> None:
        """Take what follows, by whoever asked for it or by the rules; hold what has to hold."""
        dispatched = False
        for data in follows:
            if isinstance(data, Outcome | IncidentAcknowledged):
                continue
            assert isinstance(data, CaseEvent)
            filed = any(isinstance(one, CaseFiled) for one in follows) and not isinstance(
                data, CaseFiled
            )
            ends = isinstance(data, CaseResumed) and data.rule is not None
            assert data.actor == (None if filed or ends else who)  # else the rules do it
            dispatched |= isinstance(data, CaseDispatched) and self.state == "filed"
            self._step(data)
            self._people(data)
        if dispatched:
            self._all_are_called()

    def _all_are_called(self) -> None:
        """Whoever the matter wants has a share, by whomever the case was dispatched."""
        case = self._desk.case
        assert case.unit is not None
        if case.matter.code not in OF_MANY:
            return
        lead = case.unit.code
        wanted = {CENTRE, COUNTY if lead != COUNTY else CITY} - {lead}
        called = [one for one in case.tasks if one.state in OPEN_TASKS | {TaskState.DONE}]
        assert wanted <= {one.unit.code for one in called} or len(case.tasks) == MAX_TASKS

    def _step(self, data: CaseEvent) -> None:
        sources, target = CHANGES[type(data)]
        assert self.state in sources.split(), (self.state, type(data))
        assert data.case.state == (self.state if target == "same" else target)
        self._clocks(data)
        self._time(data)
        self.state = data.case.state.value

    def _clocks(self, data: CaseEvent) -> None:
        """Asking stops no clock: only somebody else's grant does, and it runs on by itself."""
        before, after = self.known, data.case
        if before is not None and after.suspension != before.suspension:
            assert isinstance(data, CaseSuspended | CaseResumed)
        if isinstance(data, CaseSuspended | CaseExtended):
            assert before is not None
            assert before.request is not None
            assert data.actor is not None
            assert data.actor.subject != before.request.subject
        if before is None or isinstance(data, CaseFiled | CaseStepped | CasePassedOn):
            self._handle = after.limits.handle
        elif after.limits != before.limits:
            assert isinstance(data, CaseExtended | HANDED_ON)
        if isinstance(data, HANDED_ON):
            assert after.limits.handle == self._handle, "more time is only whose it was granted to"
        if before is not None and after.flow != before.flow:
            undone = before.flow is not None and before.flow.end is not None
            assert isinstance(data, FlowEvent) or undone
        self.known = after

    def _time(self, data: CaseEvent) -> None:
        """Every millisecond until the event is one stage's, and one unit's or nobody's."""
        time, until, counts_from = data.case.time, data.case.time_until, data.case.times.counts_from
        assert time is not None
        assert until is not None
        tiling = self._tiling = self._tiling or Tiling(counts_from)
        tiling.take(moment(data))
        over = {"closed", "voided"}
        ended = self.state in over and data.case.state.value in over
        assert until == (tiling.since if ended else data.at)
        assert sum(time.values()) == (until - counts_from) // MILLISECOND
        assert all(ms > 0 for ms in time.values())
        for share in time:
            stage, _, whose = share.partition("/")
            nobodys = share == "handle" and self._waited
            assert nobodys or bool(whose) == (stage in {"accept", "handle"}), share
        flow = data.case.flow
        self._waited = self._waited or (flow is not None and flow.waits_for_others)
        assert tiling.shares() == time
        edges = [counts_from, *(one.until for one in tiling.spans)]
        assert [one.since for one in tiling.spans] == edges[:-1]
        assert edges[-1] == until
        assert all(one.since < one.until for one in tiling.spans)

    def _people(self, data: CaseEvent) -> None:
        if self._passed_on and isinstance(data, CaseDispatched):
            self._returns = 0
        self._passed_on = isinstance(data, CasePassedOn)
        if data.case.flow is not None and isinstance(data, FlowEvent | LeadDone | CaseHandled):
            # A checker's turn may have led there: it has handled nothing.
            if data.actor and data.actor.unit in self.units:
                self.handlers.add(data.actor.subject)
            return
        self._people_without_a_flow(data)

    def _took_part(self, who: Actor | None, unit: str | None) -> None:
        assert who is not None
        assert unit is not None
        self.handlers.add(who.subject)
        self.units.add(unit)

    def _people_without_a_flow(self, data: CaseEvent) -> None:
        if isinstance(data, CaseClosed | ReworkOrdered):
            assert data.actor is not None
            assert data.actor.subject not in self.handlers
            assert data.actor.unit not in self.units
        if isinstance(data, TaskAccepted | TaskDone):
            assert data.actor is not None
            assert data.actor.unit == data.task.unit.code
            self._took_part(data.actor, data.actor.unit)
        if isinstance(data, FirstTaken | CaseMadeSafe):
            assert data.actor is not None
            unit = data.unit if isinstance(data, CaseMadeSafe) else data.actor.unit
            assert data.actor.unit == unit
            self._took_part(data.actor, unit)
        if isinstance(data, CaseHandled) and data.actor is not None and data.case.unit is not None:
            self._took_part(data.actor, data.case.unit.code)
        if isinstance(data, CaseAccepted | LeadDone):
            assert data.actor is not None
            assert data.case.unit is not None
            assert data.actor.unit == data.case.unit.code
            self._took_part(data.actor, data.actor.unit)
        if isinstance(data, ReturnGranted):
            self._returned_by[data.returned_by] += 1
            self._returns += 1
        if isinstance(data, CaseDispatched) and data.case.unit is not None:
            ruled = data.case.returns >= 2
            assert ruled or not self._returned_by[data.case.unit.code]
            assert not ruled or (data.actor and Role.DUTY_HEAD in data.actor.roles)

    def compare(self) -> None:
        """The case agrees with what was seen and with itself: state, unit, times and counts."""
        case = self._desk.decided.case
        if case is None:
            assert self.state == "none"
            return
        assert case.state.value == self.state
        has_unit = case.unit is not None
        assert has_unit == (case.state is not CaseState.FILED) or self.state == "voided"
        assert case.returns == self._returns <= 2
        assert not case.return_pending or self.state in {"dispatched", "accepted"}
        asked = case.request
        assert case.return_pending == (asked is not None and asked.kind is RequestKind.RETURN)
        assert asked is None or self.state in {"dispatched", "accepted"}
        assert case.suspension is None or self.state == "accepted"
        if case.flow is not None and case.flow.end is None:
            assert self.state not in {"handled", "closed"}, "it has not ended"
        if case.flow is not None and self.state in {"dispatched", "accepted"}:
            assert case.limits.handle is not None, "no state without a clock"
        still = [one for one in case.tasks if one.state in OPEN_TASKS]
        assert not still or self.state in {"dispatched", "accepted"}
        assert len({one.unit.code for one in still} | {case.unit and case.unit.code}) == 1 + len(
            still
        ), "nobody co-operates twice, or with himself"
        assert [one.code for one in case.tasks] == [
            f"co-{number}" for number, _ in enumerate(case.tasks, 1)
        ]
        waits = any(one.needed for one in still)
        assert not waits or self.state != "handled"
        if case.lead_done_at is not None and self.state == "accepted":
            assert waits, "done, and waiting for nobody: it would be handled"
        assert case.extensions <= 2
        assert not case.priority or self.state != "closed", "nobody hurries what is done"
        times = case.times
        reached = {
            "filed": 0, "dispatched": 1, "accepted": 2, "handled": 3, "closed": 4,
        }.get(self.state)  # fmt: skip
        steps = [times.dispatched_at, times.accepted_at, times.handled_at, times.closed_at]
        if reached is not None:
            assert [one is not None for one in steps] == [n < reached for n in range(4)]
        known = [one for one in (times.filed_at, *steps) if one is not None]
        assert known == sorted(known)
