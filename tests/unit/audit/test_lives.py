"""A case's life as the audit knows it: what dispatch makes is sound, and what may not be is named.

Which lives are sound is shown beside dispatch's own tests (`tests/unit/dispatch/conftest.py`).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from deploy.audit import lives, tasks, verifying
from deploy.audit.case_events import whole
from shared.contracts.base import Actor
from shared.contracts.case_v1 import Case, CaseEvent, CaseState, Task, TaskState
from shared.contracts.cases_v1 import (
    EVENTS,
    CaseAccepted,
    CaseClosed,
    CaseHandled,
    CaseVoided,
)
from shared.contracts.envelope import Event
from shared.contracts.incidents_v1 import Verb
from shared.contracts.outcomes_v1 import IncidentSeparated
from shared.contracts.steps_v1 import FlowEnded
from shared.contracts.tasks_v1 import TaskAssigned, TaskDone
from tests.unit.dispatch.city import COUNTY, ELSEWHERE, TEAM
from tests.unit.dispatch.desk import (
    DISPATCHER,
    INCIDENT,
    INSPECTOR,
    SUPERVISOR,
    Desk,
    dispatched_desk,
    member,
)
from tests.unit.dispatch.machines_city import DANGER, MACHINES_CITY
from tests.unit.dispatch.test_inspections import inspection
from tests.unit.dispatch.test_on_site import desk as on_the_spot

Events = Sequence[Event[Any]]
HANDED_BACK = (("accept", member()), ("handled", member()))


def closed() -> list[Event[Any]]:
    """Filed, dispatched, accepted, handled, closed."""
    return list(dispatched_desk().do(*HANDED_BACK, ("verify", INSPECTOR)).outputs)


def helped() -> Desk:
    """A case in which the county's department has done its share, and the lead is done."""
    desk = dispatched_desk().do(("accept", member()))
    desk.ask(Verb.WHISTLE, member(), unit=COUNTY)
    return desk.do(
        ("co_accept", member(COUNTY)), ("co_done", member(COUNTY)), ("handled", member())
    )


def numbered(events: Events) -> list[Event[Any]]:
    return [replace(one, sequence=number) for number, one in enumerate(events, 1)]


def with_case(event: Event[Any], **fields: object) -> Event[Any]:
    """The event, of which the case is another."""
    case: Case = event.data.case
    changed = case.model_copy(update=fields)
    return replace(event, data=event.data.model_copy(update={"case": changed}))


def by(event: Event[Any], actor: Actor | None) -> Event[Any]:
    """The event, by somebody else."""
    return replace(event, data=event.data.model_copy(update={"actor": actor}))


def said(problems: Sequence[Any]) -> list[str]:
    return [one.detail.partition(": ")[2] for one in problems]


def broken(*events: Event[Any]) -> list[str]:
    return said(lives.check(INCIDENT, whole(numbered(events))))


def lost(*events: Event[Any]) -> list[str]:
    return said(tasks.check(INCIDENT, whole(numbered(events))))


def verified(*events: Event[Any], incidents: Events = ()) -> list[str]:
    return said(verifying.check(INCIDENT, incidents, whole(numbered(events))))


def test_the_table_knows_every_event_of_a_case() -> None:
    assert set(lives.CHANGES) == {one for one in EVENTS if issubclass(one, CaseEvent)}


def test_a_life_from_its_filing_to_its_closing_is_sound() -> None:
    events = closed()
    assert broken(*events) == lost(*events) == verified(*events) == []
    assert lives.check(INCIDENT, whole(list(reversed(numbered(events))))) == []


def test_closed_from_dispatched_is_found() -> None:
    filed, dispatched, _, _, shut = closed()
    assert broken(filed, dispatched, shut) == ["it was dispatched"]


def test_accepted_after_it_was_void_is_found() -> None:
    desk = dispatched_desk().do(("void", SUPERVISOR))
    accepted = next(one for one in closed() if isinstance(one.data, CaseAccepted))
    assert broken(*desk.outputs) == []
    assert broken(*desk.outputs, accepted) == ["it was voided"]


def test_a_state_that_an_event_does_not_lead_to_is_found() -> None:
    filed, dispatched, accepted, *_ = closed()
    other = with_case(accepted, state=CaseState.HANDLED)
    assert broken(filed, dispatched, other) == ["from dispatched to handled"]
    desk = dispatched_desk().do(("urge", DISPATCHER))
    *before, urged = desk.outputs
    other = with_case(urged, state=CaseState.ACCEPTED)
    assert broken(*before, other) == ["from dispatched to accepted"]


def test_a_case_that_is_filed_after_it_was_separated_lives_anew() -> None:
    filed, dispatched, *_ = closed()
    void = dispatched_desk().do(("void", SUPERVISOR)).outputs[-1]
    assert isinstance(void.data, CaseVoided)
    alone = replace(void, data=IncidentSeparated(incident_id=INCIDENT, at=void.time, case_id="x"))
    assert broken(filed, dispatched, void, alone, filed, dispatched) == []
    assert broken(filed, dispatched, void, filed) == ["it was voided"]


def test_of_a_history_with_a_gap_nothing_is_said() -> None:
    filed, dispatched, _, _, shut = numbered(closed())
    assert whole([filed, dispatched, shut]) == []


def test_a_task_that_is_done_in_the_join_is_sound() -> None:
    assert lost(*helped().outputs) == []


