"""The checker of breaking changes: every kind is found and named, every addition passes."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.compatibility import breaking_changes
from shared.contracts.json_schema import schemas

Schema = dict[str, Any]
TYPE = "cn.wangge.case.dispatched.v1"
Edit = Callable[[Schema], object]


def changed(edit: Edit, event_type: str = TYPE) -> list[str]:
    """What the checker says of the real schemas after an edit of one."""
    current = deepcopy(schemas())
    edit(current[event_type])
    return [str(one) for one in breaking_changes(schemas(), current)]


def part(schema: Schema, name: str) -> Schema:
    found: Schema = schema["$defs"][name]
    return found


BREAKING: dict[str, tuple[Edit, str]] = {
    "removed field": (
        lambda s: s["properties"].pop("centre"),
        "centre: the field was removed",
    ),
    "removed field of a part": (
        lambda s: part(s, "Times")["properties"].pop("filed_at"),
        "case.times.filed_at: the field was removed",
    ),
    "new required field": (
        lambda s: (s["properties"].update(why={"type": "string"}), s["required"].append("why")),
        "why: the new field is required",
    ),
    "optional became required": (
        lambda s: s["required"].append("candidates"),
        "candidates: the field became required",
    ),
    "required became optional": (
        lambda s: s["required"].remove("centre"),
        "centre: the field became optional",
    ),
    "another type": (
        lambda s: s["properties"]["centre"].update(type="integer"),
        "centre: type changed from 'string' to 'integer'",
    ),
    "word removed": (
        lambda s: part(s, "CaseState")["enum"].remove("voided"),
        "case.state: the word 'voided' was removed",
    ),
    "word added to a closed enumeration": (
        lambda s: part(s, "CaseState")["enum"].append("lost"),
        "case.state: the word 'lost' is new in a closed enumeration",
    ),
    "literal replaced": (
        lambda s: part(s, "Point")["properties"]["type"].update(const="LineString"),
        "case.location.type: const changed from 'Point' to 'LineString'",
    ),
    "tighter pattern": (
        lambda s: part(s, "Case")["properties"]["grid"].update(pattern=r"^\d{14}$"),
        "case.grid: pattern changed",
    ),
    "tighter length": (
        lambda s: s["properties"]["reason"].update(maxLength=100),
        "reason: maxLength changed from 500 to 100",
    ),
    "wider length": (
        lambda s: s["properties"]["reason"].update(maxLength=5000),
        "reason: maxLength changed from 500 to 5000",
    ),
    "new bound": (
        lambda s: part(s, "Case")["properties"]["returns"].update(maximum=9),
        "case.returns: maximum changed from 'nothing' to 9",
    ),
    "another default": (
        lambda s: part(s, "MatterRef")["properties"]["public"].update(default=False),
        "case.matter.public: default changed from True to False",
    ),
    "no longer null": (
        lambda s: s["properties"].update(actor={"$ref": "#/$defs/Actor"}),
        "actor: it may no longer be 'null'",
    ),
    "null as well": (
        lambda s: s["properties"].update(centre={"anyOf": [{"type": "string"}, {"type": "null"}]}),
        "centre: it may now be 'null'",
    ),
    "another item": (
        lambda s: s["properties"]["candidates"].update(items={"type": "string"}),
        "candidates[]: type changed from 'object' to 'string'",
    ),
    "list became text": (
        lambda s: s["properties"].update(candidates={"type": "string", "default": []}),
        "candidates: type changed from 'array' to 'string'",
    ),
    "another place of a pair": (
        lambda s: part(s, "Point")["properties"]["coordinates"]["prefixItems"].reverse(),
        "case.location.coordinates[0]: maximum changed",
    ),
    "unknown fields forbidden": (
        lambda s: s.update(additionalProperties=False),
        "(data): additionalProperties changed",
    ),
}


@pytest.mark.parametrize("kind", BREAKING)
def test_a_breaking_change_is_found_with_its_type_and_field(kind: str) -> None:
    edit, expected = BREAKING[kind]
    said = changed(edit)
    assert any(f"{TYPE}: {expected}" in line for line in said), said
    assert all("; " in line for line in said), "it says what to do"


ADDITIONS: dict[str, Edit] = {
    "optional field": lambda s: s["properties"].update(note={"type": "string", "default": ""}),
    "optional field of a part": lambda s: part(s, "Times")["properties"].update(
        archived_at={"anyOf": [{"type": "string"}, {"type": "null"}]}
    ),
    "other words of a description": lambda s: s["properties"]["centre"].update(description="!"),
    "a title": lambda s: s.update(title="Given to a unit"),
    "a part that nothing refers to": lambda s: s["$defs"].update(New={"type": "object"}),
    "a part by another name": lambda s: (
        s["$defs"].update(Zone=s["$defs"].pop("Times")),
        part(s, "Case")["properties"]["times"].update({"$ref": "#/$defs/Zone"}),
    ),
}


@pytest.mark.parametrize("kind", ADDITIONS)
def test_an_addition_passes(kind: str) -> None:
    assert changed(ADDITIONS[kind]) == []


def test_a_new_type_passes() -> None:
    current = schemas() | {"cn.wangge.case.frozen.v1": {"type": "object"}}
    assert breaking_changes(schemas(), current) == []


REFUSED = "cn.wangge.action.refused.v1"


def test_an_open_enumeration_may_become_more_but_not_less() -> None:
    assert changed(lambda s: part(s, "Rule")["x-known-values"].append("too_soon"), REFUSED) == []
    removed = changed(lambda s: part(s, "Rule")["x-known-values"].remove("no_matter"), REFUSED)
    assert len(removed) == 1
    assert removed[0].startswith(f"{REFUSED}: rule: the word 'no_matter' was removed; keep it")


def test_an_enumeration_is_neither_opened_nor_closed() -> None:
    def close(schema: Schema) -> None:
        rule = part(schema, "Rule")
        rule["enum"] = rule.pop("x-known-values")

    closed = changed(close, REFUSED)
    assert any("x-known-values is gone" in line for line in closed), closed
    assert any("enum is new" in line for line in closed), closed


ENTRY = "cn.wangge.registry.entry_set.v1"


def test_the_kinds_of_an_entry_are_compared_one_by_one() -> None:
    def rename(schema: Schema) -> None:
        part(schema, "Unit")["properties"].pop("matters")
        schema["properties"]["entry"]["oneOf"].append({"type": "object"})

    said = changed(rename, ENTRY)
    assert any("entry.matters: the field was removed" in line for line in said), said
    assert any("entry: it may now be 'object', which no old reader knows" in line for line in said)


def test_alternatives_of_one_type_are_not_mixed_up() -> None:
    old = {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "string", "pattern": "b"}]}
    new = {"anyOf": [{"type": "string", "enum": ["c"]}, {"type": "string", "pattern": "b"}]}
    said = [str(one) for one in breaking_changes({"t": old}, {"t": new})]
    assert any("the word 'a' was removed" in line for line in said), said


# What the checker lets pass holds for values: each reads what the other wrote.

LEAVES = st.sampled_from(
    [
        {"type": "string"},
        {"type": "string", "maxLength": 2},
        {"type": "string", "maxLength": 3},
        {"type": "string", "enum": ["aa", "bb"]},
        {"type": "string", "enum": ["aa", "bb", "cc"]},
        {"type": "integer"},
        {"type": "integer", "minimum": 3},
        {"type": "array", "items": {"type": "integer"}},
        {"anyOf": [{"type": "integer"}, {"type": "null"}]},
    ]
)


@st.composite
def objects(draw: st.DrawFn, depth: int = 1) -> Schema:
    names = draw(st.lists(st.sampled_from("pqrs"), unique=True, max_size=4))
    leaves = LEAVES | objects(depth - 1) if depth else LEAVES
    properties = {name: draw(leaves) for name in names}
    required = [name for name in names if draw(st.booleans())]
    return {"type": "object", "properties": properties, "required": required}


@st.composite
def variants(draw: st.DrawFn) -> tuple[Schema, Schema]:
    """Two versions of a schema that differ in a few places, or in none."""
    old = draw(objects())
    new = deepcopy(old)
    for name in draw(st.lists(st.sampled_from("pqrs"), max_size=2)):
        how = draw(st.sampled_from(["drop", "set", "require", "relax"]))
        if how == "drop":
            new["properties"].pop(name, None)
        elif how == "set":
            new["properties"][name] = draw(LEAVES)
        new["required"] = [one for one in new["required"] if one != name or how != "relax"]
        if how == "require" and name not in new["required"]:
            new["required"].append(name)
    return old, new


@st.composite
def values(draw: st.DrawFn, schema: Schema) -> Any:  # noqa: ANN401 - JSON
    """A value that the schema allows."""
    if "anyOf" in schema:
        return draw(values(draw(st.sampled_from(schema["anyOf"]))))
    if schema["type"] == "object":
        return {
            name: draw(values(one))
            for name, one in schema["properties"].items()
            if name in schema["required"] or draw(st.booleans())
        } | {name: 1 for name in schema["required"] if name not in schema["properties"]}
    plain = {
        "array": st.lists(st.integers(), max_size=2),
        "integer": st.integers(min_value=schema.get("minimum", -9)),
        "null": st.none(),
        "string": st.text("xyz", max_size=schema.get("maxLength", 9)),
    }
    return draw(st.sampled_from(schema["enum"]) if "enum" in schema else plain[schema["type"]])


@given(st.data(), variants())
def test_what_passes_lets_each_read_what_the_other_wrote(
    data: st.DataObject, versions: tuple[Schema, Schema]
) -> None:
    old, new = versions
    if breaking_changes({"t": old}, {"t": new}):
        return
    jsonschema.validate(data.draw(values(new)), old)
    jsonschema.validate(data.draw(values(old)), new)


@given(variants())
def test_nothing_breaks_a_schema_that_stays_as_it_is(versions: tuple[Schema, Schema]) -> None:
    old, _ = versions
    assert breaking_changes({"t": old}, {"t": deepcopy(old)}) == []
