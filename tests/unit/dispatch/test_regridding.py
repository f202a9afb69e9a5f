"""Redrawn grids before the rules: where open cases lie then, with whom, and what is said of it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.dispatch.domain.regridding import redrawn
from shared.contracts.base import EventData
from shared.contracts.case_v1 import MAX_RETURNS
from shared.contracts.cases_v1 import ActionRefused, Adrift, CaseDispatched, CaseRegridded
from shared.contracts.policies import Policy
from shared.contracts.registry_v1 import Change, EntrySet, Grid
from shared.contracts.roles import Role
from shared.contracts.routing_rules import UnitKind
from shared.contracts.rule_v1 import Rule
from tests.fakes.clock import START
from tests.unit.dispatch.city import (
    CENTRE,
    ENTRIES,
    GRID,
    LONG_AGO,
    NEIGHBOUR,
    ROW,
    TEAM,
    entry_set,
    named,
    registry,
    unit,
)
from tests.unit.dispatch.desk import (
    DISPATCHER,
    HEAD,
    INSPECTOR,
    SUPERVISOR,
    Desk,
    actor,
    dispatched_desk,
    member,
    refold,
)

WEST, EAST = "990101001001101", "990101001002102"
"""The halves of the first grid: the eastern one is of another community."""
SOON = START + timedelta(hours=1)
STAY = Policy(code="990101001", zone="Asia/Shanghai", on_redraw="stay")
EAST_TEAM = unit("team-990101001002", UnitKind.OFFICER_TEAM, "litter")


def square(code: str, west: float, east: float) -> Grid:
    ring = [[west, 30.0], [east, 30.0], [east, 30.01], [west, 30.01], [west, 30.0]]
    return Grid(code=code, names=named(code), geometry={"type": "Polygon", "coordinates": [ring]})


def drawn(
    grid: Grid, change: str, n: int = 1, since: datetime = SOON, until: datetime | None = None
) -> EntrySet:
    """A version of a grid as a part of a change."""
    version = entry_set(grid, n, since, until)
    return version.model_copy(update={"change": Change(id=change, part=n, count=9)})


def was() -> Grid:
    """The first grid as it was."""
    return square(GRID, 120.0, 120.01)


def gone(change: str = "split", at: datetime = SOON, n: int = 2) -> EntrySet:
    """The first grid is withdrawn."""
    return drawn(was(), change, n, LONG_AGO, at)


SPLIT = (
    gone(),
    drawn(square(WEST, 120.0, 120.004), "split"),
    drawn(square(EAST, 120.004, 120.01), "split"),
)
"""The middle of the first grid lies in its eastern half."""
MOVED = (
    drawn(square(GRID, 120.0, 120.004), "move", 2),
    drawn(square(NEIGHBOUR, 120.004, 120.02), "move", 2),
)


def redraw(desk: Desk, *versions: EntrySet, entries: Any = ENTRIES) -> list[EventData]:  # noqa: ANN401
    """The registry has these versions, it is the hour at which they begin, and all are walked."""
    desk.registry = registry(entries, *versions)
    assert desk.walk() == [], "nothing before its hour"
    desk.clock.forward((SOON - desk.clock()).total_seconds())
    follows = desk.walk()
    assert desk.walk() == [], "once"
    assert refold([*desk.inputs, *desk.outputs]) == desk.document.state
    return follows


def regridded(follows: list[EventData]) -> CaseRegridded:
    assert isinstance(follows[0], CaseRegridded)
    return follows[0]


def test_a_case_is_filed_under_the_version_of_its_grid_that_is_in_force() -> None:
    desk = Desk(registry=registry(ENTRIES, entry_set(was(), 2), drawn(was(), "later", 3)))
    desk.report()
    assert desk.case.grid_n == 2


@pytest.mark.parametrize("versions", [SPLIT, MOVED], ids=["split", "move"])
def test_a_case_moves_to_the_grid_in_which_it_lies_then(versions: tuple[EntrySet, ...]) -> None:
    desk = dispatched_desk()
    told = regridded(redraw(desk, *versions))
    where = (EAST, 1) if versions is SPLIT else (NEIGHBOUR, 2)
    assert (desk.case.grid, desk.case.grid_n) == where
    assert (told.grid_before, told.policy, told.adrift) == (GRID, "move", None)
    assert told.change == versions[0].change.id
    assert told.at == SOON
    assert told.actor is None


def test_nobody_has_taken_it_so_it_is_routed_anew_in_its_new_grid() -> None:
    desk = dispatched_desk()
    assert desk.case.unit is not None
    assert desk.case.unit.code == TEAM
    _, again = redraw(desk, *SPLIT, entries=(*ENTRIES, EAST_TEAM))
    assert isinstance(again, CaseDispatched)
    assert again.case.unit is not None
    assert again.case.unit.code == EAST_TEAM.code
    assert again.case.times.dispatched_at == SOON
    assert again.case.grid == EAST


def test_who_acts_in_the_new_grid_too_keeps_it() -> None:
    desk = dispatched_desk(matter="dispute")  # the town's centre has it
    assert desk.case.unit is not None
    assert desk.case.unit.code == CENTRE
    assert len(redraw(desk, *SPLIT)) == 1


def test_what_was_accepted_stays_with_its_unit_which_may_hand_it_back() -> None:
    desk = dispatched_desk()
    officer = member().model_copy(update={"area": "990101001001"})
    desk.do(("accept", officer))
    assert len(redraw(desk, *SPLIT, entries=(*ENTRIES, EAST_TEAM))) == 1
    assert desk.case.unit is not None
    assert (desk.case.grid, desk.case.unit.code) == (EAST, TEAM)
    stranger = officer.model_copy(update={"area": "990101002"})
    (refused,) = desk.ask("handled", stranger)
    assert isinstance(refused, ActionRefused)
    assert refused.rule is Rule.NOT_YOUR_AREA
    desk.do(("handled", officer))
    assert desk.case.state == "handled"


def test_a_unit_that_a_dispatcher_named_from_elsewhere_keeps_it() -> None:
    desk = dispatched_desk()
    desk.ask("reassign", DISPATCHER, unit="works-990102")
    assert len(redraw(desk, *SPLIT, entries=(*ENTRIES, EAST_TEAM))) == 1
    assert desk.case.unit is not None
    assert desk.case.unit.code == "works-990102"


def test_after_the_last_return_the_rules_are_not_asked() -> None:
    desk = dispatched_desk()
    for unit_code in (TEAM, CENTRE):
        desk.do(("return", member(unit_code)))
        desk.ask("approve", HEAD)
    assert (desk.case.state, desk.case.returns) == ("filed", MAX_RETURNS)
    assert len(redraw(desk, *SPLIT, entries=(*ENTRIES, EAST_TEAM))) == 1
    assert desk.case.unit is None


def test_whoever_returned_it_does_not_get_it_by_a_move() -> None:
    desk = dispatched_desk()
    desk.registry = registry((*ENTRIES, EAST_TEAM))
    desk.ask("reassign", DISPATCHER, unit=EAST_TEAM.code)
    desk.do(("return", member(EAST_TEAM.code)))
    desk.ask("approve", DISPATCHER, unit=TEAM)
    _, again = redraw(desk, *SPLIT, entries=(*ENTRIES, EAST_TEAM))
    assert isinstance(again, CaseDispatched)
    assert again.case.unit is not None
    assert again.case.unit.code == CENTRE


def test_a_case_that_nobody_had_is_dispatched_where_somebody_is_responsible() -> None:
    desk = Desk()
    desk.report(matter="lamp")
    assert desk.case.state == "filed"
    lamps = unit("lamps-990101001002", UnitKind.ENTERPRISE, "lamp")
    _, again = redraw(desk, *SPLIT, entries=(*ENTRIES, lamps))
    assert isinstance(again, CaseDispatched)


def test_where_the_policy_says_so_it_stays_in_the_grid_that_has_ended() -> None:
    desk = dispatched_desk()
    told = regridded(redraw(desk, *SPLIT, entries=(*ENTRIES, STAY)))
    assert (told.policy, told.adrift, told.grid_before) == ("stay", Adrift.STAYS, GRID)
    assert (desk.case.grid, desk.case.grid_n) == (GRID, 2)


def test_where_the_policy_says_so_it_stays_in_the_grid_that_was_redrawn() -> None:
    desk = dispatched_desk()
    told = regridded(redraw(desk, *MOVED, entries=(*ENTRIES, STAY)))
    assert (told.policy, told.adrift) == ("stay", None)
    assert (desk.case.grid, desk.case.grid_n) == (GRID, 2)


def test_a_case_in_no_grid_any_more_stays_and_moves_when_one_holds_it() -> None:
    desk = dispatched_desk()
    told = regridded(redraw(desk, gone("withdrawn")))
    assert (told.policy, told.adrift, desk.case.grid) == ("move", Adrift.OUTSIDE, GRID)
    later = desk.clock() + timedelta(hours=1)
    new = drawn(square(EAST, 120.004, 120.01), "drawn at last", since=later)
    desk.registry = registry(ENTRIES, gone("withdrawn"), new)
    assert desk.walk() == []
    desk.clock.forward(3600)
    told = regridded(desk.walk())
    assert (told.change, told.grid_before, told.adrift) == ("drawn at last", GRID, None)
    assert desk.case.grid == EAST
    assert desk.walk() == []


def test_a_boundary_that_leaves_the_place_out_says_so_once() -> None:
    desk = dispatched_desk()
    told = regridded(redraw(desk, drawn(square(GRID, 120.0, 120.001), "shrunk", 2)))
    assert told.adrift is Adrift.OUTSIDE
    assert desk.case.grid == GRID
    back = drawn(was(), "back", 3)
    desk.registry = registry(ENTRIES, drawn(square(GRID, 120.0, 120.001), "shrunk", 2), back)
    told = regridded(desk.walk())
    assert (told.change, told.adrift, desk.case.grid_n) == ("back", None, 3)
    assert desk.walk() == []


def test_a_redrawn_grid_that_still_holds_the_place_is_one_event_and_makes_no_screen_stale() -> None:
    desk = dispatched_desk()
    seen = desk.decided.sequence
    told = regridded(redraw(desk, drawn(square(GRID, 120.0, 120.009), "trimmed", 2)))
    assert (told.grid_before, desk.case.grid, desk.case.grid_n) == (GRID, GRID, 2)
    (accepted,) = desk.ask("accept", member(), expected_sequence=seen)
    assert not isinstance(accepted, ActionRefused)


def test_a_version_with_the_same_boundary_redraws_nothing() -> None:
    desk = dispatched_desk()
    renamed = was().model_copy(update={"names": named("another name")})
    assert redraw(desk, drawn(renamed, "renamed", 2)) == []
    assert desk.case.grid_n == 1
    shrunk = drawn(square(GRID, 120.0, 120.004), "shrunk", 3)
    desk.registry = registry(ENTRIES, drawn(renamed, "renamed", 2), shrunk)
    assert regridded(desk.walk()).change == "shrunk"


def test_a_grid_that_is_revived_takes_back_who_stayed_in_it() -> None:
    desk = dispatched_desk()
    redraw(desk, gone(), entries=(*ENTRIES, STAY))
    desk.registry = registry((*ENTRIES, STAY), gone(), drawn(was(), "revived", 3))
    told = regridded(desk.walk())
    assert (told.change, told.adrift, desk.case.grid_n) == ("revived", None, 3)
    assert desk.walk() == []


@pytest.mark.parametrize("end", ["closed", "voided"])
def test_what_is_over_is_left_alone_and_walked_when_it_is_reopened(end: str) -> None:
    desk = dispatched_desk()
    if end == "closed":
        desk.do(("accept", member()), ("handled", member()), ("verify", INSPECTOR))
    else:
        desk.do(("void", SUPERVISOR))
    assert redraw(desk, *SPLIT, entries=(*ENTRIES, EAST_TEAM)) == []
    assert desk.case.grid == GRID
    if end == "closed":
        desk.do(("reopen", SUPERVISOR))
        told, again = desk.walk()
        assert regridded([told]).case.grid == EAST
        assert isinstance(again, CaseDispatched)
        assert desk.walk() == []


def test_what_waits_in_review_is_no_case() -> None:
    desk = Desk()
    desk.report(matter=None)
    assert desk.decided.ending == "in_review"
    assert redraw(desk, *SPLIT) == []


def test_somebody_of_another_area_does_not_act_for_being_of_the_unit() -> None:
    desk = dispatched_desk()
    inspector = actor(Role.INSPECTOR, unit=TEAM, area="990102")
    desk.do(("accept", member()), ("handled", member()))
    (refused,) = desk.ask("verify", inspector, passed=True)
    assert isinstance(refused, ActionRefused)
    assert refused.rule is Rule.NOT_YOUR_AREA


# Any history of boundaries

BORDERS = st.lists(
    st.lists(st.floats(120.0005, 120.0395).map(lambda x: round(x, 4)), min_size=3, max_size=3,
             unique=True).map(sorted),
    min_size=1, max_size=5,
)  # fmt: skip
"""Each redrawing: where the four grids of the row meet then."""


def redrawings(all_borders: list[list[float]]) -> list[EntrySet]:
    versions: list[EntrySet] = []
    for number, borders in enumerate(all_borders):
        edges = [120.0, *borders, 120.04]
        at = START + timedelta(hours=number + 1)
        for index, code in enumerate(ROW):
            grid = square(code, edges[index], edges[index + 1])
            versions.append(drawn(grid, f"change {number}", number + 2, at))
    return versions


@settings(deadline=None)
@given(
    borders=BORDERS,
    longitude=st.floats(120.0002, 120.0398).map(lambda x: round(x + 0.00005, 5)),
    steps=st.lists(
        st.sampled_from(["hour", "walk", "accept", "handled", "verify", "reopen"]), max_size=14
    ),
)
def test_wherever_the_borders_go_an_open_case_that_was_walked_lies_where_it_lies(
    borders: list[list[float]], longitude: float, steps: list[str]
) -> None:
    everywhere = Policy(code="990201", zone="Asia/Shanghai")
    desk = Desk(registry=registry((*ENTRIES, everywhere), *redrawings(borders)))
    desk.report(location={"coordinates": (longitude, 30.005)})
    for step in [*steps, "walk"]:
        unit_code = desk.case.unit.code if desk.case.unit else TEAM
        if step == "hour":
            desk.clock.forward(3600)
        elif step == "walk":
            desk.walk()
        elif step == "verify":
            desk.ask("verify", INSPECTOR, passed=True)
        elif step == "reopen":
            desk.ask("reopen", SUPERVISOR)
        else:
            desk.ask(step, member(unit_code))
    told = [one.data for one in desk.outputs if isinstance(one.data, CaseRegridded)]
    changes = [one.change for one in told]
    assert len(set(changes)) == len(changes), "once a change"
    for one in told:
        assert one.case.state not in {"closed", "voided"}
    if desk.case.state != "closed":
        here = desk.registry.grid_at(longitude, 30.005, desk.clock())
        assert here is not None
        assert desk.case.grid == here.code
        assert not redrawn(
            desk.case.grid, desk.case.grid_n, desk.decided.adrift, desk.registry, desk.clock()
        )
    before = desk.document.state
    assert desk.walk() == []
    assert desk.document.state is before
    assert refold([*desk.outputs, *desk.inputs]) == desk.document.state


def test_what_a_centre_has_in_hand_is_left_to_it_while_its_area_holds_the_grid() -> None:
    desk = dispatched_desk()
    desk.ask("hand_up", DISPATCHER, area="990101")
    assert (desk.case.unit, desk.case.centre) == (None, "990101")
    (regridded,) = redraw(desk, *SPLIT)
    assert isinstance(regridded, CaseRegridded)
    assert (desk.case.grid, desk.case.unit, desk.case.centre) == (EAST, None, "990101")
    # Of an area that does not hold the grid no centre has it in hand: the rules of the new one.
    other = dispatched_desk()
    other.ask("hand_down", DISPATCHER, area=GRID[:12])
    regridded, again = redraw(other, *SPLIT, entries=(*ENTRIES, EAST_TEAM))
    assert isinstance(regridded, CaseRegridded)
    assert isinstance(again, CaseDispatched)
    assert other.case.grid == EAST
    assert other.case.centre is None
