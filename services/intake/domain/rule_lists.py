"""What a list of routing rules must keep to: one code each, and none that no case can reach."""

from collections.abc import Iterator

from shared.contracts.routing_rules import Destination, RoutingRule, Rules, When

TAKES_ALL = When()


def mistakes(rules: Rules) -> Iterator[tuple[str, str]]:
    """What is wrong: a stable code, and what to do."""
    seen: set[str] = set()
    takers: list[RoutingRule] = []
    told: set[str] = set()
    for number, rule in enumerate(rules.rules, 1):
        where = f"rules {rules.code}, rule {number} ({rule.code})"
        if rule.code in seen:
            yield "duplicate_rule", f"{where}: the code stands twice; give each rule its own"
        seen.add(rule.code)
        before = next((one.code for one in takers if _is_had_with(rule.lead, one.lead)), None)
        if before is not None and before not in told:
            told.add(before)
            why = f"{before} before it asks for nothing, and has a lead wherever this one has"
            yield "unreachable_rule", f"{where}: {why}; put {before} last"
        if rule.when == TAKES_ALL:
            takers.append(rule)
        if _never(rule.when):
            yield "impossible_rule", f"{where}: severity_from is above severity_to"


def _is_had_with(lead: Destination, other: Destination) -> bool:
    """Whether a lead can be had only where another can, which decides before it then.

    A rule is passed over where its lead is not in force, is not around the place, or has returned
    the case: a rule behind it may say who gets the case else.
    """
    kind = other.unit_kind
    return lead == other or (kind is not None and kind == lead.unit_kind and other.level is None)


def _never(when: When) -> bool:
    low, high = when.severity_from, when.severity_to
    return low is not None and high is not None and low > high
