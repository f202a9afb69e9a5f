"""What the audit finds in an order's events, whatever rules made them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from deploy.audit.orders import check
from shared.contracts.envelope import Event
from shared.contracts.golden import incidents, orders

ISSUED, READ, DONE, GONE = (one.event for one in orders.examples() if one.name == "full")
NOBODY = READ.data.model_copy(update={"unit": "nobody"})


def found(*events: Event[Any]) -> list[str]:
    numbered = [replace(one, sequence=number) for number, one in enumerate(events, 1)]
    return [one.detail.split(": ")[1] for one in check(orders.ORDER, numbered, {})]


@pytest.mark.parametrize("events", [(ISSUED,), (ISSUED, READ, DONE, GONE), (ISSUED, DONE)])
def test_an_order_as_intake_makes_it_is_sound(events: Sequence[Event[Any]]) -> None:
    assert found(*events) == []


@pytest.mark.parametrize(
    ("events", "wrong"),
    [
        ((ISSUED, ISSUED), "issued twice"),
        ((READ, ISSUED), "before it was issued"),
        ((ISSUED, GONE, READ), "after its withdrawal"),
        ((ISSUED, GONE, GONE), "after its withdrawal"),
        ((ISSUED, READ, READ), "urban-management-990101 had said so"),
        ((ISSUED, DONE, READ), "urban-management-990101 had said so"),
        ((ISSUED, replace(READ, data=NOBODY)), "nobody is not addressed"),
    ],
)
def test_what_may_not_be_is_named(events: Sequence[Event[Any]], wrong: str) -> None:
    assert found(*events) == [wrong]


def test_an_incident_is_no_order() -> None:
    events = [one.event for one in incidents.examples()]
    assert check("incident", events, {"dispatch.cases": {}}) == []
