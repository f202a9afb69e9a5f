"""A report of what is a case already: linked to it, and told what that is told (重复上报)."""

from datetime import datetime

from services.dispatch.domain.explanations import EXPLANATIONS
from services.dispatch.domain.locating import locate
from services.dispatch.domain.nearness import Sighting, Twin
from services.dispatch.domain.transitions import ROWS
from shared.contracts.base import ANONYMOUS, Point
from shared.contracts.incidents_v1 import IncidentReported, Verb
from shared.contracts.outcomes_v1 import IncidentLinked
from shared.contracts.routing_rules import Source
from shared.contracts.rule_v1 import Rule
from shared.registry.snapshot import Snapshot

OF_ONESELF = frozenset({Source.RESIDENT, Source.OFFICER})
"""Hotlines, sensors, systems and imports report what others have seen, each under one name."""


def who_urges(reported: IncidentReported) -> str | None:
    """The subject whose second report of a case is an urging of it (催办); None for nobody's.

    Nobody knows who the anonymous are, whoever brings in history does not call again, and who may
    not urge by an action may not by a report either.
    """
    who, report = reported.reporter, reported.report
    for_oneself = report.source in OF_ONESELF and report.reported_at is None
    may = any(row.roles.intersection(who.roles) for row in ROWS[Verb.URGE])
    return who.subject if for_oneself and may and who.subject != ANONYMOUS else None


def sighting(reported: IncidentReported, registry: Snapshot, at: datetime) -> Sighting | None:
    """A report as one looks for its like; None without a matter or a place, or if it is done."""
    report = reported.report
    if report.matter is None or report.handled_on_site is not None:
        return None
    location, _, _ = locate(report, registry, at)
    if location is None:
        return None
    return Sighting(reported.incident_id, report.matter, location, reported.received_at)


def linked(  # noqa: PLR0913 - what a link says
    reported: IncidentReported,
    twin: Twin,
    location: Point,
    grid: str,
    zone: str,
    *,
    by_second_look: bool = False,
) -> IncidentLinked:
    """The event by which a report becomes the follower of a case."""
    return IncidentLinked(
        incident_id=reported.incident_id,
        rule=Rule.DUPLICATE,
        explanation=EXPLANATIONS[Rule.DUPLICATE],
        counts_from=reported.counts_from,
        received_at=reported.received_at,
        zone=zone,
        grid=grid,
        matter=reported.report.matter,
        location=location,
        source=reported.report.source,
        case_id=twin.case_id,
        case_no=twin.case_no,
        metres=twin.metres,
        minutes=twin.minutes,
        by_second_look=by_second_look,
        urged_by=reported.reporter if twin.again else None,
    )
