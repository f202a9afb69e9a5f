"""What of an event's data a reader looks at; the rest is neither checked nor built.

A case's filing carries all by which it goes, and most readers want a tenth of that; to check and
build the whole takes them longer than what they do with it. What a reader has left out is missing
from the model that it gets, also where it has a default: to ask for it is an error at once.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from pydantic_core import SchemaValidator

from shared.contracts.base import EventData
from shared.contracts.catalog import MODELS

Reader = Callable[[bytes], EventData]
"""Makes of an event's value its data. Raises pydantic's ValidationError, a ValueError."""
Readers = Mapping[str, Reader]
"""By event type; other types are unknown to whoever reads."""
Tree = dict[str, "Tree"]
Schema = dict[str, Any]

WHOLE: Readers = {kind: model.model_validate_json for kind, model in MODELS.items()}
"""Everything of everything."""


def only(model: type[EventData], *names: str) -> Reader:
    """Reads these fields of a model, and of a field's own model those named after a dot.

    Raises ValueError for a name that it does not have.
    """
    return _reader(model, _tree(names), kept=True)


def without(model: type[EventData], *names: str) -> Reader:
    """Reads all fields of a model but these.

    Raises ValueError for a name that it does not have.
    """
    return _reader(model, _tree(names), kept=False)


def _tree(names: Iterable[str]) -> Tree:
    root: Tree = {}
    for name in names:
        here = root
        for part in name.split("."):
            here = here.setdefault(part, {})
    return root


def _reader(model: type[EventData], named: Tree, *, kept: bool) -> Reader:
    whole = cast("Schema", model.__pydantic_core_schema__)
    shared: list[Schema] = whole.get("definitions", [])
    narrowing = _Narrowing({one["ref"]: one for one in shared}, kept)
    narrowed = narrowing.of(whole["schema"] if shared else whole, named)
    schema = {"type": "definitions", "schema": narrowed, "definitions": shared}
    # Without the last, pydantic would take the validator that the model has already, of the whole.
    validator = SchemaValidator(cast("Any", schema), None, False)  # noqa: FBT003 - has no name
    return cast("Reader", validator.validate_json)


class _Narrowing:
    def __init__(self, shared: Mapping[str, Schema], kept: bool) -> None:  # noqa: FBT001
        self.shared = shared
        self.kept = kept

    def of(self, schema: Schema, named: Tree) -> Schema:
        """The schema, with only what is to be read in the first models that it leads to."""
        match schema:
            case {"type": "definition-ref", "schema_ref": ref}:
                return self.of(self.shared[ref], named)
            case {"type": "model", "schema": fields}:
                config = {**schema.get("config", {}), "extra_fields_behavior": "ignore"}
                narrowed = {**schema, "schema": self._fields(fields, named), "config": config}
                narrowed.pop("ref", None)
                return narrowed
            case {"items_schema": list(items)}:
                return {**schema, "items_schema": [self.of(one, named) for one in items]}
            case {"schema": inner}:
                return {**schema, "schema": self.of(inner, named)}
        message = f"{', '.join(named)}: {schema['type']} has no fields"
        raise ValueError(message)

    def _fields(self, schema: Schema, named: Tree) -> Schema:
        fields: dict[str, Schema] = schema["fields"]
        if strange := named.keys() - fields.keys():
            message = f"{schema['model_name']} has no {', '.join(sorted(strange))}"
            raise ValueError(message)
        return {**schema, "fields": dict(self._kept(fields, named))}

    def _kept(self, fields: Mapping[str, Schema], named: Tree) -> Iterable[tuple[str, Schema]]:
        for name, field in fields.items():
            below = named.get(name)
            if below:
                yield name, {**field, "schema": self.of(field["schema"], below)}
            elif (below is not None) == self.kept:
                yield name, field
