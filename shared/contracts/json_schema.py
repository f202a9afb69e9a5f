"""The JSON Schema (draft 2020-12) of each event type's data, made from its model."""

from functools import cache
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import CoreSchema

from shared.contracts.base import EventData
from shared.contracts.catalog import MODELS
from shared.contracts.envelope import schema_uri

DIALECT = GenerateJsonSchema.schema_dialect

Schema = dict[str, Any]


class _Plain(GenerateJsonSchema):
    """Without a title for each field, which only repeats its name, and without null as default."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401, ARG002 - pydantic's own
        return False

    def default_schema(self, schema: Any) -> JsonSchemaValue:  # noqa: ANN401 - pydantic's own
        found = super().default_schema(schema)
        if found.get("default", ...) is None:
            del found["default"]
        return found

    def generate(self, schema: CoreSchema, mode: Any = "validation") -> JsonSchemaValue:  # noqa: ANN401
        found = super().generate(schema, mode)
        return {name: found[name] for name in sorted(found, key=lambda name: name == "$defs")}


def schema_of(model: type[EventData]) -> Schema:
    """The schema of one type's data, named as its events name it in ``ce_dataschema``."""
    return {"$schema": DIALECT, "$id": schema_uri(model.TYPE), **_made(model)}


@cache
def _made(model: type[EventData]) -> Schema:
    """Made once: documents ask again and again, and nobody changes what is within."""
    return model.model_json_schema(schema_generator=_Plain)


def schemas() -> dict[str, Schema]:
    """The schemas of all event types, by type."""
    return {event_type: schema_of(model) for event_type, model in MODELS.items()}
