"""The route that the rules of an area give: the first of them that holds and has a unit."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from services.dispatch.domain.destinations import meant, nearest_of_each
from services.dispatch.domain.routes import (
    MAX_CANDIDATES,
    Route,
    Routing,
    candidate,
    first_fit,
    unit_ref,
)
from services.dispatch.domain.rule_matching import Placed, holds, keywords
from services.dispatch.domain.subject import Subject
from shared.contracts.case_refs_v1 import UnitRef
from shared.contracts.choice_v1 import Candidate, DispatchRule, RoutingInputs, RuleRef
from shared.contracts.registry_v1 import Unit
from shared.contracts.routing_rules import Destination, RoutingRule


def by_rules(rules: Iterable[Placed], subject: Subject, routing: Routing) -> Route:
    """The route by the first rule that holds and whose lead is somebody.

    When none is, a route to nobody, with the rules that held and whom they named.
    """
    passed_over: list[str] = []
    lost: list[Candidate] = []
    for placed in rules:
        rule = placed.rule
        if not holds(rule.when, subject):
            continue
        chosen, others = _lead(rule.lead, rule.code, subject, routing)
        lost += others
        if chosen is None:
            passed_over.append(rule.code)
            continue
        named = {one.unit for one in lost}
        lost += [
            candidate(unit.code, "rule_decided", None)
            for unit in routing.registry.units_for(subject.matter.code, subject.grid, routing.at)
            if unit.code not in named and unit.code != chosen.code
        ]
        co_units, cc = beside(rule, chosen.code, subject, routing)
        return Route(
            chosen,
            DispatchRule.ROUTING_RULE,
            tuple(lost[:MAX_CANDIDATES]),
            RuleRef(
                area=placed.area,
                n=placed.n,
                code=rule.code,
                names=rule.names,
                passed_over=tuple(passed_over),
            ),
            co_units=co_units,
            cc=cc,
            passed_over=tuple(passed_over),
        )
    return Route(None, candidates=tuple(lost[:MAX_CANDIDATES]), passed_over=tuple(passed_over))


def beside(
    rule: RoutingRule, lead: str, subject: Subject, routing: Routing
) -> tuple[tuple[UnitRef, ...], tuple[UnitRef, ...]]:
    """Who co-operates by a rule, and who is told, where that unit leads."""
    co_units = nearest_of_each(rule.co_units, {lead}, subject, routing)
    taken = {lead, *(unit.code for unit in co_units)}
    cc = nearest_of_each(rule.cc, taken, subject, routing)
    return tuple(map(unit_ref, co_units)), tuple(map(unit_ref, cc))


def _lead(
    wanted: Destination, rule: str, subject: Subject, routing: Routing
) -> tuple[Unit | None, list[Candidate]]:
    """The unit that a rule's lead means, and those that it might have meant."""
    units = list(meant(wanted, subject.grid, routing))
    if not units and wanted.unit is not None:
        return None, [candidate(wanted.unit, "not_in_force", rule)]
    return first_fit(units, routing.returned, rule)


def inputs_of(rules: Iterable[Placed], subject: Subject) -> RoutingInputs:
    """What of a report the rules that stand ask about, as the event freezes it."""
    found = dict.fromkeys(word for placed in rules for word in keywords(placed.rule.when, subject))
    condition, minute = subject.condition, subject.received.replace(second=0, microsecond=0)
    return _same_inputs(
        condition.code, condition.severity, minute, tuple(found), subject.component_class
    )


@lru_cache(maxsize=4096)
def _same_inputs(
    condition: str, severity: int, minute: datetime, found: tuple[str, ...], klass: str | None
) -> RoutingInputs:
    """What comes together mostly is alike."""
    return RoutingInputs(
        condition=condition,
        severity=severity,
        local_time=minute.strftime("%Y-%m-%dT%H:%M"),
        keywords=found,
        component_class=klass,
    )
