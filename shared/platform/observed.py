"""One canonical log line and one measurement a request, as pure ASGI: nothing copies the body."""

import time
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.platform import telemetry

log = structlog.get_logger("http")
QUIET: Final = frozenset({"/livez", "/readyz", "/metrics"})
METHODS: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


class Observed:
    """Measures every request by method, route template and status; logs it unless it is a probe.

    An error that nobody turned into an answer counts as 500, which is what the client gets.
    """

    def __init__(self, app: ASGIApp, service: str) -> None:
        self.app = app
        self.service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, watching the status of its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            self._note(scope, status, time.perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else "other"
        route = getattr(scope.get("route"), "path", "-")
        telemetry.HTTP_SECONDS.labels(self.service, method, route, status).observe(seconds)
        if route not in QUIET:
            log.info(
                "request", method=method, route=route, status=status, ms=round(seconds * 1000, 1)
            )
