"""Matters of many departments: a lead, whoever co-operates, and when the case is handled."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dispatch.domain.tasks import joined
from shared.contracts.base import Actor
from shared.contracts.case_v1 import OPEN_TASKS, CaseState, TaskState
from shared.contracts.cases_v1 import (
    ActionRefused,
    CaseDispatched,
    CaseFiled,
    CaseHandled,
    LeadDone,
)
from shared.contracts.incidents_v1 import Verb
from shared.contracts.registry_v1 import Matter
from shared.contracts.requests_v1 import ReturnGranted
from shared.contracts.roles import Role
from shared.contracts.routing_rules import Destination, RoutingRule, Rules, UnitKind
from shared.contracts.rule_v1 import Rule
from shared.contracts.tasks_v1 import (
    TaskAccepted,
    TaskAssigned,
    TaskDeclined,
    TaskDone,
    TaskWithdrawn,
)
from tests.unit.dispatch.city import CENTRE, CITY, COUNTY, ENTRIES, TEAM, named, registry
from tests.unit.dispatch.desk import DISPATCHER, HEAD, SUPERVISOR, Desk, actor, kinds, member


def city(kinds: Sequence[UnitKind], join: tuple[UnitKind, ...] | None = None) -> Any:  # noqa: ANN401
    """The city, where litter wants units of these kinds to co-operate."""
    more = {"co_unit_kinds": tuple(kinds), "join_unit_kinds": join}
    return registry(
        one.model_copy(update=more) if isinstance(one, Matter) and one.code == "litter" else one
        for one in ENTRIES
    )


BOTH = (UnitKind.TOWN_CENTRE, UnitKind.DEPARTMENT)


def working(join: tuple[UnitKind, ...] | None = None) -> Desk:
    """The team leads and has accepted; the centre and the county's department are called."""
    desk = Desk(registry=city(BOTH, join))
    desk.report()
    return desk.do(("accept", member()))


def states(desk: Desk) -> dict[str, TaskState]:
    return {one.unit.code: one.state for one in desk.case.tasks}


def test_whoever_is_to_co_operate_has_a_task_of_its_own() -> None:
    desk = Desk(registry=city(BOTH))
    follows = desk.report()
    assert kinds(follows) == [CaseFiled, CaseDispatched, TaskAssigned, TaskAssigned]
    assert states(desk) == {CENTRE: TaskState.ASSIGNED, COUNTY: TaskState.ASSIGNED}
    assert [one.code for one in desk.case.tasks] == ["co-1", "co-2"]
    assert [one.code for one in desk.case.co_units] == [CENTRE, COUNTY]


def test_a_case_is_handled_when_the_last_one_is_done() -> None:
    desk = working()
    for unit in (CENTRE, COUNTY):
        assert kinds(desk.ask(Verb.CO_ACCEPT, member(unit))) == [TaskAccepted]
    assert kinds(desk.ask(Verb.CO_DONE, member(CENTRE))) == [TaskDone]
    assert kinds(desk.ask(Verb.HANDLED, member())) == [LeadDone]
    assert desk.case.state is CaseState.ACCEPTED
    done, handled = desk.ask(Verb.CO_DONE, member(COUNTY))
    assert isinstance(done, TaskDone)
    assert isinstance(handled, CaseHandled)
    assert handled.case.times.handled_at == desk.clock()
    assert handled.case.lead_done_at is not None
    assert handled.case.lead_done_at < desk.clock()
    for unit in (TEAM, CENTRE, COUNTY):
        assert _verified_by(desk, "somebody", unit) is Rule.HANDLER_NEVER_VERIFIES


@pytest.mark.parametrize("ends", [(Verb.CO_DECLINE, Verb.CO_WITHDRAW), (Verb.CO_DONE,) * 2])
def test_whoever_takes_a_task_up_or_does_it_never_verifies(ends: tuple[Verb, Verb]) -> None:
    """Also under another unit afterwards, and also where the task came to nothing."""
    desk = working()
    for unit, end in zip((CENTRE, COUNTY), ends, strict=True):
        desk.do((Verb.CO_ACCEPT, member(unit, f"{unit} began")))
        if end is Verb.CO_WITHDRAW:
            desk.ask(end, DISPATCHER, unit=unit)
        else:
            desk.do((end, member(unit, f"{unit} ended")))
    assert kinds(desk.ask(Verb.HANDLED, member())) == [CaseHandled]
    did = {f"{unit} began" for unit in (CENTRE, COUNTY)}
    if Verb.CO_DONE in ends:
        did |= {f"{unit} ended" for unit in (CENTRE, COUNTY)}
    for subject in sorted(did):
        assert _verified_by(desk, subject, None) is Rule.HANDLER_NEVER_VERIFIES
    for unit in (CENTRE, COUNTY):
        assert _verified_by(desk, "colleague", unit) is Rule.HANDLER_NEVER_VERIFIES
    desk.do((Verb.VERIFY, SUPERVISOR))
    assert desk.case.state is CaseState.CLOSED


