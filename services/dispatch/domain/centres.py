"""What centres and those above do beside dispatching: urge, tell others, hand up and down."""

from collections.abc import Sequence
from typing import Any

from services.dispatch.domain.doing import Doing
from services.dispatch.domain.passing_on import above, below, downwards_from, upwards_from
from services.dispatch.domain.returning import UNDONE, with_nobody
from services.dispatch.domain.routes import unit_ref
from shared.contracts.base import EventData
from shared.contracts.cases_v1 import CaseCopied, CaseHandedDown, CaseHandedUp, CaseUrged


def urge(doing: Doing) -> Sequence[EventData]:
    """Somebody asks to hurry."""
    change = {"urgings": doing.case.urgings + 1, "urged_at": doing.at}
    return [doing.event(CaseUrged, change)]


def copy(doing: Doing) -> Sequence[EventData]:
    """A unit is told of it."""
    unit = unit_ref(doing.named)
    return [doing.event(CaseCopied, {"cc": (*doing.case.cc, unit)}, to=unit)]


def hand_up(doing: Doing) -> Sequence[EventData]:
    """The centre above is to find a unit."""
    before = upwards_from(doing.case, doing.asked)
    change = _in_hand_of(doing, above(doing.case, doing.asked))
    return [doing.event(CaseHandedUp, change, UNDONE, centre_before=before)]


def hand_down(doing: Doing) -> Sequence[EventData]:
    """The centre below is to find a unit."""
    before = downwards_from(doing.case, doing.asked)
    change = _in_hand_of(doing, below(doing.case, doing.asked))
    return [doing.event(CaseHandedDown, change, UNDONE, centre_before=before)]


def _in_hand_of(doing: Doing, centre: str | None) -> dict[str, Any]:
    return {**with_nobody(doing), "centre": centre}
