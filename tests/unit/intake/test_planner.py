"""The planner looks again as soon as another plan is in force, not only on another day."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

from services.intake.planner import Planner
from services.intake.store import ReceiptReader
from shared.ledger.commands import CommandWriter
from tests.fakes.clock import MovedClock
from tests.unit.dispatch.city import entry_set, registry
from tests.unit.intake.test_planning import HERE, NOON, PLAN, ZONE


class Taken:
    """Takes reports, and knows which it has taken."""

    def __init__(self) -> None:
        self.incidents: list[str] = []

    async def submit(self, event: Any) -> None:  # noqa: ANN401 - a command
        self.incidents.append(event.subject)

    async def known(self, incidents: Sequence[str]) -> set[str]:
        return set(incidents).intersection(self.incidents)


async def test_a_plan_that_begins_in_the_middle_of_its_day_is_carried_out_then() -> None:
    there = registry(HERE, entry_set(PLAN, since=NOON + timedelta(hours=2)))
    taken, clock = Taken(), MovedClock()
    planner = Planner(
        cast("CommandWriter[Any]", taken), cast("ReceiptReader", taken),
        lambda: there, lambda: ZONE, clock,
    )  # fmt: skip
    for hours, ordered in ((0, 0), (1, 0), (2, 1), (3, 0)):
        clock.now = NOON + timedelta(hours=hours)
        assert await planner.order() == ordered
    assert len(taken.incidents) == 1
