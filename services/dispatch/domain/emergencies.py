"""Emergencies (紧急事件): who is first there, and when the place is safe."""

from collections.abc import Sequence

from services.dispatch.domain.doing import Doing
from services.dispatch.domain.routes import unit_ref
from shared.contracts.base import EventData
from shared.contracts.cases_v1 import CaseMadeSafe, FirstTaken


def take_first(doing: Doing) -> Sequence[EventData]:
    """The actor's unit is there, and keeps the place safe."""
    unit = doing.registry.unit(doing.asked.actor.unit or "", doing.at)
    return [doing.event(FirstTaken, {"first": unit_ref(unit) if unit else None})]


def make_safe(doing: Doing) -> Sequence[EventData]:
    """The danger is over; the repair is still to come."""
    return [
        doing.event(
            CaseMadeSafe,
            {},
            {"made_safe_at": doing.at},
            unit=doing.asked.actor.unit,
            photos=doing.asked.request.photos,
        )
    ]