def _verified_by(desk: Desk, subject: str, unit: str | None) -> Rule:
    """By which rule a supervisor of this name may not verify."""
    who = actor(Role.SUPERVISOR, subject=subject).model_copy(update={"unit": unit})
    (refused,) = desk.ask(Verb.VERIFY, who, passed=True)
    assert isinstance(refused, ActionRefused)
    return refused.rule


def test_one_that_will_not_blocks_nobody() -> None:
    desk = working()
    desk.do((Verb.CO_ACCEPT, member(CENTRE)), (Verb.CO_DONE, member(CENTRE)))
    assert kinds(desk.ask(Verb.CO_DECLINE, member(COUNTY))) == [TaskDeclined]
    assert kinds(desk.ask(Verb.HANDLED, member())) == [CaseHandled]
    assert [one.code for one in desk.case.co_units] == [CENTRE]


def test_the_last_one_to_decline_or_be_withdrawn_ends_the_waiting() -> None:
    desk = working()
    desk.do((Verb.HANDLED, member()), (Verb.CO_DECLINE, member(COUNTY)))
    assert desk.case.state is CaseState.ACCEPTED
    follows = desk.ask(Verb.CO_WITHDRAW, DISPATCHER, unit=CENTRE)
    assert kinds(follows) == [TaskWithdrawn, CaseHandled]


@pytest.mark.parametrize(
    ("join", "waits"),
    [(None, True), ((UnitKind.DEPARTMENT,), True), ((UnitKind.TOWN_CENTRE,), False), ((), False)],
)
def test_the_matter_says_for_whom_a_case_waits(
    join: tuple[UnitKind, ...] | None,
    waits: bool,  # noqa: FBT001
) -> None:
    desk = working(join)
    desk.do((Verb.CO_ACCEPT, member(CENTRE)), (Verb.CO_DONE, member(CENTRE)))
    follows = desk.ask(Verb.HANDLED, member())
    assert kinds(follows) == [LeadDone if waits else CaseHandled]
    if not waits:
        assert states(desk)[COUNTY] is TaskState.WITHDRAWN


def test_a_whistle_can_be_blown_later() -> None:
    desk = Desk()
    desk.report()
    desk.do(("accept", member()))
    (called,) = desk.ask(Verb.WHISTLE, member(), unit=CITY)
    assert isinstance(called, TaskAssigned)
    assert (called.task.unit.code, called.task.needed) == (CITY, True)
    (again,) = desk.ask(Verb.WHISTLE, DISPATCHER, unit=CITY)
    assert again.TYPE.endswith("refused.v1")
    (asked,) = desk.ask(Verb.WHISTLE, DISPATCHER, unit=COUNTY, needed=False)
    assert isinstance(asked, TaskAssigned)
    assert kinds(desk.ask(Verb.HANDLED, member())) == [LeadDone]
    desk.do((Verb.CO_ACCEPT, member(CITY)))
    assert kinds(desk.ask(Verb.CO_DONE, member(CITY))) == [TaskDone, CaseHandled]
    assert states(desk) == {CITY: TaskState.DONE, COUNTY: TaskState.WITHDRAWN}


def test_whoever_leads_from_now_on_co_operates_no_more() -> None:
    desk = working()
    desk.do((Verb.CO_ACCEPT, member(CENTRE)))
    follows = desk.ask(Verb.REASSIGN, DISPATCHER, unit=CENTRE)
    assert kinds(follows) == [CaseDispatched, TaskWithdrawn]
    assert states(desk) == {CENTRE: TaskState.WITHDRAWN, COUNTY: TaskState.ASSIGNED}


