"""What the routes of analytics have in common."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import orjson
from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, ValidationError

from services.analytics.figures import Figures
from services.analytics.freshness import Freshness
from services.analytics.store import TimelineReader
from shared.platform.callers import Callers
from shared.platform.clock import Clock
from shared.platform.http import ProblemError
from shared.platform.security import Role

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Desk:
    """All that a route needs."""

    clock: Clock
    callers: Callers
    timelines: TimelineReader
    figures: Figures
    freshness: Freshness

    def now(self) -> datetime:
        """What time it is."""
        return self.clock()

    def official(self, request: Request) -> bool:
        """Whether the caller has a role beside that of a reporter; raises ProblemError 401."""
        return bool(self.callers.of(request.scope).roles - {Role.REPORTER})

    async def answer(self, body: dict[str, Any], **headers: str) -> Response:
        """A body with how fresh it is."""
        freshness = await self.freshness.now()
        lag = sum(topic["lag"] for topic in freshness.get("topics", {}).values())
        return Response(
            orjson.dumps({**body, "freshness": freshness}, default=str),
            media_type="application/json",
            headers={"X-Wangge-Lag": str(lag), **headers},
        )


def desk_of(request: Request) -> Desk:
    """The desk of this app."""
    desk: Desk = request.app.state.desk
    return desk


def asked(model: type[M], request: Request) -> M:
    """The question in the query string; raises ProblemError 422 ``invalid``."""
    try:
        return model.model_validate(dict(request.query_params))
    except ValidationError as error:
        errors = [
            {"field": ".".join(map(str, one["loc"])), "error": one["msg"]} for one in error.errors()
        ]
        detail = "; ".join(f"{one['field']}: {one['error']}" for one in errors[:5])
        raise ProblemError(422, "invalid", detail, errors=errors) from error
