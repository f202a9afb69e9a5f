"""Who decides something: a person by an action, or the rules."""

from dataclasses import dataclass

from shared.contracts.base import Actor
from shared.contracts.incidents_v1 import ActionRequested


@dataclass(frozen=True, slots=True)
class By:
    """What events say of whoever decided; nothing, where the rules did."""

    actor: Actor | None = None
    action_id: str | None = None
    reason: str = ""


THE_RULES = By()


def whoever_asked(asked: ActionRequested) -> By:
    """Whoever asked for an action, in the words of the request."""
    return By(asked.actor, asked.action_id, asked.request.reason)
