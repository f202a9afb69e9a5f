"""Looking on site before a report is filed (立案前核实): when, and who looks."""

from datetime import datetime

from services.dispatch.domain.by import THE_RULES, By
from services.dispatch.domain.conditions import condition_of
from services.dispatch.domain.explanations import LOOK_BY_THE_DESK
from services.dispatch.domain.finding import Findings, Fit
from services.dispatch.domain.outcomes import held
from services.dispatch.domain.routes import unit_ref
from shared.contracts.incidents_v1 import IncidentReported
from shared.contracts.outcomes_v1 import LookOrdered, PutRight
from shared.contracts.registry_v1 import Unit
from shared.contracts.roles import ON_SITE
from shared.contracts.routing_rules import UnitKind
from shared.contracts.rule_v1 import Rule
from shared.registry.snapshot import Snapshot


def to_be_verified(reported: IncidentReported, fit: Fit) -> bool:
    """Whether its filing condition asks for a look and whoever reported it has not just looked.

    Where lives are in danger nobody waits for one; an inspection that a plan orders is one itself.
    """
    if reported.report.plan is not None:
        return False
    condition = condition_of(fit.matter, reported.report, fit.grid)
    if condition.emergency or not condition.verify_before_filing:
        return False
    return not ON_SITE.intersection(reported.reporter.roles)


def team_of(findings: Findings, registry: Snapshot, at: datetime) -> Unit | None:
    """The team of officers whose area around the grid is smallest."""
    return team_around(findings.grid.code, registry, at) if findings.grid else None


def team_around(grid: str, registry: Snapshot, at: datetime) -> Unit | None:
    """The team of officers whose area around a grid is smallest."""
    return next(iter(registry.units_of(UnitKind.OFFICER_TEAM, grid, at)), None)


def look_ordered(
    reported: IncidentReported,
    findings: Findings,
    unit: Unit | None,
    by: By = THE_RULES,
    put_right: PutRight | None = None,
) -> LookOrdered:
    """The unit's officers are to look; none: whoever inspects the grid."""
    sent = unit_ref(unit) if unit else None
    return held(
        LookOrdered, reported, findings, Rule.TO_BE_VERIFIED, by,
        explanation=LOOK_BY_THE_DESK if by.actor else None,
        unit=sent,
        put_right=put_right,
    )  # fmt: skip
