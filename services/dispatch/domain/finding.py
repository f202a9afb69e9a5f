"""What the registry says of a report: its place, its matter, and what stands in its way."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.dispatch.domain.locating import locate
from services.dispatch.domain.lookups import NOTHING, Grids
from shared.contracts.base import Point
from shared.contracts.calendars import CalendarRef
from shared.contracts.case_v1 import PlaceRef
from shared.contracts.incidents_v1 import IncidentReported
from shared.contracts.registry_v1 import Grid, Matter, Policy
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


def find(
    reported: IncidentReported, registry: Snapshot, now: datetime, grids: Grids = NOTHING.grids
) -> Findings:
    """Grid, matter and policy; the first rule that fails, in the order of this function.

    ``grids`` are those that are known already, of this registry at this instant.
    """
    report = reported.report
    location, place, unlocated = locate(report, registry, now)
    grid = _grid_of(location, registry, now, grids) if location else None
    found = registry.matter(report.matter, now) if report.matter else None
    policy = registry.policy(grid.code if grid else report.area, now)
    if policy is None and grid is None and report.area is not None:
        policy = registry.policy(None, now)
    if location is not None and grid is not None and found is not None and policy is not None:
        fit = Fit(location, place, grid, *found, policy)
        return Findings(Rule.NO_POLICY, grid, policy, fit, calendar_of(grid, policy, registry, now))
    checks: tuple[tuple[bool, Rule], ...] = (
        (location is None, unlocated),
        (grid is None, Rule.OUTSIDE_EVERY_GRID),
        (report.matter is None, Rule.NO_MATTER),
        (found is None, Rule.UNKNOWN_MATTER),
    )
    rule = next((rule for failed, rule in checks if failed), Rule.NO_POLICY)
    calendar = calendar_of(grid, policy, registry, now) if policy else None
    return Findings(rule, grid, policy, None, calendar)


def calendar_of(
    grid: Grid | None, policy: Policy, registry: Snapshot, now: datetime
) -> CalendarRef | None:
    """The work calendar by which limits are counted there; the policy says from when days count."""
    found = registry.calendar(grid.code if grid else policy.code, now)
    if found is None:
        return None
    calendar, n = found
    return CalendarRef(code=calendar.code, n=n, counting=policy.working_days)


def grids_of(reports: Iterable[IncidentReported], registry: Snapshot, at: datetime) -> Grids:
    """The grids that reports with coordinates touch, found together."""
    places = [one.report.location.coordinates for one in reports if one.report.location]
    touched = registry.grids_touched(places, at) if places else ()
    return {place: grid for place, grid in zip(places, touched, strict=False) if grid}


def _grid_of(location: Point, registry: Snapshot, now: datetime, known: Grids) -> Grid | None:
    return known.get(location.coordinates) or registry.grid_at(*location.coordinates, now)
