"""An extension is its asker's: whoever has the case next has the limit of the matter again."""

from collections.abc import Callable

import pytest

from shared.contracts.base import Limit, Limits, Stage
from shared.contracts.incidents_v1 import Verb
from shared.contracts.registry_v1 import Matter
from tests.unit.dispatch.city import CENTRE, COUNTY, ENTRIES, GRID, HANDLE, TEAM, registry
from tests.unit.dispatch.desk import DISPATCHER, HEAD, SUPERVISOR, Desk, member
from tests.unit.dispatch.test_regridding import EAST_TEAM, SPLIT, redraw
from tests.unit.dispatch.test_succession import HEIR, gone, withdraw
from tests.unit.dispatch.watched import Watched

TOTAL = Limit(amount=50, unit=HANDLE.unit)
LIMITS = Limits(handle=HANDLE, total=TOTAL)


def longer(limit: Limit) -> Limit:
    return limit.model_copy(update={"amount": limit.amount + 1.5})


def limited(one: Matter) -> Matter:
    conditions = tuple(each.model_copy(update={"limits": LIMITS}) for each in one.conditions)
    return one.model_copy(update={"conditions": conditions})


def extended() -> Desk:
    """The team has accepted it, and was granted an hour and a half more."""
    there = registry([*(limited(one) if isinstance(one, Matter) else one for one in ENTRIES), HEIR])
    desk = Desk(registry=there)
    desk.report()
    desk.do((Verb.ACCEPT, member()))
    desk.ask(Verb.EXTEND, member(), amount=1.5)
    desk.do((Verb.APPROVE, SUPERVISOR))
    assert desk.case.limits == Limits(handle=longer(HANDLE), total=longer(TOTAL))
    return desk


def reassigned(desk: Desk) -> None:
    desk.ask(Verb.REASSIGN, DISPATCHER, unit=COUNTY)


def returned(desk: Desk) -> None:
    desk.do((Verb.RETURN, member()), (Verb.APPROVE, DISPATCHER))


def returned_to_a_named_unit(desk: Desk) -> None:
    desk.do((Verb.RETURN, member()))
    desk.ask(Verb.APPROVE, DISPATCHER, unit=COUNTY)


def handed_up(desk: Desk) -> None:
    desk.do((Verb.HAND_UP, DISPATCHER))
    desk.ask(Verb.REASSIGN, DISPATCHER, unit=COUNTY)


def handed_down(desk: Desk) -> None:
    desk.ask(Verb.HAND_DOWN, DISPATCHER, area=GRID[:9])
    desk.ask(Verb.REASSIGN, DISPATCHER, unit=CENTRE)


def withdrawn(desk: Desk) -> None:
    withdraw(desk, gone(TEAM, HEIR.code))


@pytest.mark.parametrize(
    "given",
    [reassigned, returned, returned_to_a_named_unit, handed_up, handed_down, withdrawn],
)
def test_whoever_has_it_next_has_the_limit_of_the_matter(given: Callable[[Desk], None]) -> None:
    desk = extended()
    given(desk)
    assert desk.case.unit is not None
    assert desk.case.unit.code != TEAM
    assert desk.case.limits == Limits(handle=HANDLE, total=longer(TOTAL)), "the case has it still"
    assert desk.case.extensions == 1


def test_rework_and_opening_it_again_take_nothing_from_the_unit_that_asked() -> None:
    desk = extended()
    desk.do((Verb.HANDLED, member()))
    desk.ask(Verb.VERIFY, SUPERVISOR, passed=False)
    assert desk.case.limits.handle == longer(HANDLE)
    desk.do((Verb.HANDLED, member()), (Verb.VERIFY, SUPERVISOR), (Verb.REOPEN, HEAD))
    assert desk.case.limits.handle == longer(HANDLE)
    reassigned(desk)
    assert desk.case.limits.handle == HANDLE


def test_a_unit_that_co_operates_has_its_own_limit_whenever_it_reports() -> None:
    desk = extended()
    desk.ask(Verb.WHISTLE, member(), unit=COUNTY)
    watched = Watched(desk)
    desk.do((Verb.CO_ACCEPT, member(COUNTY)))
    watched.follow()
    assert watched.running("co-1", Stage.HANDLE).limit == HANDLE
    assert watched.running("lead", Stage.HANDLE).limit == longer(HANDLE)


def test_nor_is_it_longer_for_who_gets_it_as_its_grid_is_redrawn() -> None:
    desk = extended()
    desk.do((Verb.HANDLED, member()), (Verb.VERIFY, SUPERVISOR), (Verb.REOPEN, HEAD))
    redraw(desk, *SPLIT, entries=(*ENTRIES, EAST_TEAM))
    assert desk.case.unit is not None
    assert desk.case.unit.code == EAST_TEAM.code
    assert desk.case.limits.handle == HANDLE
