"""Which routing rules hold for a case, in their order: the nearest area's first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.dispatch.domain.duty import within
from services.dispatch.domain.subject import Subject
from shared.contracts.base import COMMUNITY_DIGITS
from shared.contracts.routing_rules import RoutingRule, When
from shared.registry.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Placed:
    """A rule in the list of an area, at the list's version."""

    area: str
    n: int
    rule: RoutingRule


def standing(registry: Snapshot, subject: Subject, at: datetime) -> Sequence[Placed]:
    """The rules that may hold for the matter at the place; most reports of it have the same."""
    community = subject.grid[:COMMUNITY_DIGITS]
    around = registry.remembered(
        ("areas of rules", community), at, lambda: _areas(registry, community, at)
    )
    question = (
        "rules", around, subject.matter.code, subject.matter.category, subject.matter.klass,
        subject.condition.code, subject.condition.severity,
    )  # fmt: skip
    return registry.remembered(question, at, lambda: _standing(registry, subject, at))


def _areas(registry: Snapshot, community: str, at: datetime) -> tuple[str, ...]:
    """The areas around a community that lists of rules or their rules name; most share them."""
    found: list[str] = []
    for rules, _ in registry.rules_around(community, at):
        named = {area for rule in rules.rules for area in rule.when.areas}
        found += [rules.code, *sorted(area for area in named if community.startswith(area))]
    return tuple(found)


def _standing(registry: Snapshot, subject: Subject, at: datetime) -> tuple[Placed, ...]:
    return tuple(
        Placed(rules.code, n, rule)
        for rules, n in registry.rules_around(subject.grid, at)
        for rule in rules.rules
        if _may_hold(rule.when, subject)
    )


def _may_hold(when: When, subject: Subject) -> bool:
    """Whether what a matter, its condition and the place are does not speak against it."""
    matter, condition = subject.matter, subject.condition
    return (
        (not when.matters or matter.code in when.matters)
        and (not when.categories or not set(when.categories).isdisjoint(matter.category))
        and (not when.classes or matter.klass in when.classes)
        and (not when.conditions or condition.code in when.conditions)
        and (not when.areas or subject.grid.startswith(when.areas))
        and (when.severity_from is None or condition.severity >= when.severity_from)
        and (when.severity_to is None or condition.severity <= when.severity_to)
    )


def holds(when: When, subject: Subject) -> bool:
    """Whether a rule that may hold does: hours, source, keywords, component."""
    return (
        (not when.hours or within(when.hours, subject.received))
        and (not when.sources or subject.source in when.sources)
        and (not when.keywords or bool(keywords(when, subject)))
        and (not when.components or subject.component_class in when.components)
    )


def keywords(when: When, subject: Subject) -> list[str]:
    """The keywords of a rule that stand in the description."""
    if not when.keywords:
        return []
    text = subject.description.casefold()
    return [word for word in when.keywords if word.casefold() in text]
