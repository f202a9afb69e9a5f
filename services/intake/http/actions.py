"""``/v1/cases/{id}/actions``: ask for an action on a case, and what became of it."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import TypeAdapter

from services.intake.domain import telling
from services.intake.domain.commands import RequestAction, command
from services.intake.domain.inspecting import (
    INSPECTORS,
    ActionBody,
    Found,
    NobodyKnownError,
    NotInspectedError,
    NotYourInspectionError,
    check_finder,
    check_turn,
    reports_of,
    turns_called,
)
from services.intake.domain.receipt import Receipt
from services.intake.domain.telling import ActionTold
from services.intake.http.door import (
    Door,
    answer,
    door_of,
    idempotency_key,
    not_found,
    parse,
    path,
)
from services.intake.http.incidents import MAX_NAME, REPORT_BYTES, Name, taken_down
from services.intake.http.openapi import ACTION_BODY, IDEMPOTENCY_KEY, PROBLEMS, ActionAccepted
from shared.contracts.incidents_v1 import Verb
from shared.contracts.plans import Finding
from shared.ledger.commands import RefusedCommandError
from shared.platform.body import read_body
from shared.platform.http import Direct, ProblemError
from shared.platform.ids import action_id
from shared.platform.security import Principal

ACTIONS = "/v1/cases/{name}/actions"
REQUEST: TypeAdapter[ActionBody] = TypeAdapter(ActionBody)


def router() -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["actions 办理"])

    @routes.post(
        ACTIONS,
        name="act",
        status_code=202,
        summary="Ask for an action on a case 办理",
        response_model=ActionAccepted,
        responses=PROBLEMS,
        openapi_extra=ACTION_BODY | IDEMPOTENCY_KEY,
    )
    async def described(name: Name, request: Request) -> Response:  # noqa: ARG001 - documented
        """Answers 202 once the request is durable; whether it may be done, dispatch decides.

        The case is named by incident id, receipt number or case number; who acts is found from
        the credentials. What an inspection found is reported first, each finding as an incident
        of its own; the answer names them. They are for the inspection's own unit (403
        ``not_your_inspection``), also when the action is refused then. Whoever urges what is linked
        to a case urges that case.
        """
        return await act(request)

    @routes.get(
        "/v1/cases/{name}/actions/{action}",
        summary="What became of an action 办理结果",
        response_model=ActionTold,
        responses=PROBLEMS,
    )
    async def outcome(name: Name, action: Name, request: Request) -> Response:
        """Pending, done, or refused with the rule."""
        door = door_of(request)
        door.callers.required(request.scope)
        return answer(200, await _told(door, name, action))

    return routes


async def act(request: Request) -> Response:
    """Take an action's request; what its route says of it. Raises ProblemError, BusyError."""
    name = request.path_params["name"]
    if len(name) > MAX_NAME:
        wrong = {"field": "path.name", "error": f"{MAX_NAME} characters at most"}
        detail = f"{wrong['field']}: {wrong['error']}"
        raise ProblemError(422, "invalid", detail, errors=[wrong])
    door = door_of(request)
    caller = door.callers.required(request.scope)
    key = idempotency_key(request)
    body = await read_body(request.scope, request.receive, REPORT_BYTES)
    sent = parse(REQUEST, body)
    incident = await door.receipts.incident_of(name)
    if incident is None:
        raise not_found(f"there is no incident or case {name}")
    # By the name that was named, also where another case is meant: what is sent again is the same.
    action = action_id(caller.subject, incident, key)
    case, follower = await _meant(door, caller, incident, sent, action)
    told, findings = await _reported(door, caller, incident, sent, action)
    asked = sent.asked(findings)
    now = door.clock()
    wish = RequestAction.model_construct(
        incident_id=case,
        action_id=action,
        received_at=now,
        actor=caller.actor(),
        request=asked,
        follower=follower,
    )
    receipt = await door.commands.submit(command(case, wish, now, action))
    if receipt is None or action not in receipt.actions:
        raise RefusedCommandError(f"action {action} was not taken down")
    if receipt.actions[action].request != asked:
        raise ProblemError(
            409,
            "idempotency_conflict",
            "this Idempotency-Key came with another action before; use a new one",
        )
    where = path("cases", incident, "actions", action)
    return answer(202, {"action_id": action, "findings": told}, Location=where)


