"""Whether an incident becomes a case (立案): the rules in their order, and what follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.dispatch.domain.components import component_of
from services.dispatch.domain.conditions import condition_of
from services.dispatch.domain.dispatching import dispatched
from services.dispatch.domain.explanations import EXPLANATIONS
from services.dispatch.domain.locating import locate
from services.dispatch.domain.lookups import Lookups
from services.dispatch.domain.routing import Route, Routing, route
from services.dispatch.domain.subject import subject_of
from shared.contracts.base import EventData, Point
from shared.contracts.cases_v1 import (
    Case,
    CaseFiled,
    CaseState,
    IncidentHeld,
    IncidentRejected,
    MatterRef,
    PlaceRef,
    Rule,
    Times,
    Unrouted,
)
from shared.contracts.envelope import Origin
from shared.contracts.incidents_v1 import IncidentReported
from shared.contracts.registry_v1 import Grid, Matter, Policy
from shared.registry.snapshot import Snapshot

COUNTY_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Findings:
    """What the registry says of a report; ``rule`` names what is in the way of filing it."""

    rule: Rule | None
    grid: Grid | None
    matter: Matter | None
    matter_n: int
    policy: Policy | None
    location: Point | None = None
    place: PlaceRef | None = None
    """The place by which an address was located."""


def find(reported: IncidentReported, registry: Snapshot, now: datetime) -> Findings:
    """Grid, matter and policy; the first rule that fails, in the order of this function."""
    report = reported.report
    location, place, unlocated = locate(report, registry, now)
    grid = registry.grid_at(*location.coordinates, now) if location else None
    found = registry.matter(report.matter, now) if report.matter else None
    policy = registry.policy(grid.code if grid else report.area, now)
    if policy is None and grid is None and report.area is not None:
        policy = registry.policy(None, now)
    checks: tuple[tuple[bool, Rule], ...] = (
        (location is None, unlocated),
        (grid is None, Rule.OUTSIDE_EVERY_GRID),
        (report.matter is None, Rule.NO_MATTER),
        (found is None, Rule.UNKNOWN_MATTER),
        (policy is None, Rule.NO_POLICY),
    )
    rule = next((rule for failed, rule in checks if failed), None)
    matter, n = found or (None, 0)
    return Findings(rule, grid, matter, n, policy, location, place)


def file(
    reported: IncidentReported,
    origin: Origin,
    registry: Snapshot,
    now: datetime,
    lookups: Lookups,
) -> Sequence[EventData]:
    """What follows from a report: filed and dispatched, or held, or rejected by a rule."""
    findings = find(reported, registry, now)
    grid, matter, policy = findings.grid, findings.matter, findings.policy
    location = findings.location
    if (
        findings.rule is not None
        or location is None
        or grid is None
        or matter is None
        or policy is None
    ):
        return [_unfiled(reported, findings)]
    number = case_number(grid.code, policy.zone, now, origin)
    versioned = matter, findings.matter_n
    case = _case(number, reported, location, grid, versioned, policy, now)
    found = component_of(reported.report.component, case.location, matter, registry, now)
    drawn = registry.ruling(f"grid/{grid.code}", now)
    case = case.model_copy(update={"component": found, "grid_n": drawn.n if drawn else 1})
    chosen = route(subject_of(reported, case, matter), Routing(registry, now, lookups.loads))
    if chosen.unit is None:
        return [_filed(reported, case, policy, findings.place, chosen)]
    return [
        _filed(reported, case, policy, findings.place),
        dispatched(reported.incident_id, case, chosen, now),
    ]


def case_number(grid: str, zone: str, now: datetime, origin: Origin) -> str:
    """The case number 案卷号: county, local date, and the report's place in its topic.

    Two digits of the partition and ten of the offset are a serial that needs no counter: no two
    records share a place, and the same record has the same place at every replay.
    """
    return (
        f"{grid[:COUNTY_DIGITS]}-{_local_day(zone, now)}-{origin.partition:02d}{origin.offset:010d}"
    )


@lru_cache(maxsize=64)
def _local_day(zone: str, now: datetime) -> str:
    """All that is filed in one batch is filed at one instant."""
    return now.astimezone(ZoneInfo(zone)).strftime("%Y%m%d")


def _case(  # noqa: PLR0913, PLR0917 - what a case is made of
    case_no: str,
    reported: IncidentReported,
    location: Point,
    grid: Grid,
    versioned: tuple[Matter, int],
    policy: Policy,
    now: datetime,
) -> Case:
    report, (matter, n) = reported.report, versioned
    condition = condition_of(matter, report, grid)
    return Case(
        case_no=case_no,
        state=CaseState.FILED,
        grid=grid.code,
        zone=policy.zone,
        matter=MatterRef(
            code=matter.code,
            n=n,
            names=matter.names,
            klass=matter.klass,
            condition=condition.code,
            public=matter.public,
        ),
        location=location,
        source=reported.report.source,
        limits=condition.limits,
        ladder=policy.ladder,
        times=Times(
            counts_from=reported.counts_from, received_at=reported.received_at, filed_at=now
        ),
    )


def _filed(
    reported: IncidentReported,
    case: Case,
    policy: Policy,
    place: PlaceRef | None,
    nobody: Route | None = None,
) -> CaseFiled:
    """The case is filed; where nobody could be given it, with who might have been."""
    return CaseFiled(
        incident_id=reported.incident_id,
        at=case.times.filed_at,
        case=case,
        receipt_no=reported.receipt_no,
        description=reported.report.description,
        external_id=reported.report.external_id,
        filing_limit=policy.filing_limit,
        reopen_within_days=policy.reopen_within_days,
        place=place,
        unrouted=(nobody.unrouted or Unrouted.NO_UNIT) if nobody else None,
        candidates=nobody.candidates if nobody else (),
    )


def _unfiled(reported: IncidentReported, findings: Findings) -> IncidentHeld | IncidentRejected:
    policy, report = findings.policy, reported.report
    rule = findings.rule or Rule.NO_POLICY
    facts = IncidentRejected(
        incident_id=reported.incident_id,
        rule=rule,
        explanation=EXPLANATIONS[rule],
        counts_from=reported.counts_from,
        received_at=reported.received_at,
        zone=policy.zone if policy else reported.zone,
        grid=findings.grid.code if findings.grid else None,
        matter=report.matter,
        location=report.location,
        source=report.source,
    )
    if policy is not None and policy.unmatched == "reject":
        return facts
    # Without a policy nobody has said that reports may be turned away: a person looks.
    return IncidentHeld(
        **{name: getattr(facts, name) for name in IncidentRejected.model_fields},
        filing_limit=policy.filing_limit if policy else None,
        ladder=policy.ladder if policy else (),
    )
