"""The acceptance desk: what the rules could not file gets exactly one outcome, by who may."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from deploy.audit import outcomes
from services.dispatch.domain.transitions import TABLE
from shared.contracts.base import Point
from shared.contracts.case_v1 import CaseState
from shared.contracts.cases_v1 import CaseDispatched, CaseFiled
from shared.contracts.incidents_v1 import Verb
from shared.contracts.levels import SupervisionLevel
from shared.contracts.outcomes_v1 import (
    IncidentAnswered,
    IncidentHeld,
    IncidentRejected,
    IncidentTransferred,
)
from shared.contracts.roles import Role
from shared.contracts.rule_v1 import Rule
from shared.contracts.supervising_v1 import IncidentAcknowledged
from tests.unit.dispatch.city import (
    FILING,
    GRID,
    TEAM,
    point,
)
from tests.unit.dispatch.desk import RESIDENT, Desk, actor
from tests.unit.dispatch.desks import (
    CAREFUL,
    CLERK,
    OFFICER,
    OTHER,
    OUTSIDE,
    held_desk,
    late_desk,
    looking_desk,
    refusal,
    rejected_desk,
)

GOOD: Mapping[Verb, tuple[Callable[[], Desk], str, Mapping[str, Any]]] = {
    Verb.FILE: (held_desk, "acceptance_desk", {"matter": "litter"}),
    Verb.REJECT: (held_desk, "acceptance_desk", {}),
    Verb.ANSWER: (held_desk, "acceptance_desk", {}),
    Verb.TRANSFER: (held_desk, "acceptance_desk", {"to": "12345"}),
    Verb.LOOK: (held_desk, "acceptance_desk", {}),
    Verb.VERIFY: (
        looking_desk,
        "officer inspector unit_member department_system",
        {"passed": True},
    ),
    Verb.APPEAL: (rejected_desk, "reporter officer inspector", {}),
    Verb.ACKNOWLEDGE: (late_desk, "acceptance_desk dispatcher duty_head supervisor leader", {}),
}
"""By whom, on what, with what each is done; written again, against slips in the table."""
ENDS: Mapping[Verb, str | None] = {
    Verb.FILE: None,
    Verb.REJECT: "rejected",
    Verb.ANSWER: "answered",
    Verb.TRANSFER: "transferred",
    Verb.LOOK: "in_review",
    Verb.VERIFY: "in_review",
    Verb.APPEAL: "in_review",
    Verb.ACKNOWLEDGE: "in_review",
}
SUBJECT = {Verb.APPEAL: RESIDENT.subject}
OF = {Verb.VERIFY: TEAM}
"""Of which unit whoever acts is."""


@pytest.mark.parametrize("verb", GOOD)
@pytest.mark.parametrize("role", Role)
def test_only_the_roles_of_the_table_decide(verb: Verb, role: Role) -> None:
    make, roles, request = GOOD[verb]
    desk = make()
    who = actor(role, subject=SUBJECT.get(verb, "somebody"), unit=OF.get(verb))
    follows = desk.ask(verb, who, **request)
    if role not in roles.split():
        assert refusal(follows) is Rule.ROLE_NOT_ALLOWED
        return
    assert refusal(follows) is None
    assert desk.decided.ending == ENDS[verb]
    first = follows[0]
    assert (getattr(first, "actor", None), getattr(first, "action_id", None)) == (
        who, desk.inputs[-1].data.action_id,
    )  # fmt: skip


STATES: Mapping[str, tuple[Callable[[], Desk], str]] = {
    "in_review": (held_desk, "file reject answer transfer look"),
    "late": (late_desk, "file reject answer transfer look acknowledge"),
    "looked_at": (looking_desk, "file reject answer transfer verify"),
    "rejected": (rejected_desk, "appeal"),
    "answered": (lambda: held_desk_after(Verb.ANSWER), ""),
    "transferred": (lambda: held_desk_after(Verb.TRANSFER, to="12345"), ""),
    "a case": (lambda: held_desk_after(Verb.FILE, matter="litter"), ""),
}


def held_desk_after(verb: Verb, **request: Any) -> Desk:  # noqa: ANN401
    desk = held_desk()
    assert refusal(desk.ask(verb, CLERK, **request)) is None
    return desk


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("verb", GOOD)
def test_each_is_done_in_its_states_only(verb: Verb, state: str) -> None:
    _, roles, request = GOOD[verb]
    make, allowed = STATES[state]
    desk = make()
    role, subject = Role(roles.split()[0]), SUBJECT.get(verb, "somebody")
    who = actor(role, subject=subject, unit=OF.get(verb))
    rule = refusal(desk.ask(verb, who, **request))
    if verb in allowed.split():
        assert rule is None
    elif verb is Verb.VERIFY:
        assert rule in {
            Rule.NO_LOOK_ORDERED,
            Rule.NOT_A_CASE,
            Rule.WRONG_STATE,
            Rule.ROLE_NOT_ALLOWED,
        }
    elif verb is Verb.ACKNOWLEDGE:
        assert rule in {Rule.NOT_SUPERVISED, Rule.NOT_A_CASE, Rule.ROLE_NOT_ALLOWED}
    elif verb is Verb.APPEAL:
        assert rule in {Rule.NOT_REJECTED, Rule.NOT_A_CASE, Rule.ROLE_NOT_ALLOWED}
    else:
        assert rule in {Rule.NOT_IN_REVIEW, Rule.LOOK_ORDERED}


def test_the_desk_puts_a_report_right_and_files_it() -> None:
    desk = held_desk(location=OUTSIDE)
    assert refusal(desk.ask(Verb.FILE, CLERK)) is Rule.OUTSIDE_EVERY_GRID
    there = {"location": point(GRID)}
    assert refusal(desk.ask(Verb.FILE, CLERK, **there)) is Rule.UNKNOWN_MATTER
    right = {**there, "matter": "litter", "condition": "slight"}
    filed, dispatched = desk.ask(Verb.FILE, CLERK, **right)
    assert isinstance(filed, CaseFiled)
    assert isinstance(dispatched, CaseDispatched)
    assert (filed.actor, filed.reason) == (CLERK, "r")
    assert dispatched.actor is None, "the rules chose the unit"
    case = dispatched.case
    assert (case.grid, case.matter.code, case.matter.condition) == (GRID, "litter", "slight")
    assert case.unit is not None
    assert case.unit.code == TEAM
    assert (case.times.filed_at, case.times.counts_from) == (desk.clock(), desk.inputs[0].time)
    assert (desk.decided.ending, desk.decided.rule) == (None, None)


def test_what_is_told_is_told_in_the_desks_words() -> None:
    (rejected,) = held_desk().ask(Verb.REJECT, CLERK, reason="private ground")
    assert isinstance(rejected, IncidentRejected)
    assert (rejected.rule, rejected.reason) == (Rule.REJECTED_BY_DESK, "private ground")
    (answered,) = held_desk().ask(Verb.ANSWER, CLERK, reason="collected on Mondays")
    assert isinstance(answered, IncidentAnswered)
    assert (answered.rule, answered.reason) == (Rule.ANSWERED_BY_DESK, "collected on Mondays")
    (transferred,) = held_desk().ask(Verb.TRANSFER, CLERK, to="12345")
    assert isinstance(transferred, IncidentTransferred)
    assert (transferred.rule, transferred.to) == (Rule.TRANSFERRED_BY_DESK, "12345")


@pytest.mark.parametrize(
    ("verb", "request_", "rule"),
    [
        *((verb, {"reason": " "}, Rule.REASON_MISSING) for verb in (Verb.REJECT, Verb.ANSWER)),
        (Verb.TRANSFER, {"reason": "", "to": "12345"}, Rule.REASON_MISSING),
        (Verb.TRANSFER, {"to": " "}, Rule.PLATFORM_MISSING),
        (Verb.TRANSFER, {}, Rule.PLATFORM_MISSING),
        (Verb.LOOK, {"unit": "nobody"}, Rule.UNKNOWN_UNIT),
        (Verb.FILE, {}, Rule.UNKNOWN_MATTER),
    ],
)
def test_what_lacks_something_changes_nothing(
    verb: Verb, request_: Mapping[str, Any], rule: Rule
) -> None:
    desk = held_desk()
    assert refusal(desk.ask(verb, CLERK, **request_)) is rule
    assert desk.decided.ending == "in_review"


def test_the_desk_of_an_area_decides_what_lies_there() -> None:
    def told(of: str | None, **report: Any) -> Rule | None:  # noqa: ANN401
        clerk = actor(Role.ACCEPTANCE_DESK, area=of)
        return refusal(held_desk(**report).ask(Verb.REJECT, clerk))

    assert told(GRID[:4]) is told(GRID[:6]) is None
    assert told("990102") is Rule.NOT_YOUR_AREA
    named_only = {"location": None, "area": "990103"}
    assert told("990103", **named_only) is told("9901", **named_only) is None
    assert told(GRID[:6], **named_only) is Rule.NOT_YOUR_AREA
    assert told("9901", location=None) is told(None, location=None) is None
    assert told(GRID[:6], location=None) is Rule.NOT_YOUR_AREA


def test_a_stale_screen_decides_nothing() -> None:
    desk = held_desk()
    seen = desk.decided.sequence
    desk.ask(Verb.LOOK, CLERK)
    follows = desk.ask(Verb.REJECT, OTHER, expected_sequence=seen)
    assert refusal(follows) is Rule.STALE_SEQUENCE


@pytest.mark.parametrize("verb", [Verb.FILE, Verb.LOOK, Verb.VERIFY])
def test_a_condition_that_the_matter_does_not_have_is_told(verb: Verb) -> None:
    make, roles, request = GOOD[verb]
    who = actor(Role(roles.split()[0]), subject="somebody", unit=OF.get(verb))
    named = {**request, "matter": "pothole"}
    assert refusal(make().ask(verb, who, **named, condition="craked")) is Rule.UNKNOWN_CONDITION
    assert refusal(make().ask(verb, who, **named, condition="slight")) is None


def test_an_appeal_is_one_and_never_decided_by_whoever_rejected() -> None:
    desk = rejected_desk()
    another = actor(Role.REPORTER, subject="another")
    assert refusal(desk.ask(Verb.APPEAL, another)) is Rule.ROLE_NOT_ALLOWED
    assert refusal(desk.ask(Verb.APPEAL, RESIDENT, reason="")) is Rule.REASON_MISSING
    (held,) = desk.ask(Verb.APPEAL, RESIDENT, reason="it is a public path")
    assert isinstance(held, IncidentHeld)
    assert (held.rule, held.reason, held.filing_limit) == (
        Rule.APPEALED, "it is a public path", FILING,
    )  # fmt: skip
    for verb in (Verb.FILE, Verb.REJECT, Verb.ANSWER, Verb.TRANSFER, Verb.LOOK):
        request = {"matter": "litter", "to": "12345"}
        rule = refusal(desk.ask(verb, CLERK, **request))
        assert rule is Rule.REJECTER_NEVER_DECIDES_APPEAL
    his_own = actor(Role.ACCEPTANCE_DESK, subject=RESIDENT.subject)
    for verb in (Verb.FILE, Verb.REJECT, Verb.ANSWER, Verb.TRANSFER, Verb.LOOK):
        rule = refusal(desk.ask(verb, his_own, matter="litter", to="12345"))
        assert rule is Rule.ASKER_NEVER_DECIDES
    assert refusal(desk.ask(Verb.REJECT, OTHER)) is None
    assert refusal(desk.ask(Verb.APPEAL, RESIDENT)) is Rule.APPEALED_BEFORE


def test_whoever_takes_a_call_at_the_desk_may_file_it() -> None:
    desk = held_desk(location=OUTSIDE)
    his_own = actor(Role.ACCEPTANCE_DESK, subject=RESIDENT.subject)
    here = Point.model_validate(point(GRID))
    assert refusal(desk.ask(Verb.FILE, his_own, location=here, matter="litter")) is None


def test_what_the_rules_rejected_may_be_appealed_too() -> None:
    desk = Desk()
    (rejected,) = desk.report(matter="unheard-of", location=point("990102001001001"))
    assert isinstance(rejected, IncidentRejected)
    (held,) = desk.ask(Verb.APPEAL, RESIDENT)
    assert isinstance(held, IncidentHeld)
    assert refusal(desk.ask(Verb.FILE, CLERK, matter="litter")) is None


def test_the_order_to_hurry_is_acknowledged_and_nothing_else_changes() -> None:
    desk = looking_desk()
    desk.supervise(SupervisionLevel.ORDINARY)
    number, before = desk.inputs[-1].sequence, desk.decided
    (seen,) = desk.ask(Verb.ACKNOWLEDGE, CLERK, reason="looking at it")
    assert isinstance(seen, IncidentAcknowledged)
    assert (seen.orders, seen.reason) == ((number,), "looking at it")
    same = {"sequence": before.sequence, "acknowledged": before.acknowledged}
    assert desk.decided.model_copy(update=same) == before, "the look is still to be done"
    assert refusal(desk.ask(Verb.ACKNOWLEDGE, CLERK)) is Rule.ACKNOWLEDGED_ALREADY
    elsewhere = actor(Role.ACCEPTANCE_DESK, area="990102")
    assert refusal(desk.ask(Verb.ACKNOWLEDGE, elsewhere)) is Rule.NOT_YOUR_AREA
    desk.supervise(SupervisionLevel.YELLOW_CARD)
    (again,) = desk.ask(Verb.ACKNOWLEDGE, CLERK)
    assert isinstance(again, IncidentAcknowledged)
    assert again.orders == (desk.inputs[-2].sequence,)
    assert refusal(desk.ask(Verb.VERIFY, OFFICER, passed=True)) is None


def test_every_row_without_a_case_is_tried_above() -> None:
    rows = [row for row in TABLE if row.states[0] in {"in_review", "rejected"}]
    assert {row.verb for row in rows} == GOOD.keys()
    for row in rows:
        make, roles, request = GOOD[row.verb]
        assert row.roles == {Role(role) for role in roles.split()}
        desk = make()
        role, subject = Role(roles.split()[0]), SUBJECT.get(row.verb, "somebody")
        who = actor(role, subject=subject, unit=OF.get(row.verb))
        follows = desk.ask(row.verb, who, **request)
        assert {type(one) for one in follows} <= set(row.events)
        case = desk.decided.case
        state = case.state if case else desk.decided.ending
        assert state in (row.to or row.states)


WHO = {
    "clerk": CLERK,
    "other": OTHER,
    "officer": OFFICER,
    "reporter": RESIDENT,
    "head": actor(Role.DUTY_HEAD),
}


class Desks(RuleBasedStateMachine):
    """Anybody asks for anything, in any order: what becomes of it is always one thing."""

    @initialize(
        careful=st.booleans(),
        matter=st.sampled_from(["litter", "pothole", "unheard-of", None]),
        place=st.sampled_from([point(GRID), OUTSIDE, point("990102001001001"), None]),
    )
    def reported(self, careful: bool, matter: str | None, place: Point | None) -> None:  # noqa: FBT001
        self.desk = Desk(registry=CAREFUL) if careful else Desk()
        self.desk.report(matter=matter, location=place)

    @rule(
        verb=st.sampled_from(list(GOOD)),
        who=st.sampled_from(sorted(WHO)),
        passed=st.sampled_from([True, False, None]),
        matter=st.sampled_from(["litter", "unheard-of", None]),
        located=st.booleans(),
    )
    def asked(
        self,
        verb: Verb,
        who: str,
        passed: bool | None,  # noqa: FBT001
        matter: str | None,
        located: bool,  # noqa: FBT001
    ) -> None:
        before = self.desk.decided
        follows = self.desk.ask(
            verb, WHO[who], passed=passed, matter=matter, to="12345",
            location=point(GRID) if located else None,
        )  # fmt: skip
        assert follows, "nothing stays without an answer"
        if refusal(follows) is not None:
            after = self.desk.decided
            assert (after.ending, after.case, after.look) == (
                before.ending,
                before.case,
                before.look,
            )

    @invariant()
    def it_has_one_outcome(self) -> None:
        decided = self.desk.decided
        cases = self.desk.outputs
        assert not outcomes.check(self.desk.incident, self.desk.inputs[:1], cases)
        word = outcomes.outcome(cases)
        if decided.case is not None:
            assert (decided.ending, word) == (None, "filed")
            assert decided.case.state in {CaseState.FILED, CaseState.DISPATCHED}
        else:
            assert decided.ending == word != "none"

    @invariant()
    def whoever_rejected_decided_no_appeal(self) -> None:
        rejections = [
            one.data for one in self.desk.outputs if isinstance(one.data, IncidentRejected)
        ]
        actors = [one.actor.subject for one in rejections if one.actor]
        assert len(actors) == len(set(actors))


TestDesks = Desks.TestCase
TestDesks.settings = settings(max_examples=60, stateful_step_count=12, deadline=None)
