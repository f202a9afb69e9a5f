"""On which local day an incident counts as what: the one place that says so.

A fact counts on the day on which it took effect: reported when the clocks began to count, filed,
rejected and closed when they happened. What was taken back (voided, reopened) is not there.
"""

from services.analytics.domain.days import local_day
from services.analytics.domain.timeline import Decided, Reported
from shared.contracts.cases_v1 import CaseState

Facts = dict[str, str]
"""By the name of the fact: its local day."""


def of_report(part: Reported) -> Facts:
    """Facts that the report alone tells."""
    if part.report is None:
        return {}
    return {"reported": local_day(part.report.counts_from, part.report.zone)}


def of_case(part: Decided) -> Facts:
    """Facts that the events of the case tell; ``located`` is the report, once it has a place."""
    facts: Facts = {}
    case, outcome = part.case, part.outcome
    if case is not None:
        times, zone = case.times, case.zone
        facts["located"] = local_day(times.counts_from, zone)
        if case.state is CaseState.VOIDED:
            return facts | {"voided": local_day(part.steps[-1].at, zone)}
        facts["filed"] = local_day(times.filed_at, zone)
        if case.state is CaseState.CLOSED and times.closed_at is not None:
            facts["closed"] = local_day(times.closed_at, zone)
    elif outcome is not None and part.decided_at is not None and part.ending is not None:
        facts["located"] = local_day(outcome.counts_from, outcome.zone)
        facts[part.ending] = local_day(part.decided_at, outcome.zone)
    return facts


def place_of(part: Decided) -> tuple[str | None, str | None, str | None]:
    """Grid, matter and unit as the events of the case tell them now."""
    if part.case is not None:
        unit = part.case.unit.code if part.case.unit else None
        return part.case.grid, part.case.matter.code, unit
    if part.outcome is not None:
        return part.outcome.grid, part.outcome.matter, None
    return None, None, None
