"""What a reporter is told, and what the public is not."""

from dataclasses import replace
from typing import Any

import pytest

from services.intake.domain import telling
from services.intake.domain.reading import READERS
from services.intake.domain.receipt import Receipt
from shared.contracts.base import EventData, Names
from shared.contracts.case_refs_v1 import PlaceRef
from shared.contracts.case_v1 import CaseEvent
from shared.contracts.cases_v1 import CaseDispatched, CaseFiled, CaseVoided
from shared.contracts.envelope import Event
from shared.contracts.golden.story import INCIDENT
from shared.contracts.outcomes_v1 import EVENTS as OF_INCIDENTS
from shared.contracts.outcomes_v1 import (
    IncidentLinked,
    IncidentRejected,
    IncidentSeparated,
    IncidentTransferred,
    Outcome,
)
from shared.contracts.supervising_v1 import IncidentAcknowledged
from shared.contracts.titles import VOID, VOID_RULE
from shared.platform.security import ANONYMOUS, Principal, Role
from tests.unit.intake.driving import RESIDENT, action, golden, report, state, take

TOPICS = golden()
STRANGER = Principal(subject="r-2")
OFFICIAL = Principal(subject="o-1", roles=frozenset({Role.ACCEPTANCE_DESK}))
HERSELF = Principal(subject=RESIDENT.subject)
OUTCOMES = [one for one in OF_INCIDENTS if issubclass(one, Outcome)]


def dispatched(*, public: bool) -> Receipt:
    event = next(one for one in TOPICS["cases"] if isinstance(one.data, CaseDispatched))
    found = state(take([report(description="by me", address="Harbour Road"), event]))
    assert found.standing is not None
    standing = found.standing.model_copy(update={"public": public})
    return found.model_copy(update={"standing": standing})


@pytest.mark.parametrize("by", ["id", "receipt_no"])
@pytest.mark.parametrize("public", [True, False])
def test_by_its_own_secret_everything_is_told(by: str, public: bool) -> None:  # noqa: FBT001
    told = telling.incident(dispatched(public=public), by, ANONYMOUS)
    assert told is not None
    assert told.incident_id == INCIDENT
    assert told.state == "dispatched"
    assert told.matter is not None
    assert told.unit is not None
    assert told.unit.zh == "城市管理局"
    assert told.component is not None
    assert told.component.en == "Storm drain cover 17"


def test_the_place_by_which_an_address_was_located_stays_told_after_the_filing() -> None:
    filed = next(one for one in TOPICS["cases"] if isinstance(one.data, CaseFiled))
    later = next(one for one in TOPICS["cases"] if isinstance(one.data, CaseDispatched))
    names = Names(zh="东门菜市场", en="East Gate Market")
    place = PlaceRef(code="market", names=names, score=97)
    filed = replace(filed, data=filed.data.model_copy(update={"place": place}))
    told = telling.incident(state(take([report(), filed, later])), "id", ANONYMOUS)
    assert told is not None
    assert (told.state, told.place) == ("dispatched", names)
    by_point = telling.incident(dispatched(public=True), "id", ANONYMOUS)
    assert by_point is not None
    assert by_point.place is None


@pytest.mark.parametrize(
    ("caller", "public", "shown", "secret"),
    [
        (ANONYMOUS, True, True, False),
        (ANONYMOUS, False, False, False),
        (STRANGER, True, True, False),
        (STRANGER, False, False, False),
        (HERSELF, False, True, True),
        (OFFICIAL, False, True, True),
    ],
)
def test_by_a_case_number_the_public_sees_public_matters_without_the_reporters_secret(
    caller: Principal,
    public: bool,  # noqa: FBT001
    shown: bool,  # noqa: FBT001
    secret: bool,  # noqa: FBT001
) -> None:
    told = telling.incident(dispatched(public=public), "case_no", caller)
    assert (told is not None) == shown
    if told is not None:
        assert (told.incident_id is not None) == (told.receipt_no is not None) == secret


