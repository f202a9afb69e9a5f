"""What dispatch answers beside health and metrics: the table that it decides by."""

from typing import Any

from fastapi import APIRouter

from services.dispatch.domain.printed import as_rows


def router() -> APIRouter:
    """``GET /v1/transitions``."""
    routes = APIRouter()

    @routes.get("/v1/transitions")
    async def transitions() -> list[dict[str, Any]]:
        """What may be done with a case, by whom, from which level up, in which states."""
        return as_rows()

    return routes
