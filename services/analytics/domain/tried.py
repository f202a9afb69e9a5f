"""What the rules tried in vain, before whoever decided after them: told beside why it waits now."""

from collections.abc import Sequence
from typing import Any

from services.analytics.domain.timeline import Stored

UNFILED = frozenset({"in_review", "rejected"})
"""How it ends where rules do not file."""


def tried(steps: Sequence[Stored]) -> list[dict[str, Any]]:
    """The obstacles that the rules found last, in their order: ``rule``, ``explanation``.

    ``steps`` are those of ``cases.v1``. People who decide afterwards (a rejection, a look, an
    appeal) name a rule of their own, and what the rules found still stands in the way.
    """
    for step in sorted(steps, key=lambda one: one["sequence"], reverse=True):
        by_rules = step.get("ending") in UNFILED and "roles" not in step
        if by_rules:
            first = {"rule": step["rule"], "explanation": step["explanation"]}
            return [first, *step.get("also", ())]
    return []
