"""What officers put right on the spot: filed and closed at once, a seeded share checked."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.dispatch.domain.on_site import drawn
from shared.contracts.case_v1 import CaseState
from shared.contracts.cases_v1 import (
    ActionRefused,
    CaseClosed,
    CaseDispatched,
    CaseFiled,
    HandledOnSite,
    ReworkOrdered,
    SpotCheckOrdered,
)
from shared.contracts.golden import story
from shared.contracts.incidents_v1 import OnSite, Verb
from shared.contracts.outcomes_v1 import IncidentLinked
from shared.contracts.policies import Policy
from shared.contracts.registry_v1 import Unit
from shared.contracts.roles import Role
from shared.contracts.rule_v1 import Rule
from tests.fakes.clock import START
from tests.unit.dispatch.city import CENTRE, ENTRIES, GRID, TEAM, registry
from tests.unit.dispatch.desk import INCIDENT, Desk, actor, member
from tests.unit.dispatch.test_appeals import breached

DONE = OnSite(before=story.BEFORE, after=story.AFTER, said="swept").model_dump(mode="json")
INSPECTOR = actor(Role.INSPECTOR, unit=CENTRE)


def city(percent: int, *without: str) -> Any:  # noqa: ANN401
    """The city, where so many in a hundred are checked, without some units."""
    share = {"spot_check_percent": percent}
    entries = (
        one.model_copy(update=share) if isinstance(one, Policy) else one
        for one in ENTRIES
        if not (isinstance(one, Unit) and one.code in without)
    )
    return registry(entries)


def desk(percent: int, *without: str, roles: tuple[str, ...] = ("officer",)) -> Desk:
    found = Desk(registry=city(percent, *without))
    found.report_as(roles, handled_on_site=DONE)
    return found


def test_it_is_filed_handled_and_closed_at_once() -> None:
    one = desk(0)
    filed, closed = (event.data for event in one.outputs)
    assert isinstance(filed, CaseFiled)
    assert type(closed) is HandledOnSite
    case = closed.case
    assert (case.state, case.on_site, filed.near, filed.unrouted) == (
        CaseState.CLOSED, True, None, None,
    )  # fmt: skip
    assert case.unit is not None
    assert case.unit.code == TEAM
    assert (closed.actor, closed.reason) == (one.inputs[0].data.reporter, "swept")
    assert [photo.shows for photo in closed.photos] == ["before", "after"]
    assert case.times.handled_at == case.times.closed_at == one.clock()
    assert case.times.dispatched_at is None


def test_whoever_handled_it_never_checks_it_and_a_failed_check_is_rework() -> None:
    one = desk(100)
    checked = one.outputs[-1].data
    assert isinstance(checked, SpotCheckOrdered)
    assert checked.case.state is CaseState.HANDLED
    reporter = one.inputs[0].data.reporter
    for who in (
        reporter.model_copy(update={"roles": ("inspector",)}),
        actor(Role.INSPECTOR, unit=TEAM),
    ):
        (refused,) = one.ask(Verb.VERIFY, who, passed=True)
        assert isinstance(refused, ActionRefused)
        assert refused.rule is Rule.HANDLER_NEVER_VERIFIES
    (rework,) = one.ask(Verb.VERIFY, INSPECTOR, passed=False)
    assert isinstance(rework, ReworkOrdered)
    assert (rework.case.state, rework.case.on_site) == (CaseState.ACCEPTED, True)
    one.ask(Verb.HANDLED, member(TEAM))
    (closed,) = one.ask(Verb.VERIFY, INSPECTOR, passed=True)
    assert isinstance(closed, CaseClosed)


def test_a_failed_check_leaves_what_was_breached_breached() -> None:
    one = desk(100)
    one.ask(Verb.VERIFY, INSPECTOR, passed=False)
    assert one.case.times.dispatched_at is None
    breached(one)
    (refused,) = one.ask(Verb.EXTEND, member(TEAM), amount=1)
    assert isinstance(refused, ActionRefused)
    assert refused.rule is Rule.LIMIT_BREACHED


def test_it_is_no_duplicate_and_nothing_is_a_duplicate_of_it() -> None:
    for percent in (0, 100):
        assert desk(percent).document.state is not None
        columns = desk(percent).document
        assert columns.state is not None
        assert columns.state.decided.near is None
        assert not any(isinstance(one.data, IncidentLinked) for one in desk(percent).outputs)


def test_without_a_team_it_goes_the_ordinary_way() -> None:
    one = desk(0, TEAM)
    assert [type(event.data) for event in one.outputs] == [CaseFiled, CaseDispatched]
    assert not one.case.on_site


def test_what_a_flow_asks_for_is_gone_through_whatever_was_put_right_on_the_spot() -> None:
    for percent in (0, 100):
        one = Desk(registry=city(percent))
        filed, given = one.report_as(("officer",), matter="hazard", handled_on_site=DONE)
        assert isinstance(filed, CaseFiled)
        assert isinstance(given, CaseDispatched)
        # Whoever handles it sees what was done.
        assert filed.put_right is not None
        assert (filed.put_right.said, filed.put_right.after) == ("swept", story.AFTER)
        assert not one.case.on_site
        one.do(("accept", member(TEAM)))
        assert one.ask(Verb.HANDLED, member(TEAM))[0].TYPE.endswith("refused.v1")


def test_what_cannot_be_filed_waits_whoever_has_handled_it() -> None:
    found = Desk(registry=city(0))
    (held,) = found.report_as(("officer",), matter="unheard-of", handled_on_site=DONE)
    assert held.TYPE.endswith("held.v1")
    clerk = actor(Role.ACCEPTANCE_DESK)
    kinds = [type(one) for one in found.ask(Verb.FILE, clerk, matter="litter")]
    assert kinds == [CaseFiled, HandledOnSite]


@given(st.lists(st.uuids(version=5), min_size=1, max_size=30, unique=True))
def test_the_same_ones_are_drawn_again(incidents: list[UUID]) -> None:
    for one in map(str, incidents):
        assert not drawn(one, START, 0)
        assert drawn(one, START, 100)
        assert drawn(one, START, 5) == drawn(one, START, 5)
        assert drawn(one, START, 5) <= drawn(one, START, 50)


def test_some_five_in_a_hundred_are_drawn() -> None:
    found = sum(drawn(f"incident-{number}", START, 5) for number in range(10_000))
    assert 400 < found < 600


def test_nobody_can_choose_a_key_that_is_never_drawn() -> None:
    """The id follows from the key that a reporter chooses; when it arrives does not."""
    for incident in (INCIDENT, "incident-1", "incident-2"):
        moments = (START + timedelta(milliseconds=n) for n in range(10_000))
        assert 400 < sum(drawn(incident, one, 5) for one in moments) < 600


@pytest.mark.parametrize(
    ("where", "checked"),
    [
        ({"area": GRID[:12]}, False),
        ({"area": GRID[:4]}, False),
        ({"unit": TEAM}, False),
        ({"unit": TEAM, "area": GRID[:9]}, False),
        ({"area": "990109"}, True),
        ({"unit": TEAM, "area": "990109001001"}, True),
        ({"unit": "no-such-unit"}, True),
    ],
)
def test_what_was_put_right_where_the_officer_does_not_work_is_always_checked(
    where: dict[str, str],
    checked: bool,  # noqa: FBT001 - a row of the table
) -> None:
    one = Desk(registry=city(0))
    officer = actor(Role.OFFICER).model_copy(update=where)
    one.report_by(officer, handled_on_site=DONE)
    assert isinstance(one.outputs[-1].data, SpotCheckOrdered) is checked
    assert one.case.state is (CaseState.HANDLED if checked else CaseState.CLOSED)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("before", {"shows": "after"}),
        ("after", {"shows": "before"}),
        ("before", {"sha256": story.AFTER.sha256}),
        ("before", {"sha256": "no hash"}),
        ("before", {"ref": ""}),
    ],
)
def test_both_photos_are_needed_and_differ(field: str, change: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        OnSite.model_validate({**DONE, field: {**DONE[field], **change}})


def test_the_grid_is_that_of_the_place() -> None:
    assert desk(0).case.grid == GRID


@pytest.mark.parametrize("matter", ["hazard", "litter"])
def test_nobody_checks_what_he_put_right_himself_however_it_goes_on(matter: str) -> None:
    """By a flow, or by the ordinary way where no team is."""
    one = Desk(registry=city(0, *(() if matter == "hazard" else (TEAM,))))
    one.report_as(("officer",), matter=matter, handled_on_site=DONE)
    worker = member(one.case.unit.code if one.case.unit else "")
    one.do(("accept", worker))
    _ = one.ask(Verb.STEP, worker, turn="none") if one.case.flow else one.do(("handled", worker))
    assert one.case.state is CaseState.HANDLED
    reporter = one.inputs[0].data.reporter.model_copy(update={"roles": ("inspector",)})
    for passed in (True, False):
        (refused,) = one.ask(Verb.VERIFY, reporter, passed=passed)
        assert isinstance(refused, ActionRefused)
        assert refused.rule is Rule.HANDLER_NEVER_VERIFIES
    somebody = actor(Role.SUPERVISOR, subject="somebody")
    (closed,) = one.ask(Verb.VERIFY, somebody, passed=True)
    assert isinstance(closed, CaseClosed)
