"""A timeline is the fold of its events by topic, whatever the order between topics."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain import stored
from services.analytics.domain.columns import columns
from services.analytics.domain.folding import evolve
from services.analytics.domain.projecting import Projecting
from services.analytics.domain.timeline import Timeline
from shared.contracts.catalog import MODELS
from shared.contracts.escalations_v1 import ClocksChanged, ClockState
from shared.contracts.golden import cases, escalations, incidents
from shared.contracts.golden.story import Example
from shared.contracts.outcomes_v1 import IncidentHeld, IncidentRejected, Outcome
from shared.contracts.titles import TITLES
from tests.unit.analytics.lives import (
    GRIDS,
    MATTERS,
    SECRET,
    START,
    STEP,
    UNITS,
    Life,
    Topics,
    fold,
    interleaved,
    lives,
    whole,
)

GOLDEN = [one for module in (incidents, cases, escalations) for one in module.examples()]


@given(data=st.data(), topics=lives())
def test_the_order_between_topics_does_not_matter(data: st.DataObject, topics: Topics) -> None:
    one_by_one = [event for events in topics.values() for event in events]
    mixed = data.draw(interleaved(topics))
    assert stored.dump(fold(mixed)) == stored.dump(fold(one_by_one))
    assert columns(fold(mixed)) == columns(fold(one_by_one))


@given(data=st.data(), topics=lives())
def test_an_event_touches_only_the_part_of_its_topic(data: st.DataObject, topics: Topics) -> None:
    mixed = data.draw(interleaved(topics))
    parts = {"incidents": "incident", "cases": "case", "escalations": "escalation"}
    state = Timeline()
    for event in mixed:
        after = evolve(state, event)
        mine = next(name for name, events in topics.items() if event in events)
        for name, part in parts.items():
            assert (getattr(after, part) is getattr(state, part)) == (name != mine)
        state = after


@given(topics=lives())
def test_every_event_is_a_step_once(topics: Topics) -> None:
    found = fold(event for events in topics.values() for event in events)
    for name, part in (("incidents", found.incident), ("cases", found.case)):
        assert [step["type"] for step in part.steps] == [event.type for event in topics[name]]
        assert [step["sequence"] for step in part.steps] == list(range(1, len(topics[name]) + 1))


@pytest.mark.parametrize("example", GOLDEN, ids=lambda one: f"{one.event.type}-{one.name}")
def test_no_id_of_a_person_is_kept(example: Example) -> None:
    event = example.event
    subjects = {"r-5c1e7a90", "m-20b7", "d-31c4", "i-88e2", "s-0d19"}
    text = json.dumps(stored.dump(fold([event])), default=str)
    assert not [subject for subject in subjects if subject in text]


def test_who_acted_is_told_by_role_and_unit() -> None:
    step = fold(whole().topics["cases"]).case.steps[-1]
    assert step["roles"] == ["unit_member"]
    assert step["by_unit"] == UNITS[0]
    assert SECRET.subject not in str(step)


def test_every_type_of_the_topics_has_a_title_and_a_place_in_the_fold() -> None:
    for example in GOLDEN:
        assert example.event.type in TITLES
        assert evolve(None, example.event) != Timeline()
    assert {one.event.type for one in GOLDEN} < set(MODELS)


def test_a_late_event_of_a_case_is_shown_and_changes_nothing() -> None:
    events = whole().topics["cases"]
    late = [events[0], *events[2:], events[1]]
    found = fold(late)
    assert found.case.state == "accepted"
    assert found.case.latest == len(events)
    assert len(found.case.steps) == len(events)


def test_a_late_change_of_clocks_changes_nothing() -> None:
    life = whole()
    life.move("handle", UNITS[0])
    events = life.topics["escalations"]
    assert fold([*events[:-2], events[-1], events[-2]]).escalation.clocks == (
        fold(events).escalation.clocks
    )


def test_a_second_report_of_an_incident_does_not_replace_the_first() -> None:
    life = whole()
    first = life.topics["incidents"][0]
    data = first.data.model_copy(update={"receipt_no": "another"})
    again = replace(first, id="other", sequence=2, data=data)
    report = fold([first, again]).incident.report
    assert report is not None
    assert report["receipt_no"] == first.data.receipt_no


@pytest.mark.parametrize(
    ("moves", "state", "is_open"),
    [
        ((), "filed", True),
        (("dispatch",), "dispatched", True),
        (("dispatch", "accept"), "accepted", True),
        (("dispatch", "accept", "handle"), "handled", True),
        (("dispatch", "accept", "handle", "close"), "closed", False),
        (("dispatch", "accept", "handle", "close", "reopen"), "dispatched", True),
        (("void",), "voided", False),
    ],
)
def test_the_state_is_the_word_of_the_domain(
    moves: tuple[str, ...], state: str, is_open: object
) -> None:
    life = Life("i", GRIDS[0], MATTERS[0])
    life.report()
    life.file()
    for move in moves:
        life.move(move, UNITS[0])
    found = columns(fold(event for events in life.topics.values() for event in events))
    assert (found["state_word"], found["open"]) == (state, is_open)


@pytest.mark.parametrize(
    ("kind", "word"),
    [(IncidentRejected, "rejected"), (IncidentHeld, "in_review")],
)
def test_what_is_no_case_has_the_word_of_its_outcome(kind: type[Outcome], word: str) -> None:
    life = Life("i", GRIDS[0], MATTERS[0])
    life.report()
    assert columns(fold(life.topics["incidents"]))["state_word"] == "reported"
    life.leave_unfiled(kind)
    found = columns(fold([*life.topics["incidents"], *life.topics["cases"]]))
    assert (found["state_word"], found["open"], found["public"]) == (word, False, None)
    assert found["matter"] == MATTERS[0]


def test_a_due_instant_is_that_of_a_running_handle_clock_of_an_open_case() -> None:
    life = whole()
    topics = life.topics
    due = columns(fold(event for events in topics.values() for event in events))["handle_due"]
    assert due == START + 3 * STEP + STEP * 0.4
    assert columns(fold(topics["cases"]))["handle_due"] is None
    assert columns(fold(topics["escalations"]))["handle_due"] is None
    stopped = Life("i", GRIDS[0], MATTERS[0])
    stopped.clock(running=False)
    assert columns(fold([*topics["cases"], *stopped.topics["escalations"]]))["handle_due"] is None
    life.move("void", UNITS[0])
    still_running = [*topics["cases"], *topics["escalations"][:-1]]
    assert columns(fold(still_running))["handle_due"] is None


def test_what_was_missed_before_it_was_suspended_stays_overdue_and_the_rest_is_not_due() -> None:
    life = whole()
    running = next(
        one.data.clocks[0]
        for one in life.topics["escalations"]
        if isinstance(one.data, ClocksChanged)
    )
    for minutes, due in ((-1, None), (1, running.due_at)):
        stopped_at = running.due_at + timedelta(minutes=minutes)
        paused = running.model_copy(update={"state": ClockState.PAUSED, "stopped_at": stopped_at})
        life.tell(
            ClocksChanged(incident_id="i", at=stopped_at, cause="suspended", clocks=(paused,))
        )
        found = columns(fold(event for events in life.topics.values() for event in events))
        assert found["handle_due"] == due


@given(topics=lives())
def test_columns_are_always_all_there(topics: Topics) -> None:
    events = [event for events in topics.values() for event in events]
    names = [columns(fold(events[:count])).keys() for count in range(1, len(events) + 1)]
    assert all(one == names[0] for one in names)


def test_the_decider_decides_nothing_and_stores_what_it_folds() -> None:
    rules, event = Projecting(), whole().topics["cases"][0]
    state = rules.evolve(None, event)
    assert rules.decide(state, event, None) == []  # type: ignore[arg-type]
    assert rules.load(rules.dump(state)) == state
