"""Which unit gets a case: by the routing rules of its area in order, else the nearest by."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from services.dispatch.domain.components import keeping
from services.dispatch.domain.lookups import Loads
from services.dispatch.domain.members import member_for
from services.dispatch.domain.rule_matching import Placed, holds, keywords, standing
from services.dispatch.domain.subject import Subject
from shared.contracts.cases_v1 import (
    Candidate,
    DispatchRule,
    MatterRef,
    MemberChoice,
    RoutingInputs,
    RuleRef,
    UnitRef,
    Unrouted,
)
from shared.contracts.registry_v1 import Matter, Unit
from shared.contracts.routing_rules import Destination, Level, UnitKind
from shared.registry.snapshot import Snapshot

LEVELS: dict[int, Level] = {4: "city", 6: "county", 9: "town", 12: "community"}
"""The level of a centre by the digits of its area's code."""
TOWN_DIGITS = 9
MAX_CANDIDATES = 10


@dataclass(frozen=True, slots=True)
class Route:
    """The unit chosen, if any, how it was found, and who else might have been."""

    unit: Unit | None
    rule: DispatchRule = DispatchRule.NEAREST_UNIT_OF_MATTER
    candidates: tuple[Candidate, ...] = ()
    chosen_by: RuleRef | None = None
    inputs: RoutingInputs | None = None
    co_units: tuple[UnitRef, ...] = ()
    cc: tuple[UnitRef, ...] = ()
    unit_load: int | None = None
    member: MemberChoice | None = None
    unrouted: Unrouted | None = None
    """Why nobody gets it, where a rule says so."""


@dataclass(frozen=True, slots=True)
class Routing:
    """What a route is found by: the registry at an instant, what was looked up, who is out."""

    registry: Snapshot
    at: datetime
    loads: Loads = Loads()  # noqa: RUF009 - immutable
    returned_by: Collection[str] = ()
    """Units whose return was granted are never chosen again."""


def filed_under(registry: Snapshot, ref: MatterRef) -> Matter:
    """The matter at the version under which a case was filed, whatever has become of it since.

    Raises LookupError when the registry has never had it.
    """
    for version in registry.versions.get(f"matter/{ref.code}", ()):
        if version.n == ref.n and isinstance(version.entry, Matter):
            return version.entry
    raise LookupError(f"matter {ref.code} has no version {ref.n}")


def route(subject: Subject, routing: Routing) -> Route:
    """The unit for a case: the same subject, registry and look-ups give the same again."""
    rules = standing(routing.registry, subject, routing.at)
    found = (
        _by_component(subject, routing)
        or _by_rules(rules, subject, routing)
        or _nearest_of(subject, routing)
    )
    found = _within_cap(found, subject, routing)
    inputs = _inputs(rules, subject) if rules else None
    return replace(found, inputs=inputs, member=_member(found, subject, routing))


def with_member(found: Route, subject: Subject, routing: Routing) -> Route:
    """The route with the member of its unit who gets the case."""
    return replace(found, member=_member(found, subject, routing))


def _member(found: Route, subject: Subject, routing: Routing) -> MemberChoice | None:
    if found.unit is None:
        return None
    return member_for(routing.registry, found.unit, subject, routing.at, routing.loads)


def _by_component(subject: Subject, routing: Routing) -> Route | None:
    """Whoever keeps the component gets the case before every other rule."""
    if subject.component is None:
        return None
    usual = routing.registry.units_for(subject.matter.code, subject.grid, routing.at)
    kept = keeping(subject.component, usual, routing.registry, routing.at, routing.returned_by)
    candidates = kept.candidates[:MAX_CANDIDATES]
    if kept.unrouted is not None:
        return Route(None, candidates=candidates, unrouted=kept.unrouted)
    if kept.unit is None:
        return None
    return Route(
        kept.unit,
        DispatchRule.COMPONENT_MAINTAINER,
        candidates,
        co_units=_co_units(kept.unit.code, subject, routing),
    )


def _by_rules(rules: Iterable[Placed], subject: Subject, routing: Routing) -> Route | None:
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
            _candidate(unit.code, "rule_decided", None)
            for unit in routing.registry.units_for(subject.matter.code, subject.grid, routing.at)
            if unit.code not in named and unit.code != chosen.code
        ]
        co_units = _others(rule.co_units, {chosen.code}, subject, routing)
        taken = {chosen.code, *(unit.code for unit in co_units)}
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
            co_units=tuple(map(unit_ref, co_units)),
            cc=tuple(map(unit_ref, _others(rule.cc, taken, subject, routing))),
        )
    return None


def _lead(
    wanted: Destination, rule: str, subject: Subject, routing: Routing
) -> tuple[Unit | None, list[Candidate]]:
    """The unit that a rule's lead means, and those that it might have meant."""
    chosen: Unit | None = None
    lost: list[Candidate] = []
    meant = list(_meant(wanted, subject.grid, routing))
    if not meant and wanted.unit is not None:
        lost.append(_candidate(wanted.unit, "not_in_force", rule))
    for unit in meant:
        if unit.code in routing.returned_by:
            lost.append(_candidate(unit.code, "returned_before", rule))
        elif chosen is None:
            chosen = unit
        else:
            lost.append(_candidate(unit.code, _less_near(chosen, unit), rule))
    return chosen, lost


