"""Which version of an entry holds at an instant."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol, TypeVar


class Version(Protocol):
    """A version of an entry, valid ``[from, until)``."""

    @property
    def valid_from(self) -> datetime:
        """From when it holds."""
        ...

    @property
    def valid_until(self) -> datetime | None:
        """The first instant at which it holds no more; none: until further notice."""
        ...


V = TypeVar("V", bound=Version)


def in_force(version: Version, at: datetime) -> bool:
    """Whether a version is valid at an instant: ``[from, until)``."""
    return version.valid_from <= at and (version.valid_until is None or at < version.valid_until)


def begun(versions: Sequence[V], at: datetime) -> V | None:
    """The newest that has begun of an entry's versions, oldest first, ended or not."""
    for one in reversed(versions):
        if one.valid_from <= at:
            return one
    return None


def ruling(versions: Sequence[V], at: datetime) -> V | None:
    """The one in force of an entry's versions, oldest first: the newest that has begun.

    A newer version replaces the ones before it from its ``valid_from`` on, for good; where it has
    ended (is withdrawn) there is none.
    """
    one = begun(versions, at)
    return one if one is not None and in_force(one, at) else None


def with_turns(before: tuple[datetime, ...], versions: Iterable[Version]) -> tuple[datetime, ...]:
    """Those instants and those at which versions begin or end, in order."""
    turns = {turn for one in versions for turn in _turns(one)}
    return tuple(sorted({*before, *turns})) if not turns.issubset(before) else before


def _turns(version: Version) -> Iterator[datetime]:
    yield version.valid_from
    if version.valid_until is not None:
        yield version.valid_until
