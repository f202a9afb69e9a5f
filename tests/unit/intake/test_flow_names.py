"""Whether every matter's flow is there, and what is said where a change leaves one without it."""

import pytest

from services.intake.domain.findings import FindingCode, Severity
from services.intake.domain.flow_names import missing_flows, missing_leads
from shared.contracts.flows import Flow
from shared.contracts.registry_v1 import Entry, Matter
from shared.contracts.routing_rules import Destination, UnitKind
from tests.registry import entries
from tests.unit.dispatch.city import unit
from tests.unit.dispatch.flows import HAZARD, flow, state, turn

FLOW = HAZARD


def matter(code: str, flow: str | None) -> Matter:
    return entries.matter(code).model_copy(update={"flow": flow})


NAMING, PLAIN = matter("hazard", FLOW.code), matter("litter", None)


@pytest.mark.parametrize(
    ("before", "changed", "ended", "missing"),
    [
        ([], [NAMING], [], ["hazard"]),
        ([], [NAMING, FLOW], [], []),
        ([FLOW], [NAMING], [], []),
        ([], [PLAIN], [], []),
        ([FLOW, NAMING], [], [f"flow/{FLOW.code}"], ["hazard"]),
        ([FLOW, NAMING], [], [f"flow/{FLOW.code}", "matter/hazard"], []),
        ([FLOW, NAMING], [matter("hazard", "other")], [], ["hazard"]),
        ([NAMING], [matter("again", FLOW.code)], [], ["again"]),
        ([NAMING], [PLAIN], [], []),
    ],
)
def test_a_change_is_told_whom_it_leaves_without_a_flow(
    before: list[Entry], changed: list[Entry], ended: list[str], missing: list[str]
) -> None:
    found = missing_flows(before, changed, ended)
    assert [one.codes for one in found] == [(code,) for code in missing]
    for one in found:
        assert (one.code, one.severity) == (FindingCode.UNKNOWN_FLOW, Severity.WARNING)
        assert one.geometry is None
        assert "flow" in one.en
        assert "流程" in one.zh


def test_the_finding_names_the_flow() -> None:
    assert isinstance(FLOW, Flow)
    (one,) = missing_flows([], [NAMING], [])
    assert FLOW.code in one.en
    assert FLOW.code in one.zh


COURT = Destination(unit="court")
LED = flow(state("a", turn("go", "b")), state("b", turn("end", "c"), lead=COURT), state("c"))
UNIT = unit("court", UnitKind.DEPARTMENT, area="9901")


@pytest.mark.parametrize(
    ("before", "changed", "ended", "missing"),
    [
        ([], [LED], [], True),
        ([], [LED, UNIT], [], False),
        ([UNIT], [LED], [], False),
        ([UNIT, LED], [], ["unit/court"], True),
        ([LED], [LED], [], False),
        ([], [HAZARD], [], False),
    ],
)
def test_a_flow_that_gives_the_case_to_no_unit_is_told_of(
    before: list[Entry], changed: list[Entry], ended: list[str], *, missing: bool
) -> None:
    found = missing_leads(before, changed, ended)
    assert len(found) == missing
    for one in found:
        assert (one.code, one.severity) == (FindingCode.UNKNOWN_NAME, Severity.WARNING)
        assert one.codes == (LED.code,)
        assert "state b" in one.en
        assert "court" in one.en
        assert "court" in one.zh
