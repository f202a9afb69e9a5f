"""``/v1/cases``: lists, exports, and one case with all that happened to it."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response, StreamingResponse

from services.analytics.domain import telling
from services.analytics.domain.filters import Listing
from services.analytics.domain.paging import BadCursorError, cursor
from services.analytics.domain.timeline import Timeline
from services.analytics.http.desk import Desk, asked, desk_of
from services.analytics.http.export import BOUND, csv_rows, geojson_rows
from shared.platform.http import ProblemError

Name = Annotated[str, Path(max_length=100)]


def router() -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["cases 案卷"])

    @routes.get("/v1/cases", summary="List cases 案卷列表")
    async def cases(request: Request) -> Response:
        """The newest first.

        Asked by ``area``, ``matter``, ``unit``, ``state`` (or ``open``), ``source``, ``from``,
        ``to``, ``overdue``, ``bbox``, ``limit``, ``cursor``.
        """
        desk, question = desk_of(request), asked(Listing, request)
        now, public_only = desk.now(), not desk.official(request)
        try:
            found = await desk.timelines.page(question, now, public_only=public_only)
        except BadCursorError as error:
            raise ProblemError(422, "bad_cursor", str(error)) from error
        last = found[-1] if len(found) == question.limit else None
        return await desk.answer(
            {
                "items": [telling.row(raw, now) for raw in found],
                "next": None if last is None else cursor(last["counts_from"], last["_id"]),
            }
        )

    @routes.get("/v1/cases.csv", summary="Export as CSV 导出")
    async def as_csv(request: Request) -> Response:
        """The list as CSV (UTF-8 with a byte order mark), 100,000 rows at most."""
        return _export(request, "text/csv; charset=utf-8", "cases.csv")

    @routes.get("/v1/cases.geojson", summary="Export as GeoJSON 导出")
    async def as_geojson(request: Request) -> Response:
        """The list's cases that have a location, as a GeoJSON FeatureCollection."""
        return _export(request, "application/geo+json", "cases.geojson")

    @routes.get("/v1/cases/{name}", summary="One case 案卷")
    async def case(name: Name, request: Request) -> Response:
        """By incident id, case number 案卷号 or receipt number 受理号."""
        desk = desk_of(request)
        official = desk.official(request)
        found = await desk.timelines.find(name)
        if found is None or not (official or _public(found[1])):
            detail = f"no case, incident or receipt {name[:100]} is known here (yet)"
            raise ProblemError(404, "not_found", detail)
        told = telling.whole(found[1], official)
        return await desk.answer({**told, "incident_id": found[0]})

    return routes


def _public(timeline: Timeline) -> bool:
    return timeline.case.case is None or timeline.case.case.matter.public


def _export(request: Request, media_type: str, name: str) -> Response:
    desk: Desk = desk_of(request)
    question, now = asked(Listing, request), desk.now()
    public_only = not desk.official(request)
    rows = desk.timelines.each(question, now, BOUND, public_only=public_only)
    body = csv_rows(rows, now) if name.endswith("csv") else geojson_rows(rows, now)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Wangge-Row-Limit": str(BOUND),
    }
    return StreamingResponse(body, media_type=media_type, headers=headers)
