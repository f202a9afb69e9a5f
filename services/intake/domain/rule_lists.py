"""What a list of routing rules must keep to: one code each, and none behind one that takes all."""

from collections.abc import Iterator

from shared.contracts.routing_rules import Rules, When

TAKES_ALL = When()


def mistakes(rules: Rules) -> Iterator[tuple[str, str]]:
    """What is wrong: a stable code, and what to do."""
    seen: set[str] = set()
    last: str | None = None
    for number, rule in enumerate(rules.rules, 1):
        where = f"rules {rules.code}, rule {number} ({rule.code})"
        if rule.code in seen:
            yield "duplicate_rule", f"{where}: the code stands twice; give each rule its own"
        seen.add(rule.code)
        if last is not None:
            yield (
                "unreachable_rule",
                f"{where}: {last} before it asks for nothing and takes every case; put {last} last",
            )
            return
        if rule.when == TAKES_ALL:
            last = rule.code
        if _never(rule.when):
            yield "impossible_rule", f"{where}: severity_from is above severity_to"


def _never(when: When) -> bool:
    low, high = when.severity_from, when.severity_to
    return low is not None and high is not None and low > high
