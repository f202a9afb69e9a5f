"""``/v1/cases``: lists, exports, and one case with all that happened to it."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response, StreamingResponse

from services.analytics.domain import telling
from services.analytics.domain.filters import Listing
from services.analytics.domain.filters import Page as Page_
from services.analytics.domain.paging import BadCursorError, cursor
from services.analytics.domain.timeline import Timeline
from services.analytics.http.desk import LAG, Desk, asked, desk_of, parameters
from services.analytics.http.export import BOUND, Told, csv_parts, geojson_parts
from shared.platform.http import ProblemError

Name = Annotated[str, Path(max_length=100)]
CUT = "X-Wangge-Cut"
"""Of an export: ``true`` where there are more rows than a file may have."""


def router() -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["cases 案卷"])

    @routes.get("/v1/cases", summary="List cases 案卷列表", openapi_extra=parameters(Page_))
    async def cases(request: Request) -> Response:
        """The newest first; ``next`` is the cursor of the next page, null on the last one.

        Without credentials: no matters that are not public, and of what is not filed (yet)
        neither matter nor location.
        """
        desk, page = desk_of(request), asked(Page_, request)
        return await desk.answer(_page(desk, page, official=desk.official(request)))

    @routes.get(
        "/v1/cases.csv", summary="Export as CSV 导出 CSV", openapi_extra=parameters(Listing)
    )
    async def as_csv(request: Request) -> Response:
        """The list as CSV (UTF-8 with a byte order mark), 100,000 rows at most."""
        return await _export(request, csv_parts, "text/csv; charset=utf-8", "cases.csv")

    @routes.get(
        "/v1/cases.geojson", summary="Export as GeoJSON 导出", openapi_extra=parameters(Listing)
    )
    async def as_geojson(request: Request) -> Response:
        """The list as a GeoJSON FeatureCollection, 100,000 features at most."""
        return await _export(request, geojson_parts, "application/geo+json", "cases.geojson")

    @routes.get("/v1/cases/{name}", summary="One case 案卷")
    async def case(name: Name, request: Request) -> Response:
        """By incident id, case number 案卷号 or receipt number 受理号, with all its steps.

        ``time`` says whose its time was, to the millisecond.
        """
        desk = desk_of(request)
        return await desk.answer(_case(desk, name, official=desk.official(request)))

    @routes.get("/v1/cases/{name}/why", summary="Why it went where it went 派遣依据")
    async def reasons(name: Name, request: Request) -> Response:
        """The decisions in words: the rule, on what it stands, and who else might have had it."""
        desk = desk_of(request)
        return await desk.answer(_why(desk, name, official=desk.official(request)))

    return routes


async def _page(desk: Desk, page: Page_, *, official: bool) -> dict[str, Any]:
    now = desk.now()
    try:
        found = await desk.timelines.page(page, now, official=official)
    except BadCursorError as error:
        raise ProblemError(422, "bad_cursor", str(error)) from error
    last = found[-1] if len(found) == page.limit else None
    return {
        "items": [telling.row(raw, now, official=official) for raw in found],
        "next": None if last is None else cursor(last["counts_from"], last["_id"]),
    }


async def _case(desk: Desk, name: str, *, official: bool) -> dict[str, Any]:
    incident_id, timeline = await _found(desk, name, official=official)
    followers = await desk.timelines.followers(incident_id)
    return telling.whole(incident_id, timeline, desk.now(), official=official, followers=followers)


async def _why(desk: Desk, name: str, *, official: bool) -> dict[str, Any]:
    return telling.reasons(*await _found(desk, name, official=official), official=official)


async def _found(desk: Desk, name: str, *, official: bool) -> tuple[str, Timeline]:
    found = await desk.timelines.find(name)
    if found is None or not (official or telling.is_public(found[1])):
        detail = f"no case, incident or receipt {name[:100]} is known here (yet)"
        raise ProblemError(404, "not_found", detail)
    return found


async def _export(
    request: Request,
    parts: Callable[[AsyncIterator[Told]], AsyncIterator[str] | AsyncIterator[bytes]],
    media_type: str,
    name: str,
) -> Response:
    desk, listing = desk_of(request), asked(Listing, request)
    official, now = desk.official(request), desk.now()
    freshness = await desk.freshness.now()
    # Counted before: the headers go out before the first row does.
    count = await desk.timelines.how_many(listing, now, BOUND + 1, official=official)
    found = desk.timelines.each(listing, now, BOUND, official=official)
    rows = (telling.row(raw, now, official=official) async for raw in found)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        CUT: "true" if count > BOUND else "false",
        "X-Wangge-Row-Limit": str(BOUND),
        LAG: freshness.lag_text,
    }
    return StreamingResponse(parts(rows), media_type=media_type, headers=headers)
