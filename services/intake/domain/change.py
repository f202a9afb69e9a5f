"""What a change of the registry would change: entries that already are so are left out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.intake.domain.entry_rules import as_json
from shared.contracts.registry_v1 import Entry, EntrySet, entry_key
from shared.ledger.document import MAX_EVENTS
from shared.registry.components import ComponentVersion
from shared.registry.slim import plain
from shared.registry.spans import NOT_SAID, Span

What = Literal["new", "changed", "revived", "ended"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that somebody wants: where it stands in the input (from 0), its key, its JSON.

    With ``ends`` it is one that is to hold no more; ``raw`` is then empty.
    ``span`` is the entry's own validity; what it does not say the whole change says.
    """

    index: int
    key: str
    raw: bytes
    ends: bool = False
    span: Span = NOT_SAID


@dataclass(frozen=True, slots=True)
class Part:
    """A candidate that changes something; ``n`` is the version that it becomes."""

    candidate: Candidate
    what: What
    n: int


class EntryFullError(Exception):
    """An entry has had as many versions as one may."""


def parts(
    candidates: Iterable[Candidate], latest: Mapping[str, EntrySet], now: datetime
) -> tuple[list[Part], int]:
    """The parts of a change, in the order of the input, and how many candidates are left out.

    ``latest`` has the latest version of each key that exists. Raises EntryFullError.
    """
    found: list[Part] = []
    unchanged = 0
    for one in candidates:
        version = latest.get(one.key)
        if one.ends:
            if version is None or _ended(version, now):
                unchanged += 1
            else:
                found.append(Part(one, "ended", version.n + 1))
        elif version is None:
            found.append(Part(one, "new", 1))
        elif version.n >= MAX_EVENTS - 1:
            message = f"{one.key} has had {version.n} versions, no entry takes more; use a new code"
            raise EntryFullError(message)
        elif is_so(version, one):
            unchanged += 1
        else:
            what: What = "revived" if _ended(version, now) else "changed"
            found.append(Part(one, what, version.n + 1))
    return found, unchanged


def compared(
    before: Iterable[Entry], changed: Iterable[Entry], ended: Iterable[str]
) -> tuple[dict[str, Entry], dict[str, Entry]]:
    """What is in force without a change and with it, each by its key.

    ``ended`` are the keys of those that the change ends.
    """
    old = {entry_key(one): one for one in before}
    new = {**old, **{entry_key(one): one for one in changed}}
    for key in ended:
        new.pop(key, None)
    return old, new


def _ended(version: EntrySet, now: datetime) -> bool:
    return version.valid_until is not None and version.valid_until <= now


def is_so(version: EntrySet | ComponentVersion, wanted: Candidate) -> bool:
    """Whether a version says and ends as is wanted, and begins so where that is said."""
    since, until = wanted.span
    return (
        version.valid_until == until
        and (since is None or version.valid_from == since)
        and as_json(plain(version.entry)) == wanted.raw
    )
