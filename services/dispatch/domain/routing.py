"""Which unit gets a case: by the routing rules of its area in order, else the nearest by."""

from collections.abc import Sequence
from dataclasses import replace

from services.dispatch.domain.caps import within_cap
from services.dispatch.domain.components import keeping
from services.dispatch.domain.destinations import co_units_beside
from services.dispatch.domain.flowing import leads
from services.dispatch.domain.members import member_for
from services.dispatch.domain.routes import MAX_CANDIDATES, Route, Routing, first_fit
from services.dispatch.domain.rule_matching import Placed, standing
from services.dispatch.domain.ruled import beside, by_rules, inputs_of
from services.dispatch.domain.subject import Subject
from shared.contracts.base import COMMUNITY_DIGITS
from shared.contracts.case_refs_v1 import MatterRef, UnitRef
from shared.contracts.case_v1 import Case
from shared.contracts.choice_v1 import Candidate, DispatchRule
from shared.contracts.registry_v1 import Matter, Unit
from shared.registry.snapshot import Snapshot


def filed_under(registry: Snapshot, ref: MatterRef) -> Matter:
    """The matter at the version under which a case was filed, whatever has become of it since.

    Raises LookupError when the registry has never had it.
    """
    found = registry.numbered(f"matter/{ref.code}", ref.n)
    if found is not None and isinstance(found.entry, Matter):
        return found.entry
    raise LookupError(f"matter {ref.code} has no version {ref.n}")


def route(subject: Subject, routing: Routing) -> Route:
    """The unit for a case: the same subject, registry and look-ups give the same again."""
    rules = standing(routing.registry, subject, routing.at)
    found = _chosen(rules, subject, routing)
    found = within_cap(found, subject, routing)
    inputs = inputs_of(rules, subject) if rules else None
    return replace(with_member(found, subject, routing), inputs=inputs)


def to_named(
    unit: Unit, rule: DispatchRule, case: Case, subject: Subject, routing: Routing
) -> Route:
    """The route to a unit that a person named; whoever co-operates or is told stays so.

    In a case that nobody has nobody co-operates: whom the rules call is called beside that unit.
    """
    co_units, cc = case.co_units, case.cc
    if case.unit is None:
        co_units, told = _called_beside(unit.code, subject, routing)
        cc += tuple(one for one in told if one.code not in {known.code for known in cc})
    others = Route(unit, rule, co_units=co_units, cc=cc).without(unit.code)
    return with_member(others, subject, routing)


def with_member(found: Route, subject: Subject, routing: Routing) -> Route:
    """The route with the member of its unit who gets the case."""
    if found.unit is None:
        return found
    member = member_for(routing.registry, found.unit, subject, routing.at, routing.loads)
    return replace(found, member=member, join=subject.matter.join_unit_kinds)


def _chosen(rules: Sequence[Placed], subject: Subject, routing: Routing) -> Route:
    """The route by the flow, the component, the rules of the areas, or nearness, in this order."""
    return (
        _by_flow(subject, routing)
        or _by_component(subject, routing)
        or _by_area(rules, subject, routing)
    )


def _called_beside(
    lead: str, subject: Subject, routing: Routing
) -> tuple[tuple[UnitRef, ...], tuple[UnitRef, ...]]:
    """Who co-operates, and who is told, beside a lead whom not the rules have chosen.

    As the rule that decides says, else the matter.
    """
    rules = standing(routing.registry, subject, routing.at)
    chosen = _chosen(rules, subject, routing).chosen_by
    for placed in rules:
        if chosen and (placed.area, placed.rule.code) == (chosen.area, chosen.code):
            return beside(placed.rule, lead, subject, routing)
    return co_units_beside(lead, subject, routing), ()


def _by_flow(subject: Subject, routing: Routing) -> Route | None:
    """Whom the state names in which its flow is; none that can be had: the centre finds one."""
    if subject.lead is None:
        return None
    chosen, lost = first_fit(leads(subject.lead, subject, routing), routing.returned)
    return _led(chosen, DispatchRule.FLOW_STATE, lost, subject, routing)


def _by_component(subject: Subject, routing: Routing) -> Route | None:
    """Whoever keeps the component gets the case before every other rule."""
    if subject.component is None:
        return None
    usual = routing.registry.units_for(subject.matter.code, subject.grid, routing.at)
    kept = keeping(subject.component, usual, routing.registry, routing.at, routing.returned_by)
    if kept.unrouted is not None:
        return Route(None, candidates=kept.candidates[:MAX_CANDIDATES], unrouted=kept.unrouted)
    if kept.unit is None:
        return None
    rule = DispatchRule.COMPONENT_MAINTAINER
    return _led(kept.unit, rule, kept.candidates, subject, routing)


def _by_area(rules: Sequence[Placed], subject: Subject, routing: Routing) -> Route:
    """By the rules of the areas, else the nearest; which rules held in vain is not lost."""
    ruled = by_rules(rules, subject, routing)
    if ruled.unit is not None:
        return ruled
    nearest = _nearest_of(subject, routing)
    if not ruled.passed_over:
        return nearest
    named = {one.unit for one in ruled.candidates}
    others = (one for one in nearest.candidates if one.unit not in named)
    candidates = (*ruled.candidates, *others)[:MAX_CANDIDATES]
    return replace(nearest, candidates=candidates, passed_over=ruled.passed_over)


def _nearest_of(subject: Subject, routing: Routing) -> Route:
    """As `_nearest`; what nobody has returned is the same for all of a matter in a community."""
    if routing.returned_by:
        return _nearest(subject, routing)
    matter = subject.matter
    community = subject.grid[:COMMUNITY_DIGITS]
    question = "nearest", community, matter.code, matter.lead_unit_kind, matter.co_unit_kinds
    return routing.registry.remembered(question, routing.at, lambda: _nearest(subject, routing))


def _nearest(subject: Subject, routing: Routing) -> Route:
    """The unit with the smallest area around the grid; of two alike, the first by code."""
    kind = subject.matter.lead_unit_kind

    def unfit(unit: Unit) -> str | None:
        other = kind is not None and unit.unit_kind is not kind
        return routing.returned(unit) or ("other_kind" if other else None)

    near = routing.registry.units_for(subject.matter.code, subject.grid, routing.at)
    chosen, lost = first_fit(near, unfit)
    return _led(chosen, DispatchRule.NEAREST_UNIT_OF_MATTER, lost, subject, routing)


def _led(
    lead: Unit | None,
    rule: DispatchRule,
    lost: Sequence[Candidate],
    subject: Subject,
    routing: Routing,
) -> Route:
    """The route to whoever leads, with those that co-operate; without a lead nobody does."""
    candidates = tuple(lost[:MAX_CANDIDATES])
    if lead is None:
        return Route(None, candidates=candidates)
    co_units = co_units_beside(lead.code, subject, routing)
    return Route(lead, rule, candidates, co_units=co_units)
