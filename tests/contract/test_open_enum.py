"""Open enumerations: a reader takes an unknown word as it stands, a door does not."""

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.contracts.base import KNOWN_WORDS
from shared.contracts.cases_v1 import ActionRefused
from shared.contracts.golden.cases import examples
from shared.contracts.incidents_v1 import Report
from shared.contracts.routing_rules import Source
from shared.contracts.rule_v1 import Rule

words = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)


@given(words)
def test_a_word_is_read_and_written_as_it_stands(word: str) -> None:
    rule = TypeAdapter(Rule).validate_json(json.dumps(word))

    assert rule == word
    assert rule.known == (word in set(Rule))
    assert hash(rule) == hash(word)
    assert TypeAdapter(Rule).dump_json(rule) == json.dumps(word).encode()
    assert pickle.loads(pickle.dumps(rule)) == word  # noqa: S301 - what was just pickled


@given(words)
def test_an_unknown_word_leaves_no_trace_in_the_enumeration(word: str) -> None:
    before = list(Rule)
    Rule(word)
    assert list(Rule) == before


@pytest.mark.parametrize("word", ["", "Upper", "1st", "with space", "a" * 65, None, 7])
def test_what_is_no_word_is_refused(word: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Rule).validate_python(word)


def test_an_event_with_a_new_rule_is_read_by_this_version() -> None:
    golden = next(one.event.data for one in examples() if isinstance(one.event.data, ActionRefused))
    raw = golden.model_dump(mode="json", exclude_none=True) | {"rule": "not_before_noon"}
    read = ActionRefused.model_validate_json(json.dumps(raw))
    assert not read.rule.known
    assert read.model_dump(mode="json", exclude_none=True) == raw


def test_a_door_takes_in_only_words_that_this_version_knows() -> None:
    report = TypeAdapter(Report)
    known = report.validate_json('{"source": "sensor"}', strict=True, context=KNOWN_WORDS)
    assert known.source is Source.SENSOR
    with pytest.raises(ValidationError, match="one of resident, officer"):
        report.validate_json('{"source": "pigeon"}', strict=True, context=KNOWN_WORDS)
    assert report.validate_json('{"source": "pigeon"}').source == "pigeon"
