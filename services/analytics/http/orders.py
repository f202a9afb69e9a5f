"""``/v1/orders``: which orders there are, how far their units are, and the figures."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from services.analytics.domain.filters import OrderPage, OrderScope
from services.analytics.domain.order_telling import figures, row, seen_by, whole
from services.analytics.domain.paging import BadCursorError, cursor
from services.analytics.http.desk import Desk, asked, caller_of, desk_of, parameters
from shared.platform.http import ProblemError
from shared.platform.security import Principal

Name = Annotated[str, Path(max_length=100)]


def router() -> APIRouter:
    """The routes; all are for officials."""
    routes = APIRouter(tags=["orders 指令"])

    @routes.get("/v1/orders", summary="List orders 指令列表", openapi_extra=parameters(OrderPage))
    async def orders(request: Request) -> Response:
        """The newest first; ``next`` is the cursor of the next page, null on the last one.

        Of each how many units are ``addressed``, have ``read``, are ``done`` (of these
        ``done_late``), and are ``overdue`` now, and which. A member of an addressed unit finds
        its orders and its own unit only; whoever may issue orders, those issued for its area.
        """
        desk, page = _for_officials(request), asked(OrderPage, request)
        return await desk.answer(_page(desk, page, caller_of(request)))

    @routes.get(
        "/v1/orders/figures", summary="Orders in figures 指令统计",
        openapi_extra=parameters(OrderScope),
    )  # fmt: skip
    async def counted(request: Request) -> Response:
        """``issued`` and ``withdrawn`` count orders, the others units of orders that hold.

        ``addressed``, ``read``, ``done_in_time``, ``done_late``; ``overdue``: not done, and the
        deadline has passed now. With a unit or an area only the units asked for are counted.
        """
        desk, scope = _for_officials(request), asked(OrderScope, request)
        return await desk.answer(_figures(desk, scope))

    @routes.get("/v1/orders/{name}", summary="One order 指令")
    async def order(name: Name, request: Request) -> Response:
        """By order id or order number 指令号, with every unit addressed.

        For a member of an addressed unit with its own only; for others there is no such order.
        """
        desk = _for_officials(request)
        return await desk.answer(_order(desk, name, caller_of(request)))

    return routes


def _for_officials(request: Request) -> Desk:
    desk = desk_of(request)
    if not desk.official(request):
        raise ProblemError(
            403, "role_not_allowed", "orders are for officials: send credentials with a role"
        )
    return desk


async def _page(desk: Desk, page: OrderPage, caller: Principal) -> dict[str, Any]:
    now = desk.now()
    try:
        found = await desk.orders.page(page, now, caller)
    except BadCursorError as error:
        raise ProblemError(422, "bad_cursor", str(error)) from error
    last = found[-1] if len(found) == page.limit else None
    issued = last[1].issued if last else None
    return {
        "items": [row(*one, now, seen_by(one[1], caller)) for one in found],
        "next": cursor(issued.at, last[0]) if last and issued else None,
    }


async def _figures(desk: Desk, scope: OrderScope) -> dict[str, Any]:
    return dict(figures(await desk.orders.counted(scope, desk.now())))


async def _order(desk: Desk, name: str, caller: Principal) -> dict[str, Any]:
    found = await desk.orders.find(name)
    seen = frozenset() if found is None else seen_by(found[1], caller)
    if found is None or not seen:
        raise ProblemError(404, "not_found", f"no order {name[:100]} is known here (yet)")
    return whole(*found, desk.now(), seen)
