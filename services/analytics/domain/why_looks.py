"""Who is sent to look on site before the desk decides, and instead of whom, in words."""

from collections.abc import Callable, Iterable

from services.analytics.domain.timeline import Stored
from shared.contracts.base import Texts
from shared.contracts.cases_v1 import CaseFiled
from shared.contracts.outcomes_v1 import LookOrdered

NamesOf = Callable[[str], tuple[str, str]]
"""What a unit of this code is called, in Chinese and in English."""


def sent(steps: Iterable[Stored], step: Stored, names_of: NamesOf) -> Texts | None:
    """Which unit is sent by this order to look; None where the order names none.

    ``steps`` are those of the incident, in their order, the order itself among them.
    """
    if (unit := step.get("unit")) is None:
        return None
    zh, en = names_of(unit)
    before = _unanswered(steps, step["sequence"])
    if before is None:
        return Texts(zh=f"由{zh}前往", en=f"{en} is sent")
    if (other := before.get("unit")) is None:
        return Texts(
            zh=f"改由{zh}前往，不再由网格巡查人员前往",
            en=f"{en} is sent instead of whoever inspects the grid",
        )
    zh_before, en_before = names_of(other)
    return Texts(zh=f"改由{zh}前往，{zh_before}不再前往", en=f"{en} is sent instead of {en_before}")


def _unanswered(steps: Iterable[Stored], sequence: int) -> Stored | None:
    """The order to look for which nobody had looked yet at this point, if there was."""
    found = None
    for one in steps:
        if one["sequence"] >= sequence:
            break
        if "ending" in one or one["type"] == CaseFiled.TYPE:
            found = one if one["type"] == LookOrdered.TYPE else None
    return found
