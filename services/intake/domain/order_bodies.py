"""What is sent about orders (指令): to issue one, to acknowledge it, to withdraw it."""

from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from shared.contracts.base import AreaCode, Code, Contract, Instant, LongText, ShortText
from shared.contracts.orders_v1 import OrderTitle

MAX_NAMED = 450


def _each_once(codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(codes)))


def _not_blank(said: str) -> str:
    if not said.strip():
        raise ValueError("it is blank: say something")
    return said


class OrderBody(Contract):
    """An order: what is to be done until when, by which units and by all units of which areas."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "汛期前排查窨井盖",
                    "text": "今日 18 时前查完辖区全部窨井盖，发现缺失立即上报。",
                    "deadline": "2026-06-01T18:00:00+08:00",
                    "units": ["urban-management-990101"],
                    "areas": ["990101002"],
                }
            ]
        }
    )

    title: Annotated[OrderTitle, AfterValidator(_not_blank)]
    """What it is called."""
    text: LongText = ""
    """What is to be done."""
    deadline: Instant
    """Until when, with its zone."""
    units: Annotated[tuple[Code, ...], Field(max_length=MAX_NAMED), AfterValidator(_each_once)] = ()
    """Units by code."""
    areas: Annotated[
        tuple[AreaCode, ...], Field(max_length=MAX_NAMED), AfterValidator(_each_once)
    ] = ()
    """Areas by code: every unit in force that acts within one is addressed."""


class ReceiptBody(Contract):
    """A receipt (回执) of the caller's unit."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"receipt": "done", "said": "查完 214 处，补盖 2 处"}]}
    )

    receipt: Literal["read", "done"]
    """``read`` 已阅, or ``done`` 办结, which says that it was read, too."""
    said: ShortText = ""
    """With ``done``: what was done."""


class WithdrawalBody(Contract):
    """Why an order is withdrawn."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "预警解除"}]})

    reason: Annotated[
        str, StringConstraints(min_length=1, max_length=500), AfterValidator(_not_blank)
    ]
    """Why, in the words of whoever withdraws it."""
