"""AsyncAPI 3.0 documents, made from the table of topics and the catalog of events."""

from collections.abc import Sequence
from typing import Any

from shared.contracts.base import EventData
from shared.contracts.catalog import TOPIC_EVENTS
from shared.contracts.envelope import schema_uri
from shared.contracts.golden import documents
from shared.contracts.json_schema import schema_of
from shared.contracts.titles import TITLES
from shared.contracts.topics import TOPICS, Topic

VERSION = "1.0.0"
"""Of the contracts: the major number is the v1 of the topics."""
SERVICES = ("intake", "dispatch", "escalation", "analytics")
EVERYBODY = "all"
KAFKA_BINDING = "0.5.0"
PAYLOAD_FORMAT = "application/schema+json;version=draft-2020-12"

IDENTITY = frozenset({"$schema", "$id", "$defs", "discriminator"})
"""What a schema loses when it becomes part of a document."""

Document = dict[str, Any]


def channel_id(topic: Topic) -> str:
    """A topic's name in the document: ``incidents`` for ``wangge.incidents.v1``."""
    return topic.name.split(".")[1]


def writes(service: str, topic: Topic) -> bool:
    """Whether a service writes a topic."""
    return topic.owner in {service, EVERYBODY} and service in SERVICES


def involved(service: str | None) -> tuple[Topic, ...]:
    """The topics that a service writes or reads; all of them for none."""
    return tuple(
        topic
        for topic in TOPICS
        if service is None or writes(service, topic) or service in topic.consumers
    )


def document(service: str | None = None) -> Document:
    """The AsyncAPI document of one service, or of the whole system.

    Raises KeyError for a service that there is not.
    """
    if service is not None and service not in SERVICES:
        raise KeyError(service)
    topics = involved(service)
    models = [model for topic in topics for model in TOPIC_EVENTS[topic]]
    examples = documents()
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"wangge {service}" if service else "wangge",
            "version": VERSION,
            "description": "CloudEvents 1.0 in Kafka's binary mode: attributes in headers, "
            "the data as JSON in the value.",
        },
        "defaultContentType": "application/json",
        "channels": {channel_id(topic): _channel(topic) for topic in topics},
        "operations": {
            name: operation
            for one in ([service] if service else SERVICES)
            for topic in topics
            for name, operation in _operations(one, topic)
        },
        "components": {
            "messages": {
                model.__name__: _message(model, examples[model.TYPE]["records"]) for model in models
            },
            "schemas": parts(models),
        },
    }


def parts(models: Sequence[type[EventData]]) -> Document:
    """The parts of which the data of these types is made, by name."""
    found: Document = {}
    for model in models:
        found |= schema_of(model).get("$defs", {})
    return {name: _moved(found[name]) for name in sorted(found)}


def _moved(schema: Any) -> Any:  # noqa: ANN401 - any piece of a schema
    """A schema whose parts lie in the document's components: its tools look nowhere else."""
    if isinstance(schema, list):
        return [_moved(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: one for name, one in schema.items() if name not in IDENTITY}
    return {
        name: one.replace("#/$defs/", "#/components/schemas/") if name == "$ref" else _moved(one)
        for name, one in kept.items()
    }


def _channel(topic: Topic) -> Document:
    names = [model.__name__ for model in TOPIC_EVENTS[topic]]
    config = topic.config()
    return {
        "address": topic.name,
        "title": topic.purpose.zh,
        "description": f"{topic.purpose.en}. Key: {topic.key}. Written by: {topic.owner}.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": [config["cleanup.policy"]],
                    "retention.ms": int(config["retention.ms"]),
                    "retention.bytes": int(config["retention.bytes"]),
                    "max.message.bytes": int(config["max.message.bytes"]),
                },
                "bindingVersion": KAFKA_BINDING,
            }
        },
    }


def _operations(service: str, topic: Topic) -> list[tuple[str, Document]]:
    found: list[tuple[str, Document]] = []
    channel = channel_id(topic)
    if writes(service, topic):
        found.append((f"{service}.send.{channel}", {"action": "send"}))
    readers = [one for one in topic.consumers if one == service or one.startswith(f"{service}-")]
    if readers:
        group = {"type": "string", "enum": [f"wangge-{one}" for one in readers]}
        bindings = {"kafka": {"groupId": group, "bindingVersion": KAFKA_BINDING}}
        read_whole = channel == "registry"  # every process reads all of it, without a group
        operation: Document = {
            "action": "receive",
            **({} if read_whole else {"bindings": bindings}),
        }
        found.append((f"{service}.receive.{channel}", operation))
    for _, operation in found:
        operation["channel"] = {"$ref": f"#/channels/{channel}"}
        operation["messages"] = [
            {"$ref": f"#/channels/{channel}/messages/{model.__name__}"}
            for model in TOPIC_EVENTS[topic]
        ]
    return found


def _message(model: type[EventData], records: Document) -> Document:
    title = TITLES[model.TYPE]
    topic = next(topic for topic, models in TOPIC_EVENTS.items() if model in models)
    return {
        "name": model.TYPE,
        "title": title.zh,
        "summary": title.en,
        "description": model.__doc__ or "",
        "contentType": "application/json",
        "correlationId": {"location": "$message.header#/ce_correlationid"},
        "headers": _headers(model),
        "payload": {"schemaFormat": PAYLOAD_FORMAT, "schema": _moved(schema_of(model))},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": topic.key},
                "bindingVersion": KAFKA_BINDING,
            }
        },
        "examples": [
            {"name": name, "headers": record["headers"], "payload": record["value"]}
            for name, record in records.items()
        ],
    }


def _headers(model: type[EventData]) -> Document:
    text = {"type": "string"}
    return {
        "type": "object",
        "required": ["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_subject", "ce_time"],
        "properties": {
            "content-type": {"const": "application/json"},
            "ce_specversion": {"const": "1.0"},
            "ce_id": text | {"description": "Caused, not drawn: the same event has the same id."},
            "ce_type": {"const": model.TYPE, "description": "What happened, with its version."},
            "ce_source": text | {"description": "Who published it: /wangge/<service>."},
            "ce_subject": text | {"description": "The document: the incident, or the entry."},
            "ce_time": text | {"format": "date-time", "description": "When it took effect."},
            "ce_dataschema": {
                "const": schema_uri(model.TYPE),
                "description": "The name of the JSON Schema of the data.",
            },
            "ce_sequence": text | {"description": "The document's events of this source, from 1."},
            "ce_correlationid": text | {"description": "The same for all that one report led to."},
            "ce_causationid": text | {"description": "The id of the event that this follows."},
            "ce_registryversion": text
            | {"description": "The registry that its producer had, as an offset; -1 is none."},
            "ce_traceparent": text | {"description": "W3C trace context."},
        },
    }
