"""What all routes have in common: whom they ask, how they read a request, how they answer."""

import re
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

import orjson
from fastapi import Request
from fastapi.responses import Response
from pydantic import TypeAdapter, ValidationError

from services.intake.changes import ChangeStore
from services.intake.domain.order import Order
from services.intake.domain.receipt import Receipt
from services.intake.domain.working_limits import Around
from services.intake.import_checking import zone_of
from services.intake.imports import Importer
from services.intake.registry_writer import RegistryWriter
from services.intake.store import EntryReader, OrderReader, ReceiptReader
from shared.contracts.base import KNOWN_WORDS, Contract
from shared.ledger.commands import CommandWriter
from shared.platform.callers import Callers
from shared.platform.clock import Clock
from shared.platform.http import ProblemError
from shared.registry.snapshot import Snapshot

T = TypeVar("T")
VISIBLE = re.compile(r"[\x21-\x7e]{1,200}")
MAX_ERRORS = 20


@dataclass(frozen=True, slots=True)
class Door:
    """Everything that a route may ask."""

    clock: Clock
    callers: Callers
    receipts: ReceiptReader
    commands: CommandWriter[Receipt]
    orders: OrderReader
    order_commands: CommandWriter[Order]
    entries: EntryReader
    changes: ChangeStore
    writer: RegistryWriter
    importer: Importer
    own_zone: str
    """IANA zone of the city, as long as no policy names one."""

    def registry(self) -> Snapshot:
        """The registry as it is known here."""
        return self.writer.settler.registry.current()

    def around(self) -> Around:
        """What is in force now, for entries to be examined by."""
        return Around(self.registry(), self.clock())

    def zone(self) -> str:
        """The zone of the policy highest up that is in force: in it are days without a time."""
        return zone_of(self.registry(), self.clock(), self.own_zone)


def door_of(request: Request) -> Door:
    """The door of the service that runs."""
    door: Door = request.app.state.door
    return door


def idempotency_key(request: Request) -> str:
    """The header Idempotency-Key; raises ProblemError 400."""
    key = request.headers.get("idempotency-key")
    if key is None:
        raise ProblemError(
            400,
            "idempotency_key_missing",
            "send the header Idempotency-Key with a new UUID for each new request, and the same "
            "one when you send a request again",
        )
    return checked_key(key)


def checked_key(key: str) -> str:
    """The key, if it is one; raises ProblemError 400 ``idempotency_key_invalid``."""
    if VISIBLE.fullmatch(key) is None:
        raise ProblemError(
            400,
            "idempotency_key_invalid",
            "an Idempotency-Key has 1 to 200 visible ASCII characters; a UUID is best",
        )
    return key


def parse(adapter: TypeAdapter[T], raw: bytes) -> T:
    """What a body says: strictly, unknown fields refused.

    Raises ProblemError 400 ``bad_json``, 422 ``invalid`` with each field that is wrong.
    """
    try:
        return adapter.validate_json(raw, strict=True, extra="forbid", context=KNOWN_WORDS)
    except ValidationError as error:
        raise problem_of(error) from error


def part_as_json(part: Any) -> bytes:  # noqa: ANN401 - what JSON holds
    """The bytes of a part of a body, to be read by itself.

    Raises ProblemError 422 ``invalid`` where it is nested deeper than it can be written.
    """
    try:
        return orjson.dumps(part)
    except TypeError as error:
        detail = "it is nested more than 250 levels deep, nothing of ours is"
        raise ProblemError(422, "invalid", detail) from error


def problem_of(error: ValidationError) -> ProblemError:
    """The problem that a failed validation is."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    if found[0]["type"] == "json_invalid":
        return ProblemError(400, "bad_json", f"the body is not JSON: {found[0]['msg']}")
    errors = [
        {"field": ".".join(map(str, one["loc"])) or "(body)", "error": one["msg"]}
        for one in found[:MAX_ERRORS]
    ]
    detail = "; ".join(f"{one['field']}: {one['error']}" for one in errors[:5])
    return ProblemError(422, "invalid", detail, errors=errors)


def answer(status: int, body: Contract | dict[str, Any], **headers: str) -> Response:
    """A JSON answer; header names are written with ``_`` for ``-``."""
    content = body.model_dump_json().encode() if isinstance(body, Contract) else orjson.dumps(body)
    return Response(
        content,
        status,
        {name.replace("_", "-"): value for name, value in headers.items()},
        "application/json",
    )


def path(*segments: str) -> str:
    """A path of this service, its segments made safe."""
    return "/v1/" + "/".join(quote(segment, safe="") for segment in segments)


def not_found(what: str) -> ProblemError:
    """The answer 404."""
    return ProblemError(404, "not_found", what)
