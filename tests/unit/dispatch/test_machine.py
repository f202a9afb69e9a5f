"""Any actions by anybody in any order: what always holds of a case, after every one of them."""

from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.contracts.base import Actor, EventData
from shared.contracts.cases_v1 import ActionRefused, CasePrioritised
from shared.contracts.flows import FlowActor
from shared.contracts.incidents_v1 import Verb
from shared.contracts.levels import SupervisionLevel
from shared.contracts.requests_v1 import CaseResumed, RequestLapsed
from shared.contracts.roles import Role
from shared.contracts.rule_v1 import Rule
from tests.unit.dispatch.asking import (
    AT_ONCE,
    DECISIONS,
    NEXT,
    matters,
    people,
    places,
    requests,
    turns,
)
from tests.unit.dispatch.city import ELSEWHERE, GRID
from tests.unit.dispatch.desk import FOLDER, Desk, refold
from tests.unit.dispatch.machines_city import MACHINES_CITY, UNITS
from tests.unit.dispatch.watched import Watched
from tests.unit.dispatch.witness import Witness


class Cases(RuleBasedStateMachine):
    """One incident, and everybody who may do something about it."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(MACHINES_CITY)
        self.witness = Witness(self.desk)
        self.watched = Watched(self.desk)

    @initialize(
        matter=matters,
        location=places,
        early=st.booleans(),
        who=people,
        far=st.sampled_from([0, 1, 1, 2, 2, 3]),
        there=st.sampled_from(UNITS),
        at_once=st.sampled_from(AT_ONCE),
    )
    def reported(  # noqa: PLR0913, PLR0917 - all that may be so at the beginning
        self,
        matter: str | None,
        location: Any,  # noqa: ANN401
        early: bool,  # noqa: FBT001
        who: Actor,
        far: int,
        there: str,
        at_once: tuple[Verb, ...],
    ) -> None:
        """It is reported; perhaps somebody asked for something before that was read.

        Pure chance seldom comes far: most begin when a unit is at work already.
        """
        if early:
            self._refused(self.desk.ask("accept", who))
        self.witness.follow(self.desk.report(matter=matter, location=location), who=None)
        assert self.desk.decided.case is not None or self.desk.decided.ending is not None
        if self.witness.state != "dispatched":
            return
        unit = self.desk.case.unit
        assert unit is not None
        member = Actor(subject="a", roles=(Role.UNIT_MEMBER,), unit=unit.code)
        inspector = Actor(subject="z", roles=(Role.SUPERVISOR,))
        steps = ((Verb.ACCEPT, member), (Verb.HANDLED, member), (Verb.VERIFY, inspector))
        first = Actor(subject="first", roles=(Role.UNIT_MEMBER,), unit=there)
        for verb in at_once if self.desk.case.emergency else ():
            self._ask(verb, first, {})
        for verb, actor in steps[:far]:
            self._ask(verb, actor, {"passed": True})
            self._whoever_was_called_verifies("first", there, colleague=early)

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
            unit=case.unit.code if case.unit is not None else None,
        )
        if checks:
            checker = data.draw(st.sampled_from([None, None, *UNITS, ELSEWHERE]))
            who = who.model_copy(update={"unit": checker})
        more: dict[str, Any] = {
            "amount": 1.0,
            "until": 2.0,
            "area": data.draw(st.sampled_from([None, GRID[:9]])),
        }
        if verb is Verb.STEP:
            more |= data.draw(turns)
        self._ask(verb, who, {"unit": unit, "passed": passed, **more})

    @precondition(
        lambda self: self.witness.handlers and (self.witness.state == "handled" or self.checks)
    )
    @rule(data=st.data(), passed=st.booleans(), colleague=st.booleans())
    def whoever_took_part_checks_it(
        self,
        data: st.DataObject,
        passed: bool,  # noqa: FBT001
        colleague: bool,  # noqa: FBT001
    ) -> None:
        """With every role: only that he took part, or somebody of his unit, is in the way."""
        unit = data.draw(st.sampled_from(sorted(self.witness.units))) if colleague else None
        subject = (
            "colleague" if colleague else data.draw(st.sampled_from(sorted(self.witness.handlers)))
        )
        if self.witness.state == "handled":
            self._verifies_in_vain(subject, unit, passed=passed)
            return
        who = Actor(subject=subject, roles=tuple(sorted(Role)), unit=unit)
        turn = data.draw(st.sampled_from(self.checks))
        self._ask(Verb.STEP, who, {"turn": turn, "papers": ()})
        refused = self.desk.outputs[-1].data
        assert isinstance(refused, ActionRefused), "a handler checks no flow"
        assert refused.rule == Rule.NOT_YOUR_TURN

    def _verifies_in_vain(self, subject: str, unit: str | None, *, passed: bool) -> None:
        who = Actor(subject=subject, roles=tuple(sorted(Role)), unit=unit)
        self._ask(Verb.VERIFY, who, {"passed": passed})
        refused = self.desk.outputs[-1].data
        assert isinstance(refused, ActionRefused), "a handler never verifies"
        assert refused.rule == Rule.HANDLER_NEVER_VERIFIES

    @property
    def checks(self) -> list[str]:
        """The turns of a checker that the flow has now."""
        flow = self.desk.decided.case.flow if self.desk.decided.case else None
        if flow is None or flow.end is not None or self.witness.state != "accepted":
            return []
        return [one.code for one in flow.turns if one.by is FlowActor.CHECKER]

    @precondition(lambda self: self.witness.known is not None and self.witness.known.emergency)
    @precondition(lambda self: self.witness.state in {"filed", "dispatched", "accepted"})
    @rule(
        unit=st.sampled_from(UNITS),
        verbs=st.sampled_from(AT_ONCE),
        done=st.booleans(),
        colleague=st.booleans(),
    )
    def somebody_is_there_at_once(
        self,
        unit: str,
        verbs: tuple[Verb, ...],
        done: bool,  # noqa: FBT001
        colleague: bool,  # noqa: FBT001
    ) -> None:
        """Of whatever unit, the case may be another's; once it is handled, he verifies in vain."""
        for verb in verbs:
            who = Actor(subject="first", roles=(Role.UNIT_MEMBER,), unit=unit)
            self._ask(verb, who, {})
        lead = self.desk.case.unit
        if not done or lead is None:
            return
        leader = Actor(subject="leader", roles=(Role.UNIT_MEMBER,), unit=lead.code)
        for verb in (Verb.ACCEPT, Verb.HANDLED):
            self._ask(verb, leader, {})
        self._whoever_was_called_verifies("first", unit, colleague=colleague)

    def _whoever_was_called_verifies(self, subject: str, unit: str, *, colleague: bool) -> None:
        """If he took part he may not, nor may anybody of his unit."""
        if self.witness.state != "handled":
            return
        if colleague and unit in self.witness.units:
            self._verifies_in_vain("colleague", unit, passed=True)
        if not colleague and subject in self.witness.handlers:
            self._verifies_in_vain(subject, None, passed=True)

    @precondition(lambda self: self.witness.state == "accepted")
    @rule(
        verb=st.sampled_from([Verb.SUSPEND, Verb.EXTEND]),
        decision=st.sampled_from([Verb.APPROVE, Verb.APPROVE, Verb.DENY, None]),
        decider=st.sampled_from(["boss", "boss", "boss", "asker"]),
    )
    def the_unit_asks_and_somebody_decides(
        self, verb: Verb, decision: Verb | None, decider: str
    ) -> None:
        """Or nobody does."""
        self._ask(verb, self._asker(), {"amount": 1.0, "until": 2.0})
        if decision is not None:
            boss = Actor(subject=decider, roles=(Role.SUPERVISOR,))
            self._ask(decision, boss, {})

    @precondition(lambda self: self.witness.state in {"dispatched", "accepted"})
    @rule(
        granted=st.sampled_from([True, True, True, False]),
        unit=st.sampled_from([None, *UNITS]),
        role=st.sampled_from([Role.DISPATCHER, Role.DUTY_HEAD]),
    )
    def the_unit_returns_it(self, granted: bool, unit: str | None, role: Role) -> None:  # noqa: FBT001
        """And the centre says whether it may, and perhaps whose it is."""
        self._ask(Verb.RETURN, self._asker(), {"reason": "not ours"})
        centre = Actor(subject="centre", roles=(role,))
        self._ask(Verb.APPROVE if granted else Verb.DENY, centre, {"unit": unit, "reason": "so"})

    def _asker(self) -> Actor:
        """Somebody of the unit that has it."""
        unit = self.desk.case.unit.code if self.desk.case.unit else None
        return Actor(subject="asker", roles=(Role.UNIT_MEMBER,), unit=unit)

    @precondition(lambda self: self.witness.state == "accepted")
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
        self._whoever_was_called_verifies("other", unit, colleague=len(verbs) % 2 == 0)

    @precondition(lambda self: self.desk.document.state is not None)
    @rule(hours=st.sampled_from([0.1, 20.0, 30.0, 100.0]))
    def time_passes(self, hours: float) -> None:
        """What lapses, lapses; what was suspended runs on."""
        self.desk.clock.forward(hours * 3600)
        for _ in range(3):
            follows = self.desk.tick()
            self.witness.follow(follows, who=None)
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
        self.witness.follow(follows, who=None)
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
            self.witness.follow(follows, who)

    @staticmethod
    def _refused(follows: list[EventData]) -> None:
        (refused,) = follows
        assert isinstance(refused, ActionRefused)
        assert refused.explanation.zh

    @invariant()
    def an_open_case_has_an_owner_and_a_clock(self) -> None:
        """By dispatch's events, folded by escalation's rules."""
        self.watched.follow()

    @invariant()
    def the_case_agrees_with_itself(self) -> None:
        """State, unit, times and counts."""
        self.witness.compare()

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
