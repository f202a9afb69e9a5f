"""Supervision (督办): what is asked of escalation, which gives, lifts and repeats orders."""

from collections.abc import Sequence

from services.dispatch.domain.doing import Doing
from services.dispatch.domain.question import level_of
from shared.contracts.base import CITY_DIGITS, EventData
from shared.contracts.levels import LEVELS
from shared.contracts.supervising_v1 import CaseAcknowledged, CaseReleased, CaseSupervised


def supervise(doing: Doing) -> Sequence[EventData]:
    """The centre of the actor's area wants it; one who acts everywhere is of the city's."""
    area = level_of(doing.asked, doing.registry) or doing.case.grid[:CITY_DIGITS]
    wanted = doing.asked.request.level
    return [
        doing.event(CaseSupervised, {}, level=wanted, issuer=LEVELS[len(area)], issuer_area=area)
    ]


def release(doing: Doing) -> Sequence[EventData]:
    """The order is to be lifted."""
    return [doing.event(CaseReleased, {})]


def acknowledge(doing: Doing) -> Sequence[EventData]:
    """The order, and all notices, that nobody has acknowledged are told no more (签收)."""
    return [doing.event(CaseAcknowledged, {}, orders=doing.dossier.unacknowledged)]
