"""The partition of a key is the one that Kafka's own clients choose."""

import pytest
from aiokafka.partitioner import murmur2 as reference
from hypothesis import given
from hypothesis import strategies as st

from shared.platform.partitioning import murmur2, partition_of


@given(st.binary(max_size=200))
def test_the_hash_is_aiokafkas(data: bytes) -> None:
    assert murmur2(data) == reference(data) & 0xFFFFFFFF


@pytest.mark.parametrize(
    ("key", "hash_"),
    [("21", -973932308), ("foobar", -790332482), ("a-little-bit-long-string", -985981536)],
)
def test_the_hash_is_kafkas_by_its_own_vectors(key: str, hash_: int) -> None:
    assert murmur2(key.encode()) == hash_ & 0xFFFFFFFF


@given(st.text(), st.integers(1, 64))
def test_a_partition_is_one_of_the_topics(key: str, partitions: int) -> None:
    assert 0 <= partition_of(key, partitions) < partitions
