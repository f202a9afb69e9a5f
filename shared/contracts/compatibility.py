"""Pure: whether a schema may take another's place within one version.

The log is kept for ever and its readers are upgraded one by one, so both ways must hold: an old
reader reads new events, and a new reader reads old ones. What is left are additions that an old
reader can ignore: a new type, a new optional field, a new word of an open enumeration.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]

ANNOTATIONS = frozenset(
    {"$schema", "$id", "$defs", "$ref", "title", "description", "examples", "discriminator"}
)
"""What says nothing about which values are valid."""
COMPARED = frozenset(
    {"properties", "required", "items", "prefixItems", "options", "enum", "x-known-values"}
)
"""What is compared by a rule of its own; every other keyword must stay as it is."""
KEEP = "keep it, or make a v2 of the type (a new module and an upcaster)"
RESTORE = "leave it as it was, or make a v2 of the type (a new module and an upcaster)"
NEW_TYPE = "make a new event type for it, or a v2 of this one (a new module and an upcaster)"


@dataclass(frozen=True, slots=True)
class Breaking:
    """A change that breaks a reader: in which type, at which field, what changed, what to do."""

    type: str
    field: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.type}: {self.field}: {self.what}; {self.remedy}"


_Found = Iterator[tuple[str, str, str]]


def breaking_changes(
    committed: Mapping[str, Schema], current: Mapping[str, Schema]
) -> list[Breaking]:
    """What is no mere addition between the committed schemas and the models' own, by type."""
    found: list[Breaking] = []
    for event_type, old in committed.items():
        if (new := current.get(event_type)) is None:
            remedy = "keep its model: the log holds such events for ever"
            found.append(Breaking(event_type, "(type)", "the type was removed", remedy))
            continue
        for field, what, remedy in _compare("", _plain(old, old), _plain(new, new)):
            found.append(Breaking(event_type, field or "(data)", what, remedy))
    return found


def _plain(schema: Schema, root: Schema) -> dict[str, Any]:
    """A schema without annotations and references, its alternatives by what tells them apart."""
    if "$ref" in schema:
        schema = {**root["$defs"][schema["$ref"].rpartition("/")[2]], **schema}
    plain: dict[str, Any] = {k: v for k, v in schema.items() if k not in ANNOTATIONS}
    if plain.get("additionalProperties") is True:
        del plain["additionalProperties"]  # the same as saying nothing
    alternatives = [*plain.pop("anyOf", ()), *plain.pop("oneOf", ())]
    if alternatives:
        plain["options"] = _told_apart([_plain(one, root) for one in alternatives])
    if "properties" in plain:
        plain["properties"] = {k: _plain(v, root) for k, v in plain["properties"].items()}
    if "items" in plain:
        plain["items"] = _plain(plain["items"], root)
    if "prefixItems" in plain:
        plain["prefixItems"] = [_plain(one, root) for one in plain["prefixItems"]]
    return plain


def _told_apart(alternatives: list[dict[str, Any]]) -> dict[str, Schema]:
    told: dict[str, Schema] = {}
    for one in alternatives:
        label = _label(one)
        told[label if label not in told else f"{label} {len(told)}"] = one
    return told


def _label(plain: Schema) -> str:
    """What tells an alternative from its siblings: its ``kind``, else its JSON type."""
    kind = plain.get("properties", {}).get("kind", {}).get("const")
    return kind or str(plain.get("type", "anything"))


def _compare(field: str, old: Schema, new: Schema) -> _Found:
    if "options" in old or "options" in new:
        yield from _options(field, old, new)
        return
    for name in sorted((old.keys() | new.keys()) - COMPARED):
        before, after = old.get(name, "nothing"), new.get(name, "nothing")
        if before != after:
            yield field, f"{name} changed from {before!r} to {after!r}", RESTORE
    yield from _words(field, old, new)
    yield from _fields(field, old, new)
    yield from _compare_items(field, old, new)


def _compare_items(field: str, old: Schema, new: Schema) -> _Found:
    if "items" in old or "items" in new:
        yield from _compare(f"{field}[]", old.get("items", {}), new.get("items", {}))
    places = zip(old.get("prefixItems", ()), new.get("prefixItems", ()), strict=False)
    for place, (before, after) in enumerate(places):
        yield from _compare(f"{field}[{place}]", before, after)


def _options(field: str, old: Schema, new: Schema) -> _Found:
    before = old.get("options") or {_label(old): old}
    after = new.get("options") or {_label(new): new}
    for label in sorted(before.keys() - after.keys()):
        yield field, f"it may no longer be {label!r}", KEEP
    for label in sorted(after.keys() - before.keys()):
        yield field, f"it may now be {label!r}, which no old reader knows", NEW_TYPE
    for label in sorted(before.keys() & after.keys()):
        yield from _compare(field, before[label], after[label])


def _words(field: str, old: Schema, new: Schema) -> _Found:
    for name in ("enum", "x-known-values"):
        if (name in old) != (name in new):
            yield field, f"{name} is {'gone' if name in old else 'new'}", RESTORE
            continue
        for word in old.get(name, ()):
            if word not in new[name]:
                yield field, f"the word {word!r} was removed", KEEP
        for word in new.get(name, ()):
            if word not in old[name] and name == "enum":
                yield field, f"the word {word!r} is new in a closed enumeration", NEW_TYPE


def _fields(field: str, old: Schema, new: Schema) -> _Found:
    before, after = old.get("properties", {}), new.get("properties", {})
    was, now = set(old.get("required", ())), set(new.get("required", ()))
    for name, schema in before.items():
        path = f"{field}.{name}".lstrip(".")
        if name not in after:
            yield path, "the field was removed", KEEP
            continue
        if name in was - now:
            yield path, "the field became optional", "old readers count on it: keep it required"
        if name in now - was:
            yield path, "the field became required", "old events lack it: keep it optional"
        yield from _compare(path, schema, after[name])
    for name in sorted(now - before.keys()):
        path = f"{field}.{name}".lstrip(".")
        yield path, "the new field is required", "old events lack it: give it a default"
