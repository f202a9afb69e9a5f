"""Whatever goes wrong is answered as a problem, measured, and bears a stable code."""

from collections.abc import Mapping

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import Response
from prometheus_client import REGISTRY

from shared.platform.docs import documented
from shared.platform.http import Direct, ProblemError, equip


def app(problem: str | None = None) -> FastAPI:
    found = documented("a test", "of the platform")

    @found.get("/things/{number}")
    async def thing(number: int) -> dict[str, int]:
        return {"number": number}

    @found.get("/refused")
    async def refused() -> Response:
        raise ProblemError(409, "taken", "it is taken", {"Retry-After": "1"}, by="somebody")

    @found.get("/broken")
    async def broken(_request: Request) -> Response:
        raise RuntimeError("secret details")

    async def quick(request: Request) -> Response:
        if "refuse" in request.query_params:
            raise ProblemError(409, "taken", "it is taken")
        return Response(status_code=202)

    @found.post("/quick", summary="as it is described")
    async def described(request: Request) -> Response:
        raise AssertionError(request)

    found.router.routes.insert(0, Direct("/quick", quick, methods=["POST"]))
    equip(found, "test", lambda: problem)
    return found


async def get(path: str, method: str = "GET", problem: str | None = None) -> httpx.Response:
    transport = httpx.ASGITransport(app(problem), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.request(method, path)


def measured(labels: Mapping[str, str]) -> float:
    return REGISTRY.get_sample_value("wangge_http_seconds_count", dict(labels)) or 0.0


@pytest.mark.parametrize(
    ("path", "method", "status", "code"),
    [
        ("/things/x", "GET", 422, "invalid"),
        ("/nothing", "GET", 404, "not_found"),
        ("/things/1", "POST", 405, "method_not_allowed"),
        ("/refused", "GET", 409, "taken"),
        ("/broken", "GET", 500, "internal"),
        ("/quick?refuse", "POST", 409, "taken"),
        ("/quick", "GET", 405, "method_not_allowed"),
    ],
)
async def test_a_problem_has_a_status_and_a_code(
    path: str, method: str, status: int, code: str
) -> None:
    answer = await get(path, method)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"].endswith(f"/{code}")
    assert "secret details" not in answer.text


async def test_a_problem_carries_its_members_and_headers() -> None:
    answer = await get("/refused")
    assert (answer.headers["retry-after"], answer.json()["by"]) == ("1", "somebody")


def test_what_is_answered_directly_is_described() -> None:
    assert app().openapi()["paths"]["/quick"]["post"]["summary"] == "as it is described"


@pytest.mark.parametrize(
    ("path", "method", "route", "status"),
    [
        ("/things/7", "GET", "/things/{number}", "200"),
        ("/broken", "GET", "/broken", "500"),
        ("/nothing/at/all", "GET", "-", "404"),
        ("/things/7", "BREW", "/things/{number}", "405"),
        ("/quick", "POST", "/quick", "202"),
        ("/quick?refuse", "POST", "/quick", "409"),
        ("/quick", "GET", "/quick", "405"),
    ],
)
async def test_each_request_is_measured_by_its_template(
    path: str, method: str, route: str, status: str
) -> None:
    counted = "other" if method == "BREW" else method
    labels = {"service": "test", "method": counted, "route": route, "status": status}
    before = measured(labels)
    await get(path, method)
    assert measured(labels) == before + 1


async def test_ready_says_why_it_is_not() -> None:
    assert (await get("/readyz")).json() == {"status": "ready", "service": "test"}
    answer = await get("/readyz", problem="the broker is away")
    assert (answer.status_code, answer.json()["detail"]) == (503, "the broker is away")
    assert (await get("/livez", problem="the broker is away")).status_code == 200
