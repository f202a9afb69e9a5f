"""``/v1/registry/redraw``: grids are split, merged or moved as one change."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import TypeAdapter

from services.intake.domain.change import Candidate
from services.intake.domain.entry_rules import Fault, as_json
from services.intake.domain.redrawing import Plan, Redraw, redrawn
from services.intake.http.changes import change_id, made
from services.intake.http.door import Door, door_of, parse
from services.intake.http.openapi import PROBLEMS, REDRAW_BODY, ChangeTold
from services.intake.imports import Wanted
from shared.contracts.registry_v1 import entry_key
from shared.platform.body import read_body
from shared.platform.http import ProblemError
from shared.platform.security import Role
from shared.registry.spans import midnight

TOLD = 5
REDRAW_BYTES = 16 * 1024 * 1024
REDRAW: TypeAdapter[Redraw] = TypeAdapter(Redraw)


def router() -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["registry 基础数据"])
    one_at_a_time = asyncio.Semaphore(1)  # large boundaries take memory and seconds

    @routes.post(
        "/v1/registry/redraw",
        summary="Split, merge or move grids as one change 网格调整",
        response_model=ChangeTold,
        responses=PROBLEMS,
        openapi_extra=REDRAW_BODY,
    )
    async def redraw(
        request: Request,
        dry_run: bool = False,  # noqa: FBT001, FBT002 - a query parameter
        accept_findings: bool = False,  # noqa: FBT001, FBT002
    ) -> Response:
        """All of it or nothing; what the grids cover together stays what it was.

        422 with what is wrong: ``gap``, ``beyond`` (of what they covered before), ``overlap``,
        ``another_community``, ``code_in_use``, ``names_missing``, ``not_in_force``,
        ``unknown_grid``; ``no_target`` where it would leave a plan that inspects nothing, unless
        ``accept_findings=true``. Answers as an import does, with ``warnings`` (``no_officer``,
        ``not_connected``); what it means for open cases is said by ``on_redraw`` of the area's
        policy. An Idempotency-Key may be sent.
        """
        door = door_of(request)
        caller = door.callers.with_role(request.scope, Role.REGISTRY_ADMINISTRATOR)
        async with one_at_a_time:
            body = await read_body(request.scope, request.receive, REDRAW_BYTES)
            asked = await asyncio.to_thread(parse, REDRAW, body)
            warnings: list[Fault] = []

            async def candidates(at: datetime) -> Sequence[Candidate]:
                plan = await _plan(door, asked, at, caller.area)
                warnings[:] = plan.warnings
                return _candidates(plan)

            wanted = Wanted(
                change=change_id(request, caller),
                digest=hashlib.sha256(body).hexdigest(),
                actor=caller.subject,
                note=asked.note,
                valid_from=_from(door, asked),
                candidates=candidates,
                accept_findings=accept_findings,
                # Its own rules are stricter: the territory stays exactly what it was.
                checks_grids=False,
            )
            return await made(door, wanted, dry_run=dry_run, warnings=warnings)

    return routes


def _from(door: Door, asked: Redraw) -> datetime | None:
    if not isinstance(asked.valid_from, str):
        return asked.valid_from
    place = next(iter(asked.concerned), None)
    policy = door.writer.settler.registry.current().policy(place, door.clock())
    zone = policy.zone if policy is not None else door.own_zone
    return midnight(date.fromisoformat(asked.valid_from), zone)


async def _plan(door: Door, asked: Redraw, at: datetime, area: str | None) -> Plan:
    versions = await door.entries.latest([f"grid/{code}" for code in asked.concerned])
    latest = {version.entry.code: version for version in versions.values()}
    plan = await asyncio.to_thread(redrawn, asked, latest, at, area)
    if not plan.faults:
        return await _with_officers(door, plan, at)
    codes = {fault.code for fault in plan.faults}
    some = "; ".join(fault.detail for fault in plan.faults[:TOLD])
    more = f"; and {len(plan.faults) - TOLD} more" if len(plan.faults) > TOLD else ""
    raise ProblemError(
        403 if codes == {"not_your_area"} else 422,
        codes.pop() if len(codes) == 1 else "invalid_redraw",
        f"nothing was changed: {some}{more}",
        errors=[{"code": fault.code, "detail": fault.detail} for fault in plan.faults],
    )


async def _with_officers(door: Door, plan: Plan, at: datetime) -> Plan:
    """The plan, with a warning of each grid that it leaves without an officer, as imports warn.

    Officers name grids by their code: those of a grid that is split are not those of its parts.
    """
    found = await asyncio.to_thread(door.importer.checking.without_officer, plan.sets, at)
    warned = [Fault(one.code.value, f"{one.en}: name it in the entry of one") for one in found]
    return replace(plan, warnings=[*plan.warnings, *warned])


def _candidates(plan: Plan) -> list[Candidate]:
    sets = [Candidate(n, entry_key(one), as_json(one)) for n, one in enumerate(plan.sets)]
    keys = [entry_key(one) for one in plan.ends]
    return sets + [Candidate(n, key, b"", ends=True) for n, key in enumerate(keys, len(sets))]
