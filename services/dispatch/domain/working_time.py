"""By which work calendar whatever begins now in a case is counted."""

from datetime import datetime

from shared.contracts.case_v1 import Case
from shared.registry.snapshot import Snapshot
from shared.worktime.calendar import Calendar


def calendar_then(case: Case, registry: Snapshot, at: datetime) -> Calendar:
    """That in force where the case lies, from when its policy says; as escalation counts clocks.

    The case names the calendar by which it was filed; a year's holidays are published later.
    """
    by, found = case.calendar, registry.calendar(case.grid, at)
    if by is not None and found is not None:
        calendar, n = found
        by = by.model_copy(update={"code": calendar.code, "n": n})
    return registry.working_time(by, case.zone)
