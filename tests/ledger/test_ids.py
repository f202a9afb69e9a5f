"""Caused ids are UUIDv5, whoever makes them."""

from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from shared.platform.ids import NAMESPACE, caused_id

parts = st.lists(st.text(), min_size=1, max_size=6)


@given(parts)
def test_a_caused_id_is_the_uuid5_of_its_parts(found: list[str]) -> None:
    expected = uuid5(NAMESPACE, "\x1f".join(found))
    assert caused_id(*found) == str(expected)
    assert UUID(caused_id(*found)).version == 5


def test_parts_are_kept_apart() -> None:
    assert caused_id("a", "bc") != caused_id("ab", "c")
    assert caused_id("a", 1) == caused_id("a", "1")
