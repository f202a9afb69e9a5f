"""What a reporter is told, and what the public is not."""

from dataclasses import replace

import pytest

from services.intake.domain import telling
from services.intake.domain.receipt import Receipt
from shared.contracts.base import EventData, Names
from shared.contracts.case_v1 import PlaceRef
from shared.contracts.cases_v1 import CaseDispatched, CaseFiled
from shared.contracts.golden.story import INCIDENT
from shared.contracts.outcomes_v1 import IncidentLinked, IncidentSeparated
from shared.contracts.supervising_v1 import IncidentAcknowledged
from shared.platform.security import ANONYMOUS, Principal, Role
from tests.unit.intake.driving import RESIDENT, action, golden, report, state, take

TOPICS = golden()
STRANGER = Principal(subject="r-2")
OFFICIAL = Principal(subject="o-1", roles=frozenset({Role.ACCEPTANCE_DESK}))
HERSELF = Principal(subject=RESIDENT.subject)


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
