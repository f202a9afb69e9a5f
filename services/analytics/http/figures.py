"""``/v1/overview`` and ``/v1/trend``: figures."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.analytics.domain.filters import Period, Trend
from services.analytics.http.desk import Desk, asked, desk_of, parameters


def router() -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["figures 指标"])

    @routes.get("/v1/overview", summary="Where things stand 概览", openapi_extra=parameters(Period))
    async def overview(request: Request) -> Response:
        """Flows of the period, and what stands now.

        ``reported``, ``filed``, ``inspections`` (of the filed, those that a plan ordered: nobody
        reported them), ``rejected``, ``linked`` (duplicates), ``answered``, ``transferred`` (to
        another platform), ``on_site`` (filed and put right at once), ``closed`` and ``voided``
        (filed no more) count the period; ``undecided`` (reported, no outcome yet), ``in_review``,
        ``open`` and ``overdue`` (open, its handle clock past due) are now, whatever the period.

        Without a period ``reported`` is the sum of ``filed``, ``voided``, ``rejected``, ``linked``,
        ``answered``, ``transferred``, ``in_review`` and ``undecided``.
        """
        desk, period = desk_of(request), asked(Period, request)
        return await desk.answer(desk.figures.overview(period, desk.now()))

    @routes.get("/v1/trend", summary="Day by day 趋势", openapi_extra=parameters(Trend))
    async def trend(request: Request) -> Response:
        """Flows by local day; days on which nothing happened are zeros."""
        desk, question = desk_of(request), asked(Trend, request)
        return await desk.answer(_trend(desk, question))

    return routes


async def _trend(desk: Desk, question: Trend) -> dict[str, Any]:
    return {"by": question.by, "items": await desk.figures.trend(question)}
