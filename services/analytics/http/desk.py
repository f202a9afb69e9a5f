"""What the routes of analytics have in common."""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import orjson
from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, ValidationError

from services.analytics.figures import Figures
from services.analytics.freshness import Freshness
from services.analytics.orders import OrderReader
from services.analytics.store import TimelineReader
from shared.platform.callers import Callers
from shared.platform.clock import Clock
from shared.platform.http import ProblemError
from shared.platform.security import Principal, Role

M = TypeVar("M", bound=BaseModel)
LAG = "X-Wangge-Lag"
"""How many records are not counted yet; ``unknown`` while the broker does not say."""


@dataclass(frozen=True, slots=True)
class Desk:
    """All that a route needs."""

    clock: Clock
    callers: Callers
    timelines: TimelineReader
    orders: OrderReader
    figures: Figures
    freshness: Freshness

    def now(self) -> datetime:
        """What time it is."""
        return self.clock()

    def official(self, request: Request) -> bool:
        """Whether the caller has a role beside that of a reporter; raises ProblemError 401."""
        return bool(self.callers.of(request.scope).roles - {Role.REPORTER})

    async def answer(self, body: Awaitable[dict[str, Any]]) -> Response:
        """A body with how fresh it is, which is asked first: what is read then is at least that."""
        freshness = await self.freshness.now()
        found = await body
        return Response(
            orjson.dumps({**found, "freshness": freshness.told()}),
            media_type="application/json",
            headers={LAG: freshness.lag_text},
        )


def desk_of(request: Request) -> Desk:
    """The desk of this app."""
    desk: Desk = request.app.state.desk
    return desk


def caller_of(request: Request) -> Principal:
    """Who asks; raises ProblemError 401."""
    return desk_of(request).callers.of(request.scope)


def asked(model: type[M], request: Request) -> M:
    """The question in the query string; raises ProblemError 422 ``invalid``."""
    try:
        return model.model_validate(dict(request.query_params))
    except ValidationError as error:
        errors = [
            {
                "field": ".".join(map(str, one["loc"])),
                "error": one["msg"].removeprefix("Value error, "),
            }
            for one in error.errors()
        ]
        detail = "; ".join(f"{one['field'] or 'query'}: {one['error']}" for one in errors[:5])
        raise ProblemError(422, "invalid", detail, errors=errors) from error


def parameters(model: type[BaseModel]) -> dict[str, Any]:
    """The query of a route as OpenAPI describes it, made from the model that reads it."""
    schema = model.model_json_schema(by_alias=True)
    return {
        "parameters": [
            {
                "name": name,
                "in": "query",
                "required": False,
                "description": field.get("description", ""),
                "schema": {key: value for key, value in field.items() if key != "description"},
            }
            for name, field in schema["properties"].items()
        ]
    }