@pytest.mark.parametrize("state", [TaskState.ASSIGNED, TaskState.ACCEPTED])
@pytest.mark.parametrize("needed", [True, False])
def test_handled_although_a_task_is_needed_is_found(state: TaskState, needed: bool) -> None:  # noqa: FBT001
    """The handing back withdraws it: nobody would see that it was waited for in vain."""
    events = [one for one in helped().outputs if not isinstance(one.data, TaskDone)]
    kinds = [type(one.data) for one in events]
    first = kinds.index(TaskAssigned)
    (task,) = events[first].data.case.tasks
    for number in range(first, kinds.index(CaseHandled)):
        events[number] = in_state(events[number], task, state, needed=needed)
    events[-1] = in_state(events[-1], task, TaskState.WITHDRAWN, needed=needed)
    assert lost(*events) == ([f"co-1 was {state}, and is needed"] if needed else [])


def in_state(event: Event[Any], task: Task, state: TaskState, *, needed: bool) -> Event[Any]:
    other = task.model_copy(update={"state": state, "needed": needed})
    return with_case(event, tasks=(other,))


def test_a_task_that_is_gone_is_found() -> None:
    *before, last = helped().outputs
    assert lost(*before, with_case(last, tasks=())) == ["co-1 is gone"]


@pytest.mark.parametrize(
    ("was", "comes"),
    [
        (TaskState.DONE, TaskState.WITHDRAWN),
        (TaskState.DONE, TaskState.ACCEPTED),
        (TaskState.DECLINED, TaskState.ASSIGNED),
        (TaskState.WITHDRAWN, TaskState.DONE),
        (TaskState.ACCEPTED, TaskState.ASSIGNED),
    ],
)
def test_a_task_that_goes_back_is_found(was: TaskState, comes: TaskState) -> None:
    *_, last = helped().outputs
    (task,) = last.data.case.tasks
    told = next(one for one in helped().outputs if isinstance(one.data, TaskDone))
    events = [in_state(told, task, state, needed=False) for state in (was, comes)]
    assert lost(*events) == [f"co-1 was {was}, and is {comes}"]


@pytest.mark.parametrize("passed", [True, False])
def test_the_handler_and_his_unit_never_verify(passed: bool) -> None:  # noqa: FBT001
    desk = dispatched_desk().do(*HANDED_BACK)
    desk.ask(Verb.VERIFY, INSPECTOR, passed=passed)
    *before, last = desk.outputs
    assert verified(*before, last) == []
    assert verified(*before, by(last, None)) == []
    handler = member()
    alone = handler.model_copy(update={"unit": None})
    colleague = handler.model_copy(update={"subject": "colleague"})
    assert verified(*before, by(last, alone)) == [f"{handler.subject} took part in the handling"]
    assert verified(*before, by(last, colleague)) == [f"{TEAM} took part in the handling"]


def test_whoever_did_a_share_never_verifies() -> None:
    desk = helped().do(("verify", INSPECTOR))
    *before, last = desk.outputs
    assert isinstance(last.data, CaseClosed)
    helper = member(COUNTY)
    colleague = helper.model_copy(update={"subject": "colleague"})
    assert verified(*before, last) == []
    assert verified(*before, by(last, helper)) == [f"{helper.subject} took part in the handling"]
    assert verified(*before, by(last, colleague)) == [f"{COUNTY} took part in the handling"]


@pytest.mark.parametrize("verb", [Verb.TAKE_FIRST, Verb.MAKE_SAFE])
def test_whoever_was_there_at_once_never_verifies(verb: Verb) -> None:
    desk = Desk(MACHINES_CITY)
    desk.report(matter=DANGER.code)
    there = member(ELSEWHERE, "first")
    assert desk.case.unit is not None
    lead = member(desk.case.unit.code)
    desk.do((verb, there), ("accept", lead), ("handled", lead), ("verify", INSPECTOR))
    *before, last = desk.outputs
    assert verified(*before, last) == []
    assert verified(*before, by(last, there)) == ["first took part in the handling"]
    colleague = member(ELSEWHERE, "colleague")
    assert verified(*before, by(last, colleague)) == [f"{ELSEWHERE} took part in the handling"]


def test_whoever_put_it_right_on_the_spot_never_verifies() -> None:
    *before, last = closed()
    reported = on_the_spot(100).inputs[:1]
    reporter = reported[0].data.reporter
    assert verified(*before, by(last, reporter)) == []
    wrong = [f"{reporter.subject} took part in the handling"]
    assert verified(*before, by(last, reporter), incidents=reported) == wrong


def test_the_end_of_a_flow_that_closes_is_no_verification() -> None:
    desk = inspection()
    desk.ask(Verb.STEP, member(), turn="in_order")
    *before, last = desk.outputs
    assert isinstance(last.data, CaseClosed)
    assert verified(*before, last) == []
    later = replace(last, causation_id="another action")
    wrong = [f"{member().subject} took part in the handling"]
    assert verified(*before, later) == wrong
    assert verified(*before, with_case(last, flow=None)) == wrong


def test_who_checks_in_a_flow_may_verify_what_he_has_checked() -> None:
    """A turn of a unit that takes part is its own; any other turn handles nothing."""
    desk = inspection()
    desk.ask(Verb.STEP, member(), turn="shut")
    desk.do(("verify", INSPECTOR))
    *before, last = desk.outputs
    ended = next(number for number, one in enumerate(before) if isinstance(one.data, FlowEnded))
    checked = [by(one, INSPECTOR) for one in before[ended:]]
    assert verified(*before[:ended], *checked, last) == []
    colleague = member(subject="colleague")
    turned = [by(one, colleague) for one in before[ended:]]
    alone = by(last, colleague.model_copy(update={"unit": None}))
    wrong = ["colleague took part in the handling"]
    assert verified(*before[:ended], *turned, alone) == wrong
