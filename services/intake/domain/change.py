"""What a change of the registry would change: entries that already are so are left out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from services.intake.domain.entry_rules import as_json
from shared.contracts.registry_v1 import EntrySet
from shared.ledger.document import MAX_EVENTS

What = Literal["new", "changed", "revived", "ended"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that somebody wants: where it stands in the input (from 0), its key, its JSON.

    With ``ends`` it is one that is to hold no more; ``raw`` is then empty.
    """

    index: int
    key: str
    raw: bytes
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A candidate that changes something; ``n`` is the version that it becomes."""

    candidate: Candidate
    what: What
    n: int


class EntryFullError(Exception):
    """An entry has had as many versions as one may."""


def parts(
    candidates: Iterable[Candidate], latest: Mapping[str, EntrySet]
) -> tuple[list[Part], int]:
    """The parts of a change, in the order of the input, and how many candidates are left out.

    ``latest`` has the latest version of each key that exists. Raises EntryFullError.
    """
    found: list[Part] = []
    unchanged = 0
    for one in candidates:
        version = latest.get(one.key)
        if one.ends:
            if version is None or version.valid_until is not None:
                unchanged += 1
            else:
                found.append(Part(one, "ended", version.n + 1))
        elif version is None:
            found.append(Part(one, "new", 1))
        elif version.n >= MAX_EVENTS - 1:
            message = f"{one.key} has had {version.n} versions, no entry takes more; use a new code"
            raise EntryFullError(message)
        elif version.valid_until is not None:
            found.append(Part(one, "revived", version.n + 1))
        elif as_json(version.entry) == one.raw:
            unchanged += 1
        else:
            found.append(Part(one, "changed", version.n + 1))
    return found, unchanged
