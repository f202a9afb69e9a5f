"""Ladders of supervision and notices that cannot be meant are refused by name."""

from typing import Any

import pytest

from services.intake.domain.entry_rules import examine
from shared.contracts.ladders import MAX_STEPS
from shared.contracts.policies import Policy

HOUR = {"amount": 1, "unit": "urgent_hour"}


def order(percent: int = 100, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    """A step of the ladder of supervision."""
    said = {"clock": "handle", "level": "ordinary", "issuer": "town"}
    return {**said, "percent": percent, **fields}


def notice(percent: int, colour: str, clock: str = "handle") -> dict[str, Any]:
    """A step of the ladder of notices."""
    return {"clock": clock, "percent": percent, "colour": colour}


def every(amount: float, unit: str = "urgent_hour") -> dict[str, Any]:
    return {"repeat": {"every": {"amount": amount, "unit": unit}, "times": 3}}


@pytest.mark.parametrize(
    ("ladder", "codes"),
    [
        ((order(), order(150), order(100, clock="total")), []),
        ((order(), order(level="red_card")), ["duplicate_step"]),
        ((order(tell=[{"role": "leader", "whose": "city"}]),), []),
        ((order(tell=[{"role": "mayor", "whose": "city"}]),), ["unknown_role"]),
        ((order(**every(1)),), []),
        ((order(**every(1 / 3600)),), []),
        ((order(**every(0.5 / 3600)),), ["repeat_too_short"]),
        ((order(**every(1, "working_hour")),), ["no_calendar"]),
        (tuple(order(100 + n) for n in range(MAX_STEPS)), []),
        (tuple(order(100 + n) for n in range(MAX_STEPS + 1)), ["too_many_steps"]),
    ],
)
def test_a_ladder_of_supervision_is_examined(
    ladder: tuple[dict[str, Any], ...], codes: list[str]
) -> None:
    policy = Policy.model_validate({"code": "9901", "zone": "Asia/Shanghai", "ladder": ladder})
    assert [one.code for one in examine(policy, None).faults] == codes


@pytest.mark.parametrize(
    ("steps", "codes"),
    [
        ((notice(50, "blue"), notice(75, "orange"), notice(120, "red")), []),
        ((notice(50, "blue"), notice(75, "blue")), []),
        ((notice(50, "red"), notice(50, "blue", "total")), []),
        ((notice(50, "red"), notice(75, "orange")), ["colour_falls"]),
        ((notice(75, "orange"), notice(50, "red")), ["colour_falls"]),
        ((notice(50, "blue"), notice(50, "blue")), ["duplicate_step"]),
    ],
)
def test_a_ladder_of_notices_is_examined(
    steps: tuple[dict[str, Any], ...], codes: list[str]
) -> None:
    policy = Policy.model_validate(
        {"code": "9901", "zone": "Asia/Shanghai", "notice_ladder": steps}
    )
    assert [one.code for one in examine(policy, None).faults] == codes


def test_what_is_wrong_says_where_and_what_to_write() -> None:
    ladder = (order(tell=[{"role": "mayor", "whose": "city"}]), order())
    policy = Policy.model_validate({"code": "9901", "zone": "Asia/Shanghai", "ladder": ladder})
    double, unknown = (one.detail for one in examine(policy, None).faults)
    assert double == (
        "policy 9901, ladder: 2 steps at 100 % of handle; leave the one that is meant"
    )
    assert unknown.startswith(
        "policy 9901, ladder: handle at 100 % tells mayor; write one of reporter, officer,"
    )
