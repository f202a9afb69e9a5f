"""Which inspections a plan orders on a day, and as which report each is made."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.contracts.base import Actor, Point
from shared.contracts.incidents_v1 import Report
from shared.contracts.plans import Plan, PlanRef
from shared.contracts.registry_v1 import Place
from shared.contracts.routing_rules import Source
from shared.platform.ids import incident_id
from shared.registry.snapshot import Snapshot

LOOK_BACK_DAYS = 7
"""What was not ordered on its day, because nothing ran, is ordered so many days later at most."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """An inspection that a plan orders: the incident that it is, from whom, and the report."""

    incident_id: str
    reporter: Actor
    report: Report


def days_of(plan: Plan) -> list[str]:
    """The days of a plan, in order."""
    found = set(plan.dates)
    if plan.every is not None:
        first, last = (date.fromisoformat(one) for one in (plan.every.first, plan.every.last))
        count = (last - first).days // plan.every.days + 1 if last >= first else 0
        found |= {
            (first + timedelta(days=number * plan.every.days)).isoformat()
            for number in range(count)
        }
    return sorted(found)


def ordered(registry: Snapshot, zone: str, at: datetime) -> Iterator[Ordered]:
    """All inspections whose day has come, of every plan in force; days that are long over are not.

    ``zone`` is that of the city, in which days are meant.
    """
    today = at.astimezone(ZoneInfo(zone)).date()
    since = (today - timedelta(days=LOOK_BACK_DAYS)).isoformat()
    for plan, n in registry.plans(at):
        if not can_be_made(plan, registry, at):
            continue
        # Nobody was to inspect anything before there was the plan, or while it was withdrawn.
        begun = _there_since(registry, plan, at).astimezone(ZoneInfo(zone))
        first = max(since, begun.date().isoformat())
        days = [one for one in days_of(plan) if first <= one <= today.isoformat()]
        for target in _targets(plan, registry, at) if days else ():
            yield from (_ordered(plan, n, day, target) for day in days)


def can_be_made(plan: Plan, registry: Snapshot, at: datetime) -> bool:
    """Whether its matter and the flow of that are in force.

    Else an inspection would be rejected, or taken for something that somebody has reported; when
    both are there, what was missed is made up for.
    """
    matter = registry.matter(plan.matter, at)
    flow = matter[0].flow if matter is not None else None
    return flow is not None and registry.flow(flow, at) is not None


def _there_since(registry: Snapshot, plan: Plan, at: datetime) -> datetime:
    """Since when a plan has been in force without a gap."""
    versions = [one for one in registry.versions[f"plan/{plan.code}"] if one.valid_from <= at]
    since = versions[-1].valid_from
    for one in reversed(versions):
        if one.valid_until is not None and one.valid_until < since:
            break
        since = min(since, one.valid_from)
    return since


@dataclass(frozen=True, slots=True)
class Target:
    """A place that a plan names."""

    code: str
    location: Point
    name: str


def _targets(plan: Plan, registry: Snapshot, at: datetime) -> Iterator[Target]:
    """Its places, with where each is; what is not in force is passed over."""
    for code in plan.places:
        found = registry.ruling(f"place/{code}", at)
        if found is not None and isinstance(found.entry, Place):
            names = found.entry.names
            yield Target(code, found.entry.location, f"{names.zh} {names.en}")
    if not (plan.grids or plan.areas):
        return
    wanted = {*plan.grids}
    for code, outline in registry.grid_polygons(at).items():
        if code in wanted or code.startswith(plan.areas):
            inside = outline.representative_point()
            place = Point(coordinates=(round(inside.x, 6), round(inside.y, 6)))
            yield Target(code, place, code)


def _ordered(plan: Plan, n: int, day: str, target: Target) -> Ordered:
    subject = f"plan-{plan.code}"[:64]
    return Ordered(
        # The same plan, day and place is the same inspection, whatever becomes of the plan.
        incident_id=incident_id(subject, f"{day}/{target.code}"),
        reporter=Actor(subject=subject),
        report=Report(
            matter=plan.matter,
            location=target.location,
            description=f"{plan.names.zh} {plan.names.en}: {target.name}, {day}",
            source=Source.PLAN,
            plan=PlanRef(
                code=plan.code,
                names=plan.names,
                plan_kind=plan.plan_kind,
                n=n,
                day=day,
                target=target.code,
                checklist=plan.checklist,
            ),
        ),
    )
