"""Lists of routing rules and officers that cannot be meant are refused by name."""

from typing import Any

import pytest

from services.intake.domain.entry_rules import examine
from shared.contracts.base import Names
from shared.contracts.registry_v1 import Officer
from shared.contracts.routing_rules import Destination, RoutingRule, Rules, UnitKind, When

ONLY_ONE = When(matters=("litter",))


UNIT = Destination(unit="u")
DEPARTMENT = Destination(unit_kind=UnitKind.DEPARTMENT)
OF_COUNTY = Destination(unit_kind=UnitKind.DEPARTMENT, level="county")
OF_CITY = Destination(unit_kind=UnitKind.DEPARTMENT, level="city")


def rule(code: str, when: When = ONLY_ONE, lead: Destination = UNIT) -> RoutingRule:
    names = Names(zh=code, en=code)
    return RoutingRule(code=code, names=names, when=when, lead=lead)


@pytest.mark.parametrize(
    ("rules", "codes"),
    [
        ((rule("a"), rule("b")), []),
        ((rule("a"), rule("all", When())), []),
        ((rule("a"), rule("a")), ["duplicate_rule"]),
        ((rule("all", When()), rule("b"), rule("c")), ["unreachable_rule"]),
        ((rule("all", When()), rule("else", When(), DEPARTMENT)), []),
        (
            (rule("all", When()), rule("b"), rule("b", lead=DEPARTMENT)),
            ["unreachable_rule", "duplicate_rule"],
        ),
        ((rule("all", When(), DEPARTMENT), rule("b", lead=OF_COUNTY)), ["unreachable_rule"]),
        ((rule("all", When(), OF_COUNTY), rule("b", lead=DEPARTMENT)), []),
        ((rule("all", When(), OF_COUNTY), rule("b", lead=OF_CITY)), []),
        (
            (rule("all", When()), rule("else", When(), DEPARTMENT), rule("c", lead=OF_CITY)),
            ["unreachable_rule"],
        ),
        ((rule("a", When(severity_from=4, severity_to=2)),), ["impossible_rule"]),
        ((rule("a", When(severity_from=2, severity_to=2)),), []),
    ],
)
def test_a_list_of_rules_is_examined(rules: tuple[RoutingRule, ...], codes: list[str]) -> None:
    found = examine(Rules(code="9901", rules=rules), None).faults
    assert [one.code for one in found] == codes


@pytest.mark.parametrize(
    ("days", "codes"),
    [
        ({"joined": "2025-01-01", "left": "2025-01-02"}, []),
        ({"joined": "2025-01-01"}, []),
        ({"left": "2025-01-01"}, []),
        ({"joined": "2025-01-01", "left": "2025-01-01"}, ["left_before_joined"]),
    ],
)
def test_an_officer_leaves_after_it_joined(days: dict[str, Any], codes: list[str]) -> None:
    found = examine(Officer(code="o", unit="u", role="officer", **days), None).faults
    assert [one.code for one in found] == codes
