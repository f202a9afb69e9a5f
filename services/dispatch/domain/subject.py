"""What routing looks at: a case as it was when its report came in."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from shared.contracts.case_refs_v1 import ComponentRef
from shared.contracts.case_v1 import Case
from shared.contracts.incidents_v1 import DistanceBand, IncidentReported
from shared.contracts.registry_v1 import FilingCondition, Matter
from shared.contracts.routing_rules import Destination, Source


@dataclass(frozen=True, slots=True)
class Subject:
    """A case to be routed, as it was when the report came in."""

    incident: str
    matter: Matter
    condition: FilingCondition
    grid: str
    zone: str
    """IANA zone of the area."""
    received: datetime
    """When it was received, local time of the area."""
    source: Source
    description: str
    reporter: str
    reporter_distance: DistanceBand | None = None
    component: ComponentRef | None = None
    lead: Destination | None = None
    """Who has it in the state in which its flow is, where that says so."""

    @property
    def component_class(self) -> str | None:
        """The class of its component, digits 7 to 10 of the code."""
        return self.component.code[6:10] if self.component else None


def subject_of(reported: IncidentReported, case: Case, matter: Matter) -> Subject:
    """What routing looks at in a case."""
    report = reported.report
    return Subject(
        incident=reported.incident_id,
        matter=matter,
        condition=_condition(matter, case.matter.condition),
        grid=case.grid,
        zone=case.zone,
        received=local_time(case.zone, reported.received_at),
        source=case.source,
        description=report.description,
        reporter=reported.reporter.subject,
        reporter_distance=report.reporter_distance,
        component=case.component,
        lead=case.flow.lead if case.flow else None,
    )


def _condition(matter: Matter, code: str) -> FilingCondition:
    return next((one for one in matter.conditions if one.code == code), matter.conditions[0])


@lru_cache(maxsize=1024)
def local_time(zone: str, at: datetime) -> datetime:
    """An instant as the clocks of a zone show it."""
    return at.astimezone(ZoneInfo(zone))
