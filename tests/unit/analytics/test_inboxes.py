"""Whose inbox it is: of the centre that decides, of the unit that is to look or was told."""

from typing import Any

import pytest

from services.analytics.domain import telling
from services.analytics.domain.columns import columns
from services.analytics.domain.inboxes import Inbox, todos
from services.analytics.queries import inbox
from shared.contracts.case_v1 import Appeal, Request, RequestKind, Suspension, Task
from shared.contracts.golden import story
from shared.contracts.outcomes_v1 import LookOrdered
from shared.contracts.routing_rules import UnitKind
from tests.unit.analytics.lives import GRIDS, UNITS, Life, fold
from tests.unit.analytics.test_telling import LATER, events_of, raw, told

CITY, COUNTY, TOWN, VILLAGE = (GRIDS[0][:digits] for digits in (4, 6, 9, 12))
AREAS = (CITY, COUNTY, TOWN, VILLAGE)


def life_with(state: str = "dispatched", **change: Any) -> Life:  # noqa: ANN401
    """A case that a unit has, or nobody, changed like that before it is told of."""
    life = Life("i", GRIDS[0], "litter")
    life.case = life.case.model_copy(update=change)
    life.report()
    life.file()
    if state != "filed":
        life.move("dispatch", UNITS[0])
    return life


def decides(life: Life) -> dict[str, set[str]]:
    """What each centre has to do, by its area."""
    timeline = fold(events_of(life))
    found = {
        area: {one.action for one in todos(timeline) if one.is_for(Inbox.CENTRE, None, area)}
        for area in AREAS
    }
    lowest = columns(timeline)["lowest"]
    for area, actions in found.items():
        if any(one.inbox is Inbox.CENTRE for one in todos(timeline)):
            query = inbox(Inbox.CENTRE, area, None)["lowest"]["$not"]["$lt"]
            assert (lowest is None or lowest >= query) is bool(actions), "found by its column"
    return found


def request(kind: RequestKind, level: str) -> Request:
    return Request.model_validate(
        {"kind": kind, "asked_at": story.minutes(1), "subject": "s", "level": level}
    )


@pytest.mark.parametrize("has_it", AREAS)
def test_what_was_handed_on_is_told_to_who_has_it_and_to_those_above(has_it: str) -> None:
    found = decides(life_with("filed", centre=has_it))
    assert found == {area: {"reassign"} if len(area) <= len(has_it) else set() for area in AREAS}


def test_what_nobody_has_dispatched_is_told_to_every_centre() -> None:
    life = life_with("filed")
    assert set(map(frozenset, decides(life).values())) == {frozenset({"reassign"})}


@pytest.mark.parametrize(("level", "lowest"), [("county", COUNTY), ("town", TOWN)])
@pytest.mark.parametrize("kind", [RequestKind.SUSPENSION, RequestKind.EXTENSION])
def test_a_request_is_told_to_the_level_that_decides(
    kind: RequestKind, level: str, lowest: str
) -> None:
    found = decides(life_with(centre=VILLAGE, request=request(kind, level)))
    assert {area for area, actions in found.items() if actions} == {
        area for area in AREAS if len(area) <= len(lowest)
    }


def test_a_request_of_what_the_county_has_in_hand_is_not_the_towns() -> None:
    asked = request(RequestKind.RETURN, "community")
    found = decides(life_with(centre=COUNTY, request=asked, return_pending=True))
    assert found == {CITY: {"approve"}, COUNTY: {"approve"}, TOWN: set(), VILLAGE: set()}


def test_an_appeal_is_told_to_the_level_that_decides_and_the_rest_to_others() -> None:
    appeal = Appeal.model_validate(
        {
            "task": "lead", "clock": "handle", "run": 1, "unit": UNITS[0], "subject": "s",
            "reason": "r", "asked_at": story.minutes(1), "level": "city",
        }
    )  # fmt: skip
    asked = request(RequestKind.EXTENSION, "county")
    life = life_with(centre=TOWN, appeals=(appeal,), request=asked)
    assert decides(life) == {
        CITY: {"uphold", "approve"}, COUNTY: {"approve"}, TOWN: set(), VILLAGE: set(),
    }  # fmt: skip
    row = telling.task(raw(life), Inbox.CENTRE, LATER, None, COUNTY)
    assert row["actions"] == ["approve"], "what the city decides is not told to the county"


def test_what_comes_back_to_nobody_stays_with_the_centre_that_dispatched_it() -> None:
    life = life_with()
    dispatched = life.topics["cases"][-1].data
    assert life.case.unit is not None
    assert life.case.unit.area != dispatched.centre, "not merely that of the unit's area"
    life.move("return", UNITS[0])
    timeline = fold(events_of(life))
    assert (timeline.state, timeline.case.case and timeline.case.case["in_hand"]) == (
        "filed", dispatched.centre,
    )  # fmt: skip


