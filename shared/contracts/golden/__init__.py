"""Golden examples: whole records of every event type, as their owners publish them."""

import json
from typing import Any

from shared.contracts.catalog import TOPIC_OF
from shared.contracts.envelope import encode
from shared.contracts.golden import cases, dead_letters, escalations, incidents, orders, registry
from shared.contracts.golden.story import Example

MODULES = (incidents, orders, cases, escalations, registry, dead_letters)


def all_examples() -> list[Example]:
    """Every example of every type."""
    return [example for module in MODULES for example in module.examples()]


def as_record(example: Example) -> dict[str, Any]:
    """The record as JSON: its key, its headers, and its value as the object that it is.

    The value's bytes are that object as compact JSON in UTF-8, in this order.
    """
    headers, value = encode(example.event)
    return {"key": example.key, "headers": headers, "value": json.loads(value)}


def documents() -> dict[str, dict[str, Any]]:
    """The examples' files: by event type its topic, and its records by name."""
    found: dict[str, dict[str, Any]] = {}
    for example in all_examples():
        topic = TOPIC_OF[type(example.event.data)].name
        file = found.setdefault(
            example.event.type, {"type": example.event.type, "topic": topic, "records": {}}
        )
        file["records"][example.name] = as_record(example)
    return found
