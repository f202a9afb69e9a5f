"""Whether what routing rules name is there, and what is said where a change leaves it out."""

import pytest

from services.intake.domain.findings import FindingCode, Severity
from services.intake.domain.rule_names import missing_names
from shared.contracts.base import Names
from shared.contracts.registry_v1 import Area, Entry, Unit
from shared.contracts.routing_rules import Destination, RoutingRule, Rules, UnitKind, When
from tests.registry import entries

NAMES = Names(zh="名", en="name")
LITTER = entries.matter("litter").model_copy(update={"category": ("dirt",)})
(CONDITION,) = (one.code for one in LITTER.conditions)
ROADS, PARKS = (
    Unit(code=code, names=NAMES, unit_kind=UnitKind.DEPARTMENT, area="9901", matters=("*",))
    for code in ("roads", "parks")
)
CITY = Area(code="9901", names=NAMES)
THERE = [LITTER, ROADS, PARKS, CITY]


def rules(when: When, lead: str = "roads", *others: str) -> Rules:
    units = tuple(Destination(unit=one) for one in others)
    rule = RoutingRule(
        code="r", names=NAMES, when=when, lead=Destination(unit=lead), co_units=units, cc=units
    )
    kind = Destination(unit_kind=UnitKind.ENTERPRISE)
    return Rules(code="9901", rules=(rule, RoutingRule(code="all", names=NAMES, lead=kind)))


WHOLE = When(
    matters=("litter",), categories=("dirt",), conditions=(CONDITION,), areas=("9901",),
)  # fmt: skip
GOOD = rules(WHOLE, "roads", "parks")


@pytest.mark.parametrize(
    ("before", "changed", "ended", "missing"),
    [
        ([], [*THERE, GOOD], [], []),
        (THERE, [GOOD], [], []),
        (THERE, [rules(When(matters=("litter", "liter")))], [], ["matter liter"]),
        (THERE, [rules(When(categories=("Dirt",)))], [], ["category Dirt"]),
        (THERE, [rules(When(conditions=("full",)))], [], ["condition full"]),
        (THERE, [rules(When(areas=("990103",)))], [], ["area 990103"]),
        (THERE, [rules(When(), "rods", "park")], [], ["unit park", "unit rods"]),
        ([*THERE, GOOD], [], ["unit/roads"], ["unit roads"]),
        ([*THERE, GOOD], [], ["unit/roads", "rules/9901"], []),
        ([*THERE, GOOD], [LITTER.model_copy(update={"category": ()})], [], ["category dirt"]),
        ([CITY, GOOD], [LITTER, PARKS], [], []),
        ([CITY, GOOD], [rules(WHOLE, "rods")], [], ["unit rods"]),
    ],
)
def test_a_change_is_told_which_rules_name_nothing(
    before: list[Entry], changed: list[Entry], ended: list[str], missing: list[str]
) -> None:
    found = missing_names(before, changed, ended)
    assert len(found) == bool(missing)
    for one in found:
        assert (one.code, one.severity) == (FindingCode.UNKNOWN_NAME, Severity.WARNING)
        assert one.codes == ("9901", "r")
        assert f"not in force: {', '.join(missing)};" in one.en
        assert all(name.split()[1] in one.zh for name in missing)
