"""The golden examples: whole, minimal, valid by their schemas, and the same bytes again."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from pydantic import BaseModel

from shared.contracts.cases_v1 import EVENTS as CASE_EVENTS
from shared.contracts.cases_v1 import KINDS
from shared.contracts.catalog import MODELS, TOPIC_EVENTS
from shared.contracts.envelope import Origin, decode, encode
from shared.contracts.flows import Flow
from shared.contracts.generate import EXAMPLES, FOLDER, committed_schemas
from shared.contracts.golden.story import FULL, MINIMAL
from shared.contracts.routing_rules import Destination

FILES = {
    path.stem: json.loads(path.read_text("utf-8"))
    for path in sorted((FOLDER / EXAMPLES).glob("*.json"))
}
RECORDS = [
    pytest.param(event_type, record, id=f"{event_type}-{name}")
    for event_type, file in FILES.items()
    for name, record in file["records"].items()
]
ORIGIN = Origin("wangge.cases.v1", 7, 123)
every_record = pytest.mark.parametrize(("event_type", "record"), RECORDS)


def value_of(record: dict[str, Any]) -> bytes:
    return json.dumps(record["value"], ensure_ascii=False, separators=(",", ":")).encode()


def headers_of(record: dict[str, Any]) -> list[tuple[str, bytes]]:
    return [(name, text.encode()) for name, text in record["headers"].items()]


def test_every_event_type_has_a_full_and_a_minimal_example() -> None:
    assert FILES.keys() == MODELS.keys()
    for event_type, file in FILES.items():
        assert {FULL, MINIMAL} <= file["records"].keys(), event_type


@pytest.mark.parametrize("event_type", sorted(MODELS))
def test_an_example_stands_under_the_topic_that_carries_its_type(event_type: str) -> None:
    topic = next(t for t, models in TOPIC_EVENTS.items() if MODELS[event_type] in models)
    assert FILES[event_type]["topic"] == topic.name


@pytest.mark.parametrize("number", [1e-7, 1e22, -0.0, 1.0, 2**53, 2**70])
@every_record
def test_what_only_a_later_version_knows_is_written_as_pydantic_does(
    event_type: str, record: dict[str, Any], number: float
) -> None:
    later = {"later": {"none": None, "text": "后来", "numbers": [number]}}
    event = decode(headers_of(record), value_of({"value": {**record["value"], **later}}), ORIGIN)

    assert event.type == event_type
    assert encode(event)[1] == event.data.model_dump_json(exclude_none=True).encode()


@every_record
def test_a_record_is_the_same_bytes_after_decoding_and_encoding(
    event_type: str, record: dict[str, Any]
) -> None:
    event = decode(headers_of(record), value_of(record), ORIGIN)

    assert encode(event) == (record["headers"], value_of(record))
    assert event.type == event_type
    assert event.data.model_extra == {}


@every_record
def test_a_record_is_valid_by_its_committed_schema(event_type: str, record: dict[str, Any]) -> None:
    schema = committed_schemas()[event_type]
    assert record["headers"]["ce_dataschema"] == schema["$id"]
    jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    ).validate(record["value"])


@every_record
def test_the_public_sdk_reads_every_record(event_type: str, record: dict[str, Any]) -> None:
    message = KafkaMessage(dict(headers_of(record)), record["key"], value_of(record))
    event = from_binary_event(message)
    headers = record["headers"]

    assert event.get_type() == event_type
    assert event.get_id() == headers["ce_id"]
    assert event.get_source() == headers["ce_source"]
    assert event.get_subject() == headers["ce_subject"]
    assert event.get_dataschema() == headers["ce_dataschema"]
    assert event.get_datacontenttype() == "application/json"
    moment = event.get_time()
    assert moment is not None
    assert moment.isoformat(timespec="milliseconds").replace("+00:00", "Z") == headers["ce_time"]
    assert event.get_data() == record["value"]
    for extension in ("sequence", "correlationid", "causationid", "registryversion", "traceparent"):
        assert event.get_extension(extension) == headers.get(f"ce_{extension}")
    assert event.get_extension("partitionkey") == record["key"]


def unset(part: object, path: str) -> Iterator[str]:
    """Paths of the fields that have no value."""
    if isinstance(part, Destination | Flow):
        return  # what excludes each other cannot all have one: a unit and a kind, an end and turns
    if isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from unset(getattr(part, name), f"{path}.{name}")
    elif isinstance(part, tuple) and part:
        for one in part:
            yield from unset(one, f"{path}[]")
    elif part is None or part in ((), ""):
        yield path


@pytest.mark.parametrize("event_type", sorted(MODELS))
def test_a_full_example_has_a_value_in_every_field(event_type: str) -> None:
    record = FILES[event_type]["records"][FULL]
    event = decode(headers_of(record), value_of(record), ORIGIN)

    assert list(unset(event.data, "data")) == []
    assert event.traceparent is not None


@pytest.mark.parametrize("event_type", sorted(MODELS))
def test_a_minimal_example_has_no_optional_part_at_its_top(event_type: str) -> None:
    record = FILES[event_type]["records"][MINIMAL]
    for name, field in MODELS[event_type].model_fields.items():
        if not field.is_required() and name in record["value"]:
            assert record["value"][name] in ("", [], field.default), name


def test_a_file_is_named_after_its_type() -> None:
    assert {name: file["type"] for name, file in FILES.items()} == {name: name for name in FILES}


def test_all_that_the_cases_topic_says_is_of_a_known_kind() -> None:
    assert [one.TYPE for one in CASE_EVENTS if not issubclass(one, KINDS)] == []
    assert [one for one in KINDS if not any(issubclass(event, one) for event in CASE_EVENTS)] == []
