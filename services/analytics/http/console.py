"""``GET /``: the operators' console, a page of its own files; nothing comes from another host."""

import hashlib
from html import escape
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response

from shared.platform.http import ProblemError

FOLDER = Path(__file__).parent.parent / "console"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
SAFE = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
"""Scripts and styles from here only; a browser asks each time whether a file is still the same."""


def files(zone: str) -> dict[str, bytes]:
    """The files of the page by name; times are shown in ``zone``."""
    found = {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.suffix in TYPES}
    page = found["index.html"].decode().replace("{{zone}}", escape(zone, quote=True))
    return found | {"index.html": page.encode()}


def router(zone: str) -> APIRouter:
    """The page and its files, read once."""
    routes = APIRouter(include_in_schema=False)
    known = files(zone)
    tags = {name: f'"{hashlib.sha256(body).hexdigest()[:32]}"' for name, body in known.items()}

    def answer(request: Request, name: str) -> Response:
        headers = {**SAFE, "ETag": tags[name]}
        if request.headers.get("if-none-match") == tags[name]:
            return Response(status_code=304, headers=headers)
        return Response(known[name], media_type=TYPES[Path(name).suffix], headers=headers)

    @routes.get("/")
    async def page(request: Request) -> Response:
        return answer(request, "index.html")

    @routes.get("/console/{name}")
    async def part(name: str, request: Request) -> Response:
        if name not in known:
            raise ProblemError(404, "not_found", f"the console has no file {name[:100]}")
        return answer(request, name)

    return routes
