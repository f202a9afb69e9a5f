"""On which local day an incident counts as what: the one place that says so.

A fact counts on the day on which it took effect: reported when the clocks began to count, filed,
rejected, linked and closed when they happened. What was taken back (voided, reopened) is not there.
"""

from datetime import datetime

from services.analytics.domain.days import local_day
from services.analytics.domain.timeline import Days
from shared.contracts.case_v1 import Case, CaseEvent, CaseState
from shared.contracts.cases_v1 import CaseVoided
from shared.contracts.incidents_v1 import IncidentReported
from shared.contracts.outcomes_v1 import Outcome
from shared.contracts.routing_rules import Source

LOCATED = "located"
"""The report, once the events of its case say where it is."""


def of_report(data: IncidentReported) -> Days:
    """What the report alone tells."""
    return {"reported": local_day(data.counts_from, data.zone)}


def of_outcome(data: Outcome, at: datetime) -> Days:
    """What an outcome without a case tells: rejected, linked or in review since ``at``."""
    return {LOCATED: local_day(data.counts_from, data.zone), data.ENDING: local_day(at, data.zone)}


def of_case(data: CaseEvent) -> Days:
    """What an event of a case tells."""
    case = data.case
    days = {LOCATED: local_day(case.times.counts_from, case.zone)}
    if isinstance(data, CaseVoided):
        return days | {"voided": local_day(data.at, case.zone)}
    days["filed"] = local_day(case.times.filed_at, case.zone)
    if case.source is Source.PLAN:
        days["inspections"] = days["filed"]
    if case.on_site:
        days["on_site"] = local_day(case.times.filed_at, case.zone)
    if _closed(case) is not None:
        days["closed"] = local_day(_closed(case) or data.at, case.zone)
    return days


def _closed(case: Case) -> datetime | None:
    return case.times.closed_at if case.state is CaseState.CLOSED else None
