"""What was due by itself before an action, and is handled after it: the order changes nothing."""

from datetime import timedelta

import pytest

from shared.contracts.base import EventData
from shared.contracts.cases_v1 import ActionRefused, CaseDispatched, CaseHandled, CasePrioritised
from shared.contracts.incidents_v1 import Verb
from shared.contracts.levels import SupervisionLevel
from shared.contracts.requests_v1 import CaseResumed, RequestLapsed
from shared.contracts.rule_v1 import Rule
from shared.contracts.tasks_v1 import TaskAccepted
from shared.worktime.natural import MILLISECOND
from tests.unit.dispatch.city import CITY, TEAM
from tests.unit.dispatch.desk import SUPERVISOR, Desk, dispatched_desk, kinds, member
from tests.unit.dispatch.test_succession import HEIR, SOON, gone, registry_with

REVIEW = timedelta(hours=2)


def suspended() -> Desk:
    """The team's case, with another unit called; its clocks stand for two hours."""
    desk = dispatched_desk().do(("accept", member()))
    desk.ask(Verb.WHISTLE, member(), unit=CITY)
    desk.ask(Verb.SUSPEND, member(), until=desk.clock() + REVIEW)
    desk.ask(Verb.APPROVE, SUPERVISOR)
    assert desk.case.suspension is not None
    return desk


def after(desk: Desk, seconds: int, verb: Verb, unit: str = TEAM) -> list[EventData]:
    """A unit acts so long after the review date."""
    assert desk.case.suspension is not None
    desk.clock.now = desk.case.suspension.until + timedelta(seconds=seconds - 1)
    return desk.ask(verb, member(unit))


def test_what_is_done_after_the_review_date_finds_the_suspension_ended_on_it() -> None:
    desk = suspended()
    until = desk.case.suspension.until if desk.case.suspension else None
    resumed, *done = after(desk, 3_600, Verb.CO_ACCEPT, CITY)
    assert isinstance(resumed, CaseResumed)
    assert (resumed.at, resumed.rule, resumed.actor) == (until, Rule.REVIEW_DATE, None)
    assert kinds(done) == [TaskAccepted]
    assert desk.tick() == [], "its timer has nothing to do any more"
    assert desk.case.suspension is None


@pytest.mark.parametrize("ticked", [False, True])
def test_the_clocks_stand_as_long_whichever_is_handled_first(ticked: bool) -> None:  # noqa: FBT001
    desk = suspended()
    desk.ask(Verb.CO_WITHDRAW, member(), unit=CITY)
    until = desk.case.suspension.until if desk.case.suspension else None
    if ticked:
        desk.clock.forward(REVIEW.total_seconds() + 3_600)
        assert kinds(desk.tick()) == [CaseResumed]
        follows = desk.ask(Verb.HANDLED, member())
    else:
        _, *follows = after(desk, 3_600, Verb.HANDLED)
    assert kinds(follows) == [CaseHandled]
    resumed = [one.data for one in desk.outputs if isinstance(one.data, CaseResumed)]
    assert [(one.at, one.rule) for one in resumed] == [(until, Rule.REVIEW_DATE)]


def test_what_is_refused_after_the_review_date_changes_nothing() -> None:
    desk = suspended()
    assert kinds(after(desk, 60, Verb.RESUME)) == [ActionRefused]
    refused = desk.outputs[-1].data
    assert isinstance(refused, ActionRefused)
    assert refused.rule is Rule.NOT_SUSPENDED
    assert kinds(desk.tick()) == [CaseResumed]


def test_before_it_a_change_of_state_still_ends_it() -> None:
    desk = suspended()
    desk.ask(Verb.CO_WITHDRAW, member(), unit=CITY)
    resumed, handled = after(desk, -60, Verb.HANDLED)
    assert isinstance(resumed, CaseResumed)
    assert (resumed.at, resumed.rule) == (desk.clock(), Rule.STATE_CHANGES)
    assert isinstance(handled, CaseHandled)


def test_a_unit_that_is_withdrawn_later_leaves_it_ended_on_its_date() -> None:
    desk = dispatched_desk().do(("accept", member()))
    until = desk.clock() + timedelta(minutes=30)
    desk.ask(Verb.SUSPEND, member(), until=until)
    desk.ask(Verb.APPROVE, SUPERVISOR)
    desk.registry = registry_with(gone(TEAM, HEIR.code))
    desk.clock.now = SOON
    resumed, again = desk.walk()
    assert isinstance(resumed, CaseResumed)
    assert (resumed.at, resumed.rule) == (until, Rule.REVIEW_DATE)
    assert isinstance(again, CaseDispatched)


def test_a_request_that_nobody_decided_lapses_after_its_last_instant_not_in_it() -> None:
    """Else its clock, which stops then, would be met by whoever never decided."""
    desk = dispatched_desk().do(("accept", member()))
    desk.ask(Verb.EXTEND, member(), amount=1)
    assert desk.case.request is not None
    lapses_at = desk.case.request.lapses_at
    assert lapses_at is not None
    desk.clock.now = lapses_at + timedelta(minutes=1)
    (lapsed,) = desk.tick()
    assert isinstance(lapsed, RequestLapsed)
    assert lapsed.at == lapses_at + MILLISECOND


def test_supervision_of_what_stands_still_is_heard() -> None:
    desk = suspended()
    assert kinds(desk.supervise(SupervisionLevel.ORDINARY)) == [CasePrioritised]
    assert desk.case.suspension is not None
