"""Whose inbox a caller may read, and within which area."""

import pytest

from services.analytics.domain.filters import InboxOf
from services.analytics.domain.reach import Refusal, reachable
from shared.platform.security import ANONYMOUS, Principal, Role

COUNTY, TOWN, OTHER = "990101", "990101001", "990102"
MINE, THEIRS = "roads-9901", "team-990101001001"
EVERYWHERE = ""


def somebody(role: Role, unit: str | None = None, area: str | None = None) -> Principal:
    return Principal("s", frozenset({role}), unit=unit, area=area)


def answer(caller: Principal, area: str | None = None, unit: str | None = None) -> str:
    """The area within which a caller is told of an inbox, or why it is not."""
    found = reachable(caller, InboxOf(area=area), unit)
    return found.code if isinstance(found, Refusal) else found.area or EVERYWHERE


@pytest.mark.parametrize(
    ("own", "asked", "told"),
    [
        (None, None, EVERYWHERE),
        (None, OTHER, OTHER),
        (COUNTY, None, COUNTY),
        (COUNTY, COUNTY, COUNTY),
        (COUNTY, TOWN, TOWN),
        (COUNTY, OTHER, "not_your_area"),
        (TOWN, COUNTY, "not_your_area"),
    ],
)
@pytest.mark.parametrize("unit", [None, THEIRS])
@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.DUTY_HEAD, Role.SUPERVISOR, Role.LEADER])
def test_whoever_runs_or_leads_a_centre_is_told_what_lies_in_its_area(
    role: Role, unit: str | None, own: str | None, asked: str | None, told: str
) -> None:
    assert answer(somebody(role, area=own), asked, unit) == told


@pytest.mark.parametrize("area", ["99", "", "9901010", "linjiang"])
def test_a_token_of_no_area_is_told_so(area: str) -> None:
    assert answer(somebody(Role.LEADER, area=area)) == "not_your_area"
    assert answer(somebody(Role.LEADER, area=area), COUNTY) == "not_your_area"


@pytest.mark.parametrize("role", [Role.UNIT_MEMBER, Role.OFFICER, Role.DEPARTMENT_SYSTEM])
def test_a_member_reads_its_own_units_wherever_the_cases_lie_and_no_other_units(role: Role) -> None:
    member = somebody(role, MINE, TOWN)
    assert answer(member, None, MINE) == EVERYWHERE
    assert answer(member, OTHER, MINE) == OTHER
    assert answer(member, None, THEIRS) == "not_your_unit"
    assert answer(somebody(role), None, THEIRS) == "not_your_unit"


@pytest.mark.parametrize(
    ("role", "told"),
    [
        (Role.UNIT_MEMBER, "role_not_allowed"),
        (Role.DEPARTMENT_SYSTEM, "role_not_allowed"),
        (Role.OFFICER, TOWN),
        (Role.INSPECTOR, TOWN),
        (Role.ACCEPTANCE_DESK, TOWN),
    ],
)
def test_whoever_acts_for_a_unit_alone_reads_no_inbox_of_a_centre(role: Role, told: str) -> None:
    assert answer(somebody(role, MINE, TOWN)) == told


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.ACCEPTANCE_DESK])
def test_a_units_inbox_is_not_for_the_desk_nor_for_inspectors(role: Role) -> None:
    assert answer(somebody(role), None, THEIRS) == "not_your_unit"


@pytest.mark.parametrize("unit", [None, THEIRS])
def test_nobody_without_a_role_reads_an_inbox(unit: str | None) -> None:
    assert answer(ANONYMOUS, None, unit) == "role_not_allowed"
