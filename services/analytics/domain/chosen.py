"""How a unit, and which kind of member of it, was chosen: as a step of a timeline keeps it."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from shared.contracts.choice_v1 import Candidate, MemberChoice


def candidates(found: Iterable[Candidate]) -> list[dict[str, Any]] | None:
    """The units that did not get it, and why; None where there was no other."""
    return [one.model_dump(exclude_none=True) for one in found] or None


def member(choice: MemberChoice) -> dict[str, Any]:
    """How the member was chosen, without saying who it is or who the others are."""
    listed = Counter(one.lost for one in choice.lost)
    said = {"chosen": choice.subject is not None, "load": choice.load, "lost": dict(listed)}
    return said if choice.counts is None else {**said, "lost": choice.counts, "counted": True}