def test_an_anonymous_reporter_does_not_own_what_all_anonymous_reported() -> None:
    found = dispatched(public=False)
    assert found.reported is not None
    reporter = ANONYMOUS.actor()
    anonymous = found.model_copy(
        update={"reported": found.reported.model_copy(update={"reporter": reporter})}
    )
    assert telling.incident(anonymous, "case_no", ANONYMOUS) is None


def test_nothing_personal_is_told() -> None:
    told = telling.incident(dispatched(public=True), "id", ANONYMOUS)
    assert told is not None
    text = told.model_dump_json()
    assert "Harbour Road" not in text
    assert "by me" not in text
    assert RESIDENT.subject not in text


def test_before_dispatch_has_decided_it_is_reported() -> None:
    told = telling.incident(state(take([report()])), "id", ANONYMOUS)
    assert told is not None
    assert (told.state, told.case_no, told.reason) == ("reported", None, None)


@pytest.mark.parametrize(
    ("kind", "word"),
    [("IncidentRejected", "rejected"), ("IncidentHeld", "in_review")],
)
def test_a_rejection_or_review_has_its_rule_in_words(kind: str, word: str) -> None:
    event = next(one for one in TOPICS["cases"] if type(one.data).__name__ == kind)
    told = telling.incident(state(take([report(), event])), "id", ANONYMOUS)
    assert told is not None
    assert (told.state, told.reason) == (word, event.data.rule)
    assert told.explanation == event.data.explanation
    assert told.decided_at == event.time


def test_of_a_transferred_report_its_reporter_is_told_where_it_went() -> None:
    event = next(one for one in TOPICS["cases"] if isinstance(one.data, IncidentTransferred))
    told = telling.incident(state(take([report(), event])), "receipt_no", ANONYMOUS)
    assert told is not None
    assert (told.state, told.to) == ("transferred", event.data.to)
    before = telling.incident(state(take([report()])), "receipt_no", ANONYMOUS)
    assert before is not None
    assert before.to is None


def test_an_action_is_pending_until_dispatch_has_answered() -> None:
    receipt = state(take([report(), action("a-1", "accept")]))
    told = telling.action(receipt, "a-1")
    assert told is not None
    assert told.state == "pending"
    assert telling.action(receipt, "a-2") is None


def linked() -> Receipt:
    """The receipt of a follower."""
    event = next(one for one in TOPICS["cases"] if isinstance(one.data, IncidentLinked))
    return state(take([report(), event]))


def test_a_follower_is_told_what_its_first_is_told() -> None:
    first = dispatched(public=True)
    told = telling.incident(linked(), "id", HERSELF, first)
    of_first = telling.incident(first, "case_no", ANONYMOUS)
    assert told is not None
    assert of_first is not None
    assert (told.state, told.first_state, told.reason) == ("linked", "dispatched", "duplicate")
    assert told.incident_id == INCIDENT
    assert told.explanation is not None
    for name in telling.OF_THE_FIRST:
        assert getattr(told, name) == getattr(of_first, name), name
    assert told.case_no is not None
    assert told.unit is not None


def test_of_a_first_that_is_not_public_a_follower_is_told_only_how_far_it_is() -> None:
    first = dispatched(public=False)
    told = telling.incident(linked(), "id", HERSELF, first)
    assert told is not None
    assert (told.case_no, told.matter, told.unit) == (None, None, None)
    assert told.first_state == "dispatched"
    assert told.dispatched_at is not None
    official = telling.incident(linked(), "id", OFFICIAL, first)
    assert official is not None
    assert official.unit is not None


@pytest.mark.parametrize("public", [True, False])
@pytest.mark.parametrize("kind", OUTCOMES)
def test_by_the_number_of_what_was_filed_once_nobody_is_told_what_was_not_public(
    kind: type[Outcome],
    public: bool,  # noqa: FBT001
) -> None:
    events = [of_case(CaseFiled, public=public), of_case(CaseVoided, public=public)]
    outcomes: list[type[Outcome]] = [kind, IncidentLinked]
    for number, outcome in enumerate(outcomes, 51):
        event = next(one for one in TOPICS["cases"] if isinstance(one.data, outcome))
        events.append(replace(event, sequence=number))
        receipt = state(take([report(), *events]))
        assert (telling.incident(receipt, "case_no", STRANGER) is not None) == public
        for by, caller in (("id", STRANGER), ("case_no", HERSELF), ("case_no", OFFICIAL)):
            assert telling.incident(receipt, by, caller) is not None


