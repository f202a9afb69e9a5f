"""Pure: every accepted incident has exactly one outcome, or waits in review."""

from collections.abc import Sequence
from typing import Any, Literal

from deploy.audit.problems import Problem
from shared.contracts.cases_v1 import CaseEvent, CaseFiled, IncidentHeld, IncidentRejected
from shared.contracts.envelope import Event
from shared.contracts.incidents_v1 import IncidentReported

Outcome = Literal["filed", "rejected", "in_review", "none"]


def outcome(cases: Sequence[Event[Any]]) -> Outcome:
    """What became of an incident, by its events of the cases topic."""
    kinds = {type(event.data) for event in cases}
    if CaseFiled in kinds:
        return "filed"
    if IncidentRejected in kinds:
        return "rejected"
    return "in_review" if IncidentHeld in kinds else "none"


def check(
    subject: str, incidents: Sequence[Event[Any]], cases: Sequence[Event[Any]]
) -> list[Problem]:
    """What is wrong with an incident's outcomes, whether or not one is still to come."""
    problems: list[Problem] = []
    reports = [event for event in incidents if isinstance(event.data, IncidentReported)]
    if len(reports) > 1:
        ids = ", ".join(event.id for event in reports)
        problems.append(Problem("reported_twice", subject, ids))
    ends = [event for event in cases if isinstance(event.data, (CaseFiled, IncidentRejected))]
    holds = [event for event in cases if isinstance(event.data, IncidentHeld)]
    if len(ends) > 1 or len(holds) > 1:
        said = ", ".join(f"{event.type} {event.id}" for event in [*holds, *ends])
        problems.append(Problem("two_outcomes", subject, said))
    elif ends and holds and holds[0].sequence > ends[0].sequence:
        problems.append(Problem("two_outcomes", subject, "held after it was decided"))
    unfiled = not any(isinstance(event.data, CaseFiled) for event in cases)
    if unfiled and any(isinstance(event.data, CaseEvent) for event in cases):
        problems.append(Problem("two_outcomes", subject, "a case's events, but never filed"))
    if cases and not reports:
        problems.append(Problem("no_report", subject, f"{cases[0].type} {cases[0].id}"))
    return problems
