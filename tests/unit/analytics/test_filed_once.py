"""What was filed once, and is no case any more: the second look has linked it."""

from typing import Any

import pytest

from services.analytics.domain import telling
from services.analytics.domain.columns import columns
from services.analytics.domain.filters import Listing
from services.analytics.domain.timeline import Timeline
from services.analytics.queries import listing
from shared.contracts.base import Names
from shared.contracts.case_refs_v1 import ComponentRef
from shared.contracts.choice_v1 import Unrouted
from shared.contracts.outcomes_v1 import IncidentHeld, IncidentLinked, Outcome
from tests.unit.analytics.lives import GRIDS, UNFILED, UNITS, Life, fold, whole
from tests.unit.analytics.test_telling import LATER, events_of

KINDS = sorted(UNFILED.values(), key=lambda one: one.TYPE)


def void(*, public: bool) -> Life:
    """A case that was declared void."""
    life = whole(public=public)
    life.move("void", UNITS[0])
    return life


def shown(timeline: Timeline) -> tuple[bool, bool | None]:
    """Whether the public is told of it at all, and what its lists go by."""
    return telling.is_public(timeline), columns(timeline)["public"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_not_public_stays_so_whatever_becomes_of_it(kind: type[Outcome]) -> None:
    life = void(public=False)
    life.leave_unfiled(kind)
    assert shown(fold(events_of(life))) == (False, False)
    life.separate()
    assert shown(fold(events_of(life))) == (False, False)
    life.leave_unfiled(IncidentHeld)
    assert shown(fold(events_of(life))) == (False, False)
    assert listing(Listing(), LATER, official=False)["public"] == {"$ne": False}


def test_filed_again_as_a_public_matter_it_still_tells_what_it_was() -> None:
    life = void(public=False)
    life.leave_unfiled(IncidentLinked)
    life.case = whole(public=True).case
    life.file()
    assert shown(fold(events_of(life))) == (False, False)
    life.move("void", UNITS[0])
    life.leave_unfiled(IncidentLinked)
    assert shown(fold(events_of(life))) == (False, False)


def test_a_filing_that_comes_late_hides_what_was_told_in_part() -> None:
    life = void(public=False)
    life.leave_unfiled(IncidentLinked)
    *filed, linked = life.topics["cases"]
    assert shown(fold([linked])) == (True, None)
    assert shown(fold([linked, filed[0]])) == (False, False)


def test_what_was_public_is_told_in_part_as_all_that_is_linked() -> None:
    life = void(public=True)
    life.leave_unfiled(IncidentLinked)
    found = fold(events_of(life))
    assert shown(found) == (True, None)
    told = telling.whole(life.incident, found, LATER, official=False)
    assert (told["state"], told["matter"], told["location"]) == ("linked", None, None)


def test_it_is_found_and_told_by_the_number_that_it_had() -> None:
    life = void(public=True)
    number = life.case.case_no
    life.leave_unfiled(IncidentLinked)
    found = fold(events_of(life))
    assert columns(found)["case_no"] == number
    assert telling.whole(life.incident, found, LATER, official=True)["case_no"] == number
    assert telling.reasons(life.incident, found, official=True)["case_no"] == number
    life.separate()
    life.leave_unfiled(IncidentHeld)
    assert columns(fold(events_of(life)))["case_no"] == number


def decisions(life: Life) -> list[dict[str, Any]]:
    found = telling.reasons(life.incident, fold(events_of(life)), official=True)["reasons"]
    assert isinstance(found, list)
    return found


def test_why_it_was_filed_and_dispatched_stays_told() -> None:
    life = whole()
    before = decisions(life)
    life.move("regrid", UNITS[0])
    life.move("void", UNITS[0])
    life.leave_unfiled(IncidentLinked)
    filed, dispatched, regridded, void, linked = decisions(life)
    assert void["decision"] == "voided"
    assert filed == before[0]
    assert GRIDS[0] in filed["words"]["en"], "where it was filed, whatever was redrawn since"
    assert dispatched["facts"] == before[1]["facts"]
    assert (regridded["decision"], linked["decision"]) == ("regridded", "linked")


def test_why_nobody_got_it_stays_told() -> None:
    life = Life("i", GRIDS[0], "litter")
    lamp = ComponentRef(code="9901012000000001", names=Names(zh="路灯", en="lamp"), metres=3.2)
    life.case = life.case.model_copy(update={"component": lamp})
    life.report()
    life.file(unrouted=Unrouted.OWNERLESS_COMPONENT)
    before = decisions(life)
    assert "the component is ownerless" in before[1]["words"]["en"]
    life.move("void", UNITS[0])
    life.leave_unfiled(IncidentLinked)
    assert decisions(life)[:2] == before
