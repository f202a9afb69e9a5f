"""Reading a request's body with a bound on its size and on the time it may take."""

import asyncio
from http import HTTPStatus

from starlette.types import Receive, Scope

from shared.platform.http import ProblemError

PATIENCE_S = 60.0
"""How long a client may take to send a body."""
DRAIN_BYTES = 16 * 1024 * 1024
"""How much of a body that is too large is still read, so that the client hears the answer."""


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The body of a request, whether or not it announced its length.

    Raises ProblemError: 413 ``too_large`` above ``limit`` bytes, 408 ``too_slow``, 400
    ``disconnected``.
    """
    announced = _announced(scope)
    chunks: list[bytes] = []
    size = 0
    more = True
    try:
        async with asyncio.timeout(PATIENCE_S):
            while more and max(size, announced) <= limit:
                chunk, more = await _next(receive)
                chunks.append(chunk)
                size += len(chunk)
            if max(size, announced) <= limit:
                return chunks[0] if len(chunks) == 1 else b"".join(chunks)
            while more and size <= limit + DRAIN_BYTES:
                chunk, more = await _next(receive)
                size += len(chunk)
    except TimeoutError as error:
        message = f"the body did not arrive within {PATIENCE_S:.0f} s"
        raise ProblemError(
            HTTPStatus.REQUEST_TIMEOUT, "too_slow", message, {"Connection": "close"}
        ) from error
    raise ProblemError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "too_large",
        f"the body is larger than {limit} bytes; send less at once",
        {"Connection": "close"} if more else None,
        limit=limit,
    )


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


async def _next(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ProblemError(
            HTTPStatus.BAD_REQUEST, "disconnected", "the client went before its body was there"
        )
    return message.get("body", b""), message.get("more_body", False)
