"""``/v1/overview`` and ``/v1/trend``: figures."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.analytics.domain.filters import Period
from services.analytics.http.desk import asked, desk_of
from shared.platform.http import ProblemError


class Trend(Period):
    """A trend is by local day."""

    by: str = "day"


def router() -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["figures 指标"])

    @routes.get("/v1/overview", summary="Where things stand 概览")
    async def overview(request: Request) -> Response:
        """Flows of the period, and what stands now.

        ``reported``, ``filed``, ``rejected``, ``closed`` count the period; ``in_review``, ``open``,
        ``overdue`` are now. Asked by ``area``, ``matter``, ``unit``, ``from``, ``to``.
        """
        desk, period = desk_of(request), asked(Period, request)
        figures = await desk.figures.overview(period, desk.now())
        return await desk.answer(dict(figures))

    @routes.get("/v1/trend", summary="Day by day 趋势")
    async def trend(request: Request) -> Response:
        """Flows by local day of ``area``, ``matter``, ``unit``, ``from``, ``to``."""
        desk, question = desk_of(request), asked(Trend, request)
        if question.by != "day":
            raise ProblemError(422, "invalid", "by: a trend is by day")
        items = await desk.figures.trend(question)
        return await desk.answer({"by": "day", "items": items})

    return routes
