"""Who reads only a part of an event comes to the same as who reads the whole of it."""

import json
from typing import Any

import pytest
from hypothesis import given
from pydantic import ValidationError

from services.analytics.domain import reading as analytics
from services.analytics.domain.projecting import Projecting
from services.intake.domain import reading as intake
from services.intake.domain.acceptance import Acceptance
from shared.contracts.base import extra_fields
from shared.contracts.cases_v1 import CaseDispatched, CaseFiled
from shared.contracts.catalog import MODELS
from shared.contracts.envelope import Event, Origin, decode, encode
from shared.contracts.escalations_v1 import ClocksChanged
from shared.contracts.golden import all_examples
from shared.contracts.golden.story import FULL, Example
from shared.contracts.reading import WHOLE, Readers, only, without
from shared.ledger.decider import Decider
from tests.unit.analytics.lives import Topics, lives

SERVICES: dict[str, tuple[Decider[Any], Readers]] = {
    "intake": (Acceptance("Asia/Shanghai"), intake.READERS),
    "analytics": (Projecting(), analytics.READERS),
}
every_service = pytest.mark.parametrize("service", SERVICES)
ORIGIN = Origin("wangge.cases.v1", 7, 123)


def again(event: Event[Any], readers: Readers) -> Event[Any]:
    """The event as these readers have it from the topic."""
    headers, value = encode(event)
    return decode([(name, text.encode()) for name, text in headers.items()], value, ORIGIN, readers)


def stored(decider: Decider[Any], events: list[Event[Any]]) -> tuple[Any, Any] | None:
    """What a document is after the events, with the columns by which it is found."""
    state = None
    for event in events:
        state = decider.evolve(state, event)
    return None if state is None else (decider.dump(state), decider.columns(state))


def value_of(event_type: str) -> dict[str, Any]:
    found = next(one for one in all_examples() if one.event.type == event_type and one.name == FULL)
    told: dict[str, Any] = json.loads(encode(found.event)[1])
    return told


def in_bytes(told: dict[str, Any]) -> bytes:
    return json.dumps(told).encode()


@every_service
@pytest.mark.parametrize("example", all_examples(), ids=lambda one: f"{one.event.type}-{one.name}")
def test_a_part_of_an_example_makes_the_same_document(service: str, example: Example) -> None:
    decider, readers = SERVICES[service]
    whole, part = again(example.event, WHOLE), again(example.event, readers)
    assert type(part.data) is type(whole.data)
    assert stored(decider, [part]) == stored(decider, [whole])


@every_service
@given(topics=lives())
def test_parts_of_any_life_make_the_same_document(service: str, topics: Topics) -> None:
    decider, readers = SERVICES[service]
    events = [event for told in topics.values() for event in told]
    wholes = [again(one, WHOLE) for one in events]
    assert stored(decider, [again(one, readers) for one in events]) == stored(decider, wholes)


@every_service
def test_every_type_is_read(service: str) -> None:
    assert SERVICES[service][1].keys() == MODELS.keys()


def test_only_what_is_named_is_there() -> None:
    read = only(CaseFiled, "incident_id", "case.times", "case.matter.code")
    told = value_of(CaseFiled.TYPE)
    found: Any = read(in_bytes(told))
    assert isinstance(found, CaseFiled)
    assert found.case.matter.code == told["case"]["matter"]["code"]
    assert found.case.times == CaseFiled.model_validate(told).case.times
    for model, missing in ((found, "at"), (found.case, "grid"), (found.case.matter, "names")):
        with pytest.raises(AttributeError):
            getattr(model, missing)


def test_what_is_left_out_is_missing_and_the_rest_is_there() -> None:
    told = value_of(CaseFiled.TYPE)
    found: Any = without(CaseFiled, "ladder", "case.limits")(in_bytes(told))
    whole = CaseFiled.model_validate(told)
    with pytest.raises(AttributeError):
        found.ladder  # noqa: B018 - to ask is the test
    with pytest.raises(AttributeError):
        found.case.limits  # noqa: B018
    assert (found.flow, found.case.matter) == (whole.flow, whole.case.matter)


def test_of_a_list_each_item_is_read_in_part() -> None:
    told = value_of(ClocksChanged.TYPE)
    found: Any = only(ClocksChanged, "clocks.due_at")(in_bytes(told))
    whole = ClocksChanged.model_validate(told)
    assert [one.due_at for one in found.clocks] == [one.due_at for one in whole.clocks]
    with pytest.raises(AttributeError):
        found.clocks[0].limit  # noqa: B018


def test_what_is_not_looked_at_may_be_anything_and_what_is_may_not() -> None:
    told = value_of(CaseDispatched.TYPE)
    read = only(CaseDispatched, "case.times")
    told["case"]["grid"] = "nowhere"
    assert not extra_fields(read(in_bytes({**told, "later": 1})))
    told["case"]["times"]["filed_at"] = "yesterday"
    with pytest.raises(ValidationError, match="filed_at"):
        read(in_bytes(told))


@pytest.mark.parametrize("name", ["colour", "case.colour", "incident_id.colour"])
def test_a_name_that_a_model_does_not_have_is_an_error(name: str) -> None:
    with pytest.raises(ValueError, match="colour"):
        only(CaseFiled, name)
    with pytest.raises(ValueError, match="colour"):
        without(CaseFiled, name)
