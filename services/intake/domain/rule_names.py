"""Whether what routing rules name is there: a rule that asks for nothing there never holds."""

from collections.abc import Iterable, Iterator, Mapping

from services.intake.domain.change import compared
from services.intake.domain.findings import Finding, FindingCode
from shared.contracts.registry_v1 import Area, Entry, Matter, Unit
from shared.contracts.routing_rules import RoutingRule, Rules

WORDS: Mapping[str, str] = {
    "matter": "事项",
    "category": "类别",
    "condition": "立案条件",
    "area": "区划",
    "unit": "单位",
}
"""What rules name, in both languages."""
Name = tuple[str, str]
"""What it is of (a key of ``WORDS``), and its code."""


def missing_names(
    before: Iterable[Entry], changed: Iterable[Entry], ended: Iterable[str]
) -> list[Finding]:
    """The rules that a change leaves with a name of nothing in force, and that had none of it.

    ``before`` are the rules, matters, areas and units in force without it, ``ended`` the keys of
    those that it ends.
    """
    old, new = compared(before, changed, ended)
    known = _missing(old)
    brought = {rule: names - known.get(rule, set()) for rule, names in _missing(new).items()}
    return [_finding(*rule, sorted(names)) for rule, names in sorted(brought.items()) if names]


def _missing(entries: Mapping[str, Entry]) -> dict[tuple[str, str], set[Name]]:
    """By area and code of a rule, what it names and what is not there."""
    there: set[Name] = set()
    for one in entries.values():
        there.update(_names_of(one))
    return {
        (rules.code, rule.code): set(_named_by(rule)) - there
        for rules in entries.values()
        if isinstance(rules, Rules)
        for rule in rules.rules
    }


def _names_of(entry: Entry) -> Iterator[Name]:
    match entry:
        case Matter():
            yield "matter", entry.code
            yield from (("category", heading) for heading in entry.category)
            yield from (("condition", condition.code) for condition in entry.conditions)
        case Area() | Unit():
            yield entry.kind, entry.code
        case _:
            pass


def _named_by(rule: RoutingRule) -> Iterator[Name]:
    when = rule.when
    yield from (("matter", code) for code in when.matters)
    yield from (("category", heading) for heading in when.categories)
    yield from (("condition", code) for code in when.conditions)
    yield from (("area", code) for code in when.areas)
    for one in (rule.lead, *rule.co_units, *rule.cc):
        if one.unit is not None:
            yield "unit", one.unit


def _finding(area: str, rule: str, names: Iterable[Name]) -> Finding:
    listed = list(names)
    zh = "、".join(f"{WORDS[kind]} {code}" for kind, code in listed)
    en = ", ".join(f"{kind} {code}" for kind, code in listed)
    return Finding(
        FindingCode.UNKNOWN_NAME,
        (area, rule),
        f"区划 {area} 的派遣规则 {rule} 所指尚未生效：{zh}；请核对编码，或先导入",
        f"rule {rule} of area {area} names what is not in force: {en}; see that it is spelt as it "
        "is meant, or import it",
    )
