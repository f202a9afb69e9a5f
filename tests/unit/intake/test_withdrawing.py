"""What has open cases is withdrawn only where somebody takes them over."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.withdrawing import (
    OpenCases,
    end_refused,
    holders_of,
    shares_refused,
    successor_refused,
    withdrawal_refused,
)
from services.intake.registry_writer import ENTRY
from shared.contracts.case_v1 import OPEN_STATES, OPEN_TASKS, CaseEvent, CaseState, TaskState
from shared.contracts.registry_v1 import Change, EntrySet, Unit, entry_key
from tests.unit.intake.driving import NOW, RULES, golden, report, take
from tests.unit.intake.driving import state as state_of
from tests.unit.intake.entries import area, grid, matter, policy, unit

NOBODY = OpenCases(0, (), 0)
SOME = OpenCases(12, ("A-1", "A-2"), 0)
OLDER = OpenCases(0, (), 3)
CASES = golden()["cases"]


def officer(code: str = "o-1", of: str = "u-1") -> dict[str, Any]:
    return {"kind": "officer", "code": code, "unit": of, "role": "officer"}


def version(raw: dict[str, Any], **fields: object) -> EntrySet:
    entry = ENTRY.validate_python(raw)
    return EntrySet.model_validate(
        {
            "key": entry_key(entry), "n": 1, "valid_from": NOW,
            "change": Change(id="c", part=1, count=1), "entry": entry, **fields,
        }
    )  # fmt: skip


@pytest.mark.parametrize("raw", [grid(), matter(), unit(), officer()])
def test_what_has_open_cases_is_not_withdrawn_and_it_is_said_what_to_do(
    raw: dict[str, Any],
) -> None:
    entry = ENTRY.validate_python(raw)
    assert withdrawal_refused(entry, NOBODY) is None
    refused = withdrawal_refused(entry, SOME)
    assert refused is not None
    assert refused.code == "has_open_cases"
    assert "12 open cases (A-1, A-2)" in refused.detail
    assert ("merge" if raw["kind"] == "grid" else "move_to") in refused.detail


@pytest.mark.parametrize("raw", [grid(), matter(), unit(), officer()])
def test_what_has_open_cases_is_given_no_end_by_an_import(raw: dict[str, Any]) -> None:
    entry = ENTRY.validate_python(raw)
    assert end_refused(entry, NOBODY) is None
    for held, said in ((SOME, "12 open cases (A-1, A-2)"), (OLDER, "of 3 open cases")):
        refused = end_refused(entry, held)
        assert refused is not None
        assert refused.code == "has_open_cases"
        assert said in refused.detail
        assert ("merge" if raw["kind"] == "grid" else "without the end") in refused.detail
    assert end_refused(ENTRY.validate_python(policy()), SOME) is None


def test_a_unit_that_co_operates_stays_whoever_takes_over_what_it_leads() -> None:
    entry = Unit.model_validate(unit("u-1"))
    assert holders_of(entry) == ("unit/u-1", "task/u-1")
    assert shares_refused(entry, NOBODY) is None
    assert shares_refused(entry, OLDER) is None
    refused = shares_refused(entry, SOME)
    assert refused is not None
    assert refused.code == "has_open_cases"
    assert "co-operates in 12 open cases (A-1, A-2)" in refused.detail


def test_a_matter_has_no_successor_for_the_cases_that_are_open() -> None:
    refused = withdrawal_refused(ENTRY.validate_python(matter()), SOME)
    assert refused is not None
    assert "they stay under this one" in refused.detail


@pytest.mark.parametrize("state", TaskState)
def test_an_open_case_is_with_those_who_owe_a_share_of_it(state: TaskState) -> None:
    event = next(one for one in CASES if isinstance(one.data, CaseEvent) and one.data.case.tasks)
    (task, *_) = event.data.case.tasks
    case = event.data.case.model_copy(
        update={"state": CaseState.ACCEPTED, "tasks": (task.model_copy(update={"state": state}),)}
    )
    told = replace(event, data=event.data.model_copy(update={"case": case}))
    held = RULES.columns(state_of(take([report(), told])))["open_of"]
    assert (f"task/{task.unit.code}" in held) == (state in OPEN_TASKS)


def test_cases_of_which_it_is_not_known_whose_they_are_hinder_too() -> None:
    refused = withdrawal_refused(ENTRY.validate_python(unit()), OLDER)
    assert refused is not None
    assert "of 3 open cases" in refused.detail


@pytest.mark.parametrize("raw", [area(), policy()])
def test_what_has_no_cases_of_its_own_is_withdrawn(raw: dict[str, Any]) -> None:
    assert withdrawal_refused(ENTRY.validate_python(raw), OLDER) is None


@pytest.mark.parametrize("make", [matter, unit, officer])
def test_one_of_the_same_kind_that_is_in_force_takes_over(make: Any) -> None:  # noqa: ANN401
    entry = ENTRY.validate_python(make("x-1"))
    assert successor_refused(entry, "x-2", version(make("x-2")), None, NOW) is None


@pytest.mark.parametrize(
    ("entry", "successor", "move_to", "code", "said"),
    [
        (unit("a"), None, "b", "invalid_successor", "no unit b in force"),
        (unit("a"), version(unit("a")), "a", "invalid_successor", "itself"),
        (unit("a"), version(unit("b"), valid_until=NOW), "b", "invalid_successor", "in force"),
        (
            unit("a"), version(unit("b"), valid_from=NOW + timedelta(hours=1)), "b",
            "invalid_successor", "in force",
        ),
        (unit("a"), version(unit("b", area="990102")), "b", "not_your_area", "990101"),
        (officer("a"), version(officer("b", "u-2")), "b", "invalid_successor", "u-2"),
        (grid(), None, "990101001001002", "no_successor_of_kind", "redraw"),
        (policy(), None, "9902", "no_successor_of_kind", "move_to"),
    ],
)  # fmt: skip
def test_who_cannot_take_over_is_refused(
    entry: dict[str, Any], successor: EntrySet | None, move_to: str, code: str, said: str
) -> None:
    within = "990101" if entry["kind"] == "unit" else None
    found = ENTRY.validate_python(entry)
    refused = successor_refused(found, move_to, successor, within, NOW)
    assert refused is not None
    assert refused.code == code
    assert said in refused.detail


def test_an_open_case_is_with_its_grid_matter_unit_and_officer() -> None:
    told = [event for event in CASES if isinstance(event.data, CaseEvent)]
    assert {event.data.case.state.value for event in told} & {*OPEN_STATES, "closed"}
    for event in told:
        case = event.data.case
        assert case.unit is not None
        columns = RULES.columns(state_of(take([report(), event])))
        held = {
            f"grid/{case.grid}", f"matter/{case.matter.code}",
            f"unit/{case.unit.code}", f"officer/{case.member}",
            *(f"task/{one.unit.code}" for one in case.tasks if one.state in OPEN_TASKS),
        }  # fmt: skip
        assert set(columns["open_of"]) == (held if case.state.value in OPEN_STATES else set())


@given(st.lists(st.sampled_from(CASES), max_size=8))
def test_a_case_is_counted_while_it_is_open_and_only_then(events: list[Any]) -> None:
    found = state_of(take([report(), *events]))
    columns = RULES.columns(found)
    if found.standing is None:
        assert "open_of" not in columns
    else:
        # Set, and empty, also where nothing is open: else the column would keep its old value.
        assert bool(columns["open_of"]) == (found.standing.state in OPEN_STATES)


def test_open_are_all_states_before_closed() -> None:
    assert set(OPEN_STATES) == {state.value for state in CaseState} - {"closed", "voided"}