def test_a_returned_case_calls_anew() -> None:
    desk = working()
    desk.do((Verb.RETURN, member()))
    follows = desk.ask(Verb.APPROVE, HEAD)
    assert kinds(follows) == [ReturnGranted, CaseDispatched, TaskAssigned]
    assert [one.state for one in desk.case.tasks] == [
        TaskState.WITHDRAWN, TaskState.WITHDRAWN, TaskState.ASSIGNED,
    ]  # fmt: skip
    assert desk.case.unit is not None
    assert desk.case.unit.code == CENTRE
    assert desk.case.tasks[-1].unit.code == COUNTY


def test_rework_is_the_leads() -> None:
    desk = working(())
    desk.do((Verb.HANDLED, member()))
    desk.ask(Verb.VERIFY, SUPERVISOR, passed=False)
    assert (desk.case.state, desk.case.lead_done_at) == (CaseState.ACCEPTED, None)
    desk.do((Verb.HANDLED, member()), (Verb.VERIFY, SUPERVISOR))
    assert desk.case.state is CaseState.CLOSED


WHO: dict[str, Actor] = {"lead": member(), **{unit: member(unit) for unit in (CENTRE, COUNTY)}}
turns = st.tuples(
    st.sampled_from([Verb.CO_ACCEPT, Verb.CO_DONE, Verb.CO_DECLINE]),
    st.sampled_from([CENTRE, COUNTY]),
) | st.just((Verb.HANDLED, "lead"))


@given(st.lists(turns, max_size=12))
def test_no_task_is_lost_in_the_join(order: list[tuple[Verb, str]]) -> None:
    """In whatever order they are done: it is handled when the lead and all of them have ended."""
    desk = working()
    for verb, who in order:
        desk.ask(verb, WHO[who])
        case = desk.case
        lead_done = case.lead_done_at is not None
        ended = all(one.state in {TaskState.DONE, TaskState.DECLINED} for one in case.tasks)
        assert (case.state is CaseState.HANDLED) == (lead_done and ended)
        assert joined(case) == ended
        assert len(case.tasks) == 2


def test_what_is_done_is_not_asked_for_again_when_somebody_else_leads() -> None:
    desk = working()
    desk.do((Verb.CO_ACCEPT, member(COUNTY)), (Verb.CO_DONE, member(COUNTY)))
    assert kinds(desk.ask(Verb.REASSIGN, DISPATCHER, unit=CITY)) == [CaseDispatched]
    assert states(desk) == {CENTRE: TaskState.ASSIGNED, COUNTY: TaskState.DONE}


def test_nobody_co_operates_any_more_in_what_is_handled_or_void() -> None:
    handled = working(())
    handled.do((Verb.CO_ACCEPT, member(CENTRE)), (Verb.CO_DONE, member(CENTRE)))
    handled.do((Verb.HANDLED, member()))
    assert [one.code for one in handled.case.co_units] == [CENTRE]
    void = working()
    void.do((Verb.VOID, SUPERVISOR))
    assert set(states(void).values()) == {TaskState.WITHDRAWN}
    assert void.case.co_units == ()


def called(desk: Desk) -> set[str]:
    """Who has still to do its share."""
    return {one.unit.code for one in desk.case.tasks if one.state in OPEN_TASKS}


def test_whoever_names_the_next_unit_of_a_returned_case_calls_those_who_co_operate_anew() -> None:
    desk = working()
    desk.do((Verb.RETURN, member()))
    follows = desk.ask(Verb.APPROVE, DISPATCHER, unit=CITY)
    assert kinds(follows) == [ReturnGranted, CaseDispatched, TaskAssigned, TaskAssigned]
    assert called(desk) == {CENTRE, COUNTY}
    desk.do(("accept", member(CITY)))
    assert kinds(desk.ask(Verb.HANDLED, member(CITY))) == [LeadDone]


def test_whom_the_centre_above_names_has_those_beside_it_who_co_operate() -> None:
    desk = working()
    desk.do((Verb.HAND_UP, HEAD))
    assert called(desk) == set()
    follows = desk.ask(Verb.REASSIGN, HEAD, unit=CITY)
    assert kinds(follows) == [CaseDispatched, TaskAssigned, TaskAssigned]
    assert called(desk) == {CENTRE, COUNTY}


