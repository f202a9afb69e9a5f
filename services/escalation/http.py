"""What escalation answers beside health and metrics: the table by which clocks turn."""

from typing import Any

from fastapi import APIRouter

from services.escalation.domain.clock_table import TABLE


def router() -> APIRouter:
    """``GET /v1/clocks``."""
    routes = APIRouter()

    @routes.get("/v1/clocks")
    async def clocks() -> list[dict[str, Any]]:
        """Which event starts, stops, resumes or cancels which clock."""
        return [
            {
                "event": event_type,
                "turns": [
                    {"turn": turn, "task": timed.task, "clock": timed.stage}
                    for turn, timed in turns
                ],
                "why": why,
            }
            for event_type, (turns, why) in TABLE.items()
        ]

    return routes
