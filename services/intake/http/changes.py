"""``/v1/registry/import`` and ``/v1/registry/changes/{id}``: many entries as one change."""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from services.intake.changes import ChangeRecord
from services.intake.domain.change import Candidate, EntryFullError
from services.intake.domain.entry_rules import Fault
from services.intake.http import told_findings
from services.intake.http.door import Door, answer, checked_key, door_of, not_found, path
from services.intake.http.import_body import gather, refusal
from services.intake.http.incidents import Name
from services.intake.http.openapi import IMPORT_BODY, PROBLEMS, ChangeTold, Effect, Warned
from services.intake.import_checking import FindingsError, TooManyInstantsError
from services.intake.imports import KeyConflictError, PartsRefusedError, Planned, Wanted
from shared.contracts.base import instant_text
from shared.platform.body import read_body
from shared.platform.http import ProblemError
from shared.platform.ids import caused_id
from shared.platform.security import Principal, Role

IMPORT_BYTES = 64 * 1024 * 1024
EFFECTS = 1000
PUBLISH_PATIENCE_S = 15.0


def router() -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["registry 基础数据"])
    reading = asyncio.Semaphore(1)  # one body of 64 MiB at a time is enough memory

    @routes.post(
        "/v1/registry/import",
        summary="Import entries as one change 导入",
        response_model=ChangeTold,
        responses=PROBLEMS,
        openapi_extra=IMPORT_BODY,
    )
    async def load(
        request: Request,
        dry_run: bool = False,  # noqa: FBT001, FBT002 - a query parameter
        note: Annotated[str, Query(max_length=500)] = "",
        accept_findings: bool = False,  # noqa: FBT001, FBT002 - a query parameter
    ) -> Response:
        """All entries or none, whatever stops in between.

        200 when it is on the topic, 202 when that is still to come. Entries that are so already
        are left out. With ``dry_run=true`` nothing is changed. An Idempotency-Key may be sent.
        409 ``has_open_cases`` for what would end while it has some, ``scheduled_change`` for what
        would begin before a version that is scheduled; 422 ``end_passed``.
        422 ``overlap``, ``gap`` or ``grid_findings`` with the ``findings`` when it would bring
        grids that overlap or an area with a gap; ``no_target``, ``unknown_matter``,
        ``no_inspection`` or ``refused_findings`` when it would leave a plan that inspects nothing,
        or whose findings would be lost; all unless ``accept_findings=true``.
        """
        door = door_of(request)
        caller = door.callers.with_role(request.scope, Role.REGISTRY_ADMINISTRATOR)
        async with reading:
            body = await read_body(request.scope, request.receive, IMPORT_BYTES)
            media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            gathered = await asyncio.to_thread(
                gather, body, media, note, caller.area, door.zone(), around=door.around()
            )
            gathered.check()
            wanted = Wanted(
                change=change_id(request, caller),
                digest=await asyncio.to_thread(lambda: hashlib.sha256(body).hexdigest()),
                actor=caller.subject,
                note=gathered.change.note,
                valid_from=gathered.change.valid_from,
                candidates=gathered.candidates,
                findings=gathered.findings,
                accept_findings=accept_findings,
            )
            return await made(door, wanted, dry_run=dry_run)

    @routes.get(
        "/v1/registry/changes/{name}",
        summary="What became of an import 导入结果",
        response_model=ChangeTold,
        responses=PROBLEMS,
    )
    async def change(name: Name, request: Request) -> Response:
        """Decided, or published and when."""
        door = door_of(request)
        found = await door.changes.get(name)
        if found is None:
            raise not_found(f"there is no change {name}")
        return answer(200, _told(found).model_dump())

    return routes


async def made(
    door: Door, wanted: Wanted, *, dry_run: bool, warnings: Sequence[Fault] = ()
) -> Response:
    """The answer to a change, made or only planned; ``warnings`` may be known only then."""
    try:
        if dry_run:
            plan = await door.importer.plan(wanted)
            return answer(200, _planned(plan, "dry_run", warnings).model_dump())
        done = await door.importer.decide(wanted)
    except FindingsError as error:
        raise told_findings.refusal(error.findings) from error
    except PartsRefusedError as error:
        raise _parts_refused(error.refused) from error
    except (EntryFullError, TooManyInstantsError) as error:
        raise _too_much(error) from error
    except KeyConflictError as error:
        raise ProblemError(
            409,
            "idempotency_conflict",
            "this Idempotency-Key came with another import before; use a new one",
        ) from error
    if isinstance(done, Planned):
        return answer(200, _planned(done, "unchanged", warnings).model_dump())
    found = done.record
    if found.published_at is None:
        await door.writer.finish(PUBLISH_PATIENCE_S)
        found = await door.changes.get(found.id) or found
    status = 202 if found.published_at is None else 200
    where = path("registry", "changes", found.id)
    told = _told(found, warnings).model_copy(update=told_findings.members(done.findings))
    return answer(status, told.model_dump(), Location=where)


def change_id(request: Request, caller: Principal) -> str:
    """The id that follows from the caller and its Idempotency-Key, or a new one."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return str(uuid4())
    return caused_id("change", caller.subject, checked_key(key))


def _planned(plan: Planned, state: str, warnings: Sequence[Fault]) -> ChangeTold:
    effects = [
        Effect(
            index=part.candidate.index,
            key=part.candidate.key,
            what=part.what,
            n=part.n,
            valid_from=_text(part.candidate.span.since),
            valid_until=_text(part.candidate.span.until),
        )
        for part in plan.parts[:EFFECTS]
    ]
    return ChangeTold(
        state=state,
        count=len(plan.parts),
        unchanged=plan.unchanged,
        effects=effects or None,
        warnings=_warned(warnings),
        **told_findings.members(plan.findings),
    )


def _parts_refused(refused: Sequence[tuple[Candidate, Fault]]) -> ProblemError:
    faults = [
        {"index": one.index, "key": one.key, "code": fault.code, "detail": fault.detail}
        for one, fault in refused
    ]
    return refusal(faults, len(faults))


def _too_much(error: EntryFullError | TooManyInstantsError) -> ProblemError:
    if isinstance(error, EntryFullError):
        return ProblemError(409, "entry_full", str(error))
    return ProblemError(422, "too_many_instants", str(error))


def _warned(warnings: Sequence[Fault]) -> list[Warned] | None:
    return [Warned(code=one.code, detail=one.detail) for one in warnings] or None


def _told(record: ChangeRecord, warnings: Sequence[Fault] = ()) -> ChangeTold:
    return ChangeTold(
        change=record.id,
        state="decided" if record.published_at is None else "published",
        count=record.count,
        unchanged=record.unchanged,
        decided_at=instant_text(record.decided_at),
        published_at=_text(record.published_at),
        valid_from=instant_text(record.valid_from),
        note=record.note or None,
        warnings=_warned(warnings),
    )


def _text(at: datetime | None) -> str | None:
    return None if at is None else instant_text(at)
