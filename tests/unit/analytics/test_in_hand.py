"""Whose centre has a case in hand: inboxes say what dispatch allows, whatever happens to a case."""

import random
from datetime import timedelta
from typing import Any

import pytest

from services.analytics.domain.folding import evolve
from services.analytics.domain.inboxes import Inbox, todos
from services.analytics.domain.timeline import Timeline
from services.dispatch.domain.checks import CHECKS
from services.dispatch.domain.guards import Guard
from services.dispatch.domain.question import Question
from shared.contracts.base import Actor
from shared.contracts.cases_v1 import CaseHandedDown, CaseHandedUp, CaseRegridded
from shared.contracts.incidents_v1 import ActionRequest, ActionRequested
from shared.contracts.outcomes_v1 import IncidentLinked
from shared.contracts.registry_v1 import Unit
from shared.contracts.roles import Role
from tests.unit.analytics.lives import UNITS, fold, whole
from tests.unit.analytics.test_telling import events_of
from tests.unit.dispatch.city import (
    CENTRE,
    CITY,
    CITY_REGISTRY,
    COUNTY,
    ELSEWHERE,
    ENTRIES,
    GRID,
    TEAM,
    registry,
)
from tests.unit.dispatch.desk import HEAD, Desk, actor, kinds, refold
from tests.unit.dispatch.test_regridding import drawn, gone, square

FAR = "990102003001105"
"""The first grid once it is another county's."""
MOVED = (gone(), drawn(square(FAR, 120.0, 120.01), "split"))
ELSE = [one for one in ENTRIES if getattr(one, "code", None) != GRID]
WITH_UNITS = registry(ELSE, *MOVED)
WITHOUT_UNITS = registry([one for one in ELSE if not isinstance(one, Unit)], *MOVED)
CENTRES = sorted({code[:digits] for code in (GRID, FAR) for digits in (4, 6, 9, 12)})
DECIDES = {
    "reassign": (Guard.IN_HAND, Guard.RULED_FROM_TOWN),
    "approve": (Guard.IN_HAND, Guard.HIGH_ENOUGH),
    "step": (Guard.IN_HAND,),
}
"""By what of an action it depends on the area of a centre whether it decides."""
PHOTO = {"ref": "a", "sha256": "2c" * 32, "shows": "before"}
ON_SITE = {"before": PHOTO, "after": {**PHOTO, "ref": "b", "sha256": "3c" * 32, "shows": "after"}}


def timeline(desk: Desk) -> Timeline:
    found = Timeline()
    for event in desk.outputs:
        found = evolve(found, event)
    return found


def question(desk: Desk, action: str, who: Actor) -> Question:
    assert desk.document.state is not None
    more = {"unit": CITY} if action == "reassign" else {}
    request = ActionRequest.model_validate({"action": action, "reason": "r", **more})
    asked = ActionRequested(
        incident_id=desk.incident, action_id="a", received_at=desk.clock(), actor=who,
        request=request,
    )  # fmt: skip
    return Question(asked, desk.document.state, desk.registry)


def agree(desk: Desk) -> None:
    """The inboxes of centres offer what dispatch lets each of them decide."""
    found = timeline(desk)
    assert found.case.case is not None
    by = question(desk, "reassign", HEAD)
    assert found.case.case.get("in_hand") == by.centre
    actions = {one.action for one in todos(found) if one.inbox is Inbox.CENTRE}
    for area in CENTRES:
        offered = {one.action for one in todos(found) if one.is_for(Inbox.CENTRE, None, area)}
        for action in actions:
            asked = question(desk, action, actor(Role.DUTY_HEAD, area=area))
            assert (action in offered) == all(CHECKS[one][0](asked) for one in DECIDES[action]), (
                area
            )


def redraw(desk: Desk, *, units: bool) -> None:
    """The grid is another county's, where there are units, or none (yet)."""
    desk.registry = WITH_UNITS if units else WITHOUT_UNITS
    desk.clock.forward(timedelta(hours=2).total_seconds())
    assert CaseRegridded in kinds(desk.walk())


def test_redrawn_elsewhere_it_is_back_with_the_centre_that_dispatched_it() -> None:
    desk = Desk()
    desk.report(matter="pothole")
    desk.ask("reassign", HEAD, unit=CITY)
    agree(desk)
    down = desk.ask("hand_down", actor(Role.DUTY_HEAD, area="9901"), area="990101001")
    assert kinds(down) == [CaseHandedDown]
    agree(desk)
    redraw(desk, units=False)
    assert (desk.case.centre, desk.decided.centre) == (None, "9901")
    agree(desk)


def test_also_where_the_one_above_had_it_in_hand() -> None:
    desk = Desk()
    desk.report()
    up = desk.ask("hand_up", actor(Role.DUTY_HEAD, area="990101001"), area="990101")
    assert kinds(up) == [CaseHandedUp]
    agree(desk)
    redraw(desk, units=False)
    assert (desk.case.centre, desk.decided.centre) == (None, "990101001001")
    agree(desk)


def report(desk: Desk, chance: random.Random) -> None:
    if chance.random() < 0.2:
        officer = actor(Role.OFFICER, subject="o", unit=chance.choice((TEAM, ELSEWHERE)))
        desk.report_by(officer, handled_on_site=ON_SITE)
        return
    desk.report(matter=chance.choice(("litter", "pothole", "hazard", "dispute")))


def act(desk: Desk, chance: random.Random) -> None:
    """Anybody of any area or unit asks for anything; most of it is refused."""
    verbs: tuple[tuple[str, dict[str, Any]], ...] = (
        ("reassign", {"unit": chance.choice((TEAM, CENTRE, COUNTY, CITY, ELSEWHERE))}),
        ("hand_up", {"area": chance.choice(CENTRES)}),
        ("hand_down", {"area": chance.choice(CENTRES)}),
        ("accept", {}),
        ("return", {}),
        ("suspend", {"until": desk.clock() + timedelta(days=2)}),
        ("approve", {}),
        ("handled", {}),
        ("verify", {"passed": chance.random() < 0.5}),
    )
    verb, more = chance.choice(verbs)
    unit = desk.case.unit.code if desk.case.unit else None
    area = chance.choice((None, *CENTRES))
    who = Actor(subject=chance.choice("ab"), roles=tuple(sorted(Role)), unit=unit, area=area)
    desk.ask(verb, who, **more)


@pytest.mark.parametrize("seed", range(40))
def test_whatever_happens_inboxes_and_dispatch_agree(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a seeded run, no secret
    desk = Desk(CITY_REGISTRY)
    report(desk, chance)
    agree(desk)
    redrawn = chance.randrange(12)
    for turn in range(12):
        act(desk, chance)
        if turn == redrawn and desk.case.state != "closed":
            redraw(desk, units=chance.random() < 0.5)
            desk.registry = WITH_UNITS
        agree(desk)


def test_filed_again_it_is_still_with_the_centre_that_dispatched_it() -> None:
    life = whole()
    life.move("void", UNITS[0])
    life.leave_unfiled(IncidentLinked)
    life.separate()
    life.case = life.case.model_copy(update={"unit": None})
    life.file()
    found = fold(events_of(life)).case.case
    assert found is not None
    assert found["in_hand"] == refold(life.topics["cases"]).decided.centre == "9901"
