"""How the routes are described at ``/docs``: they read their bodies themselves, for speed."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from services.intake.domain.inspecting import ActionBody
from services.intake.domain.order_bodies import OrderBody, ReceiptBody, WithdrawalBody
from services.intake.domain.redrawing import Redraw
from services.intake.domain.report_body import ReportBody
from shared.contracts.base import Contract, Instant, Names
from shared.contracts.registry_v1 import ENTRIES, Entry

REFERENCE = "#/components/schemas/{model}"
BODIES: tuple[type[BaseModel], ...] = (
    ReportBody, ActionBody, OrderBody, ReceiptBody, WithdrawalBody, Redraw, *ENTRIES.values(),
)  # fmt: skip


class Problem(BaseModel):
    """What is wrong and what to do about it (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    """Stable: programs branch on this."""
    detail: str
    """What is wrong this time, in English."""
    explanation: Names | None = None
    """What the code means, in Chinese and English."""


class Emergency(BaseModel):
    """What to do where lives are in danger."""

    numbers: list[str]
    """The numbers to call."""
    words: Names


class Accepted(BaseModel):
    """A report that is durable."""

    incident_id: str
    receipt_no: str
    """受理号: can be dictated; the last sign is a check digit."""
    emergency: Emergency | None = None
    """Where lives are in danger: whom to call at once; left out else."""


class BatchItem(BaseModel):
    """The result of one item: what a single report would have been answered."""

    status: int
    incident_id: str | None = None
    receipt_no: str | None = None
    emergency: Emergency | None = None
    problem: Problem | None = None


class BatchAnswer(BaseModel):
    """The results of a batch, in the order of its items."""

    items: list[BatchItem]


class FindingAccepted(BaseModel):
    """A finding that is reported."""

    item: str
    incident_id: str
    receipt_no: str


class ActionAccepted(BaseModel):
    """An action that will be decided."""

    action_id: str
    findings: list[FindingAccepted] = []
    """What an inspection found, each reported as an incident of its own."""


class EntryTold(Contract):
    """The latest version of an entry; its number is the ETag."""

    key: str
    n: int
    valid_from: Instant
    valid_until: Instant | None
    """The first instant at which it holds no more: its end, or when it was withdrawn."""
    successor: str | None = None
    """Who took over its open cases, where one was named."""
    entry: Entry


class EntryWritten(EntryTold):
    """What was set or withdrawn, and what may not be meant with it."""

    found: dict[str, int] | None = None
    """How many findings there are of each code."""
    findings: dict[str, Any] | None = None
    """They themselves, as a GeoJSON FeatureCollection."""


class Scheduled(Contract):
    """The latest version of an entry, where it begins later."""

    key: str
    n: int
    valid_from: Instant


class EntryPage(BaseModel):
    """Entries by code; ``next`` is the cursor of the next page."""

    items: list[EntryTold]
    next: str | None
    at: str | None = None
    """With ``at``: the instant at which the items are in force."""
    scheduled: list[Scheduled] | None = None
    """With ``at``: of the entries gone through, the versions that begin after it; not in items."""


class Effect(BaseModel):
    """What one entry of an import would do."""

    index: int
    key: str
    what: str
    n: int
    valid_from: str | None = None
    """From when, where the entry itself says so."""
    valid_until: str | None = None
    """Until when."""


class Warned(BaseModel):
    """What may not be meant."""

    code: str
    detail: str


class ChangeTold(BaseModel):
    """A change of the registry, or what one would change."""

    change: str | None = None
    state: str
    """decided, published, unchanged, or dry_run."""
    count: int
    unchanged: int
    decided_at: str | None = None
    published_at: str | None = None
    valid_from: str | None = None
    note: str | None = None
    effects: list[Effect] | None = None
    """With ``dry_run``: the first 1,000."""
    found: dict[str, int] | None = None
    """How many findings there are of each code, where grids, matters or flows were checked."""
    findings: dict[str, Any] | None = None
    """The first 200, the refused ones before the others, as a GeoJSON FeatureCollection."""
    warnings: list[Warned] | None = None
    """What is done all the same, and may not be meant."""


PROBLEMS: dict[int | str, dict[str, Any]] = {"default": {"model": Problem}}
IDEMPOTENCY_KEY = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "description": "1 to 200 visible characters, best a UUID; the same for a repetition",
            "schema": {"type": "string", "minLength": 1, "maxLength": 200},
        }
    ]
}


def _body(schema: dict[str, Any], media: str = "application/json") -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {media: {"schema": schema}}}}


def _ref(model: str) -> dict[str, str]:
    return {"$ref": REFERENCE.format(model=model)}


REPORT_BODY = _body(_ref("ReportBody"))
REDRAW_BODY = _body(_ref("Redraw"))
ACTION_BODY = _body(_ref("ActionBody"))
ORDER_BODY = _body(_ref("OrderBody"))
RECEIPT_BODY = _body(_ref("ReceiptBody"))
WITHDRAWAL_BODY = _body(_ref("WithdrawalBody"))
BATCH_BODY = _body(
    {
        "type": "object",
        "required": ["items"],
        "properties": {
            "items": {
                "type": "array",
                "maxItems": 500,
                "items": {
                    "type": "object",
                    "required": ["idempotency_key", "incident"],
                    "properties": {
                        "idempotency_key": {"type": "string"},
                        "incident": _ref("ReportBody"),
                    },
                },
            }
        },
    }
)
ENTRY_BODY = _body({"oneOf": [_ref(model.__name__) for model in ENTRIES.values()]})
IMPORT_BODY = _body(
    {
        "type": "object",
        "required": ["entries"],
        "properties": {
            "change": {
                "type": "object",
                "properties": {
                    "valid_from": {"type": "string", "format": "date-time"},
                    "note": {"type": "string"},
                },
            },
            "entries": {
                "type": "array",
                "items": ENTRY_BODY["requestBody"]["content"]["application/json"]["schema"],
            },
        },
    }
)
IMPORT_BODY["requestBody"]["content"]["application/x-ndjson"] = {
    "schema": {"type": "string", "description": "one entry a line"}
}


def describe(app: FastAPI) -> None:
    """Let the app's description have the schemas of the bodies that its routes read themselves."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
            )
            _, schemas = models_json_schema(
                [(model, "validation") for model in BODIES], ref_template=REFERENCE
            )
            found["components"]["schemas"] |= schemas["$defs"]
            found["components"]["securitySchemes"] = {
                "bearer": {"type": "http", "scheme": "bearer"}
            }
            found["security"] = [{}, {"bearer": []}]
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to extend it
