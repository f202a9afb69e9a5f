"""Whether an incident becomes a case (立案): the rules in their order, and what follows."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.dispatch.domain.by import THE_RULES, By
from services.dispatch.domain.components import component_of
from services.dispatch.domain.conditions import condition_of
from services.dispatch.domain.dispatching import given
from services.dispatch.domain.finding import Findings, Fit, calendar_of, find
from services.dispatch.domain.flooding import floods
from services.dispatch.domain.flowing import begun
from services.dispatch.domain.linking import linked
from services.dispatch.domain.looking import look_ordered, team_of, to_be_verified
from services.dispatch.domain.lookups import NOTHING, Lookups
from services.dispatch.domain.on_site import handled, whose
from services.dispatch.domain.outcomes import held, outcome
from services.dispatch.domain.routes import Route, Routing
from services.dispatch.domain.routing import route
from services.dispatch.domain.subject import subject_of
from shared.contracts.base import COUNTY_DIGITS, EventData
from shared.contracts.case_refs_v1 import MatterRef
from shared.contracts.case_v1 import Case, CaseState, Times
from shared.contracts.cases_v1 import CaseFiled
from shared.contracts.choice_v1 import Unrouted
from shared.contracts.envelope import Origin
from shared.contracts.incidents_v1 import IncidentReported
from shared.contracts.outcomes_v1 import IncidentHeld, IncidentRejected, Outcome
from shared.contracts.rule_v1 import Rule
from shared.registry.snapshot import Snapshot


def file(
    reported: IncidentReported,
    origin: Origin,
    registry: Snapshot,
    now: datetime,
    lookups: Lookups = NOTHING,
) -> Sequence[EventData]:
    """What follows from a report: linked, or filed and dispatched, or held or rejected by a rule.

    A duplicate is linked first, whoever sent it; then a flood waits, whatever else is in its way.
    What a plan orders is neither: each place is inspected on each of its days.
    """
    findings = find(reported, registry, now, lookups.grids)
    fit, policy = findings.fit, findings.policy
    twin = lookups.first.get(reported.incident_id)
    stands_alone = reported.report.handled_on_site or reported.report.plan
    if twin and not stands_alone and fit is not None and fit.policy.duplicates == "link":
        return [linked(reported, twin, fit.location, fit.grid.code, fit.policy.zone)]
    sent = 0 if reported.report.plan else lookups.sent.get(reported.incident_id, 0)
    if policy is not None and floods(sent, policy):
        return [held(IncidentHeld, reported, findings, Rule.SOURCE_FLOODS)]
    if fit is None:
        return [_unfiled(reported, findings)]
    if to_be_verified(reported, fit):
        return [look_ordered(reported, findings, team_of(findings, registry, now))]
    return filed(reported, fit, origin, Routing(registry, now, lookups.loads))


def filed(
    reported: IncidentReported, fit: Fit, origin: Origin, routing: Routing, by: By = THE_RULES
) -> Sequence[EventData]:
    """A report that fits is a case, and whoever the rules choose is given it.

    What was handled on site is done with, unless its matter has a flow: that is gone through.
    """
    now = routing.at
    number = case_number(fit.grid.code, fit.policy.zone, now, origin)
    case = _case(number, reported, fit, routing.registry, now)
    on_site, unit = reported.report.handled_on_site, whose(reported, fit, routing)
    if on_site is not None and unit is not None and fit.flow is None:
        first = _filed(reported, case, fit, None, by)
        return [first, *handled(reported, first, fit, on_site, unit)]
    chosen = route(subject_of(reported, case, fit.matter), routing)
    first = _filed(reported, case, fit, chosen, by)
    if chosen.unit is None:
        return [first]
    return [first, *given(reported.incident_id, case, chosen, now)]


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


def _case(
    case_no: str, reported: IncidentReported, fit: Fit, registry: Snapshot, now: datetime
) -> Case:
    report, matter, grid = reported.report, fit.matter, fit.grid
    condition = condition_of(matter, report, grid)
    drawn = registry.ruling(f"grid/{grid.code}", now)
    case = Case(
        case_no=case_no,
        state=CaseState.FILED,
        grid=grid.code,
        grid_n=drawn.n if drawn else 1,
        zone=fit.policy.zone,
        calendar=calendar_of(grid, fit.policy, registry, now),
        matter=MatterRef(
            code=matter.code,
            n=fit.matter_n,
            names=matter.names,
            klass=matter.klass,
            condition=condition.code,
            public=matter.public,
        ),
        location=fit.location,
        component=component_of(report.component, fit.location, matter, registry, now),
        source=report.source,
        emergency=condition.emergency,
        make_safe=condition.make_safe,
        limits=condition.limits,
        times=Times(
            counts_from=reported.counts_from, received_at=reported.received_at, filed_at=now
        ),
    )
    if fit.flow is None:
        return case
    return case.model_copy(update=begun(*fit.flow, case.limits, now))


def _filed(
    reported: IncidentReported, case: Case, fit: Fit, chosen: Route | None, by: By
) -> CaseFiled:
    """The case is filed; where nobody can be given it, with who might have been.

    Without a route nobody has to: it was handled on site.
    """
    policy, plan = fit.policy, reported.report.plan
    linking = policy.duplicates == "link" and chosen is not None and plan is None
    nobody = chosen if chosen is not None and chosen.unit is None else None
    return CaseFiled(
        incident_id=reported.incident_id,
        at=case.times.filed_at,
        actor=by.actor,
        action_id=by.action_id,
        reason=by.reason,
        case=case,
        receipt_no=reported.receipt_no,
        description=reported.report.description,
        external_id=reported.report.external_id,
        filing_limit=policy.filing_limit,
        reopen_within_days=policy.reopen_within_days,
        place=fit.place,
        requests=policy.requests,
        flow=fit.flow[0] if fit.flow else None,
        policy=fit.policy_ref,
        ladder=policy.ladder,
        notice_ladder=policy.notice_ladder,
        near=fit.matter.near if linking else None,
        put_right=reported.report.handled_on_site if chosen is not None else None,
        unrouted=(nobody.unrouted or Unrouted.NO_UNIT) if nobody else None,
        candidates=nobody.candidates if nobody else (),
        passed_over=nobody.passed_over if nobody else (),
    )


def _unfiled(reported: IncidentReported, findings: Findings) -> Outcome:
    policy, rule = findings.policy, findings.rule
    # For what the registry lacks nobody is turned away.
    if policy is not None and policy.unmatched == "reject" and rule is not Rule.UNKNOWN_FLOW:
        return outcome(IncidentRejected, reported, findings, rule)
    # Without a policy nobody has said that reports may be turned away: a person looks.
    return held(IncidentHeld, reported, findings, findings.rule)