DIRECT = Direct(ACTIONS, act, methods=["POST"])


async def _meant(
    door: Door, caller: Principal, incident: str, sent: ActionBody, action: str
) -> tuple[str, str | None]:
    """The incident that is meant, and as whose reporter the caller asks, where it is linked to it.

    Whoever urges what is linked to a case means that case; its reporter urges as one of those that
    have reported it. What was asked for before it was linked stays where it was asked.
    """
    found = await door.receipts.find(incident) if sent.action is Verb.URGE else None
    first = await _first(door, found[0]) if found else None
    if found is None or first is None or first.reported is None or action in found[0].actions:
        return incident, None
    own = found[0].is_of(caller.subject)
    return first.reported.incident_id, incident if own else None


async def _first(door: Door, receipt: Receipt) -> Receipt | None:
    """The receipt of the case that it is linked to; None where it is linked to none."""
    follows = receipt.standing.follows if receipt.standing else None
    found = await door.receipts.find(follows) if follows is not None else None
    return found[0] if found else None


async def _told(door: Door, name: str, action: str) -> ActionTold:
    """What became of it: of what is linked to a case, it may have been asked on that case."""
    found = await door.receipts.find(name)
    told = None if found is None else telling.action(found[0], action)
    if told is None and found is not None:
        first = await _first(door, found[0])
        told = None if first is None else telling.action(first, action)
    if told is None:
        raise not_found(f"nobody asked for an action {action} on {name}")
    return told


async def _reported(
    door: Door, caller: Principal, incident: str, sent: ActionBody, action: str
) -> tuple[list[dict[str, str]], tuple[Finding, ...]]:
    """What was found, reported and durable: what the caller is told, and what the action names."""
    if not sent.findings:
        return [], ()
    if not INSPECTORS & caller.roles:
        wanted = ", ".join(sorted(INSPECTORS))
        raise ProblemError(403, "role_not_allowed", f"findings are for one of {wanted}")
    inspection = await door.receipts.find(incident)
    if inspection is None:
        raise not_found(f"there is no incident {incident}")
    found = _found(door, caller, inspection[0], sent, action)
    told = []
    for one in found:
        receipt_no = await taken_down(door, caller, one.finding.incident_id, one.report)
        told.append(
            {
                "item": one.finding.item,
                "incident_id": one.finding.incident_id,
                "receipt_no": receipt_no,
            }
        )
    return told, tuple(one.finding for one in found)


def _found(
    door: Door, caller: Principal, receipt: Receipt, sent: ActionBody, action: str
) -> list[Found]:
    """What was found, as it is to be reported; raises ProblemError where it is not to be."""
    reported = receipt.reported
    if reported is None:
        raise not_found("of this incident only what others said has arrived")
    report = reported.report
    # A case keeps the flow under which it was filed.
    filed_at = receipt.standing.filed_at if receipt.standing else None
    instants = (filed_at, door.clock()) if filed_at else (door.clock(),)
    named = (turns_called(sent.turn, report.matter, door.registry(), at) for at in instants)
    turns = next(filter(None, named), [])
    try:
        found = reports_of(sent, reported.incident_id, report, action)
        if action not in receipt.actions:  # else it is sent again, and was theirs
            check_turn(turns)
            check_finder(caller.actor(), receipt, turns)
    except NotInspectedError as error:
        raise ProblemError(422, "not_of_the_inspection", f"findings: {error}") from error
    except NotYourInspectionError as error:
        raise ProblemError(403, "not_your_inspection", f"findings: {error}") from error
    except NobodyKnownError as error:
        again = {"Retry-After": "2"}
        raise ProblemError(503, "busy", f"findings: {error}", again) from error
    return found
