"""What dispatch answers beside health and metrics: the table that it decides by."""

from typing import Any

from fastapi import APIRouter

from services.dispatch.domain.transitions import TABLE


def router() -> APIRouter:
    """``GET /v1/transitions``."""
    routes = APIRouter()

    @routes.get("/v1/transitions")
    async def transitions() -> list[dict[str, Any]]:
        """What may be done with a case, by whom, in which states."""
        return [
            {
                "action": row.verb,
                "from": list(row.states),
                "roles": sorted(row.roles),
                "guards": list(row.guards),
                "events": [one.TYPE for one in row.events],
                "to": list(row.to),
                "why": row.why,
            }
            for row in TABLE
        ]

    return routes
