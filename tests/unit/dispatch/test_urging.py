"""Urging and telling others leave the case as a screen shows it."""

import pytest

from shared.contracts.cases_v1 import CaseAccepted, CaseCopied, CaseUrged
from tests.unit.dispatch.city import COUNTY
from tests.unit.dispatch.desk import DISPATCHER, RESIDENT, dispatched_desk, member


@pytest.mark.parametrize("follows", [CaseUrged, CaseCopied])
def test_the_unit_acts_as_if_nobody_had_urged_or_told_others(follows: type) -> None:
    desk = dispatched_desk()
    seen = desk.decided.sequence
    told = (
        desk.ask("urge", RESIDENT)
        if follows is CaseUrged
        else desk.ask("cc", DISPATCHER, unit=COUNTY)
    )
    assert [type(one) for one in told] == [follows]
    assert (desk.decided.changed, desk.decided.sequence) == (seen, seen + 1)
    (accepted,) = desk.ask("accept", member(), expected_sequence=seen)
    assert isinstance(accepted, CaseAccepted)
    assert (accepted.case.urgings, len(accepted.case.cc)) == (
        (1, 0) if follows is CaseUrged else (0, 1)
    )
