"""The steps of a batch by name, so that tests can stop the world exactly between two of them."""

from collections.abc import Callable
from enum import StrEnum


class Step(StrEnum):
    """What has just been done."""

    DECODED = "decoded"
    LOADED = "loaded"
    DECIDED = "decided"
    COUNTED = "counted"
    WRITTEN = "written"
    PUBLISHED = "published"
    PULLED = "pulled"
    COMMITTED = "committed"


StepHook = Callable[[Step], None]


def no_hook(_step: Step) -> None:
    """Nobody watches."""
