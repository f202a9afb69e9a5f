"""How urgent a case is, as its reporter may know it: the handling of the unit, nothing else."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from services.intake.domain import standing
from services.intake.domain.acceptance import is_nothing
from services.intake.domain.reading import READERS
from services.intake.domain.receipt import Receipt
from shared.contracts.base import Limit, LimitUnit, Stage
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import (
    Clock,
    ClocksChanged,
    ClockState,
    SupervisionEvent,
    SupervisionLifted,
    SupervisionOrdered,
)
from shared.contracts.golden.story import INCIDENT
from shared.contracts.levels import SupervisionLevel
from tests.unit.intake.driving import NOW

E = TypeVar("E", bound=SupervisionEvent)
HOUR = Limit(amount=1, unit=LimitUnit.URGENT_HOUR)


def turned(task: str, state: ClockState, hours: int, n: int = 1) -> Event[ClocksChanged]:
    """The handling clock of a task, due in so many hours, as the n-th event says."""
    clock = Clock(
        task=task, clock=Stage.HANDLE, run=1, state=state, limit=HOUR, started_at=NOW,
        due_at=NOW + timedelta(hours=hours),
    )  # fmt: skip
    data = ClocksChanged(incident_id=INCIDENT, at=NOW, cause="test", clocks=(clock,))
    return Event(
        id=f"{task}-{state}-{hours}", source="/wangge/escalation", subject=INCIDENT, time=NOW,
        data=data, correlation_id=INCIDENT, causation_id=INCIDENT, sequence=n,
    )  # fmt: skip


@pytest.mark.parametrize("task", ["request", "co-1", "safe", "appeal"])
def test_the_reporter_is_told_of_the_leads_clock_alone(task: str) -> None:
    receipt = standing.clocks(Receipt(), turned("lead", ClockState.RUNNING, 5))
    assert receipt.urgency.due_at == NOW + timedelta(hours=5)
    for state in (ClockState.RUNNING, ClockState.MET):
        assert standing.clocks(receipt, turned(task, state, 1)) == receipt
        assert is_nothing(turned(task, state, 1))
    over = standing.clocks(receipt, turned("lead", ClockState.MET, 5, 2))
    assert over.urgency.due_at is None
    assert not is_nothing(turned("lead", ClockState.MET, 5))


@pytest.mark.parametrize(
    ("first", "second", "due"),
    [
        (ClockState.MET, ClockState.RUNNING, 9),
        (ClockState.MISSED, ClockState.RUNNING, 9),
        (ClockState.RUNNING, ClockState.MET, 5),
        (ClockState.RUNNING, ClockState.RUNNING, 9),
        (ClockState.MET, ClockState.PAUSED, None),
    ],
)
@pytest.mark.parametrize("turn_round", [False, True])
def test_of_several_runs_of_a_clock_the_one_that_runs_is_told(
    first: ClockState,
    second: ClockState,
    due: int | None,
    turn_round: bool,  # noqa: FBT001
) -> None:
    began = standing.clocks(Receipt(), turned("lead", ClockState.RUNNING, 5))
    event = turned("lead", first, 5, 2)
    (one,) = event.data.clocks
    another = one.model_copy(update={"run": 2, "state": second, "due_at": NOW + timedelta(hours=9)})
    runs = (another, one) if turn_round else (one, another)
    whole = event.data.model_copy(update={"clocks": runs})
    read = READERS[ClocksChanged.TYPE](whole.model_dump_json().encode())
    for data in (whole, read):
        assert isinstance(data, ClocksChanged)
        told = standing.clocks(began, replace(event, data=data)).urgency
        assert told.due_at == (None if due is None else NOW + timedelta(hours=due))


def test_a_record_that_is_replayed_late_turns_nothing_back() -> None:
    later = standing.clocks(Receipt(), turned("lead", ClockState.RUNNING, 11, 4))
    assert standing.clocks(later, turned("lead", ClockState.RUNNING, 3, 2)) == later
    over = standing.clocks(later, turned("lead", ClockState.MET, 11, 5))
    assert standing.clocks(over, turned("lead", ClockState.RUNNING, 3, 2)).urgency.due_at is None
    at: dict[str, Any] = {"incident_id": INCIDENT, "at": NOW}
    order = SupervisionOrdered(
        **at, level=SupervisionLevel.RED_CARD, issuer="city", issuer_area="9901"
    )
    end = SupervisionLifted(**at, level=SupervisionLevel.RED_CARD, reason="closed")
    given = standing.supervision(over, said(order, 6))
    assert given.urgency.supervision == "red_card"
    lifted = standing.supervision(given, said(end, 7))
    assert standing.supervision(lifted, said(order, 6)).urgency.supervision is None
    assert standing.supervision(Receipt(), said(end, 7)).urgency.order_n == 7


def said(data: E, n: int) -> Event[E]:
    """The n-th event of escalation."""
    return Event(
        id=f"{n}", source="/wangge/escalation", subject=INCIDENT, time=NOW,
        data=data, correlation_id=INCIDENT, causation_id=INCIDENT, sequence=n,
    )  # fmt: skip
