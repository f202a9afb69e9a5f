"""Nobody of the traffic asks for what went on without them."""

from datetime import timedelta
from typing import Any

import pytest

from deploy.traffic import steps
from deploy.traffic.board import Board
from deploy.traffic.lateness import too_late
from deploy.traffic.plots import Plot
from deploy.traffic.reports import Draft
from deploy.traffic.steps import Step
from services.dispatch.domain.checks import URGE_PAUSE
from shared.contracts.base import EventData
from shared.contracts.case_v1 import CaseEvent, CaseState
from shared.contracts.cases_v1 import CaseAccepted, CaseUrged
from shared.contracts.requests_v1 import CaseSuspended, SuspensionRequested
from shared.contracts.supervising_v1 import CaseAcknowledged
from tests.unit.city import cases
from tests.unit.city.cases import NOW

SOON = NOW + timedelta(seconds=20)
LATER = SOON + timedelta(seconds=1)
ASKED = {"kind": "suspension", "asked_at": NOW, "subject": "m", "until": SOON}
STANDS = {"since": NOW, "until": SOON, "subject": "s"}


def step(kind: type[CaseEvent], state: CaseState, **fields: Any) -> CaseEvent:  # noqa: ANN401
    return cases.step(kind, cases.case(state, **fields))


REQUESTED = step(SuspensionRequested, CaseState.ACCEPTED, request=ASKED)
SUSPENDED = step(CaseSuspended, CaseState.ACCEPTED, suspension=STANDS)
ACCEPTED = step(CaseAccepted, CaseState.ACCEPTED)
DISPATCHED = cases.dispatched()


@pytest.mark.parametrize(
    ("asked", "data", "latest", "in_time"),
    [
        (steps.ALLOW, REQUESTED, REQUESTED, True),
        (steps.ALLOW, REQUESTED, ACCEPTED, False),
        (steps.RESUME, SUSPENDED, SUSPENDED, True),
        (steps.RESUME, SUSPENDED, ACCEPTED, False),
        (steps.VOID, DISPATCHED, DISPATCHED, True),
        (steps.VOID, DISPATCHED, ACCEPTED, False),
        (steps.HANDLED, ACCEPTED, ACCEPTED, True),
    ],
)
def test_what_went_on_meanwhile_is_not_asked_for(
    asked: Step,
    data: EventData,
    latest: CaseEvent,
    in_time: bool,  # noqa: FBT001
) -> None:
    assert too_late(tracked(latest), asked, data, NOW) is not in_time


def test_nobody_grants_a_suspension_that_would_be_over() -> None:
    assert not too_late(tracked(REQUESTED), steps.ALLOW, REQUESTED, NOW)
    assert too_late(tracked(REQUESTED), steps.ALLOW, REQUESTED, LATER)


def test_what_is_acknowledged_is_not_acknowledged_again() -> None:
    acknowledged = cases.step(CaseAcknowledged, cases.case(CaseState.ACCEPTED), orders=(5,))
    reminded = cases.reminded(1)
    assert not too_late(tracked(ACCEPTED), steps.ACKNOWLEDGE, reminded, NOW)
    assert too_late(tracked(ACCEPTED, acknowledged), steps.ACKNOWLEDGE, reminded, NOW)


def test_who_was_urged_a_moment_ago_is_not_urged_again() -> None:
    urged = cases.step(CaseUrged, cases.case(CaseState.DISPATCHED, urged_at=NOW))
    ordered = cases.supervised("ordinary")
    just_before = NOW + URGE_PAUSE - timedelta(seconds=1)
    assert not too_late(tracked(DISPATCHED), steps.URGE, ordered, NOW)
    assert too_late(tracked(urged), steps.URGE, ordered, just_before)
    assert not too_late(tracked(urged), steps.URGE, ordered, NOW + URGE_PAUSE)


def tracked(*events: CaseEvent) -> Any:  # noqa: ANN401
    board = Board()
    board.sent("i", Draft({}, None, Plot.SMOOTH))
    for one in events:
        board.saw(cases.event(one))
    return board.incidents["i"]
