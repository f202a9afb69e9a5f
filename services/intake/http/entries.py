"""``/v1/registry/{kind}/{code}``: one entry at a time, guarded by its version (RFC 9110)."""

from base64 import b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from services.intake.domain.entry_rules import examine
from services.intake.domain.working_limits import Around
from services.intake.http.door import Door, answer, door_of, not_found, parse
from services.intake.http.openapi import (
    ENTRY_BODY,
    PROBLEMS,
    EntryPage,
    EntryTold,
    EntryWritten,
    Scheduled,
)
from services.intake.http.versions import (
    Withdrawal,
    etag,
    put_version,
    told,
    told_at,
    told_written,
    withdraw,
)
from services.intake.registry_writer import END_OF_TOPIC, ENTRY
from shared.contracts.base import Instant, instant_text
from shared.contracts.registry_v1 import ENTRIES, Entry, EntrySet, entry_key
from shared.platform.body import read_body
from shared.platform.http import ProblemError
from shared.platform.security import Principal, Role

KINDS = tuple(ENTRIES)
ENTRY_BYTES = 4 * 1024 * 1024
CODE = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$"
PAGE_BYTES = 8 * 1024 * 1024
Kind = Annotated[str, Path(description=f"One of {', '.join(KINDS)}")]
Code = Annotated[str, Path(max_length=64)]
At = Annotated[
    Instant | Literal["now"] | None,
    Query(description="in force at this instant, or now; none: the latest versions"),
]
MoveTo = Annotated[
    str | None,
    Query(
        pattern=CODE,
        description="the unit or officer that takes over its open cases, or the matter that is "
        "reported instead: open cases stay under theirs",
    ),
]


def router() -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["registry 基础数据"])
    _reading(routes)
    _changing(routes)
    return routes


def _reading(routes: APIRouter) -> None:
    @routes.get(
        "/v1/registry/{kind}",
        summary="Entries of a kind 列表",
        response_model=EntryPage,
        responses=PROBLEMS,
    )
    async def entries(  # noqa: PLR0913, PLR0917 - what a list may be asked
        request: Request,
        kind: Kind,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        cursor: Annotated[str, Query(max_length=200)] = "",
        withdrawn: bool = False,  # noqa: FBT001, FBT002 - a query parameter
        at: At = None,
    ) -> Response:
        """Latest versions by code; ``withdrawn=true`` shows withdrawn entries as well.

        With ``at`` (an instant, or ``now``) the versions that are in force then instead, whatever
        ``withdrawn`` says; a page may then have fewer than ``limit``, and still a ``next``.
        """
        door = door_of(request)
        now = door.clock()
        instant = now if at == "now" else at
        ended_by = instant or (None if withdrawn else now)
        found, more = await door.entries.page(
            _known(kind), _code_of(cursor), limit, PAGE_BYTES, ended_by
        )
        page: dict[str, Any] = {"next": _cursor_of(found[-1].entry.code) if more else None}
        if instant is None:
            page["items"] = [told(one).model_dump(mode="json") for one in found]
        else:
            page |= await _at(door, found, instant)
        return answer(200, page)

    @routes.get(
        "/v1/registry/{kind}/{code}",
        summary="One entry 查看",
        response_model=EntryTold,
        responses=PROBLEMS,
    )
    async def entry(kind: Kind, code: Code, request: Request) -> Response:
        """Its latest version, withdrawn or not, with its number as ETag."""
        door = door_of(request)
        found = await door.entries.get(f"{_known(kind)}/{code}")
        if found is None:
            raise not_found(f"there is no {kind} {code}")
        return answer(200, told(found), ETag=etag(found))


async def _at(door: Door, latest: Sequence[EntrySet], at: datetime) -> dict[str, Any]:
    """Members of a page: what is in force of entries at an instant, and what begins later."""
    later = [one for one in latest if one.valid_from > at]
    if later:
        await door.writer.settler.registry.at_least(END_OF_TOPIC)
    registry = door.registry()
    ruling = [version for one in latest if (version := told_at(one, registry, at)) is not None]
    scheduled = [
        Scheduled.model_construct(key=one.key, n=one.n, valid_from=one.valid_from) for one in later
    ]
    return {
        "items": [one.model_dump(mode="json") for one in ruling],
        "at": instant_text(at),
        "scheduled": [one.model_dump(mode="json") for one in scheduled],
    }


def _changing(routes: APIRouter) -> None:
    @routes.put(
        "/v1/registry/{kind}/{code}",
        summary="Set one entry 设置",
        response_model=EntryWritten,
        responses=PROBLEMS,
        openapi_extra=ENTRY_BODY,
    )
    async def put(
        kind: Kind,
        code: Code,
        request: Request,
        accept_findings: bool = False,  # noqa: FBT001, FBT002 - a query parameter
    ) -> Response:
        """201 for a new entry, 200 for a new version, which needs ``If-Match``.

        409 ``scheduled_change`` while a version is to begin later, which this one would cancel.
        What it names and is not in force stands in ``findings``; 422 where that is refused of an
        import, too, unless ``accept_findings=true``. Of grids nothing is compared.
        """
        door = door_of(request)
        caller = door.callers.with_role(request.scope, Role.REGISTRY_ADMINISTRATOR)
        body = await read_body(request.scope, request.receive, ENTRY_BYTES)
        wanted = _wanted(body, f"{_known(kind)}/{code}", caller, door.around())
        match = request.headers.get("if-match")
        put = await put_version(door, match, wanted, accept_findings=accept_findings)
        return answer(201 if put.is_new else 200, told_written(put), ETag=etag(put.version))

    @routes.delete(
        "/v1/registry/{kind}/{code}",
        summary="Withdraw one entry 撤销",
        response_model=EntryWritten,
        responses=PROBLEMS,
    )
    async def delete(
        kind: Kind,
        code: Code,
        request: Request,
        move_to: MoveTo = None,
        accept_findings: bool = False,  # noqa: FBT001, FBT002 - a query parameter
    ) -> Response:
        """A new version that holds no more; needs ``If-Match``. What it decided stays decided.

        409 ``has_open_cases`` for a grid, matter, unit or officer that has some, unless
        ``move_to`` names who takes them over. What names it still stands in ``findings``; 422 where
        a plan would inspect nothing, or what it finds would be lost, unless
        ``accept_findings=true``.
        """
        door = door_of(request)
        caller = door.callers.with_role(request.scope, Role.REGISTRY_ADMINISTRATOR)
        match = request.headers.get("if-match")
        key = f"{_known(kind)}/{code}"
        asked = Withdrawal(key, match, caller.area, move_to, accept_findings)
        done = await withdraw(door, asked)
        return answer(200, told_written(done), ETag=etag(done.version))


def _wanted(body: bytes, key: str, caller: Principal, around: Around) -> Entry:
    wanted = parse(ENTRY, body)
    if entry_key(wanted) != key:
        raise ProblemError(422, "key_mismatch", f"the body is not the entry {key} of the path")
    examined = examine(wanted, caller.area, around)
    for fault in examined.faults:
        status = 403 if fault.code == "not_your_area" else 422
        raise ProblemError(status, fault.code, fault.detail)
    return examined.entry


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise ProblemError(
            404, "unknown_kind", f"the registry has no {kind!r:.60}; it has {', '.join(KINDS)}"
        )
    return kind


def _cursor_of(code: str) -> str:
    return urlsafe_b64encode(code.encode()).decode()


def _code_of(cursor: str) -> str:
    try:
        return b64decode(cursor, altchars=b"-_", validate=True).decode()
    except ValueError as error:
        raise ProblemError(422, "invalid", "cursor: use the value of next as it was") from error
