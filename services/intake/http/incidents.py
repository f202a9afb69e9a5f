"""``/v1/incidents``: report, report in batches, and ask what became of it."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import TypeAdapter

from services.intake.domain import telling
from services.intake.domain.admission import objection
from services.intake.domain.commands import ReportIncident, command
from services.intake.domain.emergencies import danger
from services.intake.domain.receipt import Receipt
from services.intake.domain.report_body import ReportBody
from services.intake.domain.telling import IncidentTold
from services.intake.http.door import (
    Door,
    answer,
    checked_key,
    door_of,
    idempotency_key,
    not_found,
    parse,
    part_as_json,
    path,
)
from services.intake.http.openapi import (
    BATCH_BODY,
    IDEMPOTENCY_KEY,
    PROBLEMS,
    REPORT_BODY,
    Accepted,
    BatchAnswer,
)
from shared.contracts.incidents_v1 import Report
from shared.contracts.roles import ON_SITE
from shared.ledger.commands import BusyError, RefusedCommandError
from shared.platform.body import read_body
from shared.platform.http import Direct, ProblemError
from shared.platform.ids import incident_id
from shared.platform.security import Principal, Scope

REPORTS = "/v1/incidents"
REPORT_BYTES = 64 * 1024
BATCH_BYTES = 4 * 1024 * 1024
BATCH_ITEMS = 500
REPORT: TypeAdapter[ReportBody] = TypeAdapter(ReportBody)
MAX_NAME = 100
Name = Annotated[str, Path(max_length=MAX_NAME)]


def router() -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["incidents 上报"])

    @routes.post(
        REPORTS,
        name="report",
        status_code=202,
        summary="Report an incident 上报",
        response_model=Accepted,
        responses=PROBLEMS,
        openapi_extra=REPORT_BODY | IDEMPOTENCY_KEY,
    )
    async def described(request: Request) -> Response:
        """Answers 202 once the report is durable; the same key and body again, the same answer.

        Without credentials the caller is anonymous, and all anonymous callers share one scope of
        keys: use a UUID for each report.
        """
        return await report(request)

    @routes.post(
        "/v1/incidents/batch",
        status_code=207,
        summary="Report up to 500 incidents 批量上报",
        response_model=BatchAnswer,
        responses=PROBLEMS,
        openapi_extra=BATCH_BODY,
    )
    async def batch(request: Request) -> Response:
        """Answers 207 with a result for each item, in order; one bad item fails no other."""
        door = door_of(request)
        caller = door.callers.of(request.scope)
        body = await read_body(request.scope, request.receive, BATCH_BYTES)
        items = _items(body)
        answers = await asyncio.gather(*(_one(door, caller, item) for item in items))
        return answer(HTTPStatus.MULTI_STATUS, {"items": answers})

    @routes.get(
        "/v1/incidents/{name}",
        summary="What became of an incident 查询",
        response_model=IncidentTold,
        responses=PROBLEMS,
    )
    async def incident(name: Name, request: Request) -> Response:
        """By incident id, receipt number 受理号 or case number 案卷号."""
        door = door_of(request)
        caller = door.callers.of(request.scope)
        found = await door.receipts.find(name)
        first = None if found is None else await _first(door, found[0])
        told = None if found is None else telling.incident(*found, caller, first)
        if told is None:
            raise not_found(f"there is no incident {name}")
        return answer(200, told)

    return routes


async def report(request: Request) -> Response:
    """Take a report; what its route says of it. Raises ProblemError, BusyError."""
    door = door_of(request)
    caller = door.callers.of(request.scope)
    key = idempotency_key(request)
    body = await read_body(request.scope, request.receive, REPORT_BYTES)
    accepted = await accept(door, caller, key, body)
    return answer(202, accepted, Location=path("incidents", accepted["incident_id"]))


DIRECT = Direct(REPORTS, report, methods=["POST"])


async def accept(door: Door, caller: Principal, key: str, body: bytes) -> dict[str, Any]:
    """Make a report durable; what its reporter is told. Raises ProblemError, BusyError."""
    report = parse(REPORT, body).report()
    now = door.clock()
    against = objection(
        report,
        now,
        may_import=Scope.IMPORT in caller.scopes,
        may_handle=bool(ON_SITE & caller.roles),
    )
    if against is not None:
        raise ProblemError(against.status, against.code, against.detail)
    incident = incident_id(caller.subject, key)
    accepted = {
        "incident_id": incident,
        "receipt_no": await taken_down(door, caller, incident, report),
    }
    found = danger(report, door.registry(), now)
    return accepted if found is None else accepted | {"emergency": found.told()}


async def taken_down(door: Door, caller: Principal, incident: str, report: Report) -> str:
    """Make a report durable as an incident; its receipt number.

    Raises BusyError, RefusedCommandError, ProblemError 409 where it was another report before.
    """
    now = door.clock()
    asked = ReportIncident.model_construct(
        incident_id=incident, received_at=now, reporter=caller.actor(), report=report
    )
    receipt = await door.commands.submit(command(incident, asked, now))
    if receipt is None or receipt.reported is None:
        raise RefusedCommandError(f"incident {incident} was not taken down")
    door.receipts.remember(incident)
    if receipt.reported.report != report:
        raise ProblemError(
            409,
            "idempotency_conflict",
            "this Idempotency-Key came with another report before; use a new one",
        )
    return receipt.reported.receipt_no


async def _first(door: Door, receipt: Receipt) -> Receipt | None:
    """The receipt of the case that an incident is linked to."""
    standing = receipt.standing
    if standing is None or standing.follows is None:
        return None
    found = await door.receipts.find(standing.follows)
    return None if found is None else found[0]


def _items(body: bytes) -> list[Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ProblemError(400, "bad_json", f"the body is not JSON: {error}") from error
    if not isinstance(found, dict) or set(found) != {"items"}:
        raise ProblemError(422, "invalid", 'the body is {"items": [...]} and nothing else')
    items = found["items"]
    if not isinstance(items, list) or len(items) > BATCH_ITEMS:
        raise ProblemError(422, "invalid", f"items: a list of {BATCH_ITEMS} at most")
    return items


async def _one(door: Door, caller: Principal, item: object) -> dict[str, Any]:
    try:
        return {"status": 202, **await accept(door, caller, *_parts(item))}
    except ProblemError as error:
        found = error
    except (BusyError, RefusedCommandError) as error:
        found = problem_of_command(error)
    return {"status": found.status, "problem": found.body()}


def _parts(item: object) -> tuple[str, bytes]:
    match item:
        case {"idempotency_key": str(key), "incident": dict(incident), **rest} if not rest:
            raw = part_as_json(incident)
        case _:
            raise ProblemError(
                422, "invalid", 'an item is {"idempotency_key": "...", "incident": {...}}'
            )
    if len(raw) > REPORT_BYTES:
        raise ProblemError(413, "too_large", f"an incident has {REPORT_BYTES} bytes at most")
    return checked_key(key), raw


def problem_of_command(error: BusyError | RefusedCommandError) -> ProblemError:
    """The answer to a command that is not durable."""
    if isinstance(error, BusyError):
        return ProblemError(
            503,
            "busy",
            f"not stored: {error}; send the same request again with the same key",
            {"Retry-After": "2"},
        )
    return ProblemError(409, "refused", f"not stored: {error}")
