"""Any actions by anybody in any order: what always holds of a case, after every one of them."""

from collections import Counter
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.dispatch.domain.tasks import MAX_TASKS
from shared.casetime.spans import Tiling, moment
from shared.contracts.base import Actor, EventData
from shared.contracts.case_v1 import (
    OPEN_TASKS,
    Case,
    CaseEvent,
    CaseState,
    RequestKind,
    TaskState,
)
from shared.contracts.cases_v1 import (
    ActionRefused,
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
from shared.contracts.incidents_v1 import Verb
from shared.contracts.levels import SupervisionLevel
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
from shared.contracts.routing_rules import UnitKind
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
from tests.unit.dispatch.city import (
    CENTRE,
    CITY,
    COUNTY,
    ENTRIES,
    GRID,
    NO_POLICY,
    TEAM,
    point,
    registry,
)
from tests.unit.dispatch.desk import FOLDER, REPORTER, Desk, refold
from tests.unit.dispatch.flows import HAZARD, PAPER

UNITS = (TEAM, CENTRE, COUNTY, CITY)
OF_MANY = ("pothole", "lamp")
"""Matters that want a town centre and a department to co-operate; nobody leads a lamp's."""
WANTED = {"co_unit_kinds": (UnitKind.TOWN_CENTRE, UnitKind.DEPARTMENT)}
MACHINES_CITY = registry(
    one.model_copy(update=WANTED) if one.code in OF_MANY else one for one in ENTRIES
)
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

people = st.builds(
    Actor,
    subject=st.sampled_from(["a", "b", "c", REPORTER]),
    roles=st.lists(st.sampled_from(sorted(Role)), min_size=1, max_size=4, unique=True).map(
        lambda roles: tuple(sorted(roles))
    ),
    unit=st.sampled_from([None, *UNITS]),
    area=st.sampled_from([None, None, GRID[:4], GRID[:9], GRID[:12], "990102"]),
)
requests = st.fixed_dictionaries(
    {
        "reason": st.sampled_from(["because", "because", ""]),
        "unit": st.sampled_from([None, *UNITS, "no-such"]),
        "passed": st.sampled_from([True, False, None]),
        "area": st.sampled_from([None, GRID[:4], GRID[:6], GRID[:9], GRID[:12]]),
        "level": st.sampled_from([None, *SupervisionLevel]),
        "amount": st.sampled_from([None, 0.5, 2.0, 3.0]),
        "until": st.sampled_from([None, 0.01, 3.0, 500.0]),
    }
)
places = st.sampled_from([*[point(GRID)] * 6, None, point(NO_POLICY)])
matters = st.sampled_from(
    [*["litter"] * 4, *["hazard"] * 3, *OF_MANY * 2, "no-such", None],
)
turns = st.fixed_dictionaries(
    {
        "turn": st.sampled_from([one.code for state in HAZARD.states for one in state.turns]),
        "papers": st.sampled_from([(), (PAPER,)]),
    }
)
NEXT: dict[str, tuple[Verb, ...]] = {
    "filed": (Verb.REASSIGN, Verb.REASSIGN, Verb.HAND_UP, Verb.HAND_DOWN, Verb.URGE),
    "dispatched": (Verb.ACCEPT, Verb.ACCEPT, Verb.RETURN, Verb.REASSIGN, Verb.HAND_UP, Verb.CC),
    "accepted": (
        *(Verb.HANDLED, Verb.HANDLED, Verb.RETURN, Verb.REASSIGN, Verb.STEP, Verb.STEP),
        *(Verb.SUSPEND, Verb.EXTEND, Verb.RESUME, Verb.HAND_DOWN, Verb.WHISTLE),
    ),
    "handled": (Verb.VERIFY,),
    "closed": (Verb.REOPEN,),
    "voided": (Verb.VOID,),
}
"""What somebody sensible would ask for next: pure chance never closes a case."""
DECISIONS = (Verb.APPROVE, Verb.APPROVE, Verb.DENY)


class Cases(RuleBasedStateMachine):
    """One incident, and everybody who may do something about it."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(MACHINES_CITY)
        self.state = "none"
        self.known: Case | None = None
        self.tiling: Tiling | None = None
        self.waited = False
        self.handled_by: set[str | None] = set()
        self.returned_by: Counter[str] = Counter()
        self.returns = 0
        """Since a flow last passed it on to a unit."""
        self.passed_on = False
        """Whether that was the last that happened."""

    @initialize(
        matter=matters,
        location=places,
        early=st.booleans(),
        who=people,
        far=st.sampled_from([0, 1, 1, 1, 2, 3]),
    )
    def reported(
        self,
        matter: str | None,
        location: Any,  # noqa: ANN401
        early: bool,  # noqa: FBT001
        who: Actor,
        far: int,
    ) -> None:
        """It is reported; perhaps somebody asked for something before that was read.

        Pure chance seldom comes far: most begin when a unit is at work already.
        """
        if early:
            self._refused(self.desk.ask("accept", who))
        self._follow(self.desk.report(matter=matter, location=location), who=None)
        assert self.desk.decided.case is not None or self.desk.decided.ending is not None
        if self.state != "dispatched":
            return
        unit = self.desk.case.unit
        assert unit is not None
        member = Actor(subject="a", roles=(Role.UNIT_MEMBER,), unit=unit.code)
        inspector = Actor(subject="z", roles=(Role.SUPERVISOR,))
        steps = ((Verb.ACCEPT, member), (Verb.HANDLED, member), (Verb.VERIFY, inspector))
        for verb, actor in steps[:far]:
            self._ask(verb, actor, {"passed": True})

    @rule(verb=st.sampled_from(Verb), who=people, request=requests)
    def anybody_asks_for_anything(self, verb: Verb, who: Actor, request: dict[str, Any]) -> None:
        """Mostly a refusal."""
        self._ask(verb, who, request)

    @precondition(lambda self: self.desk.decided.case is not None)
    @rule(data=st.data(), passed=st.booleans(), unit=st.sampled_from([None, *UNITS]))
    def somebody_does_what_is_next(
        self,
        data: st.DataObject,
        passed: bool,  # noqa: FBT001
        unit: str | None,
    ) -> None:
        """Somebody with every role: only the guards may be in the way."""
        case = self.desk.case
        verbs = (*NEXT[case.state.value], *(DECISIONS if case.request else ()))
        verb = data.draw(st.sampled_from(verbs))
        checks = verb is Verb.VERIFY
        who = Actor(
            subject=data.draw(st.sampled_from(["a", "x", "y", "z"] if checks else ["a", "b", "c"])),
            roles=tuple(sorted(Role)),
            unit=None if checks or case.unit is None else case.unit.code,
        )
        more: dict[str, Any] = {
            "amount": 1.0,
            "until": 2.0,
            "area": data.draw(st.sampled_from([None, GRID[:9]])),
        }
        if verb is Verb.STEP:
            more |= data.draw(turns)
        self._ask(verb, who, {"unit": unit, "passed": passed, **more})

    @precondition(lambda self: self.state == "accepted")
    @rule(
        verb=st.sampled_from([Verb.SUSPEND, Verb.EXTEND]),
        decision=st.sampled_from([Verb.APPROVE, Verb.APPROVE, Verb.DENY, None]),
        decider=st.sampled_from(["boss", "boss", "boss", "asker"]),
    )
    def the_unit_asks_and_somebody_decides(
        self, verb: Verb, decision: Verb | None, decider: str
    ) -> None:
        """Or nobody does."""
        unit = self.desk.case.unit.code if self.desk.case.unit else None
        asker = Actor(subject="asker", roles=(Role.UNIT_MEMBER,), unit=unit)
        self._ask(verb, asker, {"amount": 1.0, "until": 2.0})
        if decision is not None:
            boss = Actor(subject=decider, roles=(Role.SUPERVISOR,))
            self._ask(decision, boss, {})

    @precondition(lambda self: self.state == "accepted")
    @rule(
        unit=st.sampled_from(UNITS),
        needed=st.booleans(),
        verbs=st.lists(
            st.sampled_from([Verb.CO_ACCEPT, Verb.CO_DONE, Verb.CO_DECLINE, Verb.CO_WITHDRAW]),
            max_size=3,
        ),
        done=st.booleans(),
    )
    def a_whistle_is_blown(
        self,
        unit: str,
        needed: bool,  # noqa: FBT001
        verbs: list[Verb],
        done: bool,  # noqa: FBT001
    ) -> None:
        """Another unit is called; perhaps it comes."""
        lead = self.desk.case.unit
        assert lead is not None
        leader = Actor(subject="leader", roles=(Role.UNIT_MEMBER,), unit=lead.code)
        other = Actor(subject="other", roles=(Role.UNIT_MEMBER,), unit=unit)
        self._ask(Verb.WHISTLE, leader, {"unit": unit, "needed": needed})
        if done:
            self._ask(Verb.HANDLED, leader, {})
        for verb in verbs:
            who = leader if verb is Verb.CO_WITHDRAW else other
            self._ask(verb, who, {"unit": unit})

    @precondition(lambda self: self.desk.document.state is not None)
    @rule(hours=st.sampled_from([0.1, 20.0, 30.0, 100.0]))
    def time_passes(self, hours: float) -> None:
        """What lapses, lapses; what was suspended runs on."""
        self.desk.clock.forward(hours * 3600)
        for _ in range(3):
            follows = self.desk.tick()
            self._follow(follows, who=None)
            kinds = {RequestLapsed, CaseResumed}
            assert {type(one) for one in follows} <= kinds
        due = self.desk.next_due
        assert due is None or due > self.desk.clock()

    @rule(level=st.sampled_from(SupervisionLevel), lifted=st.booleans())
    def escalation_supervises(self, level: SupervisionLevel, lifted: bool) -> None:  # noqa: FBT001
        """An open case rises, and whoever ordered it watches; nothing else changes."""
        before = self.desk.decided.case
        follows = self.desk.supervise(level, lifted=lifted)
        assert {type(one) for one in follows} <= {CasePrioritised}
        self._follow(follows, who=None)
        after = self.desk.decided.case
        if before is not None and after is not None:
            same = {
                "priority": before.priority, "watchers": before.watchers,
                "time": before.time, "time_until": before.time_until,
            }  # fmt: skip
            assert after.model_copy(update=same) == before

    @rule(percent=st.sampled_from([50, 75]), withdrawn=st.booleans())
    def escalation_raises_a_notice(self, percent: int, withdrawn: bool) -> None:  # noqa: FBT001
        """Or withdraws it; nothing follows, and it is to be acknowledged or not."""
        known = self.desk.document.state
        if known is None:
            return
        assert self.desk.notice(percent, withdrawn=withdrawn) == []
        state = self.desk.document.state
        assert state is not None
        assert state.decided == known.decided
        percents = [one.percent for one in state.notices]
        assert (percent in percents) is not withdrawn

    @rule(data=st.data())
    def something_is_delivered_again(self, data: st.DataObject) -> None:
        """It changes nothing."""
        event = data.draw(st.sampled_from(self.desk.inputs))
        before = self.desk.document.state
        assert self.desk.take(event) == []
        assert self.desk.document.state is before
        self.desk.inputs.pop()

    @rule()
    def it_is_reported_again(self) -> None:
        """By another event; it changes nothing."""
        before = self.desk.document.state
        assert self.desk.report(matter="pothole") == []
        assert self.desk.document.state == before

    def _ask(self, verb: Verb, who: Actor, request: dict[str, Any]) -> None:
        before, request = self.desk.decided, dict(request)
        if request.get("until") is not None:
            request["until"] = self.desk.clock() + timedelta(days=request["until"])
        follows = self.desk.ask(verb, who, **request)
        assert follows, "no action stays without an answer"
        if isinstance(follows[0], ActionRefused):
            self._refused(follows)
            after = self.desk.decided
            assert after == before.model_copy(update={"sequence": before.sequence + 1})
        else:
            assert before.case is not None or before.ending in {"in_review", "rejected"}
            self._follow(follows, who)

    @staticmethod
    def _refused(follows: list[EventData]) -> None:
        (refused,) = follows
        assert isinstance(refused, ActionRefused)
        assert refused.explanation.zh

    def _follow(self, follows: list[EventData], who: Actor | None) -> None:
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
        case = self.desk.case
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
        if before is not None and after.limits != before.limits:
            assert isinstance(data, CaseExtended | CaseStepped | CasePassedOn)
        if before is not None and after.flow != before.flow:
            undone = before.flow is not None and before.flow.end is not None
            assert isinstance(data, FlowEvent) or undone
        self.known = after

    def _time(self, data: CaseEvent) -> None:
        """Every millisecond until the event is one stage's, and one unit's or nobody's."""
        time, until, counts_from = data.case.time, data.case.time_until, data.case.times.counts_from
        assert time is not None
        assert until is not None
        tiling = self.tiling = self.tiling or Tiling(counts_from)
        tiling.take(moment(data))
        over = {"closed", "voided"}
        ended = self.state in over and data.case.state.value in over
        assert until == (tiling.since if ended else data.at)
        assert sum(time.values()) == (until - counts_from) // MILLISECOND
        assert all(ms > 0 for ms in time.values())
        for share in time:
            stage, _, whose = share.partition("/")
            nobodys = share == "handle" and self.waited
            assert nobodys or bool(whose) == (stage in {"accept", "handle"}), share
        flow = data.case.flow
        self.waited = self.waited or (flow is not None and flow.waits_for_others)
        assert tiling.shares() == time
        edges = [counts_from, *(one.until for one in tiling.spans)]
        assert [one.since for one in tiling.spans] == edges[:-1]
        assert edges[-1] == until
        assert all(one.since < one.until for one in tiling.spans)

    def _people(self, data: CaseEvent) -> None:
        if self.passed_on and isinstance(data, CaseDispatched):
            self.returns = 0
        self.passed_on = isinstance(data, CasePassedOn)
        if data.case.flow is not None and isinstance(data, FlowEvent | LeadDone | CaseHandled):
            # A checker's turn may have led there: it has handled nothing.
            if data.actor and data.actor.unit in self.handled_by:
                self.handled_by |= {data.actor.subject}
            return
        self._people_without_a_flow(data)

    def _people_without_a_flow(self, data: CaseEvent) -> None:
        if isinstance(data, CaseClosed | ReworkOrdered):
            assert data.actor is not None
            assert data.actor.subject not in self.handled_by
            assert data.actor.unit is None or data.actor.unit not in self.handled_by
        if isinstance(data, TaskAccepted | TaskDone):
            assert data.actor is not None
            assert data.actor.unit == data.task.unit.code
            self.handled_by |= {data.actor.subject, data.actor.unit}
        if isinstance(data, CaseMadeSafe):
            assert data.actor is not None
            assert data.actor.unit == data.unit is not None
            self.handled_by |= {data.actor.subject, data.unit}
        if isinstance(data, CaseHandled) and data.actor is not None and data.case.unit is not None:
            self.handled_by |= {data.actor.subject, data.case.unit.code}
        if isinstance(data, CaseAccepted | LeadDone):
            assert data.actor is not None
            assert data.case.unit is not None
            assert data.actor.unit == data.case.unit.code
            self.handled_by |= {data.actor.subject, data.actor.unit}
        if isinstance(data, ReturnGranted):
            self.returned_by[data.returned_by] += 1
            self.returns += 1
        if isinstance(data, CaseDispatched) and data.case.unit is not None:
            ruled = data.case.returns >= 2
            assert ruled or not self.returned_by[data.case.unit.code]
            assert not ruled or (data.actor and Role.DUTY_HEAD in data.actor.roles)

    @invariant()
    def the_case_agrees_with_itself(self) -> None:
        """State, unit, times and counts."""
        case = self.desk.decided.case
        if case is None:
            assert self.state == "none"
            return
        assert case.state.value == self.state
        has_unit = case.unit is not None
        assert has_unit == (case.state is not CaseState.FILED) or self.state == "voided"
        assert case.returns == self.returns <= 2
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

    def teardown(self) -> None:
        """At the end: numbers, folds, answers."""
        desk, state = self.desk, self.desk.document.state
        if state is None:
            return
        numbers = [event.sequence for event in desk.outputs]
        assert numbers == list(range(1, len(numbers) + 1))
        # In whatever order between topics, as each keeps its own.
        assert refold([*desk.outputs, *desk.inputs]) == state
        assert refold([*desk.inputs, *desk.outputs]) == state
        stored = FOLDER.decider.load(FOLDER.decider.dump(state))
        assert FOLDER.decider.dump(stored) == FOLDER.decider.dump(state)
        answers = {getattr(event.data, "action_id", None) for event in desk.outputs}
        asked = {getattr(event.data, "action_id", None) for event in desk.inputs}
        assert asked - {None} == answers - {None}


TestCases = Cases.TestCase
TestCases.settings = settings(max_examples=250, stateful_step_count=30, deadline=None)
