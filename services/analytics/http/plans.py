"""``/v1/plans``: inspections planned and done."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.analytics.domain.filters import OfPlans
from services.analytics.domain.plan_figures import by_plan
from services.analytics.http.desk import Desk, asked, desk_of, parameters


def router() -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["plans 检查计划"])

    @routes.get(
        "/v1/plans",
        summary="Inspections planned and done 检查计划进度",
        openapi_extra=parameters(OfPlans),
    )
    async def plans(request: Request) -> Response:
        """Of each plan ``planned`` (ordered so far), ``done``, ``open``, ``overdue``, ``findings``.

        ``missed`` came to an end and were not made: not done. ``findings`` are all that were
        reported, ``findings_became`` says how many of them were ``filed``, ``linked`` to what was
        known, ``rejected``, ... ``ends`` counts how inspections ended.
        `GET /v1/cases?plan=CODE` lists them.
        """
        desk = desk_of(request)
        return await desk.answer(_figures(desk, asked(OfPlans, request)))

    return routes


async def _figures(desk: Desk, of: OfPlans) -> dict[str, Any]:
    rows = await desk.timelines.inspections(of, desk.now())
    return {"items": by_plan(rows, await desk.timelines.became(of))}