def _meant(wanted: Destination, grid: str, routing: Routing) -> Iterator[Unit]:
    """The units that a destination means, nearest first."""
    if wanted.unit is not None:
        unit = routing.registry.unit(wanted.unit, routing.at)
        if unit is not None:
            yield unit
    elif wanted.unit_kind is not None:
        for one in routing.registry.units_of(wanted.unit_kind, grid, routing.at):
            if wanted.level is None or LEVELS[len(one.area)] == wanted.level:
                yield one


def _others(
    wanted: Iterable[Destination], taken: Collection[str], subject: Subject, routing: Routing
) -> list[Unit]:
    """The nearest unit of each destination, none twice."""
    found: dict[str, Unit] = {}
    for destination in wanted:
        meant = _meant(destination, subject.grid, routing)
        unit = next((one for one in meant if one.code not in taken), None)
        if unit is not None:
            found.setdefault(unit.code, unit)
    return list(found.values())


def _nearest_of(subject: Subject, routing: Routing) -> Route:
    """As `_nearest`; what nobody has returned is the same for all of a matter in a community."""
    if routing.returned_by:
        return _nearest(subject, routing)
    matter = subject.matter
    question = (
        "nearest", subject.grid[:12], matter.code, matter.lead_unit_kind, matter.co_unit_kinds
    )  # fmt: skip
    return routing.registry.remembered(question, routing.at, lambda: _nearest(subject, routing))


def _nearest(subject: Subject, routing: Routing) -> Route:
    """The unit with the smallest area around the grid; of two alike, the first by code."""
    chosen: Unit | None = None
    lost: list[Candidate] = []
    matter = subject.matter
    for unit in routing.registry.units_for(matter.code, subject.grid, routing.at):
        why = _unfit(unit, matter, routing.returned_by)
        if why is not None:
            lost.append(_candidate(unit.code, why, None))
        elif chosen is None:
            chosen = unit
        else:
            lost.append(_candidate(unit.code, _less_near(chosen, unit), None))
    if chosen is None:
        return Route(None, candidates=tuple(lost[:MAX_CANDIDATES]))
    return Route(
        chosen,
        candidates=tuple(lost[:MAX_CANDIDATES]),
        co_units=_co_units(chosen.code, subject, routing),
    )


def _co_units(lead: str, subject: Subject, routing: Routing) -> tuple[UnitRef, ...]:
    kinds = subject.matter.co_unit_kinds
    if not kinds:
        return ()
    found = _others((_of_kind(kind) for kind in kinds), {lead}, subject, routing)
    return tuple(map(unit_ref, found))


@lru_cache
def _of_kind(kind: UnitKind) -> Destination:
    return Destination(unit_kind=kind)


def _within_cap(found: Route, subject: Subject, routing: Routing) -> Route:
    """A unit that has as many open cases as it may is spared: the town's centre gets the case.

    Where there is no such centre, or it is at its own cap, the unit gets it nevertheless.
    """
    unit = found.unit
    if unit is None or unit.load_cap is None:
        return found
    load = routing.loads.units.get(unit.code, 0)
    found = replace(found, unit_load=load)
    if load < unit.load_cap:
        return found
    centre = _centre_with_room(unit, subject, routing)
    if centre is None:
        return found
    full = Candidate(unit=unit.code, lost="at_its_cap", load=load)
    others = [one for one in found.candidates if one.unit != centre.code]
    return replace(
        found,
        unit=centre,
        rule=DispatchRule.TOWN_OVERFLOW,
        candidates=(full, *others)[:MAX_CANDIDATES],
        unit_load=routing.loads.units.get(centre.code, 0),
        co_units=tuple(one for one in found.co_units if one.code != centre.code),
        cc=tuple(one for one in found.cc if one.code != centre.code),
    )


def _centre_with_room(unit: Unit, subject: Subject, routing: Routing) -> Unit | None:
    town = Destination(unit_kind=UnitKind.TOWN_CENTRE, level="town")
    for centre in _meant(town, subject.grid[:TOWN_DIGITS], routing):
        load = routing.loads.units.get(centre.code, 0)
        room = centre.load_cap is None or load < centre.load_cap
        if room and centre.code != unit.code and centre.code not in routing.returned_by:
            return centre
    return None


def _inputs(rules: Iterable[Placed], subject: Subject) -> RoutingInputs:
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


def _less_near(chosen: Unit, unit: Unit) -> str:
    return "larger_area" if len(chosen.area) > len(unit.area) else "later_code"


@lru_cache(maxsize=4096)
def _candidate(unit: str, lost: str, rule: str | None) -> Candidate:
    """The same few units lose for the same few reasons in every decision."""
    return Candidate(unit=unit, lost=lost, rule=rule)


def _unfit(unit: Unit, matter: Matter, returned_by: Collection[str]) -> str | None:
    if unit.code in returned_by:
        return "returned_before"
    if matter.lead_unit_kind is not None and unit.unit_kind is not matter.lead_unit_kind:
        return "other_kind"
    return None


def unit_ref(unit: Unit) -> UnitRef:
    """The unit as events name it."""
    return UnitRef(code=unit.code, names=unit.names, kind=unit.unit_kind, area=unit.area)


def centre_of(unit: Unit) -> tuple[str, Level]:
    """The area whose centre dispatches to a unit, and its level (市县两级共派遣)."""
    return unit.area, LEVELS[len(unit.area)]
