"""Whoever watches the live table reads words, in both languages."""

from deploy.words import WORDS
from shared.contracts.choice_v1 import DispatchRule, Unrouted


def test_every_way_to_a_unit_and_every_reason_for_none_has_words() -> None:
    assert {one.value for kind in (DispatchRule, Unrouted) for one in kind} <= WORDS.keys()
