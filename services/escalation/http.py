"""What escalation answers beside health and metrics: the table of clocks, and its notices."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel

from services.escalation.domain.clock_table import TABLE
from services.escalation.domain.notices import trial
from services.escalation.domain.wording import Writer
from services.escalation.sender import Sender
from services.escalation.store import NoticeStore, Raw
from shared.contracts.base import Code, instant_text
from shared.platform.callers import Callers
from shared.platform.clock import Clock
from shared.platform.http import ProblemError
from shared.platform.security import Principal, Role
from shared.registry.reader import RegistryView

READERS = frozenset({
    Role.DUTY_HEAD, Role.LEADER, Role.REGISTRY_ADMINISTRATOR, Role.SUPERVISOR,
})  # fmt: skip
"""Who sees which notices went out."""
State = Literal["pending", "sent", "expired", "given_up"]


@dataclass(frozen=True, slots=True)
class Desk:
    """What the routes work with; ``sender`` is None where this process sends no notices."""

    callers: Callers
    notices: NoticeStore
    registry: RegistryView
    writer: Writer
    clock: Clock
    sender: Sender | None


class TrialBody(BaseModel):
    """Which target is to be tried."""

    target: Code


def router() -> APIRouter:
    """``GET /v1/clocks``, ``GET /v1/notices``, ``POST /v1/notices``."""
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

    _noticing(routes)
    _trying(routes)
    return routes


def _noticing(routes: APIRouter) -> None:
    @routes.get("/v1/notices")
    async def notices(
        request: Request,
        target: Annotated[str | None, Query(max_length=64)] = None,
        state: State | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> dict[str, Any]:
        """The newest notices to targets within the caller's area."""
        desk = _desk(request)
        caller = _reader(desk, request)
        found = await desk.notices.page(limit, target, state, caller.area)
        return {"items": [told(one) for one in found]}

    @routes.get("/v1/notices/{notice}")
    async def notice(request: Request, notice: str) -> dict[str, Any]:
        """One notice."""
        desk = _desk(request)
        caller = _reader(desk, request)
        found = await desk.notices.get(notice[:64])
        if found is None or not found["area"].startswith(caller.area or ""):
            raise ProblemError(404, "not_found", "there is no such notice within your area")
        return told(found)


def _trying(routes: APIRouter) -> None:
    @routes.post("/v1/notices", status_code=202)
    async def try_target(request: Request, body: TrialBody) -> dict[str, Any]:
        """Put a test notice into a target's queue, for an administrator of the registry."""
        desk = _desk(request)
        caller = desk.callers.with_role(request.scope, Role.REGISTRY_ADMINISTRATOR)
        now = desk.clock()
        target = desk.registry.current().notice_target(body.target, now)
        if target is None or not target.area.startswith(caller.area or ""):
            raise ProblemError(
                404, "not_found", f"there is no notice_target {body.target} within your area"
            )
        if desk.sender is None:
            raise ProblemError(409, "notices_off", "this process sends no notices")
        made = trial(target, desk.writer, now)
        await desk.notices.add([made])
        await desk.notices.hurry(target.code, now)
        desk.sender.wake()
        return {"notice": made.id, "target": target.code, "state": "pending"}


def told(raw: Raw) -> dict[str, Any]:
    """A notice as it is shown."""
    about, text = raw["about"], raw["text"]
    shown = {
        "notice": raw["_id"],
        "event": raw["event"],
        "target": raw["target"],
        "channel": raw["channel"],
        "occasion": about["occasion"],
        "incident_id": about.get("incident_id"),
        "case_no": about.get("case_no"),
        "state": raw["state"],
        "attempts": raw["attempts"],
        "error": raw.get("error"),
        "subject": text["subject"],
    }
    instants = {"at": raw["at"], "tried_at": raw.get("tried_at"), "ended_at": raw.get("ended_at")}
    return shown | {name: one and instant_text(one) for name, one in instants.items()}


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def _reader(desk: Desk, request: Request) -> Principal:
    caller = desk.callers.required(request.scope)
    if not caller.roles & READERS:
        raise ProblemError(403, "role_missing", f"this needs one of {', '.join(sorted(READERS))}")
    return caller


async def away(_request: Request, error: Exception) -> Response:
    """The answer while the database is away."""
    detail = f"the database is away: {error}; ask again"
    return ProblemError(503, "busy", detail, {"Retry-After": "2"}).response()