def test_by_a_case_number_nobody_is_told_what_the_desk_said_to_the_reporter() -> None:
    event = next(one for one in TOPICS["cases"] if isinstance(one.data, IncidentRejected))
    data = event.data.model_copy(update={"reason": "as agreed on the telephone"})
    rejected = replace(event, sequence=51, data=data)
    receipt = state(take([report(), of_case(CaseFiled, public=True), rejected]))
    for by, caller, said in (("case_no", STRANGER, False), ("case_no", HERSELF, True)):
        told = telling.incident(receipt, by, caller)
        assert told is not None
        assert (told.said is not None) == said


def test_a_void_case_tells_why_and_the_words_to_its_reporter_and_officials_alone() -> None:
    events = [of_case(CaseFiled, public=True), of_case(CaseVoided, public=True)]
    receipt = state(take([report(), *events]))
    words = events[-1].data.reason
    assert words
    for by, caller, said in (
        ("id", ANONYMOUS, words),
        ("case_no", HERSELF, words),
        ("case_no", OFFICIAL, words),
        ("case_no", STRANGER, None),
    ):
        told = telling.incident(receipt, by, caller)
        assert told is not None
        assert (told.state, told.reason, told.explanation) == ("voided", VOID_RULE, VOID)
        assert told.said == said
        assert told.voided_at == events[-1].data.at
    hidden = state(take([report(), *(of_case(type(one.data), public=False) for one in events)]))
    assert telling.incident(hidden, "case_no", STRANGER) is None


def test_of_what_a_receipt_reads_of_a_void_case_it_tells_the_same() -> None:
    event = of_case(CaseVoided, public=True)
    read = READERS[CaseVoided.TYPE](event.data.model_dump_json().encode())
    found = state(take([report(), replace(event, data=read)]))
    assert found.standing == state(take([report(), event])).standing


def test_words_of_the_rules_that_made_a_case_void_are_not_told() -> None:
    event = of_case(CaseVoided, public=True)
    by_rules = replace(event, data=event.data.model_copy(update={"actor": None}))
    told = telling.incident(state(take([report(), by_rules])), "id", HERSELF)
    assert told is not None
    assert (told.said, told.explanation) == (None, VOID)


def test_a_follower_of_a_void_case_is_told_its_state_and_not_why() -> None:
    first = state(take([report(), of_case(CaseVoided, public=True)]))
    assert first.standing is not None
    told = telling.incident(linked(), "id", HERSELF, first)
    assert told is not None
    assert (told.state, told.first_state, told.reason) == ("linked", "voided", "duplicate")
    assert told.voided_at == first.standing.voided_at is not None
    assert told.explanation != VOID


def of_case(kind: type[CaseEvent], *, public: bool) -> Event[Any]:
    """An event of a case whose matter is public, or not."""
    event = next(one for one in TOPICS["cases"] if isinstance(one.data, kind))
    case = event.data.case
    matter = case.matter.model_copy(update={"public": public})
    case = case.model_copy(update={"matter": matter})
    sequence = 50 if kind is CaseVoided else event.sequence
    return replace(event, sequence=sequence, data=event.data.model_copy(update={"case": case}))


def test_a_follower_whose_first_is_not_known_here_yet_is_linked() -> None:
    told = telling.incident(linked(), "id", HERSELF)
    assert told is not None
    assert (told.state, told.case_no, told.first_state) == ("linked", None, None)


@pytest.mark.parametrize("kind", [IncidentSeparated, IncidentAcknowledged])
def test_what_was_asked_for_of_an_incident_without_a_case_is_done(kind: type[EventData]) -> None:
    event = next(one for one in TOPICS["cases"] if isinstance(one.data, kind))
    found = state(take([report(), event]))
    assert event.data.action_id is not None
    assert found.outcomes[event.data.action_id].state == "done"
