"""Units are withdrawn under open cases: who gets them then."""

from datetime import datetime, timedelta

import pytest

from shared.contracts.base import EventData
from shared.contracts.cases_v1 import CaseDispatched, CaseHandled, CaseRegridded
from shared.contracts.registry_v1 import EntrySet, Unit
from shared.contracts.requests_v1 import ReturnRequested
from shared.contracts.routing_rules import UnitKind
from shared.registry.snapshot import Snapshot
from tests.fakes.clock import START
from tests.unit.dispatch.city import (
    CENTRE,
    ENTRIES,
    GRID,
    LONG_AGO,
    TEAM,
    entry_set,
    registry,
    unit,
)
from tests.unit.dispatch.desk import (
    DISPATCHER,
    HEAD,
    INSPECTOR,
    SUPERVISOR,
    Desk,
    dispatched_desk,
    member,
    refold,
)
from tests.unit.dispatch.test_regridding import SPLIT

SOON = START + timedelta(hours=1)
HEIR = unit("heir-990101", UnitKind.DEPARTMENT, "paint")
"""It handles nothing that the cases are about: only a withdrawal can name it."""


def gone(code: str, successor: str | None = None, at: datetime = SOON, n: int = 2) -> EntrySet:
    """A unit of the city is withdrawn."""
    (was,) = (one for one in (*ENTRIES, HEIR) if isinstance(one, Unit) and one.code == code)
    return entry_set(was, n, LONG_AGO, at).model_copy(update={"successor": successor})


def registry_with(*versions: EntrySet) -> Snapshot:
    """The city with the heir, and further versions."""
    return registry((*ENTRIES, HEIR), *versions)


def withdraw(desk: Desk, *versions: EntrySet) -> list[EventData]:
    """The registry says so, the hour comes, and all are walked."""
    desk.registry = registry_with(*versions)
    assert desk.walk() == [], "nothing before its hour"
    desk.clock.forward((SOON - desk.clock()).total_seconds())
    follows = desk.walk()
    assert desk.walk() == [], "once"
    assert refold([*desk.inputs, *desk.outputs]) == desk.document.state
    return follows


def unit_of(desk: Desk) -> str | None:
    return desk.case.unit.code if desk.case.unit else None


@pytest.mark.parametrize("state", ["dispatched", "accepted"])
def test_the_successor_gets_what_the_unit_still_owes(state: str) -> None:
    desk = dispatched_desk()
    if state == "accepted":
        desk.do(("accept", member()))
    (again,) = withdraw(desk, gone(TEAM, HEIR.code))
    assert isinstance(again, CaseDispatched)
    assert (again.rule, again.at, again.actor) == ("successor", SOON, None)
    assert (desk.case.state, unit_of(desk)) == ("dispatched", HEIR.code)
    assert desk.case.times.accepted_at is None
    desk.do(("accept", member(HEIR.code)))


def test_without_a_successor_the_rules_choose() -> None:
    desk = dispatched_desk()
    (again,) = withdraw(desk, gone(TEAM))
    assert isinstance(again, CaseDispatched)
    assert again.rule == "nearest_unit_of_matter"
    assert unit_of(desk) == CENTRE


def test_a_successor_that_was_withdrawn_too_has_one_of_its_own() -> None:
    desk = dispatched_desk()
    withdraw(desk, gone(TEAM, CENTRE), gone(CENTRE, HEIR.code))
    assert unit_of(desk) == HEIR.code


def test_a_ring_of_successors_is_left_to_the_rules() -> None:
    desk = dispatched_desk()
    (again,) = withdraw(desk, gone(TEAM, CENTRE), gone(CENTRE, TEAM))
    assert isinstance(again, CaseDispatched)
    assert again.rule == "nearest_unit_of_matter"
    assert unit_of(desk) == "roads-990101"


