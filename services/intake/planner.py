"""Orders the inspections of plans when their day has come: each is reported once, like a report."""

import asyncio
from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

import structlog

from services.intake.domain.commands import ReportIncident, command
from services.intake.domain.planning import Ordered, can_be_made, ordered
from services.intake.domain.receipt import Receipt
from services.intake.store import ReceiptReader
from shared.ledger.commands import BusyError, CommandWriter, RefusedCommandError
from shared.ledger.ports import TransientError
from shared.platform.clock import Clock
from shared.registry.snapshot import Snapshot

log = structlog.get_logger("planner")
TOGETHER = 100
"""So many are reported at once."""


class Planner:
    """One in each process of intake: what two order at once is one inspection, by its id."""

    def __init__(
        self,
        commands: CommandWriter[Receipt],
        receipts: ReceiptReader,
        registry: Callable[[], Snapshot],
        zone: Callable[[], str],
        clock: Clock,
    ) -> None:
        self._commands = commands
        self._receipts = receipts
        self._registry = registry
        self._zone = zone
        self._clock = clock
        self._done: tuple[int, int, date] | None = None
        """For which version of the registry, what in force of it, and which day all are ordered."""

    async def run(self, every_s: float) -> None:
        """Order what is to be ordered, for ever; what fails is tried again.

        It looks every so many seconds: so soon a plan that is imported is seen, and a new day.
        """
        while True:
            try:
                await self.order()
            except (TransientError, BusyError, RefusedCommandError) as error:
                log.warning("inspections_not_ordered", error=str(error)[:300])
            except Exception:
                log.exception("planner_failed")
            await asyncio.sleep(every_s)

    async def order(self) -> int:
        """Order all whose day has come and that are not ordered yet; how many there were.

        Raises TransientError, BusyError, RefusedCommandError; then some may have been ordered.
        """
        registry, zone, now = self._registry(), self._zone(), self._clock()
        done = registry.version, registry.era(now), now.astimezone(ZoneInfo(zone)).date()
        if done == self._done:
            return 0
        found = await asyncio.to_thread(lambda: [*ordered(registry, zone, now)])
        for plan, _ in registry.plans(now):
            if not can_be_made(plan, registry, now):
                log.warning("plan_not_carried_out", plan=plan.code, matter=plan.matter)
        count = 0
        for first in range(0, len(found), TOGETHER):
            some = found[first : first + TOGETHER]
            known = await self._receipts.known([one.incident_id for one in some])
            new = [one for one in some if one.incident_id not in known]
            await asyncio.gather(*(self._report(one) for one in new))
            count += len(new)
        self._done = done
        if count:
            log.info("inspections_ordered", inspections=count)
        return count

    async def _report(self, one: Ordered) -> None:
        now = self._clock()
        asked = ReportIncident.model_construct(
            incident_id=one.incident_id, received_at=now, reporter=one.reporter, report=one.report
        )
        await self._commands.submit(command(one.incident_id, asked, now))
