"""Members are withdrawn, or change their unit, under open cases: who has them then."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.contracts.base import EventData
from shared.contracts.case_v1 import CaseState
from shared.contracts.cases_v1 import MemberChanged
from shared.contracts.registry_v1 import EntrySet, Officer
from tests.fakes.clock import START
from tests.unit.dispatch.city import CENTRE, ENTRIES, LONG_AGO, TEAM, entry_set, registry
from tests.unit.dispatch.desk import Desk, member, refold

SOON = START + timedelta(hours=1)


def officer(code: str, unit: str = TEAM) -> Officer:
    return Officer(code=code, unit=unit, role="officer")


ONE = officer("a")


def gone(successor: str | None = None) -> EntrySet:
    """The officer ``a`` is withdrawn."""
    return entry_set(ONE, 2, LONG_AGO, SOON).model_copy(update={"successor": successor})


def change(desk: Desk, *others: Officer, version: EntrySet) -> list[EventData]:
    """The registry says so, the hour comes, and all are walked."""
    desk.registry = registry((*ENTRIES, ONE, *others), version)
    assert desk.walk() == [], "nothing before its hour"
    desk.clock.forward((SOON - desk.clock()).total_seconds())
    follows = desk.walk()
    assert desk.walk() == [], "once"
    assert refold([*desk.inputs, *desk.outputs]) == desk.document.state
    return follows


def of_a() -> Desk:
    """A case of the team that its only officer has."""
    desk = Desk(registry([*ENTRIES, ONE]))
    desk.report()
    assert desk.case.member == "a"
    return desk


@pytest.mark.parametrize("accepted", [False, True])
def test_the_successor_has_it_then_and_nothing_else_changes(*, accepted: bool) -> None:
    desk = of_a()
    if accepted:
        desk.do(("accept", member(TEAM)))
    before = desk.case
    (changed,) = change(desk, officer("b"), officer("c"), version=gone("c"))
    assert isinstance(changed, MemberChanged)
    assert (changed.member_before, changed.change) == ("a", "officer/a/2")
    counted = {"time": desk.case.time, "time_until": desk.case.time_until}
    assert desk.case == before.model_copy(update={"member": "c", **counted})


def test_without_a_successor_the_rules_choose_a_member_of_the_unit() -> None:
    desk = of_a()
    (changed,) = change(desk, officer("b"), officer("z", CENTRE), version=gone())
    assert isinstance(changed, MemberChanged)
    assert changed.member is not None
    assert desk.case.member == changed.member.subject == "b"


def test_a_successor_of_another_unit_is_none() -> None:
    desk = of_a()
    change(desk, officer("b"), officer("z", CENTRE), version=gone("z"))
    assert desk.case.member == "b"


def test_the_last_member_leaves_it_to_the_unit_as_a_whole() -> None:
    desk = of_a()
    (changed,) = change(desk, version=gone())
    assert isinstance(changed, MemberChanged)
    assert changed.member is None
    assert desk.case.member is None
    assert desk.case.unit is not None
    assert desk.case.unit.code == TEAM


def test_whoever_moves_to_another_unit_leaves_its_cases_behind() -> None:
    desk = of_a()
    moved = entry_set(officer("a", CENTRE), 2, SOON)
    change(desk, officer("b"), version=moved)
    assert desk.case.member == "b"


def test_whoever_has_left_by_the_day_of_the_city_leaves_its_cases_behind() -> None:
    desk = of_a()
    leaving = ONE.model_copy(update={"left": "2026-03-03"})
    desk.registry = registry((*ENTRIES, ONE, officer("b")), entry_set(leaving, 2, LONG_AGO))
    midnight = datetime(2026, 3, 2, 16, tzinfo=UTC)  # in Shanghai
    desk.clock.forward((midnight - desk.clock()).total_seconds() - 1)
    assert desk.walk() == [], "its last day"
    desk.clock.forward(1)
    (changed,) = desk.walk()
    assert isinstance(changed, MemberChanged)
    assert (changed.member_before, desk.case.member) == ("a", "b")
    assert desk.walk() == [], "once"


def test_a_successor_who_has_left_is_none() -> None:
    desk = of_a()
    left = officer("c").model_copy(update={"left": "2026-01-01"})
    change(desk, officer("b"), left, version=gone("c"))
    assert desk.case.member == "b"


def test_what_was_handed_back_stays_as_it_is() -> None:
    desk = of_a()
    desk.do(("accept", member(TEAM)), ("handled", member(TEAM)))
    assert change(desk, officer("b"), version=gone("b")) == []
    assert (desk.case.state, desk.case.member) == (CaseState.HANDLED, "a")
