"""A bucket of the rollups, whatever its form in the store."""

from collections.abc import Mapping
from dataclasses import dataclass

Place = tuple[str, int]
"""A topic and a partition of it."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket as stored: its figures, and the last offset counted of each partition."""

    id: str
    values: Mapping[str, int]
    marks: Mapping[Place, int]
