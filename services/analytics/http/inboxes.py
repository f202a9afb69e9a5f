"""Inboxes: what the desk, a centre, a unit and the inspectors have to do, the most urgent first."""

from collections.abc import Awaitable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from services.analytics.domain import order_telling, telling
from services.analytics.domain.filters import InboxOf
from services.analytics.domain.inboxes import Inbox
from services.analytics.domain.reach import Refusal, reachable
from services.analytics.http.desk import Desk, asked, caller_of, desk_of, parameters
from shared.platform.http import ProblemError
from shared.platform.security import Principal

UnitCode = Annotated[str, Path(max_length=64)]


def router() -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["inboxes 待办"])
    query: dict[str, Any] = parameters(InboxOf)

    @routes.get("/v1/desk", summary="The acceptance desk's inbox 受理待办", openapi_extra=query)
    async def of_desk(request: Request) -> Response:
        """What the rules could not file, with what they ``tried``, its clock, and a look ordered.

        With an ``area`` of a city also what lies in no grid. Officials only, within the area of
        their token.
        """
        return await _answer(request, Inbox.DESK)

    @routes.get("/v1/centre", summary="A centre's inbox 派遣待办", openapi_extra=query)
    async def of_centre(request: Request) -> Response:
        """What nobody has, and requests that wait for a decision; officials, within their area.

        Of an ``area`` what its centre decides: nothing that one above it has in hand, or decides.
        """
        return await _answer(request, Inbox.CENTRE)

    @routes.get("/v1/checks", summary="The inspectors' inbox 核查待办", openapi_extra=query)
    async def of_inspectors(request: Request) -> Response:
        """Looks before filing, and what was handed back and is to be verified.

        Officials only, within the area of their token.
        """
        return await _answer(request, Inbox.CHECKS)

    @routes.get("/v1/units/{unit}/tasks", summary="A unit's inbox 单位待办", openapi_extra=query)
    async def of_unit(unit: UnitCode, request: Request) -> Response:
        """What it is to accept or to handle: supervised first, then by due.

        For its members; and for whoever runs or leads a centre, what lies in that one's area.

        ``orders`` are those that it has still to do, the earliest deadline first; ``copied`` the
        open cases that it was told of and owes nothing for, newest first.
        """
        return await _answer(request, Inbox.UNIT, unit)

    return routes


async def _answer(request: Request, inbox: Inbox, unit: str | None = None) -> Response:
    desk, caller = desk_of(request), caller_of(request)
    of = reachable(caller, asked(InboxOf, request), unit)
    if isinstance(of, Refusal):
        raise ProblemError(403, of.code, of.detail)
    return await desk.answer(_inbox(desk, inbox, of, unit, caller))


async def _inbox(
    desk: Desk, inbox: Inbox, of: InboxOf, unit: str | None, caller: Principal
) -> dict[str, Any]:
    now = desk.now()
    rows: Awaitable[Any] = desk.timelines.inbox(inbox, of, unit)
    orders = {} if unit is None else await _orders(desk, unit, of.limit, caller)
    copied = {} if unit is None else await _copied(desk, unit, of)
    return {
        "items": [telling.task(raw, inbox, now, unit, of.area) for raw in await rows],
        "count": await desk.timelines.inbox_count(inbox, of, unit),
        **orders,
        **copied,
    }


async def _copied(desk: Desk, unit: str, of: InboxOf) -> dict[str, Any]:
    now, found = desk.now(), await desk.timelines.copied(of, unit)
    return {
        "copied": [telling.row(raw, now, official=True) for raw in found],
        "copied_count": await desk.timelines.copied_count(of, unit),
    }


async def _orders(desk: Desk, unit: str, limit: int, caller: Principal) -> dict[str, Any]:
    now, found = desk.now(), await desk.orders.of_unit(unit, limit, caller)
    return {
        "orders": [order_telling.task(*one, unit, now) for one in found],
        "orders_count": await desk.orders.count_of_unit(unit, caller),
    }