def test_the_duty_heads_ruling_calls_those_who_co_operate() -> None:
    desk = working()
    desk.do((Verb.RETURN, member()), (Verb.APPROVE, DISPATCHER), (Verb.RETURN, member(CENTRE)))
    desk.do((Verb.APPROVE, DISPATCHER))
    assert (desk.case.state, called(desk)) == (CaseState.FILED, set())
    desk.ask(Verb.REASSIGN, HEAD, unit=TEAM)
    assert called(desk) == {CENTRE, COUNTY}


def test_what_no_rule_could_dispatch_calls_them_once_a_unit_is_named() -> None:
    kinds_wanted = {"co_unit_kinds": BOTH}
    desk = Desk(
        registry=registry(
            one.model_copy(update=kinds_wanted) if one.code == "lamp" else one for one in ENTRIES
        )
    )
    assert kinds(desk.report(matter="lamp")) == [CaseFiled]
    follows = desk.ask(Verb.REASSIGN, DISPATCHER, unit=COUNTY)
    assert kinds(follows) == [CaseDispatched, TaskAssigned, TaskAssigned]
    # The one that leads is not called: the next one of its kind is.
    assert called(desk) == {CENTRE, CITY}


def test_whom_a_routing_rule_calls_is_called_beside_whoever_is_named() -> None:
    rule = RoutingRule(
        code="of-the-road",
        names=named("of the road"),
        lead=Destination(unit=COUNTY),
        co_units=(Destination(unit=CENTRE), Destination(unit_kind=UnitKind.DEPARTMENT)),
        cc=(Destination(unit=TEAM),),
    )
    desk = Desk(registry=registry([*ENTRIES, Rules(code="9901", rules=(rule,))]))
    desk.report()
    assert called(desk) == {CENTRE, CITY}
    desk.do((Verb.RETURN, member(COUNTY)))
    desk.ask(Verb.APPROVE, DISPATCHER, unit=CITY)
    assert called(desk) == {CENTRE, COUNTY}
    assert [one.code for one in desk.case.cc] == [TEAM]


def test_whose_lead_is_done_stops_no_clock_of_those_who_are_still_at_work() -> None:
    desk = working()
    desk.do((Verb.HANDLED, member()))
    for verb, more in (
        (Verb.SUSPEND, {"until": desk.clock() + timedelta(days=30)}),
        (Verb.EXTEND, {"amount": 1}),
    ):
        (refused,) = desk.ask(verb, member(), **more)
        assert isinstance(refused, ActionRefused)
        assert refused.rule is Rule.LEAD_IS_DONE
    desk.do((Verb.CO_ACCEPT, member(CENTRE)))


@pytest.mark.parametrize("how", ["returned", "passed on", "handed up", "by the rules again"])
def test_whoever_was_told_has_been_told_whoever_has_it_afterwards(how: str) -> None:
    desk = Desk()
    desk.report(matter="hazard" if how == "passed on" else "litter")
    desk.do(("accept", member()))
    desk.ask(Verb.CC, HEAD, unit=CITY)
    match how:
        case "returned":
            desk.do(("return", member()), ("approve", DISPATCHER))
        case "passed on":
            desk.ask(Verb.STEP, DISPATCHER, turn="rule")
        case "handed up":
            desk.ask(Verb.HAND_UP, DISPATCHER)
            desk.ask(Verb.REASSIGN, DISPATCHER, unit=COUNTY)
        case _:
            desk.do(("return", member()))
            desk.ask(Verb.APPROVE, DISPATCHER, unit=COUNTY)
    assert desk.case.unit is not None
    assert desk.case.unit.code != TEAM
    assert [one.code for one in desk.case.cc] == [CITY]
    desk.ask(Verb.REASSIGN, HEAD, unit=CITY)
    assert desk.case.cc == (), "whoever has it needs not be told"


def test_a_lead_that_is_done_calls_nobody_any_more_but_its_centre_may() -> None:
    """Else it would keep its case open with no clock of its own running."""
    desk = working()
    desk.do((Verb.HANDLED, member()))
    (refused,) = desk.ask(Verb.WHISTLE, member(), unit=CITY)
    assert isinstance(refused, ActionRefused)
    assert refused.rule is Rule.LEAD_IS_DONE
    assert kinds(desk.ask(Verb.WHISTLE, DISPATCHER, unit=CITY)) == [TaskAssigned]
