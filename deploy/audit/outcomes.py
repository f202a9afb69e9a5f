"""Pure: every accepted incident has exactly one outcome, or waits in review."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from deploy.audit.problems import Problem
from shared.contracts.base import EventData
from shared.contracts.case_v1 import CaseEvent
from shared.contracts.cases_v1 import CaseFiled, CaseVoided
from shared.contracts.envelope import Event
from shared.contracts.incidents_v1 import IncidentReported
from shared.contracts.outcomes_v1 import (
    IncidentAnswered,
    IncidentHeld,
    IncidentLinked,
    IncidentLooked,
    IncidentRejected,
    IncidentSeparated,
    IncidentTransferred,
    LookOrdered,
)
from shared.contracts.supervising_v1 import IncidentAcknowledged

Outcome = Literal["filed", "rejected", "linked", "answered", "transferred", "in_review", "none"]
ENDS: Mapping[type[EventData], Outcome] = {
    IncidentHeld: "in_review",
    LookOrdered: "in_review",
    IncidentLooked: "in_review",
    IncidentRejected: "rejected",
    IncidentAnswered: "answered",
    IncidentTransferred: "transferred",
    IncidentLinked: "linked",
    CaseFiled: "filed",
    IncidentAcknowledged: "in_review",
    # Whoever separates it decides it again at once, in the events that follow.
    IncidentSeparated: "none",
}
MAY_FOLLOW: Mapping[type[EventData], frozenset[str]] = {
    # Rejected: the reporter appealed.
    IncidentHeld: frozenset({"none", "rejected"}),
    LookOrdered: frozenset({"none", "in_review"}),
    IncidentLooked: frozenset({"in_review"}),
    IncidentRejected: frozenset({"none", "in_review"}),
    IncidentAnswered: frozenset({"in_review"}),
    IncidentTransferred: frozenset({"in_review"}),
    CaseFiled: frozenset({"none", "in_review"}),
    # By the second look, which declares its case void first.
    IncidentLinked: frozenset({"none", "in_review", "voided"}),
    IncidentSeparated: frozenset({"linked"}),
    IncidentAcknowledged: frozenset({"in_review"}),
}
"""After which outcome an event may come; a follower that is separated has none again."""


def outcome(cases: Sequence[Event[Any]]) -> Outcome:
    """What became of an incident, by its events of the cases topic."""
    found: Outcome = "none"
    for event in _in_order(cases):
        found = ENDS.get(type(event.data), found)
    return found


def link_of(cases: Sequence[Event[Any]]) -> Event[IncidentLinked] | None:
    """The event by which an incident is linked in the end to another one's case."""
    return _last(cases, IncidentLinked) if outcome(cases) == "linked" else None


def separation_of(cases: Sequence[Event[Any]]) -> Event[IncidentSeparated] | None:
    """The event by which a follower was separated, where nothing has become of it since."""
    return _last(cases, IncidentSeparated) if outcome(cases) == "none" else None


def void_of(cases: Sequence[Event[Any]]) -> Event[CaseVoided] | None:
    """The event by which an incident's case was declared void, unless it was filed again."""
    last = _last(cases, CaseFiled, CaseVoided)
    return last if last is not None and isinstance(last.data, CaseVoided) else None


def _last(cases: Sequence[Event[Any]], *kinds: type[EventData]) -> Event[Any] | None:
    found = (event for event in reversed(_in_order(cases)) if isinstance(event.data, kinds))
    return next(found, None)


def check(
    subject: str, incidents: Sequence[Event[Any]], cases: Sequence[Event[Any]]
) -> list[Problem]:
    """What is wrong with an incident's outcomes, whether or not one is still to come."""
    problems: list[Problem] = []
    reports = [event for event in incidents if isinstance(event.data, IncidentReported)]
    if len(reports) > 1:
        ids = ", ".join(event.id for event in reports)
        problems.append(Problem("reported_twice", subject, ids))
    problems += _contradictions(subject, cases)
    unfiled = not any(isinstance(event.data, CaseFiled) for event in cases)
    if unfiled and any(isinstance(event.data, CaseEvent) for event in cases):
        problems.append(Problem("two_outcomes", subject, "a case's events, but never filed"))
    if cases and not reports:
        problems.append(Problem("no_report", subject, f"{cases[0].type} {cases[0].id}"))
    return problems


def _contradictions(subject: str, cases: Sequence[Event[Any]]) -> list[Problem]:
    """Outcomes that may not follow one another."""
    problems: list[Problem] = []
    standing, decided = "none", ""
    for event in _in_order(cases):
        kind = type(event.data)
        if kind in MAY_FOLLOW and standing not in MAY_FOLLOW[kind]:
            detail = f"{event.type} {event.id} after {decided or 'nothing'}"
            problems.append(Problem("two_outcomes", subject, detail))
        if kind is CaseVoided:
            standing = "voided"
        elif kind in MAY_FOLLOW:
            standing, decided = ENDS[kind], f"{event.type} {event.id}"
    return problems


def _in_order(cases: Sequence[Event[Any]]) -> list[Event[Any]]:
    return sorted(cases, key=lambda event: event.sequence)