def test_where_the_rules_find_nobody_it_stays_for_a_dispatcher() -> None:
    desk = dispatched_desk(matter="dispute")
    assert unit_of(desk) == CENTRE
    assert withdraw(desk, gone(CENTRE)) == []
    assert unit_of(desk) == CENTRE
    desk.ask("reassign", DISPATCHER, unit=HEIR.code)
    assert unit_of(desk) == HEIR.code


def test_what_was_handed_back_is_verified_as_it_is_and_goes_on_elsewhere_if_it_fails() -> None:
    desk = dispatched_desk()
    desk.do(("accept", member()), ("handled", member()))
    assert withdraw(desk, gone(TEAM, HEIR.code)) == []
    desk.ask("verify", INSPECTOR, passed=False)
    (again,) = desk.walk()
    assert isinstance(again, CaseDispatched)
    assert unit_of(desk) == HEIR.code


def test_what_was_closed_is_walked_when_it_is_reopened() -> None:
    desk = dispatched_desk()
    desk.do(("accept", member()), ("handled", member()), ("verify", INSPECTOR))
    assert withdraw(desk, gone(TEAM, HEIR.code)) == []
    desk.do(("reopen", SUPERVISOR))
    desk.walk()
    assert unit_of(desk) == HEIR.code


def test_a_unit_and_its_grid_in_one_hour_are_two_walks() -> None:
    desk = dispatched_desk()
    moved, again = withdraw(desk, *SPLIT, gone(TEAM, HEIR.code))
    assert isinstance(moved, CaseRegridded)
    assert moved.case.grid != GRID
    assert isinstance(again, CaseDispatched)
    assert unit_of(desk) in {HEIR.code, CENTRE}


def test_what_the_unit_has_done_stays_done_while_others_are_waited_for() -> None:
    desk = dispatched_desk()
    desk.do(("accept", member()))
    desk.ask("whistle", member(), unit="roads-9901")
    desk.do(("handled", member()))
    assert withdraw(desk, gone(TEAM, HEIR.code)) == []
    assert desk.case.lead_done_at is not None
    desk.ask("co_accept", member("roads-9901"))
    (_, handled) = desk.ask("co_done", member("roads-9901"))
    assert isinstance(handled, CaseHandled)
    desk.ask("verify", INSPECTOR, passed=False)
    (again,) = desk.walk()
    assert isinstance(again, CaseDispatched)
    assert unit_of(desk) == HEIR.code


def test_whom_the_rules_find_instead_of_a_ruled_unit_may_return_it() -> None:
    desk = dispatched_desk()
    for one in (TEAM, CENTRE):
        desk.ask("return", member(one))
        desk.ask("approve", DISPATCHER)
    desk.ask("reassign", HEAD, unit="roads-9901")
    (again,) = withdraw(desk, gone("roads-9901"))
    assert isinstance(again, CaseDispatched)
    found = unit_of(desk)
    assert found == "roads-990101"
    (asked,) = desk.ask("return", member(found))
    assert isinstance(asked, ReturnRequested)
    desk.ask("approve", DISPATCHER)
    assert desk.case.returns == 2, "the duty head rules once more"


def test_whom_the_successor_is_named_for_keeps_what_the_duty_head_ruled() -> None:
    desk = dispatched_desk()
    for one in (TEAM, CENTRE):
        desk.ask("return", member(one))
        desk.ask("approve", DISPATCHER)
    desk.ask("reassign", HEAD, unit="roads-9901")
    withdraw(desk, gone("roads-9901", HEIR.code))
    assert (unit_of(desk), desk.case.returns) == (HEIR.code, 2)


def test_who_was_called_still_co_operates_with_whom_the_rules_find() -> None:
    desk = dispatched_desk()
    desk.do(("accept", member()))
    desk.ask("whistle", member(), unit="roads-9901")
    withdraw(desk, gone(TEAM))
    assert [one.code for one in desk.case.co_units] == ["roads-9901"]
    assert unit_of(desk) == CENTRE