def test_a_row_from_before_is_found_by_every_centre() -> None:
    assert inbox(Inbox.CENTRE, TOWN, None)["lowest"] == {"$not": {"$lt": 9}}
    assert "lowest" not in inbox(Inbox.CENTRE, None, None)
    assert "lowest" not in inbox(Inbox.CHECKS, TOWN, None)
    assert inbox(Inbox.CHECKS, TOWN, None)["lowest_check"] == {"$not": {"$lt": 9}}
    assert not {"lowest", "lowest_check"} & set(inbox(Inbox.UNIT, TOWN, UNITS[0]))
    assert not {"lowest", "lowest_check"} & set(inbox(Inbox.DESK, TOWN, None))
    assert inbox(Inbox.CENTRE, GRIDS[0], None)["lowest"] == {"$not": {"$lt": 12}}, "no centre below"


def test_a_look_lies_with_the_unit_that_was_sent_and_with_the_inspectors() -> None:
    life = Life("i", GRIDS[0], "litter")
    life.report()
    life.leave_unfiled(LookOrdered)
    found = [one for one in todos(fold(events_of(life))) if one.action == "verify"]
    assert [(one.inbox, one.unit) for one in found] == [
        (Inbox.CHECKS, None), (Inbox.UNIT, story.TEAM.code),
    ]  # fmt: skip
    assert columns(fold(events_of(life)))["todo_units"] == [story.TEAM.code]


def test_whom_it_was_copied_to_is_kept_until_its_end_and_owes_nothing() -> None:
    life = life_with(cc=(story.TEAM,))
    timeline = fold(events_of(life))
    assert columns(timeline)["cc_units"] == [story.TEAM.code]
    assert all(one.unit != story.TEAM.code for one in todos(timeline))
    assert told(life, official=True)["cc"] == [
        {"code": story.TEAM.code, "names": story.TEAM.names.model_dump()}
    ]
    assert "cc" not in told(life, official=False)
    life.move("accept", UNITS[0])
    life.move("handle", UNITS[0])
    life.move("close", UNITS[0])
    assert columns(fold(events_of(life)))["cc_units"] is None


def test_after_two_returns_the_town_or_one_above_is_to_name_the_unit() -> None:
    assert decides(life_with("filed", centre=VILLAGE, returns=2)) == {
        CITY: {"reassign"}, COUNTY: {"reassign"}, TOWN: {"reassign"}, VILLAGE: set(),
    }  # fmt: skip
    assert decides(life_with("filed", centre=COUNTY, returns=2))[TOWN] == set()
    assert decides(life_with("filed", centre=VILLAGE, returns=1))[VILLAGE] == {"reassign"}
    assert decides(life_with("filed", returns=2))[VILLAGE] == set()


@pytest.mark.parametrize(
    ("kind", "area", "village_checks"),
    [
        (UnitKind.OFFICER_TEAM, VILLAGE, False),
        (UnitKind.OFFICER_TEAM, "990102001", True),
        (UnitKind.TOWN_CENTRE, TOWN, True),
    ],
)
def test_what_the_grids_own_team_handled_is_checked_from_the_town_upwards(
    kind: UnitKind,
    area: str,
    village_checks: bool,  # noqa: FBT001
) -> None:
    life = life_with()
    assert life.case.unit is not None
    unit = life.case.unit.model_copy(update={"kind": kind, "area": area})
    life.case = life.case.model_copy(update={"unit": unit})
    for name in ("accept", "handle"):
        life.move(name, UNITS[0])
    timeline = fold(events_of(life))
    assert timeline.state == "handled"
    found = {
        where: {one.action for one in todos(timeline) if one.is_for(Inbox.CHECKS, None, where)}
        for where in AREAS
    }
    checks = {where: {"verify"} for where in (CITY, COUNTY, TOWN)}
    assert found == {**checks, VILLAGE: {"verify"} if village_checks else set()}
    lowest = columns(timeline)["lowest_check"]
    assert lowest == (None if village_checks else len(TOWN))
    for where in AREAS:
        asked = inbox(Inbox.CHECKS, where, None)["lowest_check"]["$not"]["$lt"]
        assert (lowest is None or lowest >= asked) is bool(found[where]), "found by its column"


@pytest.mark.parametrize("stands", [False, True])
def test_nobody_is_asked_to_join_in_while_the_case_is_suspended(
    stands: bool,  # noqa: FBT001
) -> None:
    """What was accepted before may be done; `co_accept` would be refused."""
    tasks = [
        Task.model_validate(
            {"code": code, "unit": story.UNIT, "state": state, "assigned_at": story.minutes(1)}
        )
        for code, state in (("co-1", "assigned"), ("co-2", "accepted"))
    ]
    stopped = Suspension(since=story.minutes(2), until=story.minutes(90))
    life = life_with(tasks=tuple(tasks), suspension=stopped if stands else None)
    found = [one.action for one in todos(fold(events_of(life))) if one.inbox is Inbox.UNIT]
    assert found == ["accept", *(() if stands else ("co_accept",)), "co_done"]
