"""Whether an incident becomes a case (立案): the rules in their order, and what follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.dispatch.domain.dispatching import dispatched
from services.dispatch.domain.explanations import EXPLANATIONS
from services.dispatch.domain.flooding import floods
from services.dispatch.domain.linking import linked
from services.dispatch.domain.lookups import NOTHING, Lookups
from services.dispatch.domain.routing import route
from shared.contracts.base import EventData
from shared.contracts.cases_v1 import (
    Case,
    CaseFiled,
    CaseState,
    DispatchRule,
    IncidentHeld,
    IncidentRejected,
    MatterRef,
    Rule,
    Times,
)
from shared.contracts.envelope import Origin
from shared.contracts.incidents_v1 import IncidentReported
from shared.contracts.registry_v1 import Grid, Matter, Near, Policy
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


def find(reported: IncidentReported, registry: Snapshot, now: datetime) -> Findings:
    """Grid, matter and policy; the first rule that fails, in the order of this function."""
    report = reported.report
    grid = registry.grid_at(*report.location.coordinates, now) if report.location else None
    found = registry.matter(report.matter, now) if report.matter else None
    policy = registry.policy(grid.code if grid else report.area, now)
    if policy is None and grid is None and report.area is not None:
        policy = registry.policy(None, now)
    checks: tuple[tuple[bool, Rule], ...] = (
        (report.location is None, Rule.NO_LOCATION),
        (grid is None, Rule.OUTSIDE_EVERY_GRID),
        (report.matter is None, Rule.NO_MATTER),
        (found is None, Rule.UNKNOWN_MATTER),
        (policy is None, Rule.NO_POLICY),
    )
    rule = next((rule for failed, rule in checks if failed), None)
    matter, n = found or (None, 0)
    return Findings(rule, grid, matter, n, policy)


def file(
    reported: IncidentReported,
    origin: Origin,
    registry: Snapshot,
    now: datetime,
    found: Lookups = NOTHING,
) -> Sequence[EventData]:
    """What follows from a report: linked, or filed and dispatched, or held or rejected by a rule.

    A duplicate is linked first, whoever sent it; then a flood waits, whatever else is in its way.
    """
    findings = find(reported, registry, now)
    grid, matter, policy = findings.grid, findings.matter, findings.policy
    twin = found.first.get(reported.incident_id)
    links = findings.rule is None and policy is not None and policy.duplicates == "link"
    if twin is not None and grid is not None and policy is not None and links:
        return [linked(reported, twin, grid.code, policy.zone)]
    if policy is not None and floods(found.sent.get(reported.incident_id, 0), policy):
        return [_held(_facts(reported, findings, Rule.SOURCE_FLOODS), policy)]
    if findings.rule is not None or grid is None or matter is None or policy is None:
        return [_unfiled(reported, findings)]
    number = case_number(grid.code, policy.zone, now, origin)
    case = _case(number, reported, grid, (matter, findings.matter_n), policy, now)
    near = matter.near if policy.duplicates == "link" else None
    filed = _filed(reported, case, policy, near)
    chosen = route(registry, matter, grid.code, now)
    if chosen.unit is None:
        return [filed]
    return [
        filed,
        dispatched(
            filed.incident_id, filed.case, chosen.unit, now, DispatchRule.NEAREST_UNIT_OF_MATTER,
            candidates=chosen.candidates,
        ),
    ]  # fmt: skip


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
    grid: Grid,
    versioned: tuple[Matter, int],
    policy: Policy,
    now: datetime,
) -> Case:
    report, (matter, n) = reported.report, versioned
    if report.location is None:
        message = "a report without a location is not filed"
        raise ValueError(message)
    condition = matter.conditions[0]
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
        location=report.location,
        source=report.source,
        limits=condition.limits,
        ladder=policy.ladder,
        times=Times(
            counts_from=reported.counts_from, received_at=reported.received_at, filed_at=now
        ),
    )


def _filed(reported: IncidentReported, case: Case, policy: Policy, near: Near | None) -> CaseFiled:
    return CaseFiled(
        incident_id=reported.incident_id,
        at=case.times.filed_at,
        case=case,
        receipt_no=reported.receipt_no,
        description=reported.report.description,
        external_id=reported.report.external_id,
        filing_limit=policy.filing_limit,
        reopen_within_days=policy.reopen_within_days,
        near=near,
    )


def _unfiled(reported: IncidentReported, findings: Findings) -> IncidentHeld | IncidentRejected:
    policy = findings.policy
    facts = _facts(reported, findings, findings.rule or Rule.NO_POLICY)
    if policy is not None and policy.unmatched == "reject":
        return facts
    # Without a policy nobody has said that reports may be turned away: a person looks.
    return _held(facts, policy)


def _facts(reported: IncidentReported, findings: Findings, rule: Rule) -> IncidentRejected:
    policy, report = findings.policy, reported.report
    return IncidentRejected(
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


def _held(facts: IncidentRejected, policy: Policy | None) -> IncidentHeld:
    return IncidentHeld(
        **{name: getattr(facts, name) for name in IncidentRejected.model_fields},
        filing_limit=policy.filing_limit if policy else None,
        ladder=policy.ladder if policy else (),
    )
