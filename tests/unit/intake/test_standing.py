"""How urgent a case is, as its reporter may know it: the handling of the unit, nothing else."""

from datetime import timedelta

import pytest

from services.intake.domain import standing
from services.intake.domain.acceptance import is_nothing
from services.intake.domain.receipt import Receipt
from shared.contracts.base import Limit, LimitUnit, Stage
from shared.contracts.envelope import Event
from shared.contracts.escalations_v1 import Clock, ClocksChanged, ClockState
from shared.contracts.golden.story import INCIDENT
from tests.unit.intake.driving import NOW

HOUR = Limit(amount=1, unit=LimitUnit.URGENT_HOUR)


def turned(task: str, state: ClockState, hours: int) -> Event[ClocksChanged]:
    """The handling clock of a task, due in so many hours."""
    clock = Clock(
        task=task, clock=Stage.HANDLE, run=1, state=state, limit=HOUR, started_at=NOW,
        due_at=NOW + timedelta(hours=hours),
    )  # fmt: skip
    data = ClocksChanged(incident_id=INCIDENT, at=NOW, cause="test", clocks=(clock,))
    return Event(
        id=f"{task}-{state}-{hours}", source="/wangge/escalation", subject=INCIDENT, time=NOW,
        data=data, correlation_id=INCIDENT, causation_id=INCIDENT, sequence=1,
    )  # fmt: skip


@pytest.mark.parametrize("task", ["request", "co-1", "safe", "appeal"])
def test_the_reporter_is_told_of_the_leads_clock_alone(task: str) -> None:
    receipt = standing.clocks(Receipt(), turned("lead", ClockState.RUNNING, 5))
    assert receipt.urgency.due_at == NOW + timedelta(hours=5)
    for state in (ClockState.RUNNING, ClockState.MET):
        assert standing.clocks(receipt, turned(task, state, 1)) == receipt
        assert is_nothing(turned(task, state, 1))
    over = standing.clocks(receipt, turned("lead", ClockState.MET, 5))
    assert over.urgency.due_at is None
    assert not is_nothing(turned("lead", ClockState.MET, 5))
