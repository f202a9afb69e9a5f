"""What the registry says of a report: its place, its matter, and what stands in its way."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.dispatch.domain.locating import locate
from services.dispatch.domain.lookups import NOTHING, Grids
from shared.contracts.base import Point
from shared.contracts.calendars import CalendarRef
from shared.contracts.case_refs_v1 import PlaceRef
from shared.contracts.flows import Flow
from shared.contracts.incidents_v1 import IncidentReported, Report
from shared.contracts.policies import Policy, PolicyRef
from shared.contracts.registry_v1 import Grid, Matter
from shared.contracts.rule_v1 import Rule
from shared.registry.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Fit:
    """All that a report needs to become a case."""

    location: Point
    place: PlaceRef | None
    """The place by which an address was located."""
    grid: Grid
    matter: Matter
    matter_n: int
    policy: Policy
    flow: tuple[Flow, int] | None = None
    """The matter's flow and its version, where it has one."""
    policy_ref: PolicyRef | None = None
    """Which version of the policy it is."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found, as far as anything was; ``rule`` names what stands in the way of filing."""

    rule: Rule
    grid: Grid | None
    policy: Policy | None
    fit: Fit | None
    """None where the rule holds."""
    calendar: CalendarRef | None = None
    """The work calendar of the area."""
    also: tuple[Rule, ...] = ()
    """What else stands in the way."""


def find(
    reported: IncidentReported, registry: Snapshot, now: datetime, grids: Grids = NOTHING.grids
) -> Findings:
    """Grid, matter and policy; the rules that fail, in the order of this function.

    ``grids`` are those that are known already, of this registry at this instant.
    """
    report = reported.report
    location, place, unlocated = locate(report, registry, now)
    grid = _grid_of(location, registry, now, grids) if location else None
    found = registry.matter(report.matter, now) if report.matter else None
    policy = registry.policy(grid.code if grid else report.area, now)
    if policy is None and grid is None and report.area is not None:
        policy = registry.policy(None, now)
    calendar = calendar_of(grid, policy, registry, now)
    if location is None or grid is None or found is None or policy is None:
        missing = unlocated if location is None else None
        rule, *others = _in_the_way(report, missing, grid, found, policy)
        return Findings(rule, grid, policy, None, calendar, tuple(others))
    wanted = found[0].flow
    flow = registry.flow(wanted, now) if wanted else None
    if wanted and flow is None:
        return Findings(Rule.UNKNOWN_FLOW, grid, policy, None, calendar)
    fit = Fit(location, place, grid, *found, policy, flow, ref_of(policy, registry, now))
    return Findings(Rule.NO_POLICY, grid, policy, fit, calendar)


def _in_the_way(
    report: Report,
    unlocated: Rule | None,
    grid: Grid | None,
    found: tuple[Matter, int] | None,
    policy: Policy | None,
) -> list[Rule]:
    """At least one; of what nobody can know without the place nothing is said."""
    checks: tuple[tuple[bool, Rule | None], ...] = (
        (True, unlocated),
        (unlocated is None and grid is None, Rule.OUTSIDE_EVERY_GRID),
        (report.matter is None, Rule.NO_MATTER),
        (report.matter is not None and found is None, Rule.UNKNOWN_MATTER),
        (grid is not None and policy is None, Rule.NO_POLICY),
    )
    return [rule for failed, rule in checks if failed and rule is not None]


def calendar_of(
    grid: Grid | None, policy: Policy | None, registry: Snapshot, now: datetime
) -> CalendarRef | None:
    """The work calendar by which limits are counted there; the policy says from when days count."""
    found = registry.calendar(grid.code if grid else policy.code, now) if policy else None
    if found is None or policy is None:
        return None
    calendar, n = found
    return CalendarRef(code=calendar.code, n=n, counting=policy.working_days)


def ref_of(policy: Policy, registry: Snapshot, at: datetime) -> PolicyRef | None:
    """Which version of a policy is in force."""
    found = registry.ruling(f"policy/{policy.code}", at)
    return PolicyRef(code=policy.code, n=found.n) if found else None


def grids_of(reports: Iterable[IncidentReported], registry: Snapshot, at: datetime) -> Grids:
    """The grids that reports with coordinates touch, found together."""
    places = [one.report.location.coordinates for one in reports if one.report.location]
    touched = registry.grids_touched(places, at) if places else ()
    return {place: grid for place, grid in zip(places, touched, strict=False) if grid}


def _grid_of(location: Point, registry: Snapshot, now: datetime, known: Grids) -> Grid | None:
    return known.get(location.coordinates) or registry.grid_at(*location.coordinates, now)
