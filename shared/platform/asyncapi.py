"""``/asyncapi``: what a service writes and reads, for people and for programs."""

from functools import cache
from typing import Annotated, Literal

from fastapi import FastAPI, Header, HTTPException
from fastapi.responses import HTMLResponse, JSONResponse

from shared.contracts.asyncapi import SERVICES, Document, document
from shared.contracts.catalog import MODELS
from shared.contracts.json_schema import schema_of
from shared.platform.asyncapi_page import Language, render

Scope = Literal["service", "system"]
POLICY = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
"""The page loads nothing and runs nothing."""


@cache
def _document(service: str, of: Scope) -> Document:
    return document(service if of == "service" and service in SERVICES else None)


@cache
def _page(service: str, of: Scope, language: Language) -> str:
    return render(_document(service, of), language, of)


def preferred(accept_language: str) -> Language:
    """The language of a browser: English where it comes before Chinese, else Chinese."""
    asked = [one.strip()[:2].lower() for one in accept_language.split(",")]
    chinese = asked.index("zh") if "zh" in asked else len(asked)
    return "en" if "en" in asked[:chinese] else "zh"


def mount(app: FastAPI, service: str) -> None:
    """Give an app ``/asyncapi``, ``/asyncapi.json`` and ``/asyncapi/schemas/<type>.json``."""

    @app.get("/asyncapi", include_in_schema=False)
    async def page(
        of: Scope = "service",
        lang: Language | None = None,
        accept_language: Annotated[str, Header()] = "",
    ) -> HTMLResponse:
        language = lang or preferred(accept_language)
        return HTMLResponse(_page(service, of, language), headers=POLICY)

    @app.get("/asyncapi.json", include_in_schema=False)
    async def as_json(of: Scope = "service") -> JSONResponse:
        return JSONResponse(_document(service, of))

    @app.get("/asyncapi/schemas/{event_type}.json", include_in_schema=False)
    async def schema(event_type: str) -> JSONResponse:
        if (model := MODELS.get(event_type)) is None:
            raise HTTPException(404, f"there is no event type {event_type}; see /asyncapi")
        return JSONResponse(schema_of(model), media_type="application/schema+json")
