"""A receipt accepts a report once, an action once, and tells what became of both."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.base import EventData
from shared.contracts.cases_v1 import ActionRefused, CaseFiled, CaseVoided
from shared.contracts.envelope import Event
from shared.contracts.golden.registry import examples as registry_examples
from shared.contracts.golden.story import INCIDENT
from shared.contracts.incidents_v1 import ActionRequested, IncidentReported
from shared.contracts.policies import Policy
from shared.platform import ids
from shared.registry.snapshot import Snapshot
from tests.unit.intake.driving import (
    RULES,
    ZONE,
    action,
    golden,
    report,
    state,
    take,
    through_bson,
)

TOPICS = golden()
ALL_EVENTS = [event for events in TOPICS.values() for event in events]


def test_a_report_becomes_one_event_and_a_receipt() -> None:
    document = take([report(matter="manhole-cover", address="Harbour Road 1")])
    assert [entry.headers["ce_type"] for entry in document.new_entries] == [IncidentReported.TYPE]
    assert document.new_entries[0].key == INCIDENT
    reported = state(document).reported
    assert reported is not None
    assert reported.report.address == "Harbour Road 1"
    assert reported.receipt_no == ids.receipt_no(INCIDENT)
    assert RULES.columns(state(document)) == {"receipt_no": reported.receipt_no}


def test_the_same_report_again_changes_nothing_whatever_it_says() -> None:
    document = take([report(address="1"), report(address="1"), report(address="2")])
    assert len(document.new_entries) == 1
    reported = state(document).reported
    assert reported is not None
    assert reported.report.address == "1"


def test_the_zone_is_the_policys_or_else_the_services_own() -> None:
    reported = state(take([report(area="990101")])).reported
    assert reported is not None
    assert reported.zone == ZONE
    policy = next(
        one.event.data
        for one in registry_examples()
        if isinstance(one.event.data.entry, Policy)  # type: ignore[attr-defined]
    )
    abroad = policy.model_copy(
        update={
            "entry": policy.entry.model_copy(  # type: ignore[attr-defined]
                update={"code": "9901", "zone": "America/New_York"}
            ),
            "key": "policy/9901",
            "valid_until": None,
        }
    )
    registry = Snapshot().with_changes([abroad], 1)  # type: ignore[list-item]
    found = state(take([report(area="990101")], registry=registry)).reported
    assert found is not None
    assert found.zone == "America/New_York"


def test_an_action_is_taken_only_where_there_is_a_report_and_once() -> None:
    early = take([action("a-1", "accept")])
    assert early.new_entries == []
    document = take([report(), action("a-1", "accept"), action("a-1", "void")])
    kinds = [entry.headers["ce_type"] for entry in document.new_entries]
    assert kinds == [IncidentReported.TYPE, ActionRequested.TYPE]
    assert state(document).actions["a-1"].request.action == "accept"
    assert [entry.headers["ce_sequence"] for entry in document.new_entries] == ["1", "2"]


def test_the_case_and_its_actions_are_told() -> None:
    filed = next(event for event in TOPICS["cases"] if isinstance(event.data, CaseFiled))
    refused = next(event for event in TOPICS["cases"] if isinstance(event.data, ActionRefused))
    found = state(take([report(), filed, refused]))
    assert found.standing is not None
    assert found.standing.state == "filed"
    assert found.standing.case_no == filed.data.case.case_no
    assert RULES.columns(found)["case_no"] == filed.data.case.case_no
    assert found.outcomes[refused.data.action_id].rule == "handler_never_verifies"
    assert found.outcomes[refused.data.action_id].state == "refused"


def test_an_event_that_comes_late_does_not_turn_the_standing_back() -> None:
    filed = next(event for event in TOPICS["cases"] if isinstance(event.data, CaseFiled))
    voided = next(event for event in TOPICS["cases"] if isinstance(event.data, CaseVoided))
    found = state(take([report(), voided, filed]))
    assert found.standing is not None
    assert found.standing.state == "voided"


@given(st.data())
def test_the_order_between_topics_does_not_matter(data: st.DataObject) -> None:
    queues = {name: list(events) for name, events in TOPICS.items()}
    shuffled: list[Event[Any]] = []
    while any(queues.values()):
        name = data.draw(st.sampled_from([name for name, queue in queues.items() if queue]))
        shuffled.append(queues[name].pop(0))
    assert state(take(shuffled)) == state(take(ALL_EVENTS))


@given(st.lists(st.sampled_from(ALL_EVENTS), max_size=30))
def test_delivering_twice_changes_nothing(events: list[Event[Any]]) -> None:
    once = list({event.id: event for event in events}.values())
    twice = [event for event in once for _ in range(2)]
    left, right = take(once), take(twice)
    assert left.state == right.state
    assert left.seen == right.seen


@pytest.mark.parametrize("count", range(len(ALL_EVENTS) + 1))
def test_what_is_stored_is_read_back_the_same(count: int) -> None:
    document = take([report(location={"type": "Point", "coordinates": (120.1, 30.2)})])
    found = state(take(ALL_EVENTS[:count], document))
    assert RULES.load(through_bson(RULES.dump(found))) == found


def test_the_state_is_the_fold_of_what_was_read_and_published() -> None:
    document = take([report(address="1"), action("a-1", "accept"), *TOPICS["cases"]])
    folded = None
    kinds: tuple[type[EventData], ...] = (IncidentReported, ActionRequested)
    own = [
        Event(
            id=entry.id,
            source="/wangge/intake",
            subject=INCIDENT,
            time=entry.at,
            data=model.model_validate_json(entry.value),
            correlation_id="",
            causation_id="",
            sequence=int(entry.headers["ce_sequence"]),
        )
        for entry, model in zip(document.new_entries, kinds, strict=True)
    ]
    for event in [*TOPICS["cases"], *own]:
        folded = RULES.evolve(folded, event)
    assert folded is not None
    assert RULES.dump(folded) == RULES.dump(state(document))
