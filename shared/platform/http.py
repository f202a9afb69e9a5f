"""What every service answers over HTTP: problems, health, metrics."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route
from starlette.types import Scope

from shared.platform import asyncapi
from shared.platform.observed import Observed
from shared.platform.problem_words import explained

PROBLEM = "application/problem+json"
log = structlog.get_logger("http")


class ProblemError(Exception):
    """An answer that is a problem (RFC 9457): status, stable code, what is wrong, what to do."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        headers: Mapping[str, str] | None = None,
        **more: Any,  # noqa: ANN401 - extension members of the problem
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})
        self.more = more

    def body(self) -> dict[str, Any]:
        """The members of the problem; it and its errors have the words of their codes."""
        body = explained(
            {
                "type": f"https://wangge.cn/problems/{self.code}",
                "title": HTTPStatus(self.status).phrase,
                "status": self.status,
                "code": self.code,
                "detail": self.detail,
                **self.more,
            }
        )
        if errors := body.get("errors"):
            body["errors"] = [explained(one) for one in errors]
        return body

    def response(self) -> JSONResponse:
        """The problem as an answer."""
        return JSONResponse(
            self.body(), status_code=self.status, headers=self.headers, media_type=PROBLEM
        )


class Direct(Route):
    """A route that is answered without FastAPI's steps, which take longer than to take a report.

    For the requests that come by the hundred a second. It stands before a route of FastAPI's of
    the same path, method and function, which describes it in the documents.
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As Starlette's; the route stands in the scope, as FastAPI puts it there."""
        match, found = super().matches(scope)
        return match, {**found, "route": self}


async def _on_problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)  # noqa: S101 - registered for this class only
    return error.response()


async def _on_invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
    errors = [
        {"field": ".".join(map(str, one["loc"])), "error": one["msg"]} for one in error.errors()
    ]
    if any(one["type"] == "json_invalid" for one in error.errors()):
        return ProblemError(400, "bad_json", "the body is not JSON", errors=errors).response()
    detail = "; ".join(f"{one['field']}: {one['error']}" for one in errors[:5])
    return ProblemError(422, "invalid", detail, errors=errors).response()


async def _on_http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
    return ProblemError(error.status_code, code, str(error.detail), error.headers).response()


async def _on_error(request: Request, error: Exception) -> Response:
    log.error("request_failed", path=request.url.path, exc_info=error)
    detail = "the server failed on this request; it was logged, trying again may help"
    return ProblemError(500, "internal", detail).response()


def equip(app: FastAPI, service: str, problem: Callable[[], str | None]) -> None:
    """Give an app its problems, ``/livez``, ``/readyz``, ``/metrics`` and ``/asyncapi``.

    ``problem`` says why the service is not ready, or None; it looks at progress, not at pings.
    """
    app.add_exception_handler(ProblemError, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_error)
    app.add_middleware(Observed, service=service)
    asyncapi.mount(app, service)

    @app.get("/livez", include_in_schema=False)
    async def livez() -> dict[str, str]:
        return {"status": "alive", "service": service}

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> Response:
        if (reason := problem()) is not None:
            return ProblemError(503, "not_ready", reason, {"Retry-After": "2"}).response()
        return JSONResponse({"status": "ready", "service": service})

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
