"""``/v1/orders``: issue an order, acknowledge it for a unit, withdraw it, and read it."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import TypeAdapter

from services.intake.domain.addressing import addressees
from services.intake.domain.admission import Objection
from services.intake.domain.commands import GiveReceipt, IssueOrder, WithdrawOrder, command
from services.intake.domain.order import Order
from services.intake.domain.order_bodies import OrderBody, ReceiptBody, WithdrawalBody
from services.intake.domain.order_telling import OrderTold, told
from services.intake.domain.orders import known, receiving, withdrawing
from services.intake.http.door import (
    Door,
    answer,
    door_of,
    idempotency_key,
    not_found,
    parse,
    path,
)
from services.intake.http.incidents import REPORT_BYTES, Name
from services.intake.http.openapi import (
    IDEMPOTENCY_KEY,
    ORDER_BODY,
    PROBLEMS,
    RECEIPT_BODY,
    WITHDRAWAL_BODY,
)
from shared.contracts.base import EventData
from shared.ledger.commands import RefusedCommandError
from shared.platform.body import read_body
from shared.platform.http import ProblemError
from shared.platform.ids import order_id
from shared.platform.security import Principal

ORDER: TypeAdapter[OrderBody] = TypeAdapter(OrderBody)
RECEIPT: TypeAdapter[ReceiptBody] = TypeAdapter(ReceiptBody)
WITHDRAWAL: TypeAdapter[WithdrawalBody] = TypeAdapter(WithdrawalBody)


def router() -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["orders 指令"])
    _issuing(routes)
    _answering(routes)
    return routes


def _issuing(routes: APIRouter) -> None:
    @routes.post(
        "/v1/orders",
        status_code=201,
        summary="Issue an order 下达指令",
        response_model=OrderTold,
        responses=PROBLEMS,
        openapi_extra=ORDER_BODY | IDEMPOTENCY_KEY,
    )
    async def issue(request: Request) -> Response:
        """Answers 201 once it is durable; the same key and body again, the same order.

        For supervisors, leaders, dispatchers and duty heads, within their area. Whom it reaches is
        found now and does not change: the units named, and every unit within the areas named.
        """
        door = door_of(request)
        caller = door.callers.required(request.scope)
        key = idempotency_key(request)
        body = parse(ORDER, await read_body(request.scope, request.receive, REPORT_BYTES))
        order = await _issued(door, caller, key, body)
        where = path("orders", order.issued.order_id)
        return answer(201, _told(door, order, caller), Location=where)

    @routes.get(
        "/v1/orders/{name}",
        summary="One order 指令查询",
        response_model=OrderTold,
        responses=PROBLEMS,
    )
    async def order(name: Name, request: Request) -> Response:
        """By order id or order number 指令号.

        For its issuer, for members of the units addressed (who are told of their own unit), and
        for whoever may issue orders for the same or a higher area.
        """
        door = door_of(request)
        caller = door.callers.required(request.scope)
        return answer(200, _told(door, await _found(door, name), caller))


def _answering(routes: APIRouter) -> None:
    @routes.post(
        "/v1/orders/{name}/receipts",
        summary="Acknowledge an order for one's unit 回执",
        response_model=OrderTold,
        responses=PROBLEMS,
        openapi_extra=RECEIPT_BODY,
    )
    async def acknowledge(name: Name, request: Request) -> Response:
        """That the caller's unit has read it, or done it; each counts once, done says read, too.

        The same again is answered with the same. Not after a withdrawal (409 ``order_withdrawn``).
        """
        door = door_of(request)
        caller = door.callers.required(request.scope)
        body = parse(RECEIPT, await read_body(request.scope, request.receive, REPORT_BYTES))
        found = await _found(door, name)
        given = GiveReceipt.model_construct(at=door.clock(), actor=caller.actor(), body=body)
        _raise(receiving(found, given))
        if not known(found, given):
            cause = f"{caller.unit}/{body.receipt}"
            found = await _submitted(door, found, given, cause)
            _raise(receiving(found, given))
        return answer(200, _told(door, found, caller))

    @routes.post(
        "/v1/orders/{name}/withdrawal",
        summary="Withdraw an order 撤回指令",
        response_model=OrderTold,
        responses=PROBLEMS,
        openapi_extra=WITHDRAWAL_BODY,
    )
    async def withdraw(name: Name, request: Request) -> Response:
        """By its issuer, or by a supervisor or leader of the same or a higher area.

        The same again is answered with the same; not once every unit has done it.
        """
        door = door_of(request)
        caller = door.callers.required(request.scope)
        body = parse(WITHDRAWAL, await read_body(request.scope, request.receive, REPORT_BYTES))
        found = await _found(door, name)
        wish = WithdrawOrder.model_construct(at=door.clock(), actor=caller.actor(), body=body)
        _raise(withdrawing(found, wish))
        if found.withdrawn is None:
            found = await _submitted(door, found, wish, caller.subject)
            _raise(withdrawing(found, wish))
        return answer(200, _told(door, found, caller))


async def _issued(door: Door, caller: Principal, key: str, body: OrderBody) -> Order:
    """The order of a key; raises ProblemError."""
    order, now = order_id(caller.subject, key), door.clock()
    found = await door.orders.find(order)
    if found is None:
        asked = IssueOrder.model_construct(order_id=order, at=now, actor=caller.actor(), body=body)
        against = addressees(asked, door.registry())
        if isinstance(against, Objection):
            _raise(against)
        # Another instant is another command: one that was refused may be given again.
        found = await door.order_commands.submit(command(order, asked, now, now.isoformat()))
    if found is None:
        raise RefusedCommandError(f"the registry changed meanwhile; send order {order} again")
    issued = found.issued
    said = issued.title, issued.text, issued.deadline, issued.to_units, issued.to_areas
    if said != (body.title, body.text, body.deadline, body.units, body.areas):
        raise ProblemError(
            409,
            "idempotency_conflict",
            "this Idempotency-Key came with another order before; use a new one",
        )
    return found


async def _submitted(door: Door, order: Order, data: EventData, cause: str) -> Order:
    """The order after a command; one cause is one command, so repetitions fill no document."""
    key = order.issued.order_id
    found = await door.order_commands.submit(command(key, data, door.clock(), cause))
    if found is None:
        raise RefusedCommandError(f"order {key} is not there any more")
    return found


async def _found(door: Door, name: str) -> Order:
    found = await door.orders.find(name)
    if found is None:
        raise not_found(f"there is no order {name}")
    return found


def _told(door: Door, order: Order, caller: Principal) -> OrderTold:
    found = told(order, caller.actor(), door.clock())
    if found is None:
        raise not_found(f"there is no order {order.issued.order_id}")
    return found


def _raise(against: Objection | None) -> None:
    if against is not None:
        raise ProblemError(against.status, against.code, against.detail)
