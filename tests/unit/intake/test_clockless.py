"""Which matters leave their cases without a clock, and what is said of them."""

import pytest

from deploy.city import building
from services.intake.domain.clockless import without_clock
from services.intake.domain.findings import FindingCode, Severity
from shared.contracts.base import Limit, Limits, LimitUnit
from shared.contracts.registry_v1 import Matter
from tests.registry import entries

DAY = Limit(amount=1, unit=LimitUnit.NATURAL_DAY)


def matter(limits: Limits, flow: str | None = None) -> Matter:
    plain = entries.matter("litter")
    (first, *others) = plain.conditions
    changed = (first.model_copy(update={"limits": limits}), *others)
    return plain.model_copy(update={"conditions": changed[:1], "flow": flow})


@pytest.mark.parametrize(
    ("limits", "flow", "lies"),
    [
        (Limits(), None, True),
        (Limits(dispatch=DAY, accept=DAY, verify=DAY), None, True),
        (Limits(), "hazard", False),
        (Limits(handle=DAY), None, False),
        (Limits(total=DAY), None, False),
    ],
)
def test_who_would_lie_without_a_clock_is_told(
    limits: Limits,
    flow: str | None,
    lies: bool,  # noqa: FBT001 - a row of the table
) -> None:
    found = without_clock([matter(limits, flow)])
    assert len(found) == lies
    for one in found:
        assert (one.code, one.severity) == (FindingCode.NO_CLOCK, Severity.WARNING)
        assert one.codes == ("litter",)
        assert "neither to handle it nor for the whole case" in one.en
        assert "没有总时限" in one.zh


def test_every_matter_of_the_demo_city_has_a_clock_in_every_stage() -> None:
    assert without_clock(building.build()) == []
